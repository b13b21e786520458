/** Drops what is kept for a time only: request log entries and what is left of deleted resources. */
import type { Store } from "../store/store.ts";

/** How long the request log keeps its entries. */
export const requestLogDays: number = 30;
/** How long a deleted resource could be restored. */
export const tombstoneContentDays: number = 30;
/** How long a deleted resource is recognised. */
export const tombstoneDays: number = 400;

const dayMs = 86_400_000;

/** Drops everything whose time is over at `nowMs`. */
export async function pruneOldRecords(
  { requestLog, tenants, resources }: Store,
  nowMs: number,
): Promise<void> {
  const before = (days: number) => new Date(nowMs - days * dayMs).toISOString();
  await requestLog.prune(before(requestLogDays));
  const ages = {
    restorableSince: before(tombstoneContentDays),
    rememberedSince: before(tombstoneDays),
  };
  for (const { tenantId } of await tenants.list()) {
    while ((await resources.pruneTombstones(tenantId, ages)) > 0) {
      // One tenant and a few rows at a time, so that other writes get in between.
    }
  }
}
