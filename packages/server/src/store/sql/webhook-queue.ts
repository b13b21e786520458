/** Deliveries that wait: claimed for a time, settled by who has the claim, in the order of each resource. */
import type { OutboxEventType } from "../../domain/outbox-event.ts";
import type { TenantId } from "../../domain/tenant.ts";
import type {
  DeliveryFailure,
  DeliveryState,
  DeliverySuccess,
  Webhook,
  WebhookDelivery,
  WebhookId,
} from "../../domain/webhook.ts";
import { jsonColumn } from "./json-column.ts";
import type { Script, Verdict } from "./script.ts";
import { firstRowOf, rowsOf } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { compose, statement } from "./statement.ts";
import type { WebhookKey } from "./webhooks.ts";
import { webhookById } from "./webhooks.ts";

/** How long a process that has claimed a delivery has for it before others may. */
export const deliveryClaimMsMax = 60_000;

/** Webhooks that have something due, but for those who fetch it; asks all tenants, each webhook by one look into an index of what waits. */
export function* webhooksWithDue(now: string): Script<readonly WebhookKey[]> {
  const rows = yield* rowsOf<{ tenant_id: TenantId; webhook_id: WebhookId }>(
    statement(
      `SELECT w.tenant_id, w.webhook_id FROM webhooks AS w
       WHERE w.disabled_at IS NULL AND w.url <> '' AND EXISTS (SELECT 1 FROM webhook_deliveries AS d
         WHERE d.tenant_id = w.tenant_id AND d.webhook_id = w.webhook_id AND d.due_at <= ?)
       ORDER BY w.tenant_id, w.webhook_id`,
      now,
    ),
  );
  return rows.map(({ tenant_id, webhook_id }) => ({ tenantId: tenant_id, webhookId: webhook_id }));
}

/** The webhook and how many of its deliveries are under way; undefined for one that is told nothing. */
export function* deliveringWebhook(
  { tenantId, webhookId }: WebhookKey,
  now: string,
): Script<{ readonly webhook: Webhook; readonly underWay: number } | undefined> {
  const webhook = yield* webhookById(tenantId, webhookId);
  if (webhook === undefined || webhook.disabled !== undefined) {
    return undefined;
  }
  const row = yield* firstRowOf<{ claimed: number }>(
    statement(
      `SELECT count(*) AS claimed FROM webhook_deliveries
       WHERE tenant_id = ? AND webhook_id = ? AND is_claimed = 1 AND due_at > ?`,
      tenantId,
      webhookId,
      now,
    ),
  );
  return { webhook, underWay: row?.claimed ?? 0 };
}

interface DueRow {
  readonly position: number;
  readonly event_id: string;
  readonly type: OutboxEventType;
  readonly event_at: string;
  readonly resource_type: string;
  readonly resource_id: string;
  readonly attempts: number;
  readonly claim: number;
  readonly revision: number;
  readonly data: string;
}

/** Claims deliveries of a webhook, the longest due first. */
export function* claimDeliveries(
  key: WebhookKey,
  wish: { readonly nowMs: number; readonly limit: number; readonly perWebhook: number },
  dialect: Pick<SqlDialect, "writers">,
): Script<readonly WebhookDelivery[]> {
  const { tenantId, webhookId } = key;
  if (dialect.writers === "many") {
    // Alone: others who claim count what is claimed here, and nobody queues before what is on its way.
    yield [
      statement(
        `SELECT webhook_id FROM webhooks WHERE tenant_id = ? AND webhook_id = ? FOR UPDATE`,
        tenantId,
        webhookId,
      ),
    ];
  }
  const found = yield* deliveringWebhook(key, new Date(wish.nowMs).toISOString());
  const room = found === undefined ? 0 : roomFor(found.underWay, wish);
  return found === undefined || room === 0
    ? []
    : yield* claimSome(found.webhook, { nowMs: wish.nowMs, limit: room }, dialect);
}

/** How many more may be claimed of a webhook. */
export function roomFor(
  underWay: number,
  { limit, perWebhook }: { readonly limit: number; readonly perWebhook: number },
): number {
  return Math.max(Math.min(limit, perWebhook - underWay), 0);
}

function* claimSome(
  { tenantId, webhookId, url, secrets, stream }: Webhook,
  { nowMs, limit }: { readonly nowMs: number; readonly limit: number },
  { writers }: Pick<SqlDialect, "writers">,
): Script<readonly WebhookDelivery[]> {
  const rows = yield* rowsOf<DueRow>(
    statement(
      `SELECT d.position, d.event_id, d.type, d.event_at, d.resource_type, d.resource_id,
         d.attempts, d.claim, e.revision, e.data
       FROM webhook_deliveries AS d
       JOIN outbox_events AS e ON e.tenant_id = d.tenant_id AND e.position = d.position
       WHERE d.tenant_id = ? AND d.webhook_id = ? AND d.due_at <= ?
       ORDER BY d.due_at, d.position LIMIT ?
       ${writers === "one" ? "" : "FOR UPDATE OF d SKIP LOCKED"}`.trimEnd(),
      ...[tenantId, webhookId, new Date(nowMs).toISOString(), limit],
    ),
  );
  const until = new Date(nowMs + deliveryClaimMsMax).toISOString();
  yield rows.map(({ position, claim }) =>
    statement(
      `UPDATE webhook_deliveries SET due_at = ?, claim = ?, is_claimed = 1
       WHERE tenant_id = ? AND webhook_id = ? AND position = ?`,
      ...[until, claim + 1, tenantId, webhookId, position],
    ),
  );
  return rows.map((row) => ({
    tenantId,
    webhookId,
    url,
    secrets,
    stream,
    event: {
      position: row.position,
      eventId: row.event_id,
      type: row.type,
      at: row.event_at,
      resourceType: row.resource_type,
      resourceId: row.resource_id,
      revision: row.revision,
      data: jsonColumn(row.data),
    },
    attempts: row.attempts,
    claim: row.claim + 1,
  }));
}

