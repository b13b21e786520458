/** The team that a group has of its own: whether there is one, what it is called, and when it comes, goes and follows. Pure. */
import { fold } from "@rollcall/scim";
import type { TextHash } from "./audit-chain.ts";
import { cleanText } from "./clean-text.ts";
import { refusal } from "./refusal.ts";
import type { Team, TeamGroup } from "./team.ts";
import type { TeamId, TenantId } from "./tenant.ts";

/** The settings that say which groups have a team. */
export interface GroupTeamSettings {
  /** Whether each group has a team of its own, which follows it. */
  readonly groupTeams: boolean;
  /** What such a team is called, with `{group}` for the name of the group. */
  readonly groupTeamName: string;
  /** How the names of those groups begin; empty for all groups. */
  readonly groupTeamPrefix: string;
  /** What the members of the group get. */
  readonly groupTeamRole: string;
}

/** What stands for the name of the group in the name of its team. */
const placeholder = "{group}";

/** What teams of groups are called where nothing is said: as their groups. */
export const groupTeamNameDefault: string = placeholder;

/** The longest name of a team, in characters. */
const nameLengthMax = 64;

/** How often a name is tried with another number before the id of the group tells teams apart. */
const numbersMax = 9;

/** A group, as far as its team is concerned. */
export interface GroupWithTeam extends TeamGroup {
  readonly name: string;
}

/** A team that follows a group, or did. */
export interface GroupTeam {
  readonly team: Team;
  /** What the members of the group get; undefined where the team follows none at present. */
  readonly role: string | undefined;
}

/** What becomes of the team of a group; `before` is undefined for one that is made. */
export interface GroupTeamChange {
  readonly before: GroupTeam | undefined;
  readonly after: GroupTeam;
  /** What it may be called, the first that is free; undefined where it keeps its name. */
  readonly names: readonly string[] | undefined;
}

/** Answers with the template of a name; refuses one without the name of the group in it, or that leaves no place for it. */
export function checkedTeamNameTemplate(text: string): string {
  const rest = text.split(placeholder).join("");
  const isGood =
    text.includes(placeholder) && cleanText(text) === text && [...rest].length <= nameLengthMax / 2;
  if (!isGood) {
    throw refusal(
      `groupTeamName: expected ${placeholder} in it, which stands for the name of the group, and up to ${nameLengthMax / 2} other characters, none of them invisible`,
    );
  }
  return text.trim();
}

/** Tells whether a group of a name has a team. */
export function hasTeam(
  name: string,
  { groupTeams, groupTeamPrefix }: Pick<GroupTeamSettings, "groupTeams" | "groupTeamPrefix">,
): boolean {
  return groupTeams && fold(name).startsWith(fold(groupTeamPrefix));
}

/**
 * What the team of a group may be called: as the template says, or with a number when a team has that name already, which
 * is never taken over; with the id of the group when all of these are taken.
 */
export function teamNamesOfGroup(
  { name, groupId }: Pick<GroupWithTeam, "name" | "groupId">,
  { groupTeamName }: Pick<GroupTeamSettings, "groupTeamName">,
): readonly string[] {
  // What nobody sees tells no two names apart.
  const visible = cleanText(name).replaceAll("\uFFFD", "").trim();
  return distinctNames(groupTeamName.split(placeholder).join(visible || groupId), groupId);
}

function distinctNames(wanted: string, groupId: string): readonly string[] {
  const ending = (text: string) => `${shortened(wanted, nameLengthMax - [...text].length)}${text}`;
  const numbers = Array.from({ length: numbersMax - 1 }, (_, index) => ` (${index + 2})`);
  return ["", ...numbers, ` (${groupId})`].map(ending);
}

function shortened(text: string, lengthMax: number): string {
  return [...text].slice(0, Math.max(1, lengthMax)).join("").trim();
}

