/** Webhooks: where an application is told of events, with which secrets, and what became of each delivery (Standard Webhooks 1.0). */
import type { EventStream } from "./event-stream.ts";
import type { OutboxEvent } from "./outbox-event.ts";
import type { TenantId } from "./tenant.ts";

/** The id of a webhook. */
export type WebhookId = string & { readonly webhook: unique symbol };

/** A secret that messages are signed with, as it is kept. */
export interface WebhookSecret {
  /** Sealed under the instance key, for the place `webhookPlaceOf`; inside is `whsec_` and base64 of 32 bytes. */
  readonly sealed: string;
  /** xsd:dateTime in UTC. */
  readonly created: string;
  /** When messages are signed with it no more; undefined for the newest. */
  readonly ends: string | undefined;
}

/** A receiver of a tenant's events. */
export interface Webhook {
  readonly webhookId: WebhookId;
  readonly tenantId: TenantId;
  /** `https:`, or `http:` where the operator allows the address. */
  readonly url: string;
  /** Types of events, or the beginning of some such as `user.`; empty for all. */
  readonly types: readonly string[];
  /** The newest first; at most two, the older of which ends. */
  readonly secrets: readonly WebhookSecret[];
  /** Since when and why nothing is sent; undefined for one that is told. */
  readonly disabled: WebhookDisabling | undefined;
  /** For a receiver of Security Event Tokens, whose secret is what it wants to be sent as authorization; undefined for a webhook. */
  readonly stream: EventStream | undefined;
  /** xsd:dateTime in UTC. */
  readonly created: string;
}

/** Tells a webhook from an event stream, which stands in the same queue. */
export function isWebhook({ stream }: Pick<Webhook, "stream">): boolean {
  return stream === undefined;
}

/** A stream, with its token where it was just made one. */
export interface IssuedEventStream {
  readonly webhook: Webhook;
  readonly stream: EventStream;
  readonly token: string | undefined;
}

/** Since when and why a webhook is told nothing. */
export interface WebhookDisabling {
  /** xsd:dateTime in UTC. */
  readonly at: string;
  readonly reason: string;
}

/** A delivery that somebody has claimed: all that is needed to send it. */
export interface WebhookDelivery {
  readonly tenantId: TenantId;
  readonly webhookId: WebhookId;
  readonly url: string;
  readonly secrets: readonly WebhookSecret[];
  readonly stream: EventStream | undefined;
  readonly event: OutboxEvent & { readonly position: number };
  /** How often it was tried before. */
  readonly attempts: number;
  /** Tells this claim from others: what a process that was slow says about its claim is dropped. */
  readonly claim: number;
}

/** What deliveries can be in. */
export const deliveryStates = ["waiting", "delivered", "dead"] as const;

/** One of them: `dead` is a dead letter, which nobody tries to send any more. */
export type DeliveryState = (typeof deliveryStates)[number];

/** A delivery as operators see it. There is one of each event for a webhook; a replay puts it back to waiting. */
export interface DeliveryRecord {
  /** The place of the event in the order of the tenant. */
  readonly position: number;
  readonly eventId: string;
  readonly type: string;
  /** When the event happened, an xsd:dateTime in UTC. */
  readonly at: string;
  readonly resourceType: string;
  readonly resourceId: string;
  readonly state: DeliveryState;
  /** How often it has been tried. */
  readonly attempts: number;
  /** When it is tried next; undefined for one that waits for an earlier event of its resource, or is settled. */
  readonly due: string | undefined;
  /** When it was delivered or given up. */
  readonly settled: string | undefined;
  /** What the receiver answered last; undefined without an answer. */
  readonly status: number | undefined;
  readonly error: string | undefined;
  readonly durationMs: number | undefined;
}

/** The last attempt that was answered with success. */
export interface DeliverySuccess {
  /** xsd:dateTime in UTC. */
  readonly at: string;
  readonly status: number;
  readonly durationMs: number;
}

/** An attempt that failed. */
export interface DeliveryFailure {
  /** xsd:dateTime in UTC. */
  readonly at: string;
  readonly status?: number | undefined;
  readonly error: string;
  readonly durationMs?: number | undefined;
  /** When to try again; undefined for never, which makes it a dead letter. */
  readonly retryAt: string | undefined;
}

/** For how long the secret before the newest is still signed with, in hours. */
export const secretOverlapHours: number = 24;

/** Where a secret is sealed for, so that it opens for its webhook alone. */
export function webhookPlaceOf({
  tenantId,
  webhookId,
}: Pick<Webhook, "tenantId" | "webhookId">): string {
  return `${tenantId}/${webhookId}`;
}

/** The secrets after a rotation: the new one, and the one before it for a while longer. */
export function rotatedSecrets(
  secrets: readonly WebhookSecret[],
  fresh: WebhookSecret,
): readonly WebhookSecret[] {
  const [current] = secrets;
  const ends = new Date(Date.parse(fresh.created) + secretOverlapHours * 3_600_000).toISOString();
  return current === undefined ? [fresh] : [fresh, { ...current, ends }];
}

/** The secrets that a message of a time is signed with, the newest first. */
export function secretsAt(secrets: readonly WebhookSecret[], at: string): readonly WebhookSecret[] {
  return secrets.filter(({ ends }) => ends === undefined || ends > at);
}

/** Tells whether a webhook wants events of a type. */
export function wantsType({ types }: Pick<Webhook, "types">, type: string): boolean {
  return (
    types.length === 0 ||
    types.some((wanted) => (wanted.endsWith(".") ? type.startsWith(wanted) : type === wanted))
  );
}

/** How many types one webhook may name. */
export const webhookTypesMax: number = 50;

/** Says what is wrong with the types that a webhook is to be told of; undefined when nothing is. */
export function typesProblemOf(types: readonly string[]): string | undefined {
  if (types.length > webhookTypesMax) {
    return `a webhook names up to ${webhookTypesMax} types, none for all of them`;
  }
  const wrong = types.find((type) => !/^[a-z][a-z0-9_-]{0,63}\.([a-z][a-z_-]{0,63})?$/i.test(type));
  return wrong === undefined
    ? undefined
    : `expected a type of events such as "user.created", or "user." for all of users`;
}

/** Which events to deliver again: one by its id, or all from a time or an event on. */
export type ReplayWish = { readonly event: string } | { readonly from: string };
