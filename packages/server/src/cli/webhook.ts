/** `rollcall webhook`: who is told of what happens in a tenant, and what became of it. */
import { deliveryJsonOf } from "../admin-contract/webhook-deliveries.ts";
import { webhookJsonOf } from "../admin-contract/webhooks.ts";
import type { Instance } from "../compose.ts";
import { refusal } from "../domain/refusal.ts";
import type { Tenant } from "../domain/tenant.ts";
import type { DeliveryState, ReplayWish, Webhook } from "../domain/webhook.ts";
import { deliveryStates, isWebhook } from "../domain/webhook.ts";
import type { Call, Command } from "./command.ts";
import { findTenant } from "./find-connection.ts";
import { formatFields, formatTable } from "./format-table.ts";
import { wholeNumberOption } from "./whole-number-option.ts";

const shared = { usedBy: "all", folder: "need" } as const;

/** The commands. */
export const webhookCommands: readonly Command[] = [
  {
    ...shared,
    usage: "webhook add <tenant> <url>",
    summary: "make a webhook and show its secret, this once",
    options: [["--type <type...>", "types of events, or user. for all of users (default: all)"]],
    run: addWebhook,
  },
  {
    ...shared,
    usage: "webhook list <tenant>",
    summary: "list the webhooks of a tenant, with what waits for them",
    options: [],
    run: listWebhooks,
  },
  {
    ...shared,
    usage: "webhook test <tenant> <id>",
    summary: "send a test event, and show what the receiver makes of it",
    options: [],
    run: testWebhook,
  },
  {
    ...shared,
    usage: "webhook deliveries <tenant> <id>",
    summary: "list the deliveries to a webhook, the latest last",
    options: [
      [`--state <state>`, `those in one state alone: ${deliveryStates.join(", ")}`],
      ["--limit <count>", "how many of the latest (default: 100)"],
    ],
    run: listDeliveries,
  },
  {
    ...shared,
    usage: "webhook replay <tenant> <id>",
    summary: "deliver one event again, or all from some on",
    options: [
      ["--event <id>", "one event"],
      ["--from <time-or-event>", "all from a time or from an event on"],
    ],
    run: replayWebhook,
  },
  {
    ...shared,
    usage: "webhook rotate <tenant> <id>",
    summary: "make another secret; the one before it works for 24 hours more",
    options: [],
    run: rotateWebhook,
  },
  {
    ...shared,
    usage: "webhook disable <tenant> <id>",
    summary: "tell a webhook nothing any more; what waits stays",
    options: [["--reason <text>", "why, for whoever looks"]],
    run: disableWebhook,
  },
  {
    ...shared,
    usage: "webhook enable <tenant> <id>",
    summary: "tell a disabled webhook everything again from where it stopped",
    options: [],
    run: enableWebhook,
  },
  {
    ...shared,
    usage: "webhook remove <tenant> <id>",
    summary: "remove a webhook with its deliveries",
    options: [],
    run: removeWebhook,
  },
];

async function addWebhook(call: Call): Promise<number> {
  const { store, webhooks } = await call.open();
  const [slug = "", url = ""] = call.args;
  const tenant = await findTenant(store, slug);
  const { webhook, secret } = await webhooks.create(tenant, { url, types: call.list("type") });
  answerSecret(call, webhook, secret);
  return 0;
}

async function listWebhooks(call: Call): Promise<number> {
  const { store } = await call.open();
  const { tenantId } = await findTenant(store, call.args[0] ?? "");
  const listed = [];
  for (const webhook of (await store.webhooks.list(tenantId)).filter(isWebhook)) {
    const counts = await store.webhooks.countUnsettled(tenantId, webhook.webhookId);
    listed.push({ ...webhookJsonOf(webhook), ...counts });
  }
  call.answer(
    listed,
    formatTable(
      ["WEBHOOK", "URL", "TYPES", "STATE", "WAITING", "DEAD"],
      listed.map(({ id, url, types, disabledReason, disabled, waiting, dead }) => [
        id,
        url,
        types.join(" ") || "all",
        disabled ? `disabled: ${disabledReason}` : "enabled",
        String(waiting),
        String(dead),
      ]),
    ),
  );
  return 0;
}

async function testWebhook(call: Call): Promise<number> {
  const instance = await call.open();
  const { tenant, webhook } = await namedWebhook(call, instance);
  const { isDelivered, status, durationMs, error } = await instance.webhooks.test(tenant, webhook);
  call.answer(
    { delivered: isDelivered, status: status ?? null, durationMs, error: error ?? null },
    [
      isDelivered
        ? `The receiver answered ${status} after ${durationMs} ms.`
        : `The receiver did not take it, after ${durationMs} ms: ${error}`,
    ],
  );
  return isDelivered ? 0 : 1;
}

