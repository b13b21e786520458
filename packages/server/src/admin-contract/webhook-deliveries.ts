/** Deliveries to webhooks in the admin API, and how events are delivered again. */
import { z } from "zod";
import type { DeliveryRecord, DeliveryState } from "../domain/webhook.ts";
import { deliveryStates } from "../domain/webhook.ts";
import type { Operation, Page, PageQuery } from "./operation.ts";
import {
  named,
  noBody,
  noQuery,
  pageMembers,
  pageOf,
  timeOrNullSchema,
  timeSchema,
} from "./operation.ts";

/** A delivery as the command line and the admin API show it. */
export interface DeliveryJson {
  readonly eventId: string;
  readonly type: string;
  /** When the event happened. */
  readonly eventAt: string;
  readonly resourceType: string;
  readonly resourceId: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly dueAt: string | null;
  readonly settledAt: string | null;
  readonly status: number | null;
  readonly error: string | null;
  readonly durationMs: number | null;
}

/** Shows a delivery. */
export function deliveryJsonOf(delivery: DeliveryRecord): DeliveryJson {
  return {
    eventId: delivery.eventId,
    type: delivery.type,
    eventAt: delivery.at,
    resourceType: delivery.resourceType,
    resourceId: delivery.resourceId,
    state: delivery.state,
    attempts: delivery.attempts,
    dueAt: delivery.due ?? null,
    settledAt: delivery.settled ?? null,
    status: delivery.status ?? null,
    error: delivery.error ?? null,
    durationMs: delivery.durationMs ?? null,
  };
}

const deliverySchema: z.ZodType<DeliveryJson> = named(
  "Delivery",
  z.object({
    eventId: z.string().describe("The same in every attempt; the receiver knows repeats by it"),
    type: z.string(),
    eventAt: timeSchema,
    resourceType: z.string(),
    resourceId: z.string(),
    state: z.enum(deliveryStates),
    attempts: z.int(),
    dueAt: timeOrNullSchema.describe(
      "When it is tried next; null while an earlier event of the resource waits, and once it is settled",
    ),
    settledAt: timeOrNullSchema.describe("When it was delivered or given up"),
    status: z.int().nullable().describe("What the receiver answered last"),
    error: z.string().nullable(),
    durationMs: z.int().nullable().describe("How long the last attempt took"),
  }),
);

/** Which events are to be delivered again. */
export interface WebhookReplay {
  readonly event?: string | undefined;
  readonly from?: string | undefined;
}

const webhookReplaySchema: z.ZodType<WebhookReplay> = named(
  "WebhookReplay",
  z
    .strictObject({
      event: z.string().min(1).max(100).optional().describe("The id of one event"),
      from: z
        .string()
        .min(1)
        .max(100)
        .optional()
        .describe("All events from a time on, or from the one with an id"),
    })
    .refine(({ event, from }) => (event === undefined) !== (from === undefined), {
      message: "expected either event or from",
    }),
);

/** How many events are delivered again. */
export interface ReplayedJson {
  readonly events: number;
}

const replayedSchema: z.ZodType<ReplayedJson> = named(
  "WebhookReplayed",
  z.object({ events: z.int() }),
);

/** Which deliveries to list. */
export interface DeliveryQuery extends PageQuery {
  readonly state?: DeliveryState | undefined;
}

const deliveryQuerySchema: z.ZodType<DeliveryQuery> = z.strictObject({
  ...pageMembers,
  state: z.enum(deliveryStates).optional().describe("Those in one state alone"),
});

const one = "/tenants/{tenant}/webhooks/{webhook}";
const shared = { noun: "webhooks", scope: "tenant" } as const;

/** Lists deliveries. */
export const listDeliveries: Operation<DeliveryQuery, undefined, Page<DeliveryJson>> = {
  ...shared,
  operationId: "listDeliveries",
  method: "GET",
  path: `${one}/deliveries`,
  summary: "List the deliveries to a webhook, the latest events first",
  query: deliveryQuerySchema,
  body: noBody,
  statuses: [200],
  answer: pageOf("DeliveryPage", deliverySchema),
};

/** Delivers events again. */
export const replayWebhook: Operation<object, WebhookReplay, ReplayedJson> = {
  ...shared,
  operationId: "replayWebhook",
  method: "POST",
  path: `${one}/replay`,
  summary: "Deliver one event again, or all from some on that the webhook is told of",
  query: noQuery,
  body: webhookReplaySchema,
  statuses: [200],
  answer: replayedSchema,
  conflict: "No such event is kept",
};
