/** What a change of a group does to the access of people, in the transaction of the change (semantics §6). */
import type { JsonObject, JsonValue, ResourceChange } from "@rollcall/scim";
import { memberOf } from "@rollcall/scim";
import type { GroupMapping, MappableGroup } from "../../domain/group-mapping.ts";
import { groupTestOf } from "../../domain/group-mapping.ts";
import type { TeamGroup } from "../../domain/team.ts";
import type { ConnectionId, MappingId, Scope } from "../../domain/tenant.ts";
import type { GrantRow, GrantSelection } from "./group-closure.ts";
import { giveGrants, mappedAbove, takeGrants } from "./group-closure.ts";
import {
  deleteMappedGroup,
  groupMappings,
  insertMappedGroups,
  mappingsOfGroup,
} from "./group-mappings.ts";
import { followedGroupOf } from "./group-team-rows.ts";
import type { MovedTeams } from "./group-teams.ts";
import { followGroup, leaveGroup, noTeamsMoved, withTeams, withTeamsTold } from "./group-teams.ts";
import type { Provenance } from "./members.ts";
import type { MappedRole, MovedGrants } from "./move-grants.ts";
import { factsMoved, mappedRoles, noLoginMoves } from "./move-grants.ts";
import type { Recording } from "./recording.ts";
import type { Script } from "./script.ts";
import { rowsIn, rowsOf } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { TellingSite, ToldAccess } from "./tell-access.ts";
import { nothingTold, tellAccess } from "./tell-access.ts";

/** The resource type whose members get what mappings give. */
export const groupType = "Group";

/** Up to how many members that came and went are looked at one by one; above it everything that their groups give. */
const lookedAtOneByOneMax = 1000;

/** A change of a group. */
export interface GroupChange {
  readonly recording: Recording<ResourceChange>;
  /** The members that came and went. */
  readonly moved: readonly string[];
}

/** Brings grants in step with a group that was made or changed, once its members are written. */
export function* reconcileGroup(
  { recording, moved }: GroupChange,
  site: TellingSite,
): Script<ToldAccess> {
  const { scope, change, circumstances, context } = recording;
  const { dialect } = context;
  if (change.kind === "delete") {
    throw new TypeError("a group that goes is none that changes");
  }
  const { resourceType, id, after } = change;
  const before = change.kind === "create" ? undefined : change.before.attributes;
  const isNamedAnew = before === undefined || hasOtherName(before, after);
  const teams = isNamedAnew
    ? yield* followGroup(followedGroupOf(scope, id, { resourceType, attributes: after }), site)
    : noTeamsMoved;
  const hasOthers = isNamedAnew && (yield* mapGroup(scope, id, groupOf(scope, id, after), dialect));
  const isMappedAnew = hasOthers || teams.groups.length > 0;
  const above =
    moved.length > 0 || isMappedAnew ? yield* mappedGroupsAbove(scope, id, dialect) : [];
  const isMany = isMappedAnew || moved.length > lookedAtOneByOneMax;
  const groupIds = isMappedAnew ? [...new Set([...above, id])] : above;
  const selection: GrantSelection = isMany
    ? { kind: "groups", groupIds }
    : { kind: "users", seeds: moved };
  const provenance = { at: site.at, requestId: circumstances.requestId };
  const reconciling = groupIds.length === 0 ? undefined : { scope, selection, provenance };
  return yield* reconcile(reconciling, teams, site);
}

/** Finds the mapped groups that have a group as a member, direct or not, and itself: before it goes those whose grants may go. */
export function* mappedGroupsAbove(
  scope: Scope,
  groupId: string,
  dialect: SqlDialect,
): Script<readonly string[]> {
  const found = yield* rowsOf<{ group_id: string }>(mappedAbove(scope, [groupId], dialect));
  return found.map(({ group_id }) => group_id);
}

/** Brings grants in step with a group that is gone. */
export function* reconcileDeletion(
  scope: Scope,
  { groupId, above }: { readonly groupId: string; readonly above: readonly string[] },
  provenance: Provenance,
  site: TellingSite,
): Script<ToldAccess> {
  if (above.length === 0) {
    return nothingTold;
  }
  const teams = yield* leaveGroup(scope, groupId, site);
  yield [deleteMappedGroup(scope, groupId, undefined, site.context.dialect)];
  const selection = { kind: "groups", groupIds: above } as const;
  return yield* reconcile({ scope, selection, provenance }, teams, site);
}

