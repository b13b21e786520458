/**
 * Teams of groups: made, renamed, archived and restored with their groups, set by set, in the transaction of what caused it
 * (semantics §6). What their members get is a mapping of the team's own, which has its id: whatever knows mappings needs to
 * know nothing of these teams.
 */
import { createHash } from "node:crypto";
import type { JsonObject } from "@rollcall/scim";
import type { AccountId } from "../../domain/account.ts";
import type { GroupTeam, GroupTeamChange } from "../../domain/group-team.ts";
import {
  groupTeamChangeOf,
  groupTeamIdOf,
  hasTeam,
  leftTeamChangeOf,
  namedApart,
} from "../../domain/group-team.ts";
import type { Team, TeamGroup } from "../../domain/team.ts";
import type { MappingId, Scope, TeamId } from "../../domain/tenant.ts";
import { idsNamedMax } from "./apply-relation-deltas.ts";
import { ask } from "./asked.ts";
import type { FollowedGroup } from "./group-team-rows.ts";
import { followedGroups, teamOfGroup, teamsComingBack, teamsOfGroups } from "./group-team-rows.ts";
import type { TenantAccount } from "./membership-facts.ts";
import { tenantAccountsAsked } from "./membership-facts.ts";
import type { MappedRole, MovedGrants } from "./move-grants.ts";
import {
  deleteOwnMappings,
  grantsOfOwnMappings,
  insertOwnMappings,
  ownMappingId,
  updateOwnMappings,
} from "./own-mappings.ts";
import { eventRows } from "./record-consequences.ts";
import type { Script } from "./script.ts";
import type { Statement } from "./statement.ts";
import {
  accountsInTeams,
  freeTeamNames,
  insertTeams,
  takenTeamNames,
  teamEventOf,
  updateTeams,
} from "./team-rows.ts";
import { teamsByIds } from "./teams.ts";
import type { FactsChange, TellingSite, ToldAccess } from "./tell-access.ts";

/** What has become of teams of groups, before anything that their members get is moved. */
export interface MovedTeams {
  readonly changes: readonly GroupTeamChange[];
  /** The groups whose members get something for them from now on, or no more. */
  readonly groups: readonly TeamGroup[];
  /** What members have who get another role for it, as if that had been taken and given again. */
  readonly otherRoles: readonly MovedGrants[];
  /** What own mappings gave that are gone or give something else. */
  readonly rolesBefore: ReadonlyMap<MappingId, MappedRole>;
  /** What the tenant had on whoever has anything else in a team that was archived or restored. */
  readonly before: ReadonlyMap<AccountId, TenantAccount>;
}

/** Where no team of a group has changed. */
export const noTeamsMoved: MovedTeams = {
  changes: [],
  groups: [],
  otherRoles: [],
  rolesBefore: new Map(),
  before: new Map(),
};

/** Brings the team of one group in step that was made or changed. */
export function* followGroup(group: FollowedGroup, site: TellingSite): Script<MovedTeams> {
  const { tenantId, settings } = site;
  if (!settings.groupTeams) {
    return noTeamsMoved;
  }
  const { connectionId, groupId } = group;
  const known = yield* teamOfGroup({ tenantId, connectionId }, groupId);
  const teams = known === undefined ? [] : [[keyOf(group), known] as const];
  return yield* writeTeams(yield* changesOf([group], new Map(teams), site), site);
}

/** Archives the team of a group that is gone. */
export function* leaveGroup(
  { tenantId, connectionId }: Scope,
  groupId: string,
  site: TellingSite,
): Script<MovedTeams> {
  const known = yield* teamOfGroup({ tenantId, connectionId }, groupId);
  return yield* leaveTeams(known === undefined ? [] : [known], site);
}

/** Archives the teams of all groups of a connection that goes. */
export function* leaveConnection(scope: Scope, site: TellingSite): Script<MovedTeams> {
  return yield* leaveTeams(yield* teamsOfGroups(scope.tenantId, scope.connectionId), site);
}

function* leaveTeams(known: readonly GroupTeam[], site: TellingSite): Script<MovedTeams> {
  return yield* writeTeams(
    known.flatMap((team) => leftTeamChangeOf(team, site.at) ?? []),
    site,
  );
}

/** Brings the teams of all groups in step, with the facts of the tenant taken alone. */
export function* followAllGroups(site: TellingSite): Script<MovedTeams> {
  const { tenantId, context } = site;
  const groups = yield* followedGroups(tenantId, context.dialect);
  const known = yield* teamsOfGroups(tenantId);
  const teams = new Map(known.map((one) => [keyOf(one.team.group), one]));
  const there = new Set(groups.map(keyOf));
  const left = known.filter(({ team }) => !there.has(keyOf(team.group)));
  const changes = yield* changesOf(groups, teams, site);
  // A team that comes back to another group is not left.
  const moved = new Set(changes.map(({ after }) => after.team.teamId));
  const gone = left.filter(({ team }) => !moved.has(team.teamId));
  return yield* writeTeams(
    [...changes, ...gone.flatMap((team) => leftTeamChangeOf(team, site.at) ?? [])],
    site,
  );
}

