/** The event feed in the admin API: what an application follows, a page at a time, without missing anything. */
import { z } from "zod";
import type { EventMessage } from "../domain/outbox-event.ts";
import type { Operation } from "./operation.ts";
import {
  adminPageSizeDefault,
  adminPageSizeMax,
  named,
  noBody,
  queryNumber,
  shaped,
  timeSchema,
} from "./operation.ts";

/** The longest that a client may ask to wait for an event, in seconds; an empty answer may come sooner. */
export const feedWaitSecondsMax: number = 30;

/** Where the feed ends, in place of a cursor. */
export const feedEnd = "now";

/** An event of the feed. */
export interface FeedEvent extends EventMessage {
  /** The same however often it is told. */
  readonly id: string;
  /** Give it as after to go on behind this event. */
  readonly cursor: string;
}

/** A page of the feed. */
export interface EventFeed {
  readonly items: readonly FeedEvent[];
  /** There always is one: at the end it is where the next event will be. */
  readonly nextCursor: string;
}

/** Which events are asked for. */
export interface EventFeedQuery {
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
  readonly wait?: number | undefined;
  readonly tenant?: string | undefined;
}

const eventFeedQuerySchema: z.ZodType<EventFeedQuery> = z.strictObject({
  after: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .describe(
      `A cursor, to begin behind it; ${feedEnd} for what comes from now on; without it the oldest event that is kept comes first`,
    ),
  limit: queryNumber({ min: 1, max: adminPageSizeMax })
    .optional()
    .describe(`How many events, ${adminPageSizeDefault} by default`),
  wait: queryNumber({ min: 0, max: feedWaitSecondsMax })
    .optional()
    .describe(
      "How many seconds to wait when there is no event; the answer comes with the first one, and may come empty before the time is up",
    ),
  tenant: z
    .string()
    .optional()
    .describe("The slug of the tenant; a credential of the instance has to name it"),
});

const feedEventSchema: z.ZodType<FeedEvent> = named(
  "FeedEvent",
  shaped(
    z.object({
      id: z.string().describe("The same however often it is told"),
      cursor: z.string().describe("Give it as after to go on behind this event"),
      type: z.string().describe("Such as user.created"),
      timestamp: timeSchema,
      tenant: z.string().describe("The slug of its tenant"),
      data: z.record(z.string(), z.unknown()),
    }),
  ),
);

/** Reads the feed. */
export const readEventFeed: Operation<EventFeedQuery, undefined, EventFeed> = {
  operationId: "readEventFeed",
  method: "GET",
  path: "/events",
  noun: "events",
  summary: "Follow the events of a tenant in order, waiting for the next one where there is none",
  scope: "tenant",
  query: eventFeedQuerySchema,
  body: noBody,
  statuses: [200],
  gone: "Events behind the cursor are kept no longer, or the database was restored from before it; load everything anew and go on from oldestCursor",
  answer: named(
    "EventFeed",
    z.object({
      items: z.array(feedEventSchema),
      nextCursor: z
        .string()
        .describe("Give it as after; at the end it is where the next event will be"),
    }),
  ),
};
