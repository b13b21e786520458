/** Keys that no two live resources of a population share; the primary key of their table is the judge. */
import type { CommitOutcome, ResourceType, UniqueKeyValue } from "@rollcall/scim";
import type { Scope } from "../../domain/tenant.ts";
import { insertRows } from "./insert-rows.ts";
import type { ResourceKey } from "./resources.ts";
import type { Script, StatementResult } from "./script.ts";
import { changesOf, firstRowOf, rowsIn, rowsOf } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { compose, statement } from "./statement.ts";

/** Takes keys for a resource; gives those that were free. */
export function takeUniqueKeys(
  { scope, resourceType, resourceId }: ResourceKey,
  keys: readonly UniqueKeyValue[],
): readonly Statement[] {
  const rows = keys.map(({ path, key }) => [path, key, resourceId]);
  return insertRows({
    into: "unique_keys (tenant_id, connection_id, resource_type, path, key, resource_id)",
    shared: [scope.tenantId, scope.connectionId, resourceType],
    rows,
    ending: `ON CONFLICT (tenant_id, connection_id, resource_type, path, key) DO NOTHING
      RETURNING path, key`,
  });
}

/** The first of the keys that somebody else had before, once {@link takeUniqueKeys} has run. */
export function* firstTaken(
  { scope, resourceType }: ResourceKey,
  keys: readonly UniqueKeyValue[],
  took: StatementResult | undefined,
): Script<Conflict | undefined> {
  const free = rowsIn<UniqueKeyValue>(took);
  const lost = keys.find(({ path, key }) => !free.some((f) => f.path === path && f.key === key));
  if (lost === undefined) {
    return undefined;
  }
  const holderId = yield* uniqueKeyHolder(scope, resourceType, lost);
  // Whoever had it has given it up since: the request decides again.
  return holderId === undefined ? { kind: "stale" } : { kind: "taken", path: lost.path, holderId };
}

/** Why keys cannot be taken. */
export type Conflict = Extract<CommitOutcome, { kind: "taken" | "stale" }>;

/** Finds the live resource that holds a key. */
export function* uniqueKeyHolder(
  { tenantId, connectionId }: Scope,
  resourceType: string,
  { path, key }: UniqueKeyValue,
): Script<string | undefined> {
  const row = yield* firstRowOf<{ resource_id: string }>(
    statement(
      `SELECT resource_id FROM unique_keys
       WHERE tenant_id = ? AND connection_id = ? AND resource_type = ? AND path = ? AND key = ?`,
      tenantId,
      connectionId,
      resourceType,
      path,
      key,
    ),
  );
  return row?.resource_id;
}

/** Reads the keys a resource holds. */
export function uniqueKeysHeld({ tenantId, connectionId }: Scope, resourceId: string): Statement {
  return statement(
    `SELECT path, key FROM unique_keys
     WHERE tenant_id = ? AND connection_id = ? AND resource_id = ?`,
    tenantId,
    connectionId,
    resourceId,
  );
}

/** Gives up one key of a resource. */
export function freeUniqueKey(
  { scope, resourceType, resourceId }: ResourceKey,
  { path, key }: UniqueKeyValue,
): Statement {
  return statement(
    `DELETE FROM unique_keys WHERE tenant_id = ? AND connection_id = ? AND resource_type = ?
       AND path = ? AND key = ? AND resource_id = ?`,
    scope.tenantId,
    scope.connectionId,
    resourceType,
    path,
    key,
    resourceId,
  );
}

/** Gives up all keys of a resource. */
export function* freeUniqueKeys(
  { tenantId, connectionId }: Scope,
  resourceId: string,
): Script<void> {
  yield* changesOf(
    statement(
      `DELETE FROM unique_keys WHERE tenant_id = ? AND connection_id = ? AND resource_id = ?`,
      tenantId,
      connectionId,
      resourceId,
    ),
  );
}

/** Drops the keys of a type, those of the paths named aside. */
export function* dropUniqueKeysExcept(
  { tenantId, connectionId }: Scope,
  resourceType: string,
  paths: readonly string[],
  listTable: string,
): Script<void> {
  yield* changesOf(
    statement(
      `DELETE FROM unique_keys WHERE tenant_id = ? AND connection_id = ? AND resource_type = ?
         AND path NOT IN (SELECT ids.value FROM ${listTable} AS ids)`,
      tenantId,
      connectionId,
      resourceType,
      JSON.stringify(paths),
    ),
  );
}

/** Gives every live resource of a type that has a value its key, where the key is free. */
export function* buildUniqueKeys(
  scope: Scope,
  { name }: ResourceType,
  path: string,
  dialect: SqlDialect,
): Script<void> {
  yield* changesOf(
    compose`INSERT INTO unique_keys (tenant_id, connection_id, resource_type, path, key, resource_id)
      SELECT r.tenant_id, r.connection_id, r.resource_type, ${path}, ${keyAt(path, dialect)}, r.resource_id
      ${withoutKey(scope, name, path, dialect)}
      ON CONFLICT (tenant_id, connection_id, resource_type, path, key) DO NOTHING`,
  );
}

/** After {@link buildUniqueKeys}: ids of resources that share the value of one which has the key, that one first. */
export function* sharedUniqueKey(
  scope: Scope,
  resourceType: ResourceType,
  path: string,
  dialect: SqlDialect,
): Script<readonly string[]> {
  const row = yield* firstRowOf<{ key: string }>(
    compose`SELECT ${keyAt(path, dialect)} AS key ${withoutKey(scope, resourceType.name, path, dialect)} ORDER BY r.sequence LIMIT 1`,
  );
  if (row === undefined) {
    return [];
  }
  const rows = yield* rowsOf<{ resource_id: string }>(
    compose`SELECT r.resource_id FROM resources AS r
      WHERE r.tenant_id = ${scope.tenantId} AND r.connection_id = ${scope.connectionId}
        AND r.resource_type = ${resourceType.name} AND ${keyAt(path, dialect)} = ${row.key}
      ORDER BY r.sequence LIMIT 100`,
  );
  return rows.map(({ resource_id }) => resource_id);
}

function keyAt(path: string, dialect: SqlDialect): Statement {
  return dialect.indexed.part(dialect.textAt(statement("r.folded"), [path]));
}

/** The resources that have a value at the path and no key for it. */
function withoutKey(
  { tenantId, connectionId }: Scope,
  resourceType: string,
  path: string,
  dialect: SqlDialect,
): Statement {
  return compose`FROM resources AS r
    WHERE r.tenant_id = ${tenantId} AND r.connection_id = ${connectionId}
      AND r.resource_type = ${resourceType}
      AND NOT EXISTS (
        SELECT 1 FROM unique_keys AS k
        WHERE k.tenant_id = ${tenantId} AND k.connection_id = ${connectionId}
          AND k.resource_id = r.resource_id AND k.path = ${path})
      AND ${keyAt(path, dialect)} <> ''`;
}
