/** Does what the admin API does to teams of a tenant. */
import type { TeamJson } from "../../admin-contract/teams.ts";
import {
  changeTeam,
  createTeam,
  listTeams,
  readTeam,
  teamJsonOf,
} from "../../admin-contract/teams.ts";
import type { Team } from "../../domain/team.ts";
import type { Tenant } from "../../domain/tenant.ts";
import { pageOfAll } from "./cursor.ts";
import { checkIfMatch, entityTag, versionOf } from "./if-match.ts";
import { connectionSlugs } from "./people.ts";
import type { AdminParts, Answered, ServedOperation } from "./served-operation.ts";
import { servedInTenant } from "./served-operation.ts";
import { accessAdministrationOf, teamIn } from "./tenant-access.ts";

/** The operations. */
export const servedTeams: readonly ServedOperation[] = [
  servedInTenant(listTeams, async ({ tenant, query }, parts) => {
    const slugs = await connectionSlugs(tenant, parts);
    return {
      body: pageOfAll(await parts.store.teams.list(tenant.tenantId), query, {
        list: "teams",
        keyOf: ({ created, teamId }) => `${created} ${teamId}`,
        shown: (team) => teamJsonOf(team, slugs),
      }),
    };
  }),
  servedInTenant(createTeam, async (call, parts) => {
    const team = await accessAdministrationOf(call, parts).createTeam(call.tenant, call.body.name);
    return { body: teamJsonOf(team, new Map()) };
  }),
  servedInTenant(readTeam, async ({ tenant, path }, parts) =>
    answered(await teamIn(path["team"] ?? "", tenant, parts), tenant, parts),
  ),
  servedInTenant(changeTeam, async (call, parts) => {
    const { tenant, body, ifMatch } = call;
    const access = accessAdministrationOf(call, parts);
    const { name, archived } = body;
    let team = await teamIn(call.path["team"] ?? "", tenant, parts);
    checkIfMatch(ifMatch, teamVersionOf(team), "the team");
    // What the client has read, it has read all of: each step is one on what the step before has left.
    const change = () => ({ team, expected: ifMatch === undefined ? undefined : team });
    // A name that is taken is no hindrance to whoever puts the team away, and has to be free before it comes back.
    if (archived === true) {
      team = await access.archiveTeam(tenant, change(), true);
    }
    if (name !== undefined) {
      team = await access.renameTeam(tenant, change(), name ?? undefined);
    }
    if (archived === false) {
      team = await access.archiveTeam(tenant, change(), false);
    }
    return answered(team, tenant, parts);
  }),
];

async function answered(
  team: Team,
  tenant: Tenant,
  parts: AdminParts,
): Promise<Answered<TeamJson>> {
  return {
    body: teamJsonOf(team, await connectionSlugs(tenant, parts)),
    headers: entityTag(teamVersionOf(team)),
  };
}

function teamVersionOf({ name, archived, group, namedByHand, archivedByHand }: Team): string {
  return versionOf({
    name,
    archived: archived ?? null,
    group: group === undefined ? null : { ...group },
    byHand: [namedByHand === true, archivedByHand === true],
  });
}
