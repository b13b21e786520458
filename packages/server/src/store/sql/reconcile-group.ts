/** What a change of a group does to the access of people, in the transaction of the change (semantics §6). */
import type { JsonObject, JsonValue, ResourceChange } from "@rollcall/scim";
import { memberOf } from "@rollcall/scim";
import type { GroupMapping, MappableGroup } from "../../domain/group-mapping.ts";
import { groupTestOf } from "../../domain/group-mapping.ts";
import type { ConnectionId, MappingId, Scope } from "../../domain/tenant.ts";
import type { GrantRow, GrantSelection } from "./group-closure.ts";
import { giveGrants, mappedAbove, takeGrants } from "./group-closure.ts";
import {
  deleteMappedGroup,
  groupMappings,
  insertMappedGroups,
  mappingsOfGroup,
} from "./group-mappings.ts";
import type { Provenance } from "./members.ts";
import type { MovedGrants } from "./move-grants.ts";
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
  const before = change.kind === "create" ? undefined : change.before.attributes;
  const isNamedAnew = before === undefined || hasOtherName(before, change.after);
  const isMappedAnew =
    isNamedAnew &&
    (yield* mapGroup(scope, change.id, groupOf(scope, change.id, change.after), dialect));
  if (moved.length === 0 && !isMappedAnew) {
    return nothingTold;
  }
  const above = yield* idsOf(mappedAbove(scope, [change.id], dialect));
  const isMany = isMappedAnew || moved.length > lookedAtOneByOneMax;
  const groupIds = isMappedAnew ? [...new Set([...above, change.id])] : above;
  if (groupIds.length === 0) {
    return nothingTold;
  }
  const selection: GrantSelection = isMany
    ? { kind: "groups", groupIds }
    : { kind: "users", seeds: moved };
  const provenance = { at: site.at, requestId: circumstances.requestId };
  return yield* reconcile({ scope, selection, provenance }, site);
}

/** Finds what a group that goes gives, to be reconciled once it is gone. */
export function* mappedBeforeDeletion(
  scope: Scope,
  groupId: string,
  dialect: SqlDialect,
): Script<readonly string[]> {
  return yield* idsOf(mappedAbove(scope, [groupId], dialect));
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
  yield [deleteMappedGroup(scope, groupId, undefined, site.context.dialect)];
  const selection = { kind: "groups", groupIds: above } as const;
  return yield* reconcile({ scope, selection, provenance }, site);
}

/** What is brought in step. */
export interface Reconciling {
  readonly scope: Scope;
  readonly selection: GrantSelection;
  readonly provenance: Provenance;
}

/** Takes and gives what groups give, and tells whose access that moves. */
export function* reconcile(reconciling: Reconciling, site: TellingSite): Script<ToldAccess> {
  const moved = yield* moveGrants(reconciling, site.context.dialect);
  if (moved.taken.length === 0 && moved.given.length === 0) {
    return nothingTold;
  }
  const roles = yield* mappedRoles(site.tenantId);
  const moves = { byConnection: [moved], logins: noLoginMoves };
  return yield* tellAccess(site, yield* factsMoved(site.tenantId, moves, roles, site.context));
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

function* idsOf(found: Parameters<typeof rowsOf>[0]): Script<readonly string[]> {
  return (yield* rowsOf<{ group_id: string }>(found)).map(({ group_id }) => group_id);
}
