/** What operators do with webhooks. Secrets are shown when they are made and never again (Standard Webhooks 1.0). */
import { randomBytes } from "node:crypto";
import type { Circumstances } from "../domain/audit-entry.ts";
import { parseOutboundUrl } from "../domain/outbound-address.ts";
import type { OutboxEvent } from "../domain/outbox-event.ts";
import { refusal } from "../domain/refusal.ts";
import type { Tenant, TenantId } from "../domain/tenant.ts";
import type { ReplayWish, Webhook, WebhookId, WebhookSecret } from "../domain/webhook.ts";
import { isWebhook, typesProblemOf, webhookPlaceOf } from "../domain/webhook.ts";
import type { ReplayedEvents, Store } from "../store/store.ts";
import { newId } from "./new-id.ts";
import type { TextSeal } from "./sealed-text.ts";

/** How many webhooks a tenant may have. */
export const webhooksPerTenantMax: number = 50;

const secretBytes = 32;

/** What a receiver made of an event that was sent to try it out. */
export interface WebhookTest {
  readonly isDelivered: boolean;
  /** Undefined without an answer. */
  readonly status: number | undefined;
  readonly durationMs: number;
  readonly error: string | undefined;
}

/** Sends one event to one webhook, at once and once. */
export type SendTest = (message: {
  readonly webhook: Webhook;
  readonly event: Pick<
    OutboxEvent,
    "eventId" | "type" | "at" | "resourceType" | "resourceId" | "revision" | "data"
  >;
  readonly tenantSlug: string;
}) => Promise<{
  readonly kind: "delivered" | "failed";
  readonly status: number | undefined;
  readonly durationMs: number;
  readonly error?: string;
}>;

/** What making webhooks and trying them out needs beside the store. */
export interface WebhookTools {
  /** What the operator of the instance allows beyond public addresses, blocks in CIDR notation. */
  readonly allowed: readonly string[];
  readonly seal: TextSeal;
  readonly send: SendTest;
}

/** A webhook whose newest secret was just made. */
export interface WebhookWithSecret {
  readonly webhook: Webhook;
  /** `whsec_` and base64. */
  readonly secret: string;
}

/** What a new webhook shall be. */
export interface WebhookWish {
  readonly url: string;
  /** Empty for all. */
  readonly types: readonly string[];
}

/** What is done with webhooks. Whatever cannot be done is a refusal; what is gone is undefined. */
export interface WebhookAdministration {
  create(tenant: Tenant, wish: WebhookWish): Promise<WebhookWithSecret>;
  /** Another address has a secret of its own, which is shown with it. */
  change(
    webhook: Webhook,
    wish: Partial<WebhookWish>,
  ): Promise<(Omit<WebhookWithSecret, "secret"> & { readonly secret?: string }) | undefined>;
  rotate(webhook: Webhook): Promise<WebhookWithSecret | undefined>;
  disable(webhook: Webhook, reason: string): Promise<Webhook | undefined>;
  enable(webhook: Webhook): Promise<Webhook | undefined>;
  /** Answers false when it was gone. */
  remove(webhook: Webhook): Promise<boolean>;
  /** Answers how many events are delivered again. */
  replay(webhook: Webhook, wish: ReplayWish): Promise<number | undefined>;
  /** Works with a disabled one too. */
  test(tenant: Tenant, webhook: Webhook): Promise<WebhookTest>;
}

/** What it needs. */
export interface WebhookAdministrationParts extends WebhookTools {
  readonly store: Pick<Store, "webhooks" | "outbox">;
  readonly now: () => number;
  readonly circumstances: () => Circumstances;
}

/** Makes it. */
export function createWebhookAdministration(
  parts: WebhookAdministrationParts,
): WebhookAdministration {
  const { webhooks } = parts.store;
  const { circumstances } = parts;
  const timeNow = () => new Date(parts.now()).toISOString();
  return {
    create: (tenant, wish) => createWebhook(tenant, wish, parts),
    change: (webhook, wish) => changeWebhook(webhook, wish, parts),
    rotate: async (webhook) => {
      const { text, kept } = newSecret(webhook, parts);
      const { tenantId, webhookId } = webhook;
      await webhooks.rotate(tenantId, webhookId, kept, circumstances());
      return withSecret(await webhooks.byId(tenantId, webhookId), text);
    },
    disable: async ({ tenantId, webhookId }, reason) => {
      await webhooks.disable(tenantId, webhookId, { at: timeNow(), reason }, circumstances());
      return await webhooks.byId(tenantId, webhookId);
    },
    enable: async ({ tenantId, webhookId }) => {
      await webhooks.enable(tenantId, webhookId, circumstances());
      return await webhooks.byId(tenantId, webhookId);
    },
    remove: ({ tenantId, webhookId }) => webhooks.remove(tenantId, webhookId, circumstances()),
    replay: async (webhook, wish) => {
      const { tenantId, webhookId } = webhook;
      const which = await replayedEvents(webhook, wish, parts.store);
      return await webhooks.replay(tenantId, webhookId, which, circumstances());
    },
    test: async (tenant, webhook) => {
      const { webhookId } = webhook;
      const known = { type: "webhook.test", data: { webhookId } } as const;
      const about = { resourceType: "Webhook", resourceId: webhookId, revision: 1 };
      const event = { eventId: newId(), at: timeNow(), ...about, ...known };
      const outcome = await parts.send({ webhook, event, tenantSlug: tenant.slug });
      const { status, durationMs, error } = outcome;
      return { isDelivered: outcome.kind === "delivered", status, durationMs, error };
    },
  };
}

