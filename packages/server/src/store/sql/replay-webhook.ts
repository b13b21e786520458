/** Queues events again for a webhook: one of them at once, all from some on by going back in the outbox. */
import type { Circumstances } from "../../domain/audit-entry.ts";
import type { TenantId } from "../../domain/tenant.ts";
import type { Webhook } from "../../domain/webhook.ts";
import type { ReplayedEvents } from "../store.ts";
import { queueEvents, wanted } from "./fill-webhook.ts";
import { outboxBounds } from "./outbox.ts";
import type { Script, Verdict } from "./script.ts";
import { changesOf, firstRowOf } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import { compose, statement } from "./statement.ts";
import type { WebhookKey, WebhookRow } from "./webhooks.ts";
import { lockOf, recordWebhook, webhookOf, webhookRow } from "./webhooks.ts";

/** Queues them; answers how many, undefined when the webhook is gone. */
export function* replayWebhook(
  { tenantId, webhookId }: WebhookKey,
  which: ReplayedEvents,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<number | undefined>> {
  const row = yield* webhookRow(tenantId, webhookId, lockOf(context.dialect));
  if (row === undefined) {
    return { kind: "undo", result: undefined };
  }
  const count =
    "eventId" in which
      ? yield* replayOne(row, which.eventId)
      : yield* replayFrom(row, yield* positionBefore(tenantId, which));
  if (count === 0) {
    return { kind: "undo", result: 0 };
  }
  const from = "since" in which ? which.since : "after" in which ? which.after : which.eventId;
  const differences = [
    { path: "eventId" in which ? "event" : "from", after: from },
    { path: "events", after: count },
  ];
  const webhook = webhookOf(row);
  yield* recordWebhook({ webhook, verb: "replay", differences }, circumstances, context);
  return { kind: "keep", result: count };
}

function* replayOne(row: WebhookRow, eventId: string): Script<number> {
  const event = yield* outboxPlace(row.tenant_id, eventId);
  if (event === undefined) {
    return 0;
  }
  const { position, at } = event;
  // What has not been queued yet is on its way already.
  if (position <= row.filled_to) {
    // Due since it happened, whatever clock a dispatcher goes by.
    yield* queueEvents({ row, after: position - 1, upTo: position, at, types: [] });
  }
  return 1;
}

function* outboxPlace(
  tenantId: TenantId,
  eventId: string,
): Script<{ readonly position: number; readonly at: string } | undefined> {
  return yield* firstRowOf<{ position: number; at: string }>(
    statement(
      `SELECT position, at FROM outbox_events
       WHERE tenant_id = ? AND event_id = ? AND position IS NOT NULL`,
      tenantId,
      eventId,
    ),
  );
}

function* replayFrom(row: WebhookRow, after: number): Script<number> {
  const count = yield* countWanted(row, after, webhookOf(row).types);
  if (count > 0 && after < row.filled_to) {
    yield* changesOf(
      statement(
        `UPDATE webhooks SET filled_to = ? WHERE tenant_id = ? AND webhook_id = ?`,
        after,
        row.tenant_id,
        row.webhook_id,
      ),
    );
  }
  return count;
}

function* countWanted(
  { tenant_id }: WebhookRow,
  after: number,
  types: Webhook["types"],
): Script<number> {
  const row = yield* firstRowOf<{ events: number }>(
    compose`${statement(
      `SELECT count(*) AS events FROM outbox_events AS e WHERE e.tenant_id = ? AND e.position > ?`,
      tenant_id,
      after,
    )} ${wanted("e.type", types)}`,
  );
  return row?.events ?? 0;
}

/** The last position that is not replayed. Positions go by time, so a time is found by halving. */
function* positionBefore(
  tenantId: TenantId,
  which: Exclude<ReplayedEvents, { readonly eventId: string }>,
): Script<number> {
  if ("after" in which) {
    return which.after;
  }
  const bounds = yield* outboxBounds(tenantId);
  let low = (bounds?.first ?? 1) - 1;
  let high = bounds?.last ?? 0;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const next = yield* firstRowOf<{ position: number; at: string }>(
      statement(
        `SELECT position, at FROM outbox_events WHERE tenant_id = ? AND position > ?
         ORDER BY position LIMIT 1`,
        tenantId,
        middle,
      ),
    );
    if (next === undefined || next.at >= which.since) {
      high = middle;
    } else {
      low = next.position;
    }
  }
  return low;
}