/** What a delivery comes to. */
interface Settlement {
  readonly at: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  /** When it is tried again; undefined for never. */
  readonly due: string | undefined;
  readonly status: number | undefined;
  readonly error: string | undefined;
  readonly durationMs: number | undefined;
}

/** Notes that a claimed delivery was delivered. */
export function deliveredSettlement(
  { attempts }: WebhookDelivery,
  { at, status, durationMs }: DeliverySuccess,
): Settlement {
  const known = { due: undefined, error: undefined };
  return { at, state: "delivered", attempts: attempts + 1, status, durationMs, ...known };
}

/** Notes that it failed, for now or for good. */
export function failedSettlement(
  { attempts }: WebhookDelivery,
  { at, status, error, durationMs, retryAt }: DeliveryFailure,
): Settlement {
  const state = retryAt === undefined ? "dead" : "waiting";
  return { at, state, attempts: attempts + 1, due: retryAt, status, error, durationMs };
}

/** Settles a delivery that the caller has claimed, and lets the next one of its resource go. */
export function* settleDelivery(
  delivery: WebhookDelivery,
  settlement: Settlement,
  { writers }: Pick<SqlDialect, "writers">,
): Script<Verdict<void>> {
  const { tenantId, webhookId, event, claim } = delivery;
  const { at, state, attempts, due, status, error, durationMs } = settlement;
  const settle = statement(
    `UPDATE webhook_deliveries SET state = ?, attempts = ?, due_at = ?, is_claimed = 0,
       settled_at = ?, last_status = ?, last_error = ?, last_duration_ms = ?
     WHERE tenant_id = ? AND webhook_id = ? AND position = ? AND claim = ? AND is_claimed = 1`,
    ...[state, attempts, due ?? null, state === "waiting" ? null : at],
    ...[status ?? null, error ?? null, durationMs ?? null],
    ...[tenantId, webhookId, event.position, claim],
  );
  return yield* endClaim(delivery, { at, ending: settle }, writers);
}

/** Gives a claim back as if nobody had tried. */
export function* releaseDelivery(
  delivery: WebhookDelivery,
  { writers }: Pick<SqlDialect, "writers">,
): Script<Verdict<void>> {
  const { tenantId, webhookId, event, claim } = delivery;
  // Due before all that has come since, whatever clock the caller goes by.
  const { at } = event;
  const release = statement(
    `UPDATE webhook_deliveries SET due_at = ?, is_claimed = 0
     WHERE tenant_id = ? AND webhook_id = ? AND position = ? AND claim = ? AND is_claimed = 1`,
    ...[at, tenantId, webhookId, event.position, claim],
  );
  return yield* endClaim(delivery, { at, ending: release }, writers);
}

/** Runs what ends a claim, unless it is over, and lets the next one of the resource go. */
function* endClaim(
  { tenantId, webhookId, event }: WebhookDelivery,
  { at, ending }: { readonly at: string; readonly ending: Statement },
  writers: SqlDialect["writers"],
): Script<Verdict<void>> {
  // Whoever queues holds the row alone: none can be put behind this delivery without being seen below.
  const shared = writers === "one" ? [] : [shareWebhook({ tenantId, webhookId })];
  const results = yield [...shared, ending];
  if ((results.at(-1)?.changes ?? 0) === 0) {
    return { kind: "undo", result: undefined };
  }
  const of = { tenantId, webhookId, resourceId: event.resourceId };
  yield [standBehindEarlier(of, event.position), nextOfResource(of, at)];
  return { kind: "keep", result: undefined };
}

function shareWebhook({ tenantId, webhookId }: WebhookKey): Statement {
  return statement(
    `SELECT webhook_id FROM webhooks WHERE tenant_id = ? AND webhook_id = ? FOR SHARE`,
    tenantId,
    webhookId,
  );
}

/** Makes the earliest delivery of a resource that waits due; of a resource nobody is sending now. */
export function nextOfResource(of: ResourceQueue, at: string): Statement {
  const { tenantId, webhookId } = of;
  return compose`${statement(
    `UPDATE webhook_deliveries SET due_at = ? WHERE tenant_id = ? AND webhook_id = ?
     AND state = 'waiting' AND due_at IS NULL AND position =`,
    ...[at, tenantId, webhookId],
  )} ${earliestOf(of)}`;
}

/** A delivery that waits again stands behind one that was replayed meanwhile. */
function standBehindEarlier(of: ResourceQueue, position: number): Statement {
  const { tenantId, webhookId } = of;
  return compose`${statement(
    `UPDATE webhook_deliveries SET due_at = NULL WHERE tenant_id = ? AND webhook_id = ?
     AND position = ? AND state = 'waiting' AND position >`,
    ...[tenantId, webhookId, position],
  )} ${earliestOf(of)}`;
}

/** What waits for a webhook about one resource. */
type ResourceQueue = WebhookKey & { readonly resourceId: string };

function earliestOf({ tenantId, webhookId, resourceId }: ResourceQueue): Statement {
  return statement(
    `(SELECT min(d.position) FROM webhook_deliveries AS d WHERE d.tenant_id = ?
      AND d.webhook_id = ? AND d.resource_id = ? AND d.state = 'waiting')`,
    ...[tenantId, webhookId, resourceId],
  );
}
