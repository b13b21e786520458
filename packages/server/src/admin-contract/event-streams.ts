/** Event streams of a tenant in the admin API: who is sent Security Event Tokens, or fetches them (RFC 9967, RFC 8935, RFC 8936). */
import { z } from "zod";
import type { EventStream, StreamMode } from "../domain/event-stream.ts";
import { streamModes } from "../domain/event-stream.ts";
import type { Webhook } from "../domain/webhook.ts";
import type { Operation, Page, PageQuery } from "./operation.ts";
import { named, noBody, noContent, noQuery, pageOf, pageQuery, timeSchema } from "./operation.ts";

/** A stream as the command line and the admin API show it. */
export interface EventStreamJson {
  readonly id: string;
  readonly delivery: EventStream["delivery"];
  /** Null for a receiver that polls. */
  readonly url: string | null;
  readonly mode: StreamMode;
  readonly audience: string;
  readonly resourceTypes: readonly string[];
  /** The secret itself is nowhere. */
  readonly hasAuthorization: boolean;
  /** The end of the token of a receiver that polls. */
  readonly lastFour: string | null;
  readonly created: string;
  readonly waiting: number;
  readonly dead: number;
}

/** Shows a stream; `counts` are of what waits and what was given up. */
export function eventStreamJsonOf(
  webhook: Webhook,
  stream: EventStream,
  {
    resourceTypes,
    counts = { waiting: 0, dead: 0 },
  }: {
    readonly resourceTypes: readonly string[];
    readonly counts?: { readonly waiting: number; readonly dead: number };
  },
): EventStreamJson {
  const { delivery, mode, audience, token } = stream;
  return {
    id: webhook.webhookId,
    delivery,
    url: webhook.url === "" ? null : webhook.url,
    mode,
    audience,
    resourceTypes,
    hasAuthorization: webhook.secrets.length > 0,
    lastFour: token?.lastFour ?? null,
    created: webhook.created,
    ...counts,
  };
}

/** What a receiver needs to be set up. */
export interface IssuedEventStreamJson extends EventStreamJson {
  /** Of a receiver that polls; null for one that is pushed to. */
  readonly token: string | null;
  readonly pollUrl: string | null;
  readonly issuer: string;
  readonly jwksUrl: string;
}

const modeSchema = z
  .enum(streamModes)
  .describe("notice: the names of the attributes that changed; full: what they are now");

const streamMembers: {
  readonly [Name in keyof EventStreamJson]: z.ZodType<EventStreamJson[Name]>;
} = {
  id: z.string(),
  delivery: z.enum(["push", "poll"]),
  url: z.string().nullable().describe("Where SETs are pushed to; null for a receiver that polls"),
  mode: modeSchema,
  audience: z.string().describe("The claim aud"),
  resourceTypes: z.array(z.string()).describe("What it is told of"),
  hasAuthorization: z.boolean().describe("Whether the receiver is sent a bearer token"),
  lastFour: z.string().nullable().describe("The end of the token of a receiver that polls"),
  created: timeSchema,
  waiting: z.int().describe("Events that wait for it, counted up to a limit"),
  dead: z.int().describe("Events that were given up or refused; listDeliveries says why"),
};

const eventStreamSchema: z.ZodType<EventStreamJson> = named("EventStream", z.object(streamMembers));

const issuedEventStreamSchema: z.ZodType<IssuedEventStreamJson> = named(
  "IssuedEventStream",
  z.object({
    token: z.string().nullable().describe("Of a receiver that polls, shown this once"),
    pollUrl: z.string().nullable().describe("Where it polls (RFC 8936)"),
    issuer: z.string().describe("The claim iss"),
    jwksUrl: z.string().describe("The keys that SETs are signed with"),
    ...streamMembers,
  }),
);

/** What a new stream shall be. */
export interface EventStreamCreation {
  readonly url?: string | undefined;
  readonly authorization?: string | undefined;
  readonly mode?: StreamMode | undefined;
  readonly audience?: string | undefined;
  readonly resourceTypes?: readonly string[] | undefined;
}

const eventStreamCreationSchema: z.ZodType<EventStreamCreation> = named(
  "EventStreamCreation",
  z.strictObject({
    url: z
      .string()
      .min(1)
      .max(2048)
      .optional()
      .describe(
        "Where SETs are pushed to (RFC 8935), an https URL with a public address; left out for a receiver that polls",
      ),
    authorization: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe("A bearer token that the receiver wants to be sent"),
    mode: modeSchema.optional().describe("notice by default"),
    audience: z
      .string()
      .min(1)
      .max(2048)
      .optional()
      .describe("The claim aud; a URL of the stream by default"),
    resourceTypes: z
      .array(z.string())
      .max(50)
      .optional()
      .describe("What it shall be told of, such as User; all by default"),
  }),
);

const path = "/tenants/{tenant}/event-streams";
const shared = { noun: "event streams", scope: "tenant" } as const;

/** Lists streams. */
export const listEventStreams: Operation<PageQuery, undefined, Page<EventStreamJson>> = {
  ...shared,
  operationId: "listEventStreams",
  method: "GET",
  path,
  summary: "List the receivers of Security Event Tokens of a tenant, oldest first",
  query: pageQuery,
  body: noBody,
  statuses: [200],
  answer: pageOf("EventStreamPage", eventStreamSchema),
};

/** Makes a stream. */
export const createEventStream: Operation<object, EventStreamCreation, IssuedEventStreamJson> = {
  ...shared,
  operationId: "createEventStream",
  method: "POST",
  path,
  summary: "Tell a receiver of what happens from now on in Security Event Tokens",
  query: noQuery,
  body: eventStreamCreationSchema,
  statuses: [201],
  answer: issuedEventStreamSchema,
  conflict: "The tenant has as many streams as it may",
};

/** Removes a stream. */
export const removeEventStream: Operation<object, undefined, undefined> = {
  ...shared,
  operationId: "removeEventStream",
  method: "DELETE",
  path: `${path}/{stream}`,
  summary: "Remove a stream with what waits for its receiver",
  query: noQuery,
  body: noBody,
  statuses: [204],
  answer: noContent,
};
