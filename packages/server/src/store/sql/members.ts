/** Relations as rows: one statement for each thing that happens to the members of a resource. */
import type { RelationValue } from "@rollcall/scim";
import type { Scope } from "../../domain/tenant.ts";
import type { PlacedValue, PlaceWish } from "../store.ts";
import type { Script } from "./script.ts";
import { changesOf, firstRowOf, rowsOf } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { compose, statement } from "./statement.ts";

/** One relation of one resource. */
export interface Holder {
  readonly scope: Scope;
  readonly resourceId: string;
  /** Type and attribute of the resource, see {@link relationOf}. */
  readonly relation: string;
}

/** How many values a relation has, and the position of the last one ever added. */
export interface RelationState {
  readonly valueCount: number;
  readonly lastPosition: number;
}

/** When something came to be, and by which request. */
export interface Provenance {
  /** xsd:dateTime in UTC. */
  readonly at: string;
  readonly requestId: string | undefined;
}

interface ValueRow {
  readonly value: string;
}

interface RelationValueRow {
  readonly value: string;
  readonly resource_type: string;
  readonly display: string | null;
}

/**
 * The holder in a look-up that has to go from the ids to their holders: written so, no index by holder serves. A planner
 * that does not know which group it is expects few members, and reads all 100,000 of a large one to find the few.
 */
function byValue(holderColumn: string): string {
  return `${holderColumn} || ''`;
}

/** Names a relation: the resource type that has it and its attribute. */
export function relationOf(resourceType: string, attribute: string): string {
  return `${resourceType}.${attribute}`;
}

/** Reads how many values a relation has. */
export function* relationState({ scope, resourceId, relation }: Holder): Script<RelationState> {
  const row = yield* firstRowOf<{ value_count: number; last_position: number }>(
    statement(
      `SELECT value_count, last_position FROM relations
       WHERE tenant_id = ? AND connection_id = ? AND resource_id = ? AND relation = ?`,
      scope.tenantId,
      scope.connectionId,
      resourceId,
      relation,
    ),
  );
  return { valueCount: row?.value_count ?? 0, lastPosition: row?.last_position ?? 0 };
}

/** Writes how many values a relation has. */
export function saveRelationState(
  { scope, resourceId, relation }: Holder,
  { valueCount, lastPosition }: RelationState,
): Statement {
  return statement(
    `INSERT INTO relations (tenant_id, connection_id, resource_id, relation, value_count, last_position)
     VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (tenant_id, connection_id, resource_id, relation)
     DO UPDATE SET value_count = excluded.value_count, last_position = excluded.last_position`,
    scope.tenantId,
    scope.connectionId,
    resourceId,
    relation,
    valueCount,
    lastPosition,
  );
}

/** Adds the ids that are live resources, not the holder itself and not there yet, in order; gives those that it added. */
export function* addMembers(
  { scope, resourceId, relation }: Holder,
  ids: readonly string[],
  options: Provenance & {
    readonly lastPosition: number;
    readonly listTable: string;
    /** The resource types that the relation may point to; empty for any. */
    readonly targets: readonly string[];
  },
): Script<readonly string[]> {
  const { tenantId, connectionId } = scope;
  const { targets } = options;
  const ofType = targets.length === 0 ? "" : `AND o.resource_type IN (${targets.map(() => "?")})`;
  const rows = yield* rowsOf<ValueRow>(
    statement(
      `INSERT INTO members
         (tenant_id, connection_id, resource_id, relation, position, value, added_at, request_id)
       SELECT ?, ?, ?, ?, ? + 1 + ids.key, ids.value, ?, ?
       FROM ${options.listTable} AS ids
       WHERE ids.value <> ?
         AND NOT EXISTS (
           SELECT 1 FROM members AS m
           WHERE m.tenant_id = ? AND m.connection_id = ? AND m.value = ids.value
             AND m.relation = ? AND ${byValue("m.resource_id")} = ?)
         AND EXISTS (
           SELECT 1 FROM resources AS o
           WHERE o.tenant_id = ? AND o.connection_id = ? AND o.resource_id = ids.value ${ofType})
       ORDER BY ids.key
       RETURNING value`,
      tenantId,
      connectionId,
      resourceId,
      relation,
      options.lastPosition,
      options.at,
      options.requestId ?? null,
      JSON.stringify(ids),
      resourceId,
      tenantId,
      connectionId,
      relation,
      resourceId,
      tenantId,
      connectionId,
      ...targets,
    ),
  );
  return rows.map(({ value }) => value);
}