async function listDeliveries(call: Call): Promise<number> {
  const instance = await call.open();
  const { webhook } = await namedReceiver(call, instance);
  const { tenantId, webhookId } = webhook;
  const options = {
    state: stateOption(call),
    limit: wholeNumberOption(call, "limit", 100, 1, 10_000),
  };
  const latest = await instance.store.webhooks.deliveries(tenantId, webhookId, options);
  const listed = latest.toReversed().map(deliveryJsonOf);
  call.answer(
    listed,
    formatTable(
      ["EVENT", "TYPE", "HAPPENED", "STATE", "ATTEMPTS", "NEXT", "STATUS", "ERROR"],
      listed.map((delivery) => [
        delivery.eventId,
        delivery.type,
        delivery.eventAt,
        delivery.state,
        String(delivery.attempts),
        delivery.dueAt ?? undefined,
        delivery.status === null ? undefined : String(delivery.status),
        delivery.error ?? undefined,
      ]),
    ),
  );
  return 0;
}

function stateOption(call: Call): DeliveryState | undefined {
  const text = call.text("state");
  const state = deliveryStates.find((one) => one === text);
  if (text !== undefined && state === undefined) {
    throw refusal(`--state ${text}: expected ${deliveryStates.join(", ")}`);
  }
  return state;
}

async function replayWebhook(call: Call): Promise<number> {
  const instance = await call.open();
  const { webhook } = await namedReceiver(call, instance);
  const events = await instance.webhooks.replay(webhook, replayWish(call));
  call.answer({ events: events ?? 0 }, [
    events === 1 ? "1 event is delivered again." : `${events ?? 0} events are delivered again.`,
  ]);
  return 0;
}

function replayWish(call: Call): ReplayWish {
  const [event, from] = [call.text("event"), call.text("from")];
  if (event !== undefined && from === undefined) {
    return { event };
  }
  if (from !== undefined && event === undefined) {
    return { from };
  }
  throw refusal(
    "say which events: --event with an id, or --from with a time or the id of an event",
  );
}

async function rotateWebhook(call: Call): Promise<number> {
  const instance = await call.open();
  const { webhook, slug } = await namedWebhook(call, instance);
  const rotated = await instance.webhooks.rotate(webhook);
  if (rotated === undefined) {
    throw unknownWebhook(call, slug);
  }
  answerSecret(call, rotated.webhook, rotated.secret);
  return 0;
}

async function disableWebhook(call: Call): Promise<number> {
  const instance = await call.open();
  const { webhook } = await namedWebhook(call, instance);
  const reason = call.text("reason") ?? "disabled by an operator";
  const disabled = (await instance.webhooks.disable(webhook, reason)) ?? webhook;
  call.answer(webhookJsonOf(disabled), [`Webhook ${webhook.webhookId} is disabled.`]);
  return 0;
}

async function enableWebhook(call: Call): Promise<number> {
  const instance = await call.open();
  const { webhook } = await namedWebhook(call, instance);
  const enabled = (await instance.webhooks.enable(webhook)) ?? webhook;
  call.answer(webhookJsonOf(enabled), [`Webhook ${webhook.webhookId} is enabled.`]);
  return 0;
}

async function removeWebhook(call: Call): Promise<number> {
  const instance = await call.open();
  const { webhook } = await namedWebhook(call, instance);
  await instance.webhooks.remove(webhook);
  const { webhookId } = webhook;
  call.answer({ removed: true, id: webhookId }, [`Webhook ${webhookId} is removed.`]);
  return 0;
}

function answerSecret(call: Call, webhook: Webhook, secret: string): void {
  const { id, ...others } = webhookJsonOf(webhook);
  if (!call.json) {
    call.io.err("The secret is shown this once.\n");
  }
  call.answer(
    { id, secret, ...others },
    formatFields([
      ["Webhook", id],
      ["Secret", secret],
    ]),
  );
}

interface NamedReceiver {
  readonly tenant: Tenant;
  readonly webhook: Webhook;
  readonly slug: string;
}

async function namedWebhook(call: Call, instance: Instance): Promise<NamedReceiver> {
  const named = await namedReceiver(call, instance);
  if (!isWebhook(named.webhook)) {
    throw unknownWebhook(call, named.slug);
  }
  return named;
}

/** A webhook or an event stream, which stand in the same queue. */
async function namedReceiver(call: Call, { store }: Instance): Promise<NamedReceiver> {
  const [slug = "", id = ""] = call.args;
  const tenant = await findTenant(store, slug);
  const webhooks = await store.webhooks.list(tenant.tenantId);
  const webhook = webhooks.find(({ webhookId }) => webhookId === id);
  if (webhook === undefined) {
    throw unknownWebhook(call, slug);
  }
  return { tenant, webhook, slug };
}

function unknownWebhook({ args, io }: Call, slug: string): Error {
  return refusal(
    `tenant ${slug} has no webhook ${args[1] ?? ""}; see ${io.program} webhook list ${slug}`,
  );
}