/** What a group, its team and the settings come to; undefined where nothing changes. */
export function groupTeamChangeOf(
  group: GroupWithTeam,
  known: GroupTeam | undefined,
  settings: GroupTeamSettings,
  newTeam: (group: TeamGroup) => Pick<Team, "tenantId" | "teamId" | "created">,
): GroupTeamChange | undefined {
  const { groupTeamRole: role } = settings;
  const names = teamNamesOfGroup(group, settings);
  const { connectionId, groupId } = group;
  const teamGroup = { connectionId, groupId };
  if (known === undefined) {
    const made = { ...newTeam(teamGroup), name: names[0] ?? groupId };
    const team = { ...made, group: teamGroup, archived: undefined };
    return { before: undefined, after: { team, role }, names };
  }
  const { team: before } = known;
  const isHidden = before.archivedByHand === true;
  const wanted = before.namedByHand === true ? distinctNames(before.name, groupId) : names;
  const comesBack = before.archived !== undefined && !isHidden;
  const isNamed = wanted.includes(before.name);
  const team: Team = {
    ...before,
    group: teamGroup,
    name: isNamed ? before.name : (wanted[0] ?? before.name),
    archived: isHidden ? before.archived : undefined,
  };
  const isSame = known.role === role && isNamed && !comesBack && before.group?.groupId === groupId;
  const keepsName = isNamed && !comesBack;
  return isSame
    ? undefined
    : { before: known, after: { team, role }, names: keepsName ? undefined : wanted };
}

/** What becomes of a team whose group is gone, or has none any more; undefined where nothing changes. */
export function leftTeamChangeOf(known: GroupTeam, at: string): GroupTeamChange | undefined {
  const { team, role } = known;
  return role === undefined && team.archived !== undefined
    ? undefined
    : {
        before: known,
        after: { team: { ...team, archived: team.archived ?? at }, role: undefined },
        names: undefined,
      };
}

/** Gives each team that needs one a name that no other team has; `taken` are the folded names of the others. */
export function namedApart(
  changes: readonly GroupTeamChange[],
  taken: ReadonlySet<string>,
): readonly GroupTeamChange[] {
  const given = new Set(taken);
  return changes.map((change) => {
    const { names, after } = change;
    if (names === undefined) {
      return change;
    }
    const own = after.team.name;
    const free = [own, ...names].find((name) => !given.has(fold(name))) ?? names.at(-1) ?? own;
    if (after.team.archived === undefined) {
      given.add(fold(free));
    }
    return { ...change, after: { ...after, team: { ...after.team, name: free } } };
  });
}

/** What becomes of a team, as previews tell it. */
export interface TeamMove {
  readonly teamId: TeamId;
  /** What it is called from then on. */
  readonly name: string;
  readonly kind: "created" | "restored" | "archived" | "renamed";
}

/** Lists the teams that come, go or are named anew, in the order of their ids. */
export function teamMovesOf(changes: readonly GroupTeamChange[]): readonly TeamMove[] {
  return changes
    .flatMap(({ before, after }): readonly TeamMove[] => {
      const kind = moveKindOf(before?.team, after.team);
      return kind === undefined ? [] : [{ teamId: after.team.teamId, name: after.team.name, kind }];
    })
    .toSorted((one, other) => (one.teamId < other.teamId ? -1 : 1));
}

function moveKindOf(before: Team | undefined, after: Team): TeamMove["kind"] | undefined {
  if (before === undefined) {
    return "created";
  }
  if ((before.archived === undefined) !== (after.archived === undefined)) {
    return after.archived === undefined ? "restored" : "archived";
  }
  return before.name === after.name ? undefined : "renamed";
}

/** The id of the team that is made for a group: the same whenever it is worked out, so that a preview shows what comes. */
export function groupTeamIdOf(
  tenantId: TenantId,
  { connectionId, groupId }: TeamGroup,
  hash: TextHash,
): TeamId {
  const hex = hash(JSON.stringify([tenantId, connectionId, groupId]));
  // A UUID of version 8, whose bits are the maker's own (RFC 9562 §5.8).
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-") as TeamId;
}