/** Which of the ids are no members. */
export function* idsNotMembers(
  { scope, resourceId, relation }: Holder,
  ids: readonly string[],
  listTable: string,
): Script<readonly string[]> {
  const rows = yield* rowsOf<ValueRow>(
    statement(
      `SELECT ids.value AS value FROM ${listTable} AS ids
       WHERE NOT EXISTS (
         SELECT 1 FROM members AS m
         WHERE m.tenant_id = ? AND m.connection_id = ? AND m.value = ids.value
           AND m.relation = ? AND ${byValue("m.resource_id")} = ?)
       ORDER BY ids.key`,
      JSON.stringify(ids),
      scope.tenantId,
      scope.connectionId,
      relation,
      resourceId,
    ),
  );
  return rows.map(({ value }) => value);
}

/** Removes the ids, whatever else the relation has; gives those that it removed. */
export function* removeMembers(
  { scope: { tenantId, connectionId }, resourceId, relation }: Holder,
  ids: readonly string[],
  { oneOf }: SqlDialect,
): Script<readonly string[]> {
  const rows = yield* rowsOf<ValueRow>(
    compose`DELETE FROM members
      WHERE tenant_id = ${tenantId} AND connection_id = ${connectionId} AND ${oneOf("value", ids)}
        AND relation = ${relation} AND ${statement(byValue("resource_id"))} = ${resourceId}
      RETURNING value`,
  );
  return rows.map(({ value }) => value);
}

/** Removes all but the ids; gives those that it removed. */
export function* removeMembersExcept(
  holder: Holder,
  ids: readonly string[],
  listTable: string,
): Script<readonly string[]> {
  return yield* deleteMembers(
    holder,
    statement(`value NOT IN (SELECT ids.value FROM ${listTable} AS ids)`, JSON.stringify(ids)),
  );
}

/** Removes the members that satisfy a condition on the member `m` and the resource `o`; gives those that it removed. */
export function* removeMembersWhere(
  holder: Holder,
  condition: Statement,
): Script<readonly string[]> {
  const { scope, resourceId, relation } = holder;
  return yield* deleteMembers(
    holder,
    compose`position IN (
      SELECT m.position FROM members AS m
      CROSS JOIN resources AS o
      WHERE m.tenant_id = ${scope.tenantId} AND m.connection_id = ${scope.connectionId}
        AND o.tenant_id = m.tenant_id AND o.connection_id = m.connection_id
        AND o.resource_id = m.value AND m.resource_id = ${resourceId} AND m.relation = ${relation} AND (${condition}))`,
  );
}

function* deleteMembers(
  { scope, resourceId, relation }: Holder,
  condition: Statement,
): Script<readonly string[]> {
  const rows = yield* rowsOf<ValueRow>(
    compose`DELETE FROM members
      WHERE tenant_id = ${scope.tenantId} AND connection_id = ${scope.connectionId}
        AND resource_id = ${resourceId} AND relation = ${relation} AND ${condition}
      RETURNING value`,
  );
  return rows.map(({ value }) => value);
}

/** How many values one statement reads. */
const valuesAtOnce = 2000;

/** Reads the values of a relation in order of insertion. */
export function* relationValues(holder: Holder): Script<readonly RelationValue[]> {
  const values: RelationValue[] = [];
  let after = -1;
  for (;;) {
    const page = yield* relationValuesBehind(holder, { after, limit: valuesAtOnce });
    values.push(...page.map(({ value }) => value));
    const last = page[valuesAtOnce - 1];
    if (last === undefined) {
      return values;
    }
    after = last.place;
  }
}

/** Reads some values of a relation in order of insertion, behind a place. */
export function* relationValuesBehind(
  { scope, resourceId, relation }: Holder,
  { after, limit }: PlaceWish,
): Script<readonly PlacedValue[]> {
  const rows = yield* rowsOf<RelationValueRow & { readonly position: number }>(
    statement(
      `SELECT m.position, m.value, o.resource_type, o.display FROM members AS m
       CROSS JOIN resources AS o
       WHERE o.tenant_id = m.tenant_id AND o.connection_id = m.connection_id
         AND o.resource_id = m.value AND m.tenant_id = ? AND m.connection_id = ? AND m.resource_id = ? AND m.relation = ?
         AND m.position > ?
       ORDER BY m.position LIMIT ?`,
      scope.tenantId,
      scope.connectionId,
      resourceId,
      relation,
      after,
      limit,
    ),
  );
  return rows.map(({ position, value, resource_type, display }) => ({
    place: position,
    value: {
      value,
      type: resource_type,
      resourceType: resource_type,
      ...(display === null ? {} : { display }),
    },
  }));
}

