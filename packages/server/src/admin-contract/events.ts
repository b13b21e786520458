/** Outbox events in the admin API: what the application is told, in order. */
import type { JsonObject } from "@rollcall/scim";
import { z } from "zod";
import type { OutboxEvent } from "../domain/outbox-event.ts";
import type { Operation, Page, PageQuery } from "./operation.ts";
import { named, noBody, pageMembers, pageOf, shaped, timeSchema } from "./operation.ts";

/** An event as the command line and the admin API show it. */
export interface EventJson {
  readonly id: string;
  readonly type: string;
  /** The slug of the tenant. */
  readonly tenant: string;
  readonly time: string;
  readonly data: JsonObject;
}

/** Shows an event. */
export function eventJsonOf(
  { eventId, type, at, data }: OutboxEvent,
  tenant: { readonly slug: string },
): EventJson {
  return { id: eventId, type, tenant: tenant.slug, time: at, data };
}

/** Which events to list. */
export interface EventQuery extends PageQuery {
  readonly after?: string | undefined;
  readonly type?: string | undefined;
}

const eventQuerySchema: z.ZodType<EventQuery> = z.strictObject({
  ...pageMembers,
  after: z.string().optional().describe("The id of an event, to begin behind it"),
  type: z.string().optional().describe("A type, or with a dot at its end what it begins with"),
});

const eventSchema: z.ZodType<EventJson> = named(
  "Event",
  shaped(
    z.object({
      id: z.string(),
      type: z.string().describe("Such as user.created"),
      tenant: z.string().describe("The slug of its tenant"),
      time: timeSchema,
      data: z.record(z.string(), z.unknown()),
    }),
  ),
);

/** Lists events. */
export const listEvents: Operation<EventQuery, undefined, Page<EventJson>> = {
  operationId: "listEvents",
  method: "GET",
  path: "/tenants/{tenant}/events",
  noun: "events",
  summary:
    "List the events of a tenant in order; the page that reaches the last one has a nextCursor too, to go on from later",
  scope: "tenant",
  query: eventQuerySchema,
  body: noBody,
  statuses: [200],
  answer: pageOf("EventPage", eventSchema),
};
