/** Finds the team that a text means: an id, or the name of one that is not archived. Pure. */
import { fold } from "@rollcall/scim";
import { cleanText } from "./clean-text.ts";
import { refusal } from "./refusal.ts";
import type { Team } from "./team.ts";
import type { TeamId } from "./tenant.ts";

/** How many names a refusal lists. */
const listedMax = 20;

/** Finds a team that is not archived; a refusal says which there are. */
export function liveTeamNamed(text: string, teams: readonly Team[]): Team {
  const team = teamNamed(text, teams);
  if (team.archived !== undefined) {
    throw refusal(`the team ${cleanText(team.name, 64)} is archived: restore it first`);
  }
  return team;
}

/** Finds a team, live or archived; the live one of a name comes first, and of several archived ones only an id tells which. */
export function teamNamed(text: string, teams: readonly Team[]): Team {
  const byId = teams.find(({ teamId }) => teamId === text);
  if (byId !== undefined) {
    return byId;
  }
  const folded = fold(text.trim());
  const named = teams.filter(({ name }) => fold(name.trim()) === folded);
  const [one, ...others] = named.filter(({ archived }) => archived === undefined).concat(named);
  if (one === undefined) {
    throw refusal(
      `there is no team "${cleanText(text, 64)}"; there are: ${listOf(teams.filter(({ archived }) => archived === undefined))}`,
    );
  }
  if (one.archived !== undefined && others.length > 0) {
    const ids = named.map(({ teamId }) => teamId).join(", ");
    throw refusal(`several archived teams are called "${cleanText(text, 64)}": give an id, ${ids}`);
  }
  return one;
}

/** What teams are called, by their ids. */
export function teamNamesOf(
  teams: readonly Pick<Team, "teamId" | "name">[],
): ReadonlyMap<TeamId, string> {
  return new Map(teams.map(({ teamId, name }) => [teamId, name]));
}

function listOf(teams: readonly Team[]): string {
  const names = teams.slice(0, listedMax).map(({ name }) => cleanText(name, 64));
  const more = teams.length > names.length ? [`and ${teams.length - names.length} more`] : [];
  return names.length === 0 ? "none" : [...names, ...more].join(", ");
}