async function createWebhook(
  { tenantId, slug }: Tenant,
  wish: WebhookWish,
  parts: WebhookAdministrationParts,
): Promise<WebhookWithSecret> {
  const { webhooks } = parts.store;
  if ((await webhooks.list(tenantId)).filter(isWebhook).length >= webhooksPerTenantMax) {
    throw refusal(
      `tenant ${slug} has ${webhooksPerTenantMax} webhooks, which is as many as it may`,
    );
  }
  const webhookId = newId() as WebhookId;
  const { text, kept } = newSecret({ tenantId, webhookId }, parts);
  const webhook: Webhook = {
    webhookId,
    tenantId,
    url: checkedUrl(wish.url, parts.allowed),
    types: checkedTypes(wish.types),
    secrets: [kept],
    disabled: undefined,
    stream: undefined,
    created: kept.created,
  };
  if (!(await webhooks.create(webhook, parts.circumstances()))) {
    throw refusal(`there is no tenant ${slug} any more`);
  }
  return { webhook, secret: text };
}

async function changeWebhook(
  webhook: Webhook,
  { url, types }: Partial<WebhookWish>,
  parts: WebhookAdministrationParts,
): Promise<(Omit<WebhookWithSecret, "secret"> & { readonly secret?: string }) | undefined> {
  const { tenantId, webhookId } = webhook;
  const newUrl = url === undefined ? webhook.url : checkedUrl(url, parts.allowed);
  // Whoever is behind the new address has no use for what the old one knows, and the other way round.
  const secret = newUrl === webhook.url ? undefined : newSecret(webhook, parts);
  const change = {
    address: secret && { url: newUrl, secret: secret.kept },
    types: types && checkedTypes(types),
  };
  const { webhooks } = parts.store;
  const changed = await webhooks.update(tenantId, webhookId, change, parts.circumstances());
  return changed && { webhook: changed, ...(secret === undefined ? {} : { secret: secret.text }) };
}

/** Reads an address that may be connected to as far as its text tells; refuses others. */
export function checkedUrl(text: string, allowed: readonly string[]): string {
  const parsed = parseOutboundUrl(text, allowed);
  if (parsed.kind === "refused") {
    throw refusal(`the address of a webhook cannot be this one: ${parsed.reason}`);
  }
  return parsed.url.href;
}

function checkedTypes(types: readonly string[]): readonly string[] {
  const problem = typesProblemOf(types);
  if (problem !== undefined) {
    throw refusal(problem);
  }
  return [...new Set(types)];
}

function newSecret(
  place: Pick<Webhook, "tenantId" | "webhookId">,
  { seal, now }: Pick<WebhookAdministrationParts, "seal" | "now">,
): { readonly text: string; readonly kept: WebhookSecret } {
  const text = `whsec_${randomBytes(secretBytes).toString("base64")}`;
  const sealed = seal.seal(text, webhookPlaceOf(place));
  return { text, kept: { sealed, created: new Date(now()).toISOString(), ends: undefined } };
}

function withSecret(webhook: Webhook | undefined, secret: string): WebhookWithSecret | undefined {
  return webhook && { webhook, secret };
}

async function replayedEvents(
  { tenantId }: Webhook,
  wish: ReplayWish,
  { outbox }: Pick<Store, "outbox">,
): Promise<ReplayedEvents> {
  if ("event" in wish) {
    await positionOf(wish.event, tenantId, outbox);
    return { eventId: wish.event };
  }
  if (/^\d{4}-\d\d-\d\d(T|$)/.test(wish.from)) {
    return { since: timeOf(wish.from) };
  }
  return { after: (await positionOf(wish.from, tenantId, outbox)) - 1 };
}

async function positionOf(
  eventId: string,
  tenantId: TenantId,
  outbox: Store["outbox"],
): Promise<number> {
  const position = await outbox.positionOf(tenantId, eventId);
  if (position === undefined) {
    throw refusal(`no event ${eventId} is kept`);
  }
  return position;
}

function timeOf(text: string): string {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) {
    throw refusal("expected a time such as 2025-06-15T12:00:00Z, or the id of an event");
  }
  return new Date(ms).toISOString();
}