/**
 * Reads the holders of a relation to a resource, direct ones first, then those reached through others. CROSS JOIN leads
 * from what was reached to the members; the other way round, which the planner may like better, reads all members.
 */
export function* derivedValues(
  { scope: { tenantId, connectionId }, resourceId, relation }: Holder,
  { few }: SqlDialect,
): Script<readonly RelationValue[]> {
  const rows = yield* rowsOf<RelationValueRow & { readonly direct: number }>(
    compose`WITH RECURSIVE reached (resource_id) AS (
         SELECT m.resource_id FROM members AS m
         WHERE m.tenant_id = ${tenantId} AND m.connection_id = ${connectionId} AND m.value = ${resourceId} AND m.relation = ${relation}
         UNION
         SELECT m.resource_id FROM reached
         CROSS JOIN members AS m
         WHERE m.tenant_id = ${tenantId} AND m.connection_id = ${connectionId}
           AND m.value = reached.resource_id AND m.relation = ${relation})
       SELECT h.resource_id AS value, h.resource_type, h.display,
         CASE WHEN EXISTS (
           SELECT 1 FROM members AS d
           WHERE d.tenant_id = ${tenantId} AND d.connection_id = ${connectionId} AND d.value = ${resourceId}
             AND d.relation = ${relation} AND d.resource_id = h.resource_id) THEN 1 ELSE 0 END AS direct
       FROM ${few("reached")} AS page
       CROSS JOIN resources AS h
       WHERE h.tenant_id = ${tenantId} AND h.connection_id = ${connectionId} AND h.resource_id = page.resource_id
       ORDER BY direct DESC, h.sequence`,
  );
  return rows.map(({ value, resource_type, display, direct }) => ({
    value,
    type: direct === 0 ? "indirect" : "direct",
    resourceType: resource_type,
    ...(display === null ? {} : { display }),
  }));
}

/** The resources that have a value in a relation. */
export function* holdersOf(
  { tenantId, connectionId }: Scope,
  value: string,
): Script<readonly string[]> {
  const rows = yield* rowsOf<{ resource_id: string }>(
    statement(
      `SELECT DISTINCT resource_id FROM members
       WHERE tenant_id = ? AND connection_id = ? AND value = ? ORDER BY resource_id`,
      tenantId,
      connectionId,
      value,
    ),
  );
  return rows.map(({ resource_id }) => resource_id);
}

/** Takes a value out of the relations of some resources, and out of their counts. */
export function removeValueFrom(
  { tenantId, connectionId }: Scope,
  value: string,
  holders: readonly string[],
  { listTable }: SqlDialect,
): readonly Statement[] {
  const list = JSON.stringify(holders);
  return [
    statement(
      `UPDATE relations SET value_count = value_count - 1
       WHERE tenant_id = ? AND connection_id = ? AND (resource_id, relation) IN (
         SELECT m.resource_id, m.relation FROM members AS m
         WHERE m.tenant_id = ? AND m.connection_id = ? AND m.value = ?
           AND m.resource_id IN (SELECT ids.value FROM ${listTable} AS ids))`,
      tenantId,
      connectionId,
      tenantId,
      connectionId,
      value,
      list,
    ),
    statement(
      `DELETE FROM members WHERE tenant_id = ? AND connection_id = ? AND value = ?
         AND resource_id IN (SELECT ids.value FROM ${listTable} AS ids)`,
      tenantId,
      connectionId,
      value,
      list,
    ),
  ];
}

/** The first values of a relation, in order of insertion. */
export function* firstMembers(
  { scope, resourceId, relation }: Holder,
  limit: number,
): Script<readonly string[]> {
  const rows = yield* rowsOf<ValueRow>(
    statement(
      `SELECT value FROM members
       WHERE tenant_id = ? AND connection_id = ? AND resource_id = ? AND relation = ?
       ORDER BY position LIMIT ?`,
      scope.tenantId,
      scope.connectionId,
      resourceId,
      relation,
      limit,
    ),
  );
  return rows.map(({ value }) => value);
}

/** Removes all that the relations of a resource have. */
export function* removeAllMembers(
  { tenantId, connectionId }: Scope,
  resourceId: string,
): Script<void> {
  yield* changesOf(
    statement(
      `DELETE FROM members WHERE tenant_id = ? AND connection_id = ? AND resource_id = ?`,
      tenantId,
      connectionId,
      resourceId,
    ),
  );
  yield* changesOf(
    statement(
      `DELETE FROM relations WHERE tenant_id = ? AND connection_id = ? AND resource_id = ?`,
      tenantId,
      connectionId,
      resourceId,
    ),
  );
}
