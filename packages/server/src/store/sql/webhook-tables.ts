/** Webhooks and their queue as the store's port has them, the same on every database. */
import type { Circumstances } from "../../domain/audit-entry.ts";
import type { TenantId } from "../../domain/tenant.ts";
import type { WebhookDelivery } from "../../domain/webhook.ts";
import type { EventStreamTable, WebhookQueue, WebhookTable } from "../store.ts";
import type { AuditLogParts } from "./audit-log-table.ts";
import { dueOfStream, eventStreamById, settleStream } from "./event-streams.ts";
import { fillWebhook, laggingWebhooks, tenantsToNumber } from "./fill-webhook.ts";
import { replayWebhook } from "./replay-webhook.ts";
import type { Script, Verdict } from "./script.ts";
import { countUnsettledDeliveries, listDeliveries, pruneDeliveries } from "./webhook-deliveries.ts";
import {
  claimDeliveries,
  deliveredSettlement,
  deliveringWebhook,
  failedSettlement,
  releaseDelivery,
  roomFor,
  settleDelivery,
  webhooksWithDue,
} from "./webhook-queue.ts";
import type { WebhookKey } from "./webhooks.ts";
import {
  createWebhook,
  disableWebhook,
  enableWebhook,
  listWebhooks,
  removeWebhook,
  rotateWebhook,
  updateWebhook,
  webhookById,
} from "./webhooks.ts";

/** Makes the tables. */
export function createWebhookTables(parts: AuditLogParts): {
  readonly webhooks: WebhookTable;
  readonly webhookQueue: WebhookQueue;
  readonly eventStreams: EventStreamTable;
} {
  return {
    webhooks: webhookTable(parts),
    webhookQueue: webhookQueue(parts),
    eventStreams: eventStreamTable(parts),
  };
}

function eventStreamTable({ context, write, readOnce }: AuditLogParts): EventStreamTable {
  return {
    byId: (streamId) => readOnce(eventStreamById(streamId)),
    due: (tenantId, webhookId, wish) => readOnce(dueOfStream({ tenantId, webhookId }, wish)),
    settle: (tenantId, webhookId, settlements, at) =>
      write(() => settleStream({ tenantId, webhookId }, settlements, at, context.dialect)),
  };
}

function webhookTable({ context, write, readOnce, numberNow }: AuditLogParts): WebhookTable {
  return {
    create: async (webhook, circumstances) => {
      // What happened before has its number before, and is not told.
      await numberNow(webhook.tenantId);
      return await write(() => createWebhook(webhook, circumstances, context));
    },
    list: (tenantId) => readOnce(listWebhooks(tenantId)),
    byId: (tenantId, webhookId) => readOnce(webhookById(tenantId, webhookId)),
    update: (tenantId, webhookId, change, circumstances) =>
      write(() => updateWebhook({ tenantId, webhookId }, change, circumstances, context)),
    rotate: (tenantId, webhookId, secret, circumstances) =>
      write(() => rotateWebhook({ tenantId, webhookId }, secret, circumstances, context)),
    disable: (tenantId, webhookId, disabling, circumstances) =>
      write(() => disableWebhook({ tenantId, webhookId }, disabling, circumstances, context)),
    enable: (tenantId, webhookId, circumstances) =>
      write(() => enableWebhook({ tenantId, webhookId }, circumstances, context)),
    remove: (tenantId, webhookId, circumstances) =>
      write(() => removeWebhook({ tenantId, webhookId }, circumstances, context)),
    deliveries: (tenantId, webhookId, options) =>
      readOnce(listDeliveries({ tenantId, webhookId }, options)),
    replay: async (tenantId, webhookId, which, circumstances) => {
      await numberNow(tenantId);
      return await write(() =>
        replayWebhook({ tenantId, webhookId }, which, circumstances, context),
      );
    },
    countUnsettled: (tenantId, webhookId) =>
      readOnce(countUnsettledDeliveries({ tenantId, webhookId })),
    prune: (tenantId, ages) => pruneDeliveries(tenantId, ages, { readOnce, write, context }),
  };
}

function webhookQueue({ context, write, readOnce, numberNow }: AuditLogParts): WebhookQueue {
  const { dialect } = context;
  // Who was served last, so that webhooks with much to send do not hold up those behind them.
  let last: WebhookKey | undefined;
  const numberAll = async (): Promise<void> => {
    for (const tenantId of await readOnce(tenantsToNumber())) {
      await numberNow(tenantId);
    }
  };
  const claimOf = async (
    key: WebhookKey,
    wish: { readonly nowMs: number; readonly limit: number; readonly perWebhook: number },
  ): Promise<readonly WebhookDelivery[]> => {
    // Read first: a webhook that has all it may have under way costs nobody a turn at writing.
    const found = await readOnce(deliveringWebhook(key, new Date(wish.nowMs).toISOString()));
    return found === undefined || roomFor(found.underWay, wish) === 0
      ? []
      : await write(() => keeping(claimDeliveries(key, wish, dialect)));
  };
  return {
    fill: async (nowMs, limit) => {
      if (dialect.writers === "many") {
        await numberAll();
      }
      const options = { at: new Date(nowMs).toISOString(), limit };
      let count = 0;
      for (const key of await readOnce(laggingWebhooks())) {
        count += await write(() => fillWebhook(key, options, dialect));
      }
      return count;
    },
    claimDue: async (nowMs, { limit, perWebhook }) => {
      const claimed: WebhookDelivery[] = [];
      const due = await readOnce(webhooksWithDue(new Date(nowMs).toISOString()));
      for (const key of inTurn(due, last)) {
        if (claimed.length >= limit) {
          break;
        }
        const wish = { nowMs, limit: limit - claimed.length, perWebhook };
        claimed.push(...(await claimOf(key, wish)));
        last = key;
      }
      return claimed;
    },
    markDelivered: (delivery, success) =>
      write(() => settleDelivery(delivery, deliveredSettlement(delivery, success), dialect)),
    markFailed: (delivery, failure) =>
      write(() => settleDelivery(delivery, failedSettlement(delivery, failure), dialect)),
    release: (delivery) => write(() => releaseDelivery(delivery, dialect)),
    disable: async ({ tenantId, webhookId, url }, disabling) => {
      const key = { tenantId, webhookId, url };
      await write(() => disableWebhook(key, disabling, dispatcher, context));
    },
  };
}

/** Who disables a webhook whose receiver wants no more. */
const dispatcher: Circumstances = {
  actor: { kind: "system", id: "webhooks" },
  requestId: "webhooks",
};

function inTurn(keys: readonly WebhookKey[], last: WebhookKey | undefined): readonly WebhookKey[] {
  const next = last === undefined ? -1 : keys.findIndex((key) => placeOf(key) > placeOf(last));
  return next < 0 ? keys : [...keys.slice(next), ...keys.slice(0, next)];
}

function placeOf({ tenantId, webhookId }: { tenantId: TenantId; webhookId: string }): string {
  return `${tenantId} ${webhookId}`;
}

function* keeping<Result>(script: Script<Result>): Script<Verdict<Result>> {
  return { kind: "keep", result: yield* script };
}
