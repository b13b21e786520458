/** Teams as operators make, rename, archive and restore them. Whatever cannot be done is a refusal. */
import type { Circumstances } from "../domain/audit-entry.ts";
import { checkedName } from "../domain/checked-name.ts";
import { refusal } from "../domain/refusal.ts";
import type { Team, TeamOutcome, TeamWish } from "../domain/team.ts";
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

/** Gives a team another name; without one a team that follows a group is called as its group again. */
export async function renameTeam(
  { teams }: Pick<Store, "teams">,
  { slug }: Tenant,
  { team, name, expected }: TeamChange & { readonly name: string | undefined },
  circumstances: Circumstances,
): Promise<Team> {
  const { tenantId, teamId } = team;
  const checked = name === undefined ? undefined : checkedName(name.trim());
  const wish = { tenantId, teamId, name: checked, expected };
  return teamIn(await teams.rename(wish, circumstances), { slug, name: checked ?? team.name });
}

/** Archives a team, or restores it. */
export async function archiveTeam(
  { teams }: Pick<Store, "teams">,
  { slug }: Tenant,
  { team, isArchived, expected }: TeamChange & { readonly isArchived: boolean },
  circumstances: Circumstances,
): Promise<Team> {
  const { tenantId, teamId, name } = team;
  const wish = { tenantId, teamId, isArchived, expected };
  return teamIn(await teams.archive(wish, circumstances), { slug, name });
}

/** Which team is changed, and what it has to be for that. */
export interface TeamChange extends Pick<TeamWish, "expected"> {
  readonly team: Pick<Team, "tenantId" | "teamId" | "name">;
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
    case "moved":
      throw refusal(`somebody else has changed the team "${name}": look at it again`, "stale");
    case "no-group":
      throw refusal(`the team "${name}" follows no group whose name it could have: give one`);
    case "default-team":
      throw refusal(
        `the team "${name}" is the defaultTeam of tenant ${slug}, which its members are put into: change the setting first`,
      );
  }
}
