/** Deliveries as operators see them, and how long they are kept. */
import { countedMax } from "../../domain/instance-figures.ts";
import type { TenantId } from "../../domain/tenant.ts";
import type { DeliveryRecord, DeliveryState } from "../../domain/webhook.ts";
import { outboxBounds } from "./outbox.ts";
import type { RunWrite } from "./record-prepared.ts";
import type { ReadScript, Script, Verdict } from "./script.ts";
import { changesOf, rowsIn, rowsOf } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import { compose, statement } from "./statement.ts";
import { nextOfResource } from "./webhook-queue.ts";
import type { WebhookKey } from "./webhooks.ts";
import { listWebhooks, lockOf, webhookRow } from "./webhooks.ts";

interface DeliveryRow {
  readonly position: number;
  readonly event_id: string;
  readonly type: string;
  readonly event_at: string;
  readonly resource_type: string;
  readonly resource_id: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly due_at: string | null;
  readonly settled_at: string | null;
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly last_duration_ms: number | null;
}

/** How many deliveries one transaction drops, so that no other write waits long. */
const prunedAtOnceMax = 500;

/** Lists the deliveries of a webhook, the latest events first. */
export function* listDeliveries(
  { tenantId, webhookId }: WebhookKey,
  {
    state,
    before,
    limit,
  }: {
    readonly state?: DeliveryState | undefined;
    readonly before?: number | undefined;
    readonly limit: number;
  },
): Script<readonly DeliveryRecord[]> {
  const inState = state === undefined ? statement("") : statement("AND state = ?", state);
  const rows = yield* rowsOf<DeliveryRow>(
    compose`${statement(
      `SELECT position, event_id, type, event_at, resource_type, resource_id, state, attempts,
         due_at, settled_at, last_status, last_error, last_duration_ms
       FROM webhook_deliveries WHERE tenant_id = ? AND webhook_id = ? AND position < ?`,
      tenantId,
      webhookId,
      before ?? Number.MAX_SAFE_INTEGER,
    )} ${inState} ORDER BY position DESC LIMIT ${limit}`,
  );
  return rows.map(recordOf);
}

/** Counts what waits for a webhook and its dead letters, up to a limit. */
export function* countUnsettledDeliveries({
  tenantId,
  webhookId,
}: WebhookKey): Script<{ readonly waiting: number; readonly dead: number }> {
  const counting = (state: DeliveryState) =>
    statement(
      `SELECT count(*) AS deliveries FROM (SELECT position FROM webhook_deliveries
         WHERE tenant_id = ? AND webhook_id = ? AND state = ? LIMIT ?) AS page`,
      ...[tenantId, webhookId, state, countedMax],
    );
  const [waiting, dead] = (yield [counting("waiting"), counting("dead")]).map(
    (result) => rowsIn<{ deliveries: number }>(result)[0]?.deliveries ?? 0,
  );
  return { waiting: waiting ?? 0, dead: dead ?? 0 };
}

/** Drops some of what was settled before a time each, and gives up what waits for events that are gone; answers how many. */
export async function pruneDeliveries(
  tenantId: TenantId,
  { deliveredSince, deadSince }: { readonly deliveredSince: string; readonly deadSince: string },
  {
    readOnce,
    write,
    context,
  }: {
    readonly readOnce: ReadScript;
    readonly write: RunWrite;
    readonly context: Pick<SqlContext, "dialect" | "nowMs">;
  },
): Promise<number> {
  let pruned = 0;
  for (const [state, since] of [
    ["delivered", deliveredSince],
    ["dead", deadSince],
  ] as const) {
    // Read first: on most days nothing is due, and nobody has to wait for that.
    const last = await readOnce(lastToDrop({ tenantId, state, since }));
    pruned += last === undefined ? 0 : await write(() => dropSettled({ tenantId, state, last }));
  }
  for (const webhook of await readOnce(listWebhooks(tenantId))) {
    const rows = await readOnce(orphans(webhook));
    pruned += rows.length === 0 ? 0 : await write(() => giveUpOrphans(webhook, deadSince, context));
  }
  return pruned;
}

interface SettledRange {
  readonly tenantId: TenantId;
  readonly state: DeliveryState;
}

function* lastToDrop({
  tenantId,
  state,
  since,
}: SettledRange & { readonly since: string }): Script<string | undefined> {
  const rows = yield* rowsOf<{ settled_at: string }>(
    statement(
      `SELECT settled_at FROM webhook_deliveries
       WHERE tenant_id = ? AND state = ? AND settled_at < ? ORDER BY settled_at LIMIT ?`,
      ...[tenantId, state, since, prunedAtOnceMax],
    ),
  );
  return rows.at(-1)?.settled_at;
}

function* dropSettled({
  tenantId,
  state,
  last,
}: SettledRange & { readonly last: string }): Script<Verdict<number>> {
  const dropped = yield* changesOf(
    statement(
      `DELETE FROM webhook_deliveries WHERE tenant_id = ? AND state = ? AND settled_at <= ?`,
      ...[tenantId, state, last],
    ),
  );
  return { kind: "keep", result: dropped };
}

interface OrphanRow {
  readonly position: number;
  readonly resource_id: string;
}

/** Deliveries that wait for events which are not kept any more. */
function* orphans({ tenantId, webhookId }: WebhookKey): Script<readonly OrphanRow[]> {
  const bounds = yield* outboxBounds(tenantId);
  return yield* rowsOf<OrphanRow>(
    statement(
      `SELECT position, resource_id FROM webhook_deliveries
       WHERE tenant_id = ? AND webhook_id = ? AND state = 'waiting' AND position < ?
       ORDER BY position LIMIT ?`,
      ...[tenantId, webhookId, bounds?.first ?? (bounds?.last ?? 0) + 1, prunedAtOnceMax],
    ),
  );
}

function* giveUpOrphans(
  { tenantId, webhookId }: WebhookKey,
  due: string,
  { dialect, nowMs }: Pick<SqlContext, "dialect" | "nowMs">,
): Script<Verdict<number>> {
  yield* webhookRow(tenantId, webhookId, lockOf(dialect));
  const now = new Date(nowMs()).toISOString();
  const rows = yield* orphans({ tenantId, webhookId });
  yield rows.map(({ position }) =>
    statement(
      `UPDATE webhook_deliveries SET state = 'dead', due_at = NULL, is_claimed = 0,
         settled_at = ?, last_error = 'the event is not kept any more'
       WHERE tenant_id = ? AND webhook_id = ? AND position = ?`,
      ...[now, tenantId, webhookId, position],
    ),
  );
  for (const resourceId of new Set(rows.map(({ resource_id }) => resource_id))) {
    yield [nextOfResource({ tenantId, webhookId, resourceId }, due)];
  }
  return { kind: "keep", result: rows.length };
}

function recordOf(row: DeliveryRow): DeliveryRecord {
  return {
    position: row.position,
    eventId: row.event_id,
    type: row.type,
    at: row.event_at,
    resourceType: row.resource_type,
    resourceId: row.resource_id,
    state: row.state,
    attempts: row.attempts,
    due: row.due_at ?? undefined,
    settled: row.settled_at ?? undefined,
    status: row.last_status ?? undefined,
    error: row.last_error ?? undefined,
    durationMs: row.last_duration_ms ?? undefined,
  };
}
