/** Outbox events: what the application is told, in the order of one tenant. */
import type { JsonObject } from "@rollcall/scim";

/** The types of events; of those of a resource the strongest that fits a change is used. */
export type OutboxEventType =
  | "user.created"
  | "user.updated"
  | "user.deactivated"
  | "user.reactivated"
  | "user.deleted"
  | "group.created"
  | "group.updated"
  | "group.deleted"
  | "sessions.revoke"
  | "access.changed"
  | `${string}.${"created" | "updated" | "deleted"}`;

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
