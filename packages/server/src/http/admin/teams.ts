/** Does what the admin API does to teams of a tenant. */
import {
  changeTeam,
  createTeam,
  listTeams,
  readTeam,
  teamJsonOf,
} from "../../admin-contract/teams.ts";
import { pageOfAll } from "./cursor.ts";
import { connectionSlugs } from "./people.ts";
import type { ServedOperation } from "./served-operation.ts";
import { servedInTenant } from "./served-operation.ts";
import { accessAdministrationOf, teamIn } from "./tenant-access.ts";

/** The operations. */
export const servedTeams: readonly ServedOperation[] = [
  servedInTenant(listTeams, async ({ tenant, query }, parts) => {
    const slugs = await connectionSlugs(tenant, parts);
    return {
      body: pageOfAll(await parts.store.teams.list(tenant.tenantId), query, {
        list: "teams",
        keyOf: ({ teamId }) => teamId,
        shown: (team) => teamJsonOf(team, slugs),
      }),
    };
  }),
  servedInTenant(createTeam, async (call, parts) => {
    const team = await accessAdministrationOf(call, parts).createTeam(call.tenant, call.body.name);
    return { body: teamJsonOf(team, new Map()) };
  }),
  servedInTenant(readTeam, async ({ tenant, path }, parts) => {
    const team = await teamIn(path["team"] ?? "", tenant, parts);
    return { body: teamJsonOf(team, await connectionSlugs(tenant, parts)) };
  }),
  servedInTenant(changeTeam, async (call, parts) => {
    const { tenant, body } = call;
    const access = accessAdministrationOf(call, parts);
    const { name, archived } = body;
    let team = await teamIn(call.path["team"] ?? "", tenant, parts);
    // A name that is taken is no hindrance to whoever puts the team away, and has to be free before it comes back.
    if (archived === true) {
      team = await access.archiveTeam(tenant, team, true);
    }
    if (name !== undefined) {
      team = await access.renameTeam(tenant, { ...team, name });
    }
    if (archived === false) {
      team = await access.archiveTeam(tenant, team, false);
    }
    return { body: teamJsonOf(team, await connectionSlugs(tenant, parts)) };
  }),
];
