/**
 * Queues events for a webhook, in the order of the tenant. Of each resource the earliest delivery that waits is due, the
 * others stand behind it without a time, so that looking for what is due never walks what has to wait.
 */
import type { TenantId } from "../../domain/tenant.ts";
import type { Webhook, WebhookId } from "../../domain/webhook.ts";
import type { Script, Verdict } from "./script.ts";
import { changesOf, firstRowOf, rowsOf } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { compose, joined, statement } from "./statement.ts";
import type { WebhookKey, WebhookRow } from "./webhooks.ts";
import { webhookOf, webhookRow } from "./webhooks.ts";

/** Webhooks behind the outbox of their tenant; asks all tenants, through the table of webhooks, which is small. */
export function* laggingWebhooks(): Script<readonly WebhookKey[]> {
  const rows = yield* rowsOf<{ tenant_id: TenantId; webhook_id: WebhookId }>(
    statement(
      `SELECT w.tenant_id, w.webhook_id FROM webhooks AS w
       JOIN tenants AS t ON t.tenant_id = w.tenant_id
       WHERE w.disabled_at IS NULL AND w.filled_to < t.last_outbox_position
       ORDER BY w.tenant_id, w.webhook_id`,
    ),
  );
  return rows.map(({ tenant_id, webhook_id }) => ({ tenantId: tenant_id, webhookId: webhook_id }));
}

/** Tenants with webhooks and events that have no position yet, in an index of those; where many transactions write. */
export function* tenantsToNumber(): Script<readonly TenantId[]> {
  const rows = yield* rowsOf<{ tenant_id: TenantId }>(
    statement(
      `SELECT DISTINCT e.tenant_id FROM outbox_events AS e
       JOIN webhooks AS w ON w.tenant_id = e.tenant_id WHERE e.position IS NULL`,
    ),
  );
  return rows.map(({ tenant_id }) => tenant_id);
}

/** Goes through the next events of the outbox for a webhook; answers how many, 0 when there are none or another process is at it. */
export function* fillWebhook(
  { tenantId, webhookId }: WebhookKey,
  { at, limit }: { readonly at: string; readonly limit: number },
  { writers }: Pick<SqlDialect, "writers">,
): Script<Verdict<number>> {
  const lock = writers === "one" ? "" : "FOR UPDATE SKIP LOCKED";
  const row = yield* webhookRow(tenantId, webhookId, lock);
  const outbox = yield* firstRowOf<{ last: number }>(
    statement(`SELECT last_outbox_position AS last FROM tenants WHERE tenant_id = ?`, tenantId),
  );
  if (row === undefined || row.disabled_at !== null || row.filled_to >= (outbox?.last ?? 0)) {
    return { kind: "undo", result: 0 };
  }
  const after = row.filled_to;
  const upTo = Math.min(after + limit, outbox?.last ?? 0);
  yield* queueEvents({ row, after, upTo, at, types: webhookOf(row).types });
  yield* changesOf(
    statement(
      `UPDATE webhooks SET filled_to = ? WHERE tenant_id = ? AND webhook_id = ?`,
      upTo,
      tenantId,
      webhookId,
    ),
  );
  return { kind: "keep", result: upTo - after };
}

/** Events behind a position and up to another one, to be queued for a webhook whose row the caller has locked. */
export interface EventRange {
  readonly row: Pick<WebhookRow, "tenant_id" | "webhook_id">;
  readonly after: number;
  readonly upTo: number;
  /** When they are due. */
  readonly at: string;
  readonly types: Webhook["types"];
}

/** Queues them; one that was delivered or given up before waits again, one that somebody is sending is left alone. */
export function* queueEvents(range: EventRange): Script<void> {
  const { row, after, upTo, at, types } = range;
  const { tenant_id, webhook_id } = row;
  yield* changesOf(
    compose`${statement(
      `INSERT INTO webhook_deliveries (tenant_id, webhook_id, position, event_id, type, event_at,
         resource_type, resource_id, state, attempts, due_at, claim, is_claimed)
       SELECT e.tenant_id, ?, e.position, e.event_id, e.type, e.at, e.resource_type, e.resource_id,
         'waiting', 0,
         CASE WHEN row_number() OVER (PARTITION BY e.resource_id ORDER BY e.position) = 1
           AND NOT EXISTS (SELECT 1 FROM webhook_deliveries AS d WHERE d.tenant_id = e.tenant_id
             AND d.webhook_id = ? AND d.resource_id = e.resource_id AND d.state = 'waiting'
             AND d.position < e.position)
           AND NOT EXISTS (SELECT 1 FROM webhook_deliveries AS c WHERE c.tenant_id = ?
             AND c.webhook_id = ? AND c.resource_id = e.resource_id AND c.is_claimed = 1)
           THEN ? END, 0, 0
       FROM outbox_events AS e WHERE e.tenant_id = ? AND e.position > ? AND e.position <= ?`,
      ...[webhook_id, webhook_id, tenant_id, webhook_id, at, tenant_id, after, upTo],
    )} ${wanted("e.type", types)} ${statement(
      `ON CONFLICT (tenant_id, webhook_id, position) DO UPDATE SET state = 'waiting', attempts = 0,
         due_at = excluded.due_at, settled_at = NULL, last_status = NULL, last_error = NULL,
         last_duration_ms = NULL
       WHERE webhook_deliveries.is_claimed = 0`,
    )}`,
  );
  const later = yield* firstRowOf<{ position: number }>(
    statement(
      `SELECT position FROM webhook_deliveries
       WHERE tenant_id = ? AND webhook_id = ? AND position > ? ORDER BY position LIMIT 1`,
      tenant_id,
      webhook_id,
      upTo,
    ),
  );
  if (later !== undefined) {
    yield* standBehind(range);
  }
}

/** Replayed events come before the ones of their resources that were due until now: the first that waits behind them. */
function* standBehind({ row, after, upTo }: EventRange): Script<void> {
  const { tenant_id, webhook_id } = row;
  yield* changesOf(
    statement(
      `UPDATE webhook_deliveries SET due_at = NULL WHERE tenant_id = ? AND webhook_id = ?
         AND due_at IS NOT NULL AND is_claimed = 0 AND position IN (
           SELECT (SELECT min(n.position) FROM webhook_deliveries AS n
             WHERE n.tenant_id = d.tenant_id AND n.webhook_id = d.webhook_id
             AND n.resource_id = d.resource_id AND n.state = 'waiting' AND n.position > ?)
           FROM webhook_deliveries AS d
           WHERE d.tenant_id = ? AND d.webhook_id = ? AND d.position > ? AND d.position <= ?
           AND d.state = 'waiting')`,
      ...[tenant_id, webhook_id, upTo, tenant_id, webhook_id, after, upTo],
    ),
  );
}

/** Whether a column has a type that is wanted, as `wantsType` has it. */
export function wanted(column: string, types: Webhook["types"]): Statement {
  if (types.length === 0) {
    return statement("");
  }
  const each = types.map((type) =>
    type.endsWith(".")
      ? statement(`substr(${column}, 1, ${type.length}) = ?`, type)
      : statement(`${column} = ?`, type),
  );
  return compose`AND (${joined(each, " OR ")})`;
}
