/** The rows of resources: one statement for each thing that happens to them. */
import type { Scope } from "../../domain/tenant.ts";
import type { Script } from "./script.ts";
import { changesOf, firstRowOf, rowsOf } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { statement } from "./statement.ts";

/** A resource as its row has it. */
export interface ResourceRow {
  readonly resource_id: string;
  readonly sequence: number;
  readonly revision: number;
  readonly created_at: string;
  readonly last_modified: string;
  /** JSON. */
  readonly attributes: string;
}

/** Which resource. */
export interface ResourceKey {
  readonly scope: Scope;
  readonly resourceType: string;
  readonly resourceId: string;
}

/** What a write of attributes leaves in the row. */
export interface ResourceContent {
  /** JSON. */
  readonly attributes: string;
  /** JSON: the comparison form. */
  readonly folded: string;
  readonly display: string | null;
  readonly foldedDisplay: string | null;
}

/** Reads one live resource. */
export function* resourceById({
  scope,
  resourceType,
  resourceId,
}: ResourceKey): Script<ResourceRow | undefined> {
  return yield* firstRowOf<ResourceRow>(
    statement(
      `SELECT resource_id, sequence, revision, created_at, last_modified, attributes FROM resources
       WHERE tenant_id = ? AND connection_id = ? AND resource_id = ? AND resource_type = ?`,
      scope.tenantId,
      scope.connectionId,
      resourceId,
      resourceType,
    ),
  );
}

/** A row together with its folded copy. */
export interface ResourceRowWithForm extends ResourceRow {
  /** JSON. */
  readonly folded: string;
}

/**
 * Reads one live resource together with its folded copy, to change it: where many transactions write at once the row
 * is locked, and whoever changes the same resource waits.
 */
export function resourceToChange(
  { scope, resourceType, resourceId }: ResourceKey,
  { writers }: SqlDialect,
): Statement {
  return statement(
    `SELECT resource_id, sequence, revision, created_at, last_modified, attributes, folded
     FROM resources
     WHERE tenant_id = ? AND connection_id = ? AND resource_id = ? AND resource_type = ?
     ${writers === "many" ? "FOR NO KEY UPDATE" : ""}`,
    scope.tenantId,
    scope.connectionId,
    resourceId,
    resourceType,
  );
}

/** Reads resources by id, in any order. */
export function* resourcesById(
  { tenantId, connectionId }: Scope,
  ids: readonly string[],
  listTable: string,
): Script<readonly ResourceRow[]> {
  return yield* rowsOf<ResourceRow>(
    statement(
      `SELECT resource_id, sequence, revision, created_at, last_modified, attributes FROM resources
       WHERE tenant_id = ? AND connection_id = ?
         AND resource_id IN (SELECT ids.value FROM ${listTable} AS ids)`,
      tenantId,
      connectionId,
      JSON.stringify(ids),
    ),
  );
}

/** What ids look like: characters that need no escape in a URL and have one case mapping everywhere. */
const idPattern = /^[A-Za-z0-9._~-]+$/;

/** Adds a resource; changes no row when its id is in use. */
export function insertResource(
  { scope, resourceType, resourceId }: ResourceKey,
  { attributes, folded, display, foldedDisplay }: ResourceContent,
  { sequence, at }: { readonly sequence: number; readonly at: string },
): Statement {
  if (!idPattern.test(resourceId)) {
    throw new TypeError("ids of resources are made of unreserved characters of a URL");
  }
  return statement(
    `INSERT INTO resources (tenant_id, connection_id, resource_id, resource_type, sequence,
       revision, created_at, last_modified, display, folded_display, folded, attributes)
     VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (tenant_id, connection_id, resource_id) DO NOTHING`,
    scope.tenantId,
    scope.connectionId,
    resourceId,
    resourceType,
    sequence,
    at,
    at,
    display,
    foldedDisplay,
    folded,
    attributes,
  );
}

/** The revision a write moves a resource to, and the one it has to have before. */
export interface Step {
  readonly from: number;
  readonly lastModified: string;
}

/** Replaces the content of a resource that still has the revision; otherwise it changes no row. */
export function updateResource(
  { scope, resourceId }: ResourceKey,
  { attributes, folded, display, foldedDisplay }: ResourceContent,
  { from, lastModified }: Step,
): Statement {
  return statement(
    `UPDATE resources SET revision = revision + 1, last_modified = ?, display = ?,
       folded_display = ?, folded = ?, attributes = ?
     WHERE tenant_id = ? AND connection_id = ? AND resource_id = ? AND revision = ?`,
    lastModified,
    display,
    foldedDisplay,
    folded,
    attributes,
    scope.tenantId,
    scope.connectionId,
    resourceId,
    from,
  );
}

/** Moves a resource that still has the revision to the next one, its content being the same. */
export function touchResource(
  { scope, resourceId }: ResourceKey,
  { from, lastModified }: Step,
): Statement {
  return statement(
    `UPDATE resources SET revision = revision + 1, last_modified = ?
     WHERE tenant_id = ? AND connection_id = ? AND resource_id = ? AND revision = ?`,
    lastModified,
    scope.tenantId,
    scope.connectionId,
    resourceId,
    from,
  );
}

/** Locks all resources that have the value in a relation, in one order for all, before any of them is changed. */
export function* lockHolders(
  { tenantId, connectionId }: Scope,
  value: string,
): Script<readonly string[]> {
  const rows = yield* rowsOf<{ resource_id: string }>(
    statement(
      `SELECT r.resource_id FROM resources AS r
       WHERE r.tenant_id = ? AND r.connection_id = ? AND r.resource_id IN (
         SELECT m.resource_id FROM members AS m
         WHERE m.tenant_id = ? AND m.connection_id = ? AND m.value = ?)
       ORDER BY r.resource_id FOR NO KEY UPDATE`,
      ...[tenantId, connectionId],
      ...[tenantId, connectionId, value],
    ),
  );
  return rows.map(({ resource_id }) => resource_id);
}

/** Moves resources to their next revision. */
export function touchResources(
  { tenantId, connectionId }: Scope,
  ids: readonly string[],
  at: string,
  { listTable }: SqlDialect,
): Statement {
  return statement(
    `UPDATE resources SET revision = revision + 1,
       last_modified = CASE WHEN last_modified > ? THEN last_modified ELSE ? END
     WHERE tenant_id = ? AND connection_id = ?
       AND resource_id IN (SELECT ids.value FROM ${listTable} AS ids)`,
    at,
    at,
    tenantId,
    connectionId,
    JSON.stringify(ids),
  );
}

/** Removes a resource that still has the revision; tells whether it had. */
export function* deleteResource(
  { scope, resourceId }: ResourceKey,
  revision: number,
): Script<boolean> {
  const changes = yield* changesOf(
    statement(
      `DELETE FROM resources
       WHERE tenant_id = ? AND connection_id = ? AND resource_id = ? AND revision = ?`,
      scope.tenantId,
      scope.connectionId,
      resourceId,
      revision,
    ),
  );
  return changes === 1;
}
