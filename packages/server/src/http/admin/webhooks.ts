/** Does what the admin API does to webhooks of a tenant. */
import type { DeliveryQuery, WebhookReplay } from "../../admin-contract/webhook-deliveries.ts";
import {
  deliveryJsonOf,
  listDeliveries,
  replayWebhook,
} from "../../admin-contract/webhook-deliveries.ts";
import {
  changeWebhook,
  createWebhook,
  disableWebhook,
  enableWebhook,
  listWebhooks,
  readWebhook,
  removeWebhook,
  rotateWebhook,
  testWebhook,
  webhookJsonOf,
} from "../../admin-contract/webhooks.ts";
import type { Tenant } from "../../domain/tenant.ts";
import type { ReplayWish, Webhook, WebhookId } from "../../domain/webhook.ts";
import { isWebhook } from "../../domain/webhook.ts";
import type { WebhookAdministration } from "../../provisioning/webhook-administration.ts";
import {
  checkedUrl,
  createWebhookAdministration,
} from "../../provisioning/webhook-administration.ts";
import { limitOf, numberPositionOf, pageOfAll, pageOfRead } from "./cursor.ts";
import { checkedPart, notFound } from "./problem.ts";
import type { AdminCall, AdminParts, ServedOperation } from "./served-operation.ts";
import { servedInTenant } from "./served-operation.ts";

type CallInTenant = Pick<AdminCall<unknown, unknown>, "path" | "circumstances" | "nowMs"> & {
  readonly tenant: Tenant;
};

/** The operations. */
export const servedWebhooks: readonly ServedOperation[] = [
  servedInTenant(listWebhooks, async ({ tenant, query }, { store }) => ({
    body: pageOfAll((await store.webhooks.list(tenant.tenantId)).filter(isWebhook), query, {
      list: "webhooks",
      keyOf: ({ created, webhookId }) => `${created} ${webhookId}`,
      shown: webhookJsonOf,
    }),
  })),
  servedInTenant(createWebhook, async (call, parts) => {
    const { url, types = [] } = call.body;
    checkedPart("url", () => checkedUrl(url, parts.webhookTools.allowed));
    const { secret, webhook } = await webhooksOf(call, parts).create(call.tenant, { url, types });
    return { body: { secret, ...webhookJsonOf(webhook) } };
  }),
  servedInTenant(readWebhook, async (call, parts) => {
    const webhook = await webhookIn(call, parts);
    const { tenantId, webhookId } = webhook;
    const counts = await parts.store.webhooks.countUnsettled(tenantId, webhookId);
    return { body: { ...webhookJsonOf(webhook), ...counts } };
  }),
  servedInTenant(changeWebhook, async (call, parts) => {
    const webhook = await webhookIn(call, parts);
    const { url, types } = call.body;
    if (url !== undefined) {
      checkedPart("url", () => checkedUrl(url, parts.webhookTools.allowed));
    }
    const wish = {
      ...(url === undefined ? {} : { url }),
      ...(types === undefined ? {} : { types }),
    };
    const changed = known(await webhooksOf(call, parts).change(webhook, wish));
    return { body: { secret: changed.secret ?? null, ...webhookJsonOf(changed.webhook) } };
  }),
  servedInTenant(rotateWebhook, async (call, parts) => {
    const rotated = await webhooksOf(call, parts).rotate(await webhookIn(call, parts));
    const { secret, webhook } = known(rotated);
    return { body: { secret, ...webhookJsonOf(webhook) } };
  }),
  servedInTenant(disableWebhook, async (call, parts) => {
    const { reason = "disabled by an operator" } = call.body;
    const disabled = await webhooksOf(call, parts).disable(await webhookIn(call, parts), reason);
    return { body: webhookJsonOf(known(disabled)) };
  }),
  servedInTenant(enableWebhook, async (call, parts) => {
    const enabled = await webhooksOf(call, parts).enable(await webhookIn(call, parts));
    return { body: webhookJsonOf(known(enabled)) };
  }),
  servedInTenant(removeWebhook, async (call, parts) => {
    const webhook = await webhookIn(call, parts);
    await webhooksOf(call, parts).remove(webhook);
    return { body: { removed: true as const, id: webhook.webhookId } };
  }),
  servedInTenant(listDeliveries, async (call, parts) => {
    const { tenantId, webhookId } = await receiverIn(call, parts);
    const { state } = call.query;
    const list = listName(call.query);
    const deliveries = await parts.store.webhooks.deliveries(tenantId, webhookId, {
      state,
      before: numberPositionOf(list, call.query),
      limit: limitOf(call.query) + 1,
    });
    const forms = { list, shown: deliveryJsonOf };
    return {
      body: pageOfRead(deliveries, call.query, { ...forms, keyOf: ({ position }) => position }),
    };
  }),
  servedInTenant(replayWebhook, async (call, parts) => {
    const webhook = await receiverIn(call, parts);
    const events = await webhooksOf(call, parts).replay(webhook, replayWishOf(call.body));
    return { body: { events: known(events) } };
  }),
  servedInTenant(testWebhook, async (call, parts) => {
    const webhook = await webhookIn(call, parts);
    // A receiver may take its time, in which others of the tenant are served.
    const { isDelivered, status, durationMs, error } = await call.away(() =>
      webhooksOf(call, parts).test(call.tenant, webhook),
    );
    return {
      body: { delivered: isDelivered, status: status ?? null, durationMs, error: error ?? null },
    };
  }),
];

function webhooksOf(
  { circumstances, nowMs }: CallInTenant,
  { store, webhookTools }: AdminParts,
): WebhookAdministration {
  return createWebhookAdministration({
    ...webhookTools,
    store,
    now: () => nowMs,
    circumstances: () => circumstances,
  });
}

async function webhookIn(call: CallInTenant, parts: AdminParts): Promise<Webhook> {
  const found = await receiverIn(call, parts);
  return known(isWebhook(found) ? found : undefined);
}

/** A webhook or an event stream. */
async function receiverIn({ tenant, path }: CallInTenant, { store }: AdminParts): Promise<Webhook> {
  // A text is no webhook of the tenant before it is found.
  const webhookId = (path["webhook"] ?? "") as WebhookId;
  return known(await store.webhooks.byId(tenant.tenantId, webhookId));
}

/** What is gone by now was never there for whoever asks. */
function known<Value>(value: Value | undefined): Value {
  if (value === undefined) {
    throw notFound("webhook");
  }
  return value;
}

function listName({ state }: DeliveryQuery): string {
  return `deliveries ${state ?? "all"}`;
}

/** The contract has checked that it is one of the two. */
function replayWishOf({ event, from = "" }: WebhookReplay): ReplayWish {
  return event === undefined ? { from } : { event };
}
