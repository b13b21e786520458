/** Drops the oldest outbox events of a tenant; those that stay have no gap between them. */
import type { TenantId } from "../../domain/tenant.ts";
import type { RunWrite } from "./record-prepared.ts";
import type { ReadScript, Script, Verdict } from "./script.ts";
import { changesOf, rowsOf } from "./script.ts";
import { statement } from "./statement.ts";

/** How many events one transaction drops, so that no other write waits long. */
const prunedAtOnceMax = 200;

/** Drops some, up to the first that is not from before the time; answers how many, 0 when nothing is left to do. */
export async function pruneOutbox(
  tenantId: TenantId,
  before: string,
  { readOnce, write }: { readonly readOnce: ReadScript; readonly write: RunWrite },
): Promise<number> {
  // Read first: on most days nothing is due, and nobody has to wait for that.
  const last = await readOnce(lastToDrop(tenantId, before));
  return last === undefined ? 0 : await write(() => dropUpTo(tenantId, last));
}

function* lastToDrop(tenantId: TenantId, before: string): Script<number | undefined> {
  const oldest = yield* rowsOf<{ position: number; at: string }>(
    statement(
      `SELECT position, at FROM outbox_events WHERE tenant_id = ? AND position > 0
       ORDER BY position LIMIT ?`,
      tenantId,
      prunedAtOnceMax,
    ),
  );
  // Numbers go by the time of the events but for some that were written at once, so the first one decides for all behind it.
  const kept = oldest.findIndex(({ at }) => at >= before);
  return (kept < 0 ? oldest : oldest.slice(0, kept)).at(-1)?.position;
}

function* dropUpTo(tenantId: TenantId, last: number): Script<Verdict<number>> {
  const dropped = yield* changesOf(
    statement(
      `DELETE FROM outbox_events WHERE tenant_id = ? AND position > 0 AND position <= ?`,
      tenantId,
      last,
    ),
  );
  return { kind: "keep", result: dropped };
}
