/** Tombstones: what stays of deleted resources, so that they can be recognised and restored. */
import type { AccountId } from "../../domain/account.ts";
import type { TenantId } from "../../domain/tenant.ts";
import type { ResourceKey } from "./resources.ts";
import type { Script, Verdict } from "./script.ts";
import { changesOf, rowsOf } from "./script.ts";
import { statement } from "./statement.ts";
import type { PointValue } from "./stored-form.ts";

/** What is kept of a deleted resource. */
export interface Tombstone {
  readonly at: string;
  readonly revision: number;
  /** JSON, for restoring. */
  readonly attributes: string;
  /** Whom it stood for. */
  readonly accountId: AccountId | undefined;
  /** Whether whoever comes back gets that account again. */
  readonly leadsBack: boolean;
  /** Keyed hashes, by path. */
  readonly keyHashes: readonly PointValue[];
}

/** Writes a tombstone; the latest of an id wins. */
export function* insertTombstone(
  { scope, resourceType, resourceId }: ResourceKey,
  { at, revision, attributes, accountId, leadsBack, keyHashes }: Tombstone,
): Script<void> {
  yield* changesOf(
    statement(
      `INSERT INTO tombstones (tenant_id, connection_id, resource_id, resource_type, deleted_at,
         revision, account_id, leads_back, attributes)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (tenant_id, connection_id, resource_id) DO UPDATE SET
         resource_type = excluded.resource_type, deleted_at = excluded.deleted_at,
         revision = excluded.revision, account_id = excluded.account_id,
         leads_back = excluded.leads_back, attributes = excluded.attributes`,
      scope.tenantId,
      scope.connectionId,
      resourceId,
      resourceType,
      at,
      revision,
      accountId ?? null,
      leadsBack ? 1 : 0,
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

/** Which tombstones have had their time. */
export interface TombstoneAges {
  /** What was deleted before cannot be restored any more: its attributes go. */
  readonly restorableSince: string;
  /** What was deleted before is not recognised any more: all of it goes. */
  readonly rememberedSince: string;
}

interface TombstoneRow {
  readonly connection_id: string;
  readonly resource_id: string;
}

/** How many tombstones one transaction takes, so that no other write waits long. */
const prunedAtOnceMax = 200;

/** Tells whether any tombstone of a tenant has had its time. */
export function* hasOldTombstones(tenantId: TenantId, ages: TombstoneAges): Script<boolean> {
  const forgotten = yield* tombstonesDeletedBefore(tenantId, ages.rememberedSince);
  return (
    forgotten.length > 0 ||
    (yield* restorableDeletedBefore(tenantId, ages.restorableSince)).length > 0
  );
}

/** Prunes some of the tombstones of a tenant; answers how many, 0 when nothing is left to do. */
export function* pruneTombstones(
  tenantId: TenantId,
  { restorableSince, rememberedSince }: TombstoneAges,
): Script<Verdict<number>> {
  const forgotten = yield* tombstonesDeletedBefore(tenantId, rememberedSince);
  for (const { connection_id, resource_id } of forgotten) {
    for (const table of ["tombstone_keys", "tombstones"]) {
      yield* changesOf(
        statement(
          `DELETE FROM ${table} WHERE tenant_id = ? AND connection_id = ? AND resource_id = ?`,
          tenantId,
          connection_id,
          resource_id,
        ),
      );
    }
  }
  const restorable = yield* restorableDeletedBefore(tenantId, restorableSince);
  for (const { connection_id, resource_id } of restorable) {
    yield* changesOf(
      statement(
        `UPDATE tombstones SET attributes = NULL
         WHERE tenant_id = ? AND connection_id = ? AND resource_id = ?`,
        tenantId,
        connection_id,
        resource_id,
      ),
    );
  }
  return { kind: "keep", result: forgotten.length + restorable.length };
}

function* tombstonesDeletedBefore(
  tenantId: TenantId,
  before: string,
): Script<readonly TombstoneRow[]> {
  return yield* rowsOf<TombstoneRow>(
    statement(
      `SELECT connection_id, resource_id FROM tombstones
       WHERE tenant_id = ? AND deleted_at < ? ORDER BY deleted_at LIMIT ?`,
      tenantId,
      before,
      prunedAtOnceMax,
    ),
  );
}

function* restorableDeletedBefore(
  tenantId: TenantId,
  before: string,
): Script<readonly TombstoneRow[]> {
  return yield* rowsOf<TombstoneRow>(
    statement(
      `SELECT connection_id, resource_id FROM tombstones
       WHERE tenant_id = ? AND deleted_at < ? AND attributes IS NOT NULL
       ORDER BY deleted_at LIMIT ?`,
      tenantId,
      before,
      prunedAtOnceMax,
    ),
  );
}
