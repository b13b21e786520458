/** The rows of resources: one statement for each thing that happens to them. */
import type { Scope } from "../../domain/tenant.ts";
import type { Script } from "./script.ts";
import { changesOf, firstRowOf, rowsOf } from "./script.ts";
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

/** Reads one live resource together with its folded copy. */
export function* resourceWithForm({
  scope,
  resourceType,
  resourceId,
}: ResourceKey): Script<(ResourceRow & { readonly folded: string }) | undefined> {
  return yield* firstRowOf<ResourceRow & { readonly folded: string }>(
    statement(
      `SELECT resource_id, sequence, revision, created_at, last_modified, attributes, folded
       FROM resources
       WHERE tenant_id = ? AND connection_id = ? AND resource_id = ? AND resource_type = ?`,
      scope.tenantId,
      scope.connectionId,
      resourceId,
      resourceType,
    ),
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

/** Adds a resource; tells whether its id was free. */
export function* insertResource(
  { scope, resourceType, resourceId }: ResourceKey,
  { attributes, folded, display, foldedDisplay }: ResourceContent,
  { sequence, at }: { readonly sequence: number; readonly at: string },
): Script<boolean> {
  const changes = yield* changesOf(
    statement(
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
    ),
  );
  return changes === 1;
}

/** The revision a write moves a resource to, and the one it has to have before. */
export interface Step {
  readonly from: number;
  readonly lastModified: string;
}

/** Replaces the content of a resource that still has the revision; tells whether it had. */
export function* updateResource(
  { scope, resourceId }: ResourceKey,
  { attributes, folded, display, foldedDisplay }: ResourceContent,
  { from, lastModified }: Step,
): Script<boolean> {
  const changes = yield* changesOf(
    statement(
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
    ),
  );
  return changes === 1;
}

/** Moves a resource to its next revision, its content being the same; tells whether it had the revision. */
export function* touchResource(
  { scope, resourceId }: ResourceKey,
  { from, lastModified }: Step,
): Script<boolean> {
  const changes = yield* changesOf(
    statement(
      `UPDATE resources SET revision = revision + 1, last_modified = ?
       WHERE tenant_id = ? AND connection_id = ? AND resource_id = ? AND revision = ?`,
      lastModified,
      scope.tenantId,
      scope.connectionId,
      resourceId,
      from,
    ),
  );
  return changes === 1;
}

/** Moves all resources that have the value in a relation to their next revision. */
export function* touchHolders(
  { tenantId, connectionId }: Scope,
  value: string,
  at: string,
): Script<void> {
  yield* changesOf(
    statement(
      `UPDATE resources SET revision = revision + 1,
         last_modified = CASE WHEN last_modified > ? THEN last_modified ELSE ? END
       WHERE tenant_id = ? AND connection_id = ? AND resource_id IN (
         SELECT resource_id FROM members
         WHERE tenant_id = ? AND connection_id = ? AND value = ?)`,
      at,
      at,
      tenantId,
      connectionId,
      tenantId,
      connectionId,
      value,
    ),
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