function keyOf(group: TeamGroup | undefined): string {
  return `${group?.connectionId ?? ""}/${group?.groupId ?? ""}`;
}

/** What becomes of the teams of groups that are there. */
function* changesOf(
  groups: readonly FollowedGroup[],
  known: ReadonlyMap<string, GroupTeam>,
  site: TellingSite,
): Script<readonly GroupTeamChange[]> {
  const { tenantId, settings, at, context } = site;
  const wanted = groups.filter(({ name }) => hasTeam(name, settings));
  const fresh = wanted.filter((group) => !known.has(keyOf(group)));
  const back = new Map<string, GroupTeam>();
  for (const connectionId of new Set(fresh.map((group) => group.connectionId))) {
    const own = fresh.filter((group) => group.connectionId === connectionId);
    for (const [groupId, team] of yield* teamsComingBack(
      { tenantId, connectionId },
      own,
      context,
    )) {
      back.set(keyOf({ connectionId, groupId }), team);
    }
  }
  const ids = yield* freshIds(
    fresh.filter((group) => !back.has(keyOf(group))),
    site,
  );
  const newTeam = (group: TeamGroup) => {
    const teamId = ids.get(keyOf(group));
    if (teamId === undefined) {
      throw new TypeError("every team that is made has an id");
    }
    return { tenantId, teamId, created: at };
  };
  const isWanted = new Set(wanted.map(keyOf));
  return groups.flatMap((group) => {
    const key = keyOf(group);
    const team = known.get(key) ?? back.get(key);
    if (isWanted.has(key)) {
      return groupTeamChangeOf(group, team, settings, newTeam) ?? [];
    }
    return team === undefined ? [] : (leftTeamChangeOf(team, at) ?? []);
  });
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The ids of new teams: of each group its own, unless an operator has that team by now. */
function* freshIds(
  groups: readonly TeamGroup[],
  { tenantId, context: { dialect } }: TellingSite,
): Script<ReadonlyMap<string, TeamId>> {
  const ids = new Map<string, TeamId>();
  let open = groups;
  for (let round = 0; open.length > 0; round += 1) {
    const tried = open.map((group) => ({
      group,
      teamId: groupTeamIdOf(tenantId, group, (text) => sha256(`${round} ${text}`)),
    }));
    const taken = new Set(
      (yield* teamsByIds(
        tenantId,
        tried.map(({ teamId }) => teamId),
        dialect,
      )).map(({ teamId }) => teamId),
    );
    for (const { group, teamId } of tried) {
      if (!taken.has(teamId)) {
        ids.set(keyOf(group), teamId);
      }
    }
    open = tried.filter(({ teamId }) => taken.has(teamId)).map(({ group }) => group);
  }
  return ids;
}

/** Writes changes of teams, and the events of those that the application knows by other words now. */
function* writeTeams(found: readonly GroupTeamChange[], site: TellingSite): Script<MovedTeams> {
  if (found.length === 0) {
    return noTeamsMoved;
  }
  const { tenantId, at, context } = site;
  const { dialect } = context;
  const freed = found.filter(isLettingGo).map(idOf);
  const names = found.flatMap((change) =>
    change.names === undefined ? [] : [change.after.team.name, ...change.names],
  );
  const taken = yield* takenTeamNames(tenantId, names, freed, dialect);
  const changes = namedApart(found, taken);
  const before = yield* factsBefore(changes, site);
  const rerolled = changes.filter(hasOtherRole);
  const otherRoles = yield* grantsOfOwnMappings(tenantId, rerolled.map(idOf), dialect);
  const saved = changes.filter(({ before: was }) => was !== undefined);
  const made = changes.filter(({ before: was }) => was === undefined);
  yield [
    freeTeamNames(tenantId, freed, dialect),
    ...insertTeams(
      tenantId,
      made.map(({ after }) => after.team),
    ),
    updateTeams(
      tenantId,
      saved.map(({ after }) => after.team),
      dialect,
    ),
    ...mappingRows(changes, site),
  ];
  const told = changes.filter(isToldOf);
  yield yield* eventRows(
    tenantId,
    told.map((change) => teamEventOf(change.after.team, change.before === undefined, at, context)),
    context,
  );
  return {
    changes,
    groups: changes.filter(isMappedAnew).flatMap(({ after }) => after.team.group ?? []),
    otherRoles,
    rolesBefore: rolesBeforeOf(changes),
    before,
  };
}

/** What the tenant has on whoever has anything in a team that is archived or restored, but for what its own mapping gives. */
function* factsBefore(
  changes: readonly GroupTeamChange[],
  { tenantId, context: { dialect } }: TellingSite,
): Script<MovedTeams["before"]> {
  const turned = changes.filter(
    ({ before, after }) => before !== undefined && isLive(before.team) !== isLive(after.team),
  );
  if (turned.length === 0) {
    return new Map();
  }
  const ids = yield* accountsInTeams(tenantId, turned.map(idOf), "others", dialect);
  return yield* ask(tenantAccountsAsked(tenantId, ids, { lock: true, dialect }));
}

function mappingRows(
  changes: readonly GroupTeamChange[],
  { tenantId, settings, at, context: { dialect } }: TellingSite,
): readonly Statement[] {
  const { groupTeamRole: role } = settings;
  const gone = changes.filter(
    ({ before, after }) => before?.role !== undefined && after.role === undefined,
  );
  const come = changes.filter(
    ({ before, after }) => before?.role === undefined && after.role !== undefined,
  );
  return [
    ...deleteOwnMappings(tenantId, gone.map(idOf), dialect),
    ...insertOwnMappings(
      tenantId,
      come.map(({ after }) => after.team),
      { role, at },
    ),
    ...updateOwnMappings(tenantId, changes.filter(hasOtherRole).map(idOf), role, dialect),
  ];
}

function idOf({ after }: GroupTeamChange): TeamId {
  return after.team.teamId;
}

function isLive({ archived }: Pick<Team, "archived">): boolean {
  return archived === undefined;
}

/** Whether a live name is free for others from now on, or about to be another one. */
function isLettingGo({ before, after, names }: GroupTeamChange): boolean {
  return (
    before !== undefined && isLive(before.team) && (names !== undefined || !isLive(after.team))
  );
}

function isMappedAnew({ before, after }: GroupTeamChange): boolean {
  return (before?.role === undefined) !== (after.role === undefined);
}

function hasOtherRole({ before, after }: GroupTeamChange): boolean {
  return before?.role !== undefined && after.role !== undefined && before.role !== after.role;
}

/** Whether the application knows the team by other words now. */
function isToldOf({ before, after: { team } }: GroupTeamChange): boolean {
  return (
    before === undefined ||
    before.team.name !== team.name ||
    before.team.archived !== team.archived ||
    before.team.group?.groupId !== team.group?.groupId
  );
}

function rolesBeforeOf(changes: readonly GroupTeamChange[]): MovedTeams["rolesBefore"] {
  return new Map(
    changes.flatMap((change) => {
      const { before } = change;
      const isGone = before?.role !== undefined && before.role !== change.after.role;
      const mappingId = ownMappingId(idOf(change));
      return isGone && isLive(before.team)
        ? [[mappingId, { mappingId, teamId: idOf(change), role: before.role ?? "" }] as const]
        : [];
    }),
  );
}

/** Whoever has moved, with what they had in teams that were archived or restored. */
export function* withTeams(
  { before }: MovedTeams,
  changes: readonly FactsChange[],
  { tenantId, context: { dialect } }: TellingSite,
): Script<readonly FactsChange[]> {
  if (before.size === 0) {
    return changes;
  }
  const moved = new Set(changes.map(({ after }) => after.facts.accountId));
  const others = [...before.keys()].filter((accountId) => !moved.has(accountId));
  const after = yield* ask(tenantAccountsAsked(tenantId, others, { lock: false, dialect }));
  return [
    ...changes.map((change) => {
      const were = before.get(change.after.facts.accountId);
      return were === undefined ? change : { ...change, before: were };
    }),
    ...others.flatMap((accountId): readonly FactsChange[] => {
      const [were, are] = [before.get(accountId), after.get(accountId)];
      return were === undefined || are === undefined ? [] : [{ before: were, after: are }];
    }),
  ];
}

/** How many changes of teams the audit log tells one by one. */
const toldOneByOneMax = 100;

/** What was told, with what the audit log is told of teams. */
export function withTeamsTold(told: ToldAccess, { changes }: MovedTeams): ToldAccess {
  const seen = changes.filter(isToldOf);
  if (seen.length === 0) {
    return told;
  }
  const ids = (which: (change: GroupTeamChange) => boolean) => seen.filter(which).map(idOf);
  const come = ids(
    ({ before, after }) => isLive(after.team) && !(before !== undefined && isLive(before.team)),
  );
  const gone = ids(
    ({ before, after }) => before !== undefined && isLive(before.team) && !isLive(after.team),
  );
  return {
    ...told,
    teams: {
      differences: seen.slice(0, toldOneByOneMax).map(({ before, after }) => ({
        path: "team",
        ...(before === undefined ? {} : { before: shownForm(before.team) }),
        after: shownForm(after.team),
      })),
      relation: {
        attribute: "teams",
        addedCount: come.length,
        removedCount: gone.length,
        added: come.slice(0, idsNamedMax),
        removed: gone.slice(0, idsNamedMax),
      },
    },
  };
}

function shownForm({ teamId, name, archived, group }: Team): JsonObject {
  return { id: teamId, name, archived: archived ?? null, groupId: group?.groupId ?? null };
}
