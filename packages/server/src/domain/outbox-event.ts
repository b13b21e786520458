/** Outbox events: what the application is told, in the order of one tenant. */
import type { JsonObject } from "@rollcall/scim";
import type { AnyEventType } from "./event-types.ts";

/** The types of events; of those of a resource the strongest that fits a change is used. */
export type OutboxEventType = AnyEventType;

/** One event, as it is stored and later delivered. */
export interface OutboxEvent {
  readonly eventId: string;
  readonly type: OutboxEventType;
  /** xsd:dateTime in UTC. */
  readonly at: string;
  readonly resourceType: string;
  readonly resourceId: string;
  readonly revision: number;
  /** What the application gets as `data`. */
  readonly data: JsonObject;
}

/** An event as webhooks and the feed tell it (Standard Webhooks 1.0). */
export interface EventMessage {
  readonly type: string;
  /** xsd:dateTime in UTC. */
  readonly timestamp: string;
  /** The slug of the tenant. */
  readonly tenant: string;
  readonly data: JsonObject;
}

/** Makes the message of an event; its id stands beside it. */
export function eventMessageOf(
  { type, at, data }: Pick<OutboxEvent, "type" | "at" | "data">,
  tenant: { readonly slug: string },
): EventMessage {
  return { type, timestamp: at, tenant: tenant.slug, data };
}
