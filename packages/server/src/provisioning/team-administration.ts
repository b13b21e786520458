/** Teams as operators make, rename, archive and restore them. Whatever cannot be done is a refusal. */
import type { Circumstances } from "../domain/audit-entry.ts";
import { checkedName } from "../domain/checked-name.ts";
import { refusal } from "../domain/refusal.ts";
import type { Team, TeamOutcome } from "../domain/team.ts";
import type { TeamId, Tenant } from "../domain/tenant.ts";
import type { Store } from "../store/store.ts";
import type { Occasion } from "./create-connection.ts";
import { newId } from "./new-id.ts";

/** Makes a team; refuses a name that a live team has. */
export async function createTeam(
  { teams }: Pick<Store, "teams">,
  { tenantId, slug }: Tenant,
  name: string,
  occasion: Occasion,
): Promise<Team> {
  const team: Team = {
    tenantId,
    teamId: newId() as TeamId,
    name: checkedName(name.trim()),
    group: undefined,
    created: new Date(occasion.nowMs).toISOString(),
    archived: undefined,
  };
  return teamIn(await teams.create(team, occasion), { slug, name: team.name });
}

/** Gives a team another name. */
export async function renameTeam(
  { teams }: Pick<Store, "teams">,
  { slug }: Tenant,
  { tenantId, teamId, name }: Pick<Team, "tenantId" | "teamId" | "name">,
  circumstances: Circumstances,
): Promise<Team> {
  const checked = checkedName(name.trim());
  const outcome = await teams.rename({ tenantId, teamId, name: checked }, circumstances);
  return teamIn(outcome, { slug, name: checked });
}

/** Archives a team, or restores it. */
export async function archiveTeam(
  { teams }: Pick<Store, "teams">,
  { slug }: Tenant,
  {
    team: { tenantId, teamId, name },
    isArchived,
  }: {
    readonly team: Team;
    readonly isArchived: boolean;
  },
  circumstances: Circumstances,
): Promise<Team> {
  const outcome = await teams.archive({ tenantId, teamId, isArchived }, circumstances);
  return teamIn(outcome, { slug, name });
}

function teamIn(
  outcome: TeamOutcome,
  { slug, name }: { readonly slug: string; readonly name: string },
): Team {
  switch (outcome.kind) {
    case "done":
      return outcome.team;
    case "taken":
      throw refusal(`tenant ${slug} has a team "${name}" already: ${outcome.by}`);
    case "gone":
      throw refusal(`tenant ${slug} or its team "${name}" is gone`);
    case "default-team":
      throw refusal(
        `the team "${name}" is the defaultTeam of tenant ${slug}, which its members are put into: change the setting first`,
      );
  }
}
