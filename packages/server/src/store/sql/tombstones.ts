/** Tombstones: what stays of deleted resources, so that they can be recognised and restored. */

import type { ResourceKey } from "./resources.ts";
import type { Script } from "./script.ts";
import { changesOf } from "./script.ts";
import { statement } from "./statement.ts";
import type { PointValue } from "./stored-form.ts";

/** What is kept of a deleted resource. */
export interface Tombstone {
  readonly at: string;
  readonly revision: number;
  /** JSON, for restoring. */
  readonly attributes: string;
  /** Keyed hashes, by path. */
  readonly keyHashes: readonly PointValue[];
}

/** Writes a tombstone; the latest of an id wins. */
export function* insertTombstone(
  { scope, resourceType, resourceId }: ResourceKey,
  { at, revision, attributes, keyHashes }: Tombstone,
): Script<void> {
  yield* changesOf(
    statement(
      `INSERT INTO tombstones (tenant_id, connection_id, resource_id, resource_type, deleted_at,
         revision, account_id, attributes)
       VALUES (?, ?, ?, ?, ?, ?, NULL, ?)
       ON CONFLICT (tenant_id, connection_id, resource_id) DO UPDATE SET
         resource_type = excluded.resource_type, deleted_at = excluded.deleted_at,
         revision = excluded.revision, account_id = NULL, attributes = excluded.attributes`,
      scope.tenantId,
      scope.connectionId,
      resourceId,
      resourceType,
      at,
      revision,
      attributes,
    ),
  );
  for (const { path, value } of keyHashes) {
    yield* changesOf(
      statement(
        `INSERT INTO tombstone_keys
           (tenant_id, connection_id, resource_type, path, key_hash, resource_id)
         VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (tenant_id, connection_id, resource_type, path, key_hash, resource_id)
         DO NOTHING`,
        scope.tenantId,
        scope.connectionId,
        resourceType,
        path,
        value,
        resourceId,
      ),
    );
  }
}
