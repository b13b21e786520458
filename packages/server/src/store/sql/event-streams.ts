/** Event streams whose receivers fetch what waits for them: found by their id, read without a claim, settled by what they acknowledge (RFC 8936 §2). */
import type { CredentialId, TenantId } from "../../domain/tenant.ts";
import type { Webhook, WebhookId } from "../../domain/webhook.ts";
import type { StreamEvent, StreamSettlement } from "../store.ts";
import { tenantOfCredential } from "./credentials.ts";
import { jsonColumn } from "./json-column.ts";
import { outboxPosition } from "./outbox.ts";
import type { Script, Verdict } from "./script.ts";
import { changesOf, rowsOf } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import { statement } from "./statement.ts";
import { nextOfResource } from "./webhook-queue.ts";
import type { WebhookKey } from "./webhooks.ts";
import { lockOf, webhookById, webhookRow } from "./webhooks.ts";

/** Finds a stream by its id alone: the id leads to the tenant. */
export function* eventStreamById(streamId: WebhookId): Script<Webhook | undefined> {
  // One that is no stream is not among the ids of credentials.
  const tenantId = yield* tenantOfCredential(streamId as string as CredentialId);
  return tenantId === undefined ? undefined : yield* webhookById(tenantId, streamId);
}

interface DueRow {
  readonly position: number;
  readonly event_id: string;
  readonly type: StreamEvent["type"];
  readonly event_at: string;
  readonly resource_type: string;
  readonly resource_id: string;
  readonly revision: number;
  readonly data: string;
}

/** Reads what is due for a stream, the longest due first; of a resource the earliest that waits. */
export function* dueOfStream(
  { tenantId, webhookId }: WebhookKey,
  { nowMs, limit }: { readonly nowMs: number; readonly limit: number },
): Script<readonly StreamEvent[]> {
  const rows = yield* rowsOf<DueRow>(
    statement(
      `SELECT d.position, d.event_id, d.type, d.event_at, d.resource_type, d.resource_id,
         e.revision, e.data
       FROM webhook_deliveries AS d
       JOIN outbox_events AS e ON e.tenant_id = d.tenant_id AND e.position = d.position
       WHERE d.tenant_id = ? AND d.webhook_id = ? AND d.due_at <= ?
       ORDER BY d.due_at, d.position LIMIT ?`,
      ...[tenantId, webhookId, new Date(nowMs).toISOString(), limit],
    ),
  );
  return rows.map((row) => ({
    position: row.position,
    eventId: row.event_id,
    type: row.type,
    at: row.event_at,
    resourceType: row.resource_type,
    resourceId: row.resource_id,
    revision: row.revision,
    data: jsonColumn(row.data),
  }));
}

/** Settles what a receiver acknowledges or refuses, and makes the next event of each resource due. What does not wait is left as it is. */
export function* settleStream(
  key: WebhookKey,
  settlements: readonly StreamSettlement[],
  at: string,
  { writers }: Pick<SqlDialect, "writers">,
): Script<Verdict<number>> {
  const { tenantId, webhookId } = key;
  // Alone: whoever queues events for it sees what is settled here.
  yield* webhookRow(tenantId, webhookId, lockOf({ writers }));
  let count = 0;
  for (const { eventId, error } of settlements) {
    const position = yield* outboxPosition(tenantId, eventId);
    count += position === undefined ? 0 : yield* settleOne(key, { position, error, at });
  }
  return { kind: count > 0 ? "keep" : "undo", result: count };
}

function* settleOne(
  { tenantId, webhookId }: WebhookKey,
  { position, error, at }: { position: number; error: string | undefined; at: string },
): Script<number> {
  const [row] = yield* rowsOf<{ resource_id: string }>(
    statement(
      `UPDATE webhook_deliveries SET state = ?, attempts = attempts + 1, due_at = NULL,
         settled_at = ?, last_error = ?
       WHERE tenant_id = ? AND webhook_id = ? AND position = ? AND state = 'waiting'
         AND due_at IS NOT NULL RETURNING resource_id`,
      ...[error === undefined ? "delivered" : "dead", at, error ?? null],
      ...[tenantId, webhookId, position],
    ),
  );
  if (row === undefined) {
    return 0;
  }
  yield* changesOf(nextOfResource({ tenantId, webhookId, resourceId: row.resource_id }, at));
  return 1;
}

/** Lists the ids of the event streams of a tenant. */
export function* streamsOfTenant(tenantId: TenantId): Script<readonly WebhookId[]> {
  const rows = yield* rowsOf<{ webhook_id: WebhookId }>(
    statement(
      `SELECT webhook_id FROM webhooks WHERE tenant_id = ? AND stream IS NOT NULL`,
      tenantId,
    ),
  );
  return rows.map(({ webhook_id }) => webhook_id);
}