/** What is brought in step. */
interface Reconciling {
  readonly scope: Scope;
  readonly selection: GrantSelection;
  readonly provenance: Provenance;
}

/** Takes and gives what groups give, and tells whose access that and the change of teams moves. */
function* reconcile(
  reconciling: Reconciling | undefined,
  teams: MovedTeams,
  site: TellingSite,
): Script<ToldAccess> {
  const { tenantId, context } = site;
  const moved = reconciling && (yield* moveGrants(reconciling, context.dialect));
  const isMoved = moved !== undefined && moved.taken.length + moved.given.length > 0;
  const moves = { byConnection: isMoved ? [moved] : [], logins: noLoginMoves };
  const roles = isMoved ? yield* rolesOf(moved, teams, site) : teams.rolesBefore;
  const changes = isMoved ? yield* factsMoved(tenantId, moves, roles, context) : [];
  const told = yield* tellAccess(site, yield* withTeams(teams, changes, site));
  return withTeamsTold(told, teams);
}

/** What the mappings gave of which something was taken. */
function* rolesOf(
  { taken }: MovedGrants,
  { rolesBefore }: MovedTeams,
  { tenantId, context: { dialect } }: TellingSite,
): Script<ReadonlyMap<MappingId, MappedRole>> {
  const ids = [...new Set(taken.map(({ mapping_id }) => mapping_id))];
  return ids.length === 0
    ? rolesBefore
    : new Map([...(yield* mappedRoles(tenantId, dialect, ids)), ...rolesBefore]);
}

/** Takes and gives what groups give. */
export function* moveGrants(
  { scope, selection, provenance }: Reconciling,
  dialect: SqlDialect,
): Script<MovedGrants> {
  const [taken, given] = yield [
    takeGrants(scope, selection, dialect),
    giveGrants(scope, selection, provenance, dialect),
  ];
  return {
    connectionId: scope.connectionId,
    taken: rowsIn<GrantRow>(taken),
    given: rowsIn<GrantRow>(given),
  };
}

/** Takes and gives everything that some groups give, connection by connection. */
export function* moveGroups(
  groups: readonly TeamGroup[],
  { tenantId, at, context: { dialect } }: TellingSite,
  requestId: string,
): Script<readonly MovedGrants[]> {
  const moved: MovedGrants[] = [];
  for (const connectionId of new Set(groups.map((group) => group.connectionId))) {
    const groupIds = groups
      .filter((group) => group.connectionId === connectionId)
      .map(({ groupId }) => groupId);
    const selection = { kind: "groups", groupIds } as const;
    const scope = { tenantId, connectionId };
    moved.push(yield* moveGrants({ scope, selection, provenance: { at, requestId } }, dialect));
  }
  return moved;
}

/** What of a group mappings look at. */
export function groupOf(
  { connectionId }: { readonly connectionId: ConnectionId },
  id: string,
  attributes: JsonObject,
): MappableGroup {
  const externalId = textOf(memberOf(attributes, "externalId"));
  return {
    connectionId,
    ids: externalId === undefined ? [id] : [id, externalId],
    name: textOf(memberOf(attributes, "displayName")) ?? "",
  };
}

/** Writes which mappings speak of a group; tells whether that is not what it was. */
function* mapGroup(
  scope: Scope,
  groupId: string,
  group: MappableGroup,
  dialect: SqlDialect,
): Script<boolean> {
  const { tenantId, connectionId } = scope;
  const mappings: readonly GroupMapping[] = yield* groupMappings(tenantId);
  const rows = yield* rowsOf<{ mapping_id: MappingId }>(mappingsOfGroup(scope, groupId));
  const held = new Set(rows.map(({ mapping_id }) => mapping_id));
  const wanted = new Set(
    mappings.filter((mapping) => groupTestOf(mapping)(group)).map(({ mappingId }) => mappingId),
  );
  const gone = [...held].filter((mappingId) => !wanted.has(mappingId));
  const added = [...wanted].filter((mappingId) => !held.has(mappingId));
  yield [
    ...(gone.length > 0 ? [deleteMappedGroup(scope, groupId, gone, dialect)] : []),
    ...insertMappedGroups(
      tenantId,
      added.map((mappingId) => ({ connectionId, groupId, mappingId })),
    ),
  ];
  return gone.length > 0 || added.length > 0;
}

function hasOtherName(before: JsonObject, after: JsonObject): boolean {
  return ["displayName", "externalId"].some(
    (name) => textOf(memberOf(before, name)) !== textOf(memberOf(after, name)),
  );
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
