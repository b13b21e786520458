/** What operators do with event streams. The token of a receiver that polls is shown when it is made and never again (RFC 8936 §4). */
import { randomBytes } from "node:crypto";
import type { ResourceTypeRegistry } from "@rollcall/scim";
import type { Circumstances } from "../domain/audit-entry.ts";
import { formatToken, tokenBytes, tokenPartsOf } from "../domain/credential.ts";
import type { EventStream, EventStreamWish } from "../domain/event-stream.ts";
import { checkedAudience, eventTypesOfResources } from "../domain/event-stream.ts";
import { parseOutboundUrl } from "../domain/outbound-address.ts";
import { refusal } from "../domain/refusal.ts";
import type { Tenant } from "../domain/tenant.ts";
import type { IssuedEventStream, Webhook, WebhookId, WebhookSecret } from "../domain/webhook.ts";
import { isWebhook, webhookPlaceOf } from "../domain/webhook.ts";
import type { Store } from "../store/store.ts";
import type { TextSeal } from "./sealed-text.ts";
import type { SecretHash } from "./secret-hash.ts";

/** How many event streams a tenant may have. */
export const eventStreamsPerTenantMax: number = 20;
/** The longest authorization of a receiver, in characters. */
export const streamAuthorizationMax: number = 4096;

/** What is done with event streams. Whatever cannot be done is a refusal. */
export interface EventStreamAdministration {
  create(tenant: Tenant, wish: EventStreamWish): Promise<IssuedEventStream>;
  /** Answers false when it was gone. */
  remove(stream: Webhook): Promise<boolean>;
}

/** What it needs. */
export interface EventStreamAdministrationParts {
  readonly store: Pick<Store, "webhooks">;
  readonly registry: ResourceTypeRegistry;
  readonly secretHash: SecretHash;
  readonly seal: TextSeal;
  /** What the operator of the instance allows beyond public addresses, blocks in CIDR notation. */
  readonly allowed: readonly string[];
  /** Where receivers reach the server. */
  readonly publicUrl: () => string;
  readonly now: () => number;
  readonly circumstances: () => Circumstances;
}

/** Makes it. */
export function createEventStreamAdministration(
  parts: EventStreamAdministrationParts,
): EventStreamAdministration {
  return {
    create: (tenant, wish) => createStream(tenant, wish, parts),
    remove: ({ tenantId, webhookId }) =>
      parts.store.webhooks.remove(tenantId, webhookId, parts.circumstances()),
  };
}

async function createStream(
  { tenantId, slug }: Tenant,
  wish: EventStreamWish,
  parts: EventStreamAdministrationParts,
): Promise<IssuedEventStream> {
  const { webhooks } = parts.store;
  const streams = (await webhooks.list(tenantId)).filter((one) => !isWebhook(one));
  if (streams.length >= eventStreamsPerTenantMax) {
    throw refusal(
      `tenant ${slug} has ${eventStreamsPerTenantMax} event streams, which is as many as it may`,
    );
  }
  const { credentialId, secret } = tokenPartsOf(randomBytes(tokenBytes));
  const streamId = credentialId as string as WebhookId;
  const token =
    wish.url === undefined ? formatToken({ credentialId, secret }, "stream") : undefined;
  const stream: EventStream = {
    delivery: wish.url === undefined ? "poll" : "push",
    mode: wish.mode,
    audience: checkedAudience(wish.audience ?? `${parts.publicUrl()}/event-streams/${streamId}`),
    token: token === undefined ? undefined : keptToken(token, secret, parts),
  };
  const created = new Date(parts.now()).toISOString();
  const webhook: Webhook = {
    tenantId,
    webhookId: streamId,
    url: wish.url === undefined ? "" : checkedReceiver(wish.url, parts.allowed),
    types: eventTypesOfResources(wish.resourceTypes, parts.registry),
    secrets: authorizationOf(wish, { tenantId, webhookId: streamId }, created, parts),
    disabled: undefined,
    stream,
    created,
  };
  if (!(await webhooks.create(webhook, parts.circumstances()))) {
    throw refusal(`there is no tenant ${slug} any more`);
  }
  return { webhook, stream, token };
}

function keptToken(
  token: string,
  secret: string,
  { secretHash }: EventStreamAdministrationParts,
): EventStream["token"] {
  const { pepperVersion } = secretHash;
  return { secretHash: secretHash.hash(secret), pepperVersion, lastFour: token.slice(-4) };
}

/** Reads an address that may be connected to as far as its text tells; refuses others. */
export function checkedReceiver(text: string, allowed: readonly string[]): string {
  const parsed = parseOutboundUrl(text, allowed);
  if (parsed.kind === "refused") {
    throw refusal(`the receiver of a stream cannot be at this address: ${parsed.reason}`);
  }
  return parsed.url.href;
}

function authorizationOf(
  { url, authorization }: EventStreamWish,
  place: Pick<Webhook, "tenantId" | "webhookId">,
  created: string,
  { seal }: EventStreamAdministrationParts,
): readonly WebhookSecret[] {
  if (authorization === undefined) {
    return [];
  }
  if (url === undefined) {
    throw refusal("a receiver that polls is sent nothing: authorization is for one with a URL");
  }
  if (
    authorization.length > streamAuthorizationMax ||
    !/^[A-Za-z0-9._~+/-]+=*$/.test(authorization)
  ) {
    throw refusal(
      `the authorization is no bearer token of at most ${streamAuthorizationMax} characters (RFC 6750 §2.1)`,
    );
  }
  return [{ sealed: seal.seal(authorization, webhookPlaceOf(place)), created, ends: undefined }];
}
