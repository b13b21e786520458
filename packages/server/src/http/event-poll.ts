/** Where receivers of event streams fetch Security Event Tokens and acknowledge them (RFC 8936 §2). */
import type { JsonObject, JsonValue } from "@rollcall/scim";
import { isJsonArray, isJsonObject, memberOf } from "@rollcall/scim";
import { cleanText } from "../domain/clean-text.ts";
import { eventIdIn } from "../domain/set-claims.ts";
import type { CredentialId } from "../domain/tenant.ts";
import type { Webhook, WebhookId } from "../domain/webhook.ts";
import type { MadeSet } from "../provisioning/make-set.ts";
import type { SecretHash } from "../provisioning/secret-hash.ts";
import type { Store, StreamEvent, StreamSettlement } from "../store/store.ts";
import { bearerTokenOf, invalidToken } from "./bearer.ts";
import type { EventWaiting } from "./event-waiting.ts";
import type { Answer, Exchange } from "./exchange.ts";
import type { FailureLimit } from "./failure-limit.ts";

/** Where they are, below the public URL; the id of the stream and `/poll` come behind it. */
export const streamsRoot = "/event-streams";

/** What the endpoint needs. */
export interface EventPollParts {
  readonly store: Pick<Store, "eventStreams" | "webhookQueue" | "outbox">;
  readonly secretHash: SecretHash;
  readonly makeSet: (
    stream: Pick<Webhook, "webhookId" | "stream">,
    event: StreamEvent,
  ) => Promise<MadeSet | undefined>;
  readonly eventWaiting: EventWaiting;
  readonly failureLimit: FailureLimit;
  readonly now: () => number;
  /** How long an answer may take. */
  readonly handlerTimeoutMs: number;
}

/** The most SETs of one answer, however many are asked for. */
export const setsAtOnceMax: number = 500;
/** The most SETs that one request acknowledges. */
export const acknowledgedAtOnceMax: number = 1000;
/** The part of the time of an answer that a receiver waits for an event. */
const waitingShare = 0.8;
/** How often a receiver that waits is looked for, in ms: another process may be about to queue what the feed has already. */
const lookMs = 1000;
/** How many events are queued at a time. */
const fillMax = 200;
/** The longest request, in bytes. */
const requestLengthMax = 262_144;
/** The longest description of an error that is kept, in characters. */
const descriptionMax = 200;

interface PollRequest {
  readonly maxEvents: number;
  readonly returnImmediately: boolean;
  readonly settlements: readonly StreamSettlement[];
}

interface Told {
  readonly status: number;
  readonly body: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
  readonly reason?: string;
  readonly stream?: Webhook | undefined;
  readonly isLogged?: boolean;
}

/** Answers a receiver that polls. */
export async function pollEndpoint(exchange: Exchange, parts: EventPollParts): Promise<Answer> {
  const { request, path, address, startMs } = exchange;
  const stream = await receiverOf(exchange, parts);
  if (stream === undefined || path !== `${streamsRoot}/${stream.webhookId}/poll`) {
    const counted = parts.failureLimit.note(address, startMs);
    return answerOf(
      counted === "within" ? unknownReceiver() : tooMany(parts, startMs, counted === "first-over"),
    );
  }
  if (request.method !== "POST") {
    return answerOf({ ...wrong("Use POST."), status: 405, headers: { Allow: "POST" }, stream });
  }
  const wish = await wishIn(request, stream);
  return answerOf(
    typeof wish === "string"
      ? { ...wrong(wish), stream }
      : await poll(stream, wish, exchange, parts),
  );
}

async function receiverOf(
  { request }: Exchange,
  { store, secretHash }: EventPollParts,
): Promise<Webhook | undefined> {
  const token = bearerTokenOf(request.headers.get("authorization"), "stream");
  if ("kind" in token) {
    return undefined;
  }
  const stream = await store.eventStreams.byId(token.credentialId as string as WebhookId);
  const kept = stream?.stream?.token;
  return secretHash.matches(token.secret, kept) ? stream : undefined;
}

/** Reads a request; a text says what is wrong with it (RFC 8936 §2.2). */
async function wishIn(
  request: Exchange["request"],
  { webhookId }: Webhook,
): Promise<PollRequest | string> {
  const body = await request.readBody(requestLengthMax);
  if (body === undefined) {
    return `The request is longer than ${requestLengthMax} bytes.`;
  }
  const message = parsed(body);
  if (!isJsonObject(message)) {
    return "Send a JSON object.";
  }
  const { maxEvents = setsAtOnceMax, returnImmediately = false, ack = [], setErrs = {} } = message;
  if (typeof maxEvents !== "number" || !Number.isSafeInteger(maxEvents) || maxEvents < 0) {
    return "maxEvents is a whole number from 0 on.";
  }
  if (typeof returnImmediately !== "boolean") {
    return "returnImmediately is true or false.";
  }
  if (!isJsonArray(ack) || !ack.every((jti) => typeof jti === "string")) {
    return "ack is an array of strings.";
  }
  if (!isJsonObject(setErrs)) {
    return "setErrs is an object.";
  }
  const errors = Object.entries(setErrs);
  if (ack.length + errors.length > acknowledgedAtOnceMax) {
    return `One request acknowledges at most ${acknowledgedAtOnceMax} SETs.`;
  }
  // What was never sent by this stream is nothing of it: ids of others acknowledge nothing.
  const settlements = [
    ...ack.map((jti) => [String(jti), undefined] as const),
    ...errors.map(([jti, error]) => [jti, errorIn(error)] as const),
  ].flatMap(([jti, error]) => {
    const eventId = eventIdIn(jti, webhookId);
    return eventId === undefined ? [] : [{ eventId, error }];
  });
  return { maxEvents: Math.min(maxEvents, setsAtOnceMax), returnImmediately, settlements };
}

/** What a receiver says is wrong with a SET, in words of one line. */
function errorIn(error: JsonValue | undefined): string {
  const told = (name: string): string => {
    const value = isJsonObject(error) ? memberOf(error, name) : undefined;
    return typeof value === "string" ? cleanText(value, descriptionMax) : "";
  };
  const words = [told("err"), told("description")].filter((one) => one !== "").join(": ");
  return `refused by the receiver${words === "" ? "" : `: ${words}`}`;
}

async function poll(
  stream: Webhook,
  { maxEvents, returnImmediately, settlements }: PollRequest,
  { request, startMs }: Exchange,
  parts: EventPollParts,
): Promise<Told> {
  const { tenantId, webhookId } = stream;
  const { store, now, eventWaiting, handlerTimeoutMs } = parts;
  if (settlements.length > 0) {
    const at = new Date(now()).toISOString();
    await store.eventStreams.settle(tenantId, webhookId, settlements, at);
  }
  const untilMs = startMs + handlerTimeoutMs * waitingShare;
  for (;;) {
    const after = (await store.outbox.bounds(tenantId))?.last ?? 0;
    const due = maxEvents === 0 ? [] : await dueNow(stream, maxEvents + 1, parts);
    const waitMs = untilMs - now();
    if (due.length > 0 || returnImmediately || maxEvents === 0 || waitMs <= 0) {
      return await shown(stream, due, maxEvents, parts);
    }
    const wish = { after, waitMs: Math.min(waitMs, lookMs), isGone: request.isGone };
    const outcome = await eventWaiting.until(tenantId, wish);
    if (outcome === "full") {
      const told = { err: "busy", description: "Too many receivers wait for this tenant." };
      return { status: 429, body: told, headers: { "Retry-After": "5" }, stream };
    }
    // The server stops, the receiver is gone, or the stream was removed while its receiver waited.
    const isOver = outcome === "over" && (request.isGone() || eventWaiting.isStopped());
    if (isOver || (await store.eventStreams.byId(webhookId)) === undefined) {
      return await shown(stream, [], maxEvents, parts);
    }
  }
}

async function dueNow(
  { tenantId, webhookId }: Webhook,
  limit: number,
  { store, now }: EventPollParts,
): Promise<readonly StreamEvent[]> {
  while ((await store.webhookQueue.fill(now(), fillMax)) > 0) {
    // Until no receiver lags.
  }
  return await store.eventStreams.due(tenantId, webhookId, { nowMs: now(), limit });
}

async function shown(
  stream: Webhook,
  due: readonly StreamEvent[],
  maxEvents: number,
  parts: EventPollParts,
): Promise<Told> {
  const { tenantId, webhookId } = stream;
  const sets: [string, string][] = [];
  const lost: StreamSettlement[] = [];
  for (const event of due.slice(0, maxEvents)) {
    const set = await parts.makeSet(stream, event);
    if (set === undefined) {
      lost.push({
        eventId: event.eventId,
        error: "there is no resource type of this event any more",
      });
    } else {
      sets.push([set.claims.jti, set.text]);
    }
  }
  if (lost.length > 0) {
    const at = new Date(parts.now()).toISOString();
    await parts.store.eventStreams.settle(tenantId, webhookId, lost, at);
  }
  const more = due.length > maxEvents && maxEvents > 0 ? { moreAvailable: true } : {};
  return { status: 200, body: { sets: Object.fromEntries(sets), ...more }, stream };
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    // What is no JSON is no request, which the caller says.
    return undefined;
  }
}

function wrong(description: string): Told {
  return {
    status: 400,
    body: { err: "invalid_request", description },
    reason: description,
    headers: { "Content-Language": "en" },
  };
}

function unknownReceiver(): Told {
  const { error } = invalidToken<never>("", "unknown receiver of an event stream");
  return {
    status: 401,
    body: {
      err: "authentication_failed",
      description: "The bearer token is not that of this stream.",
    },
    headers: { ...error.headers, "Content-Language": "en" },
    reason: "unknown receiver of an event stream",
  };
}

function tooMany(
  { failureLimit }: Pick<EventPollParts, "failureLimit">,
  startMs: number,
  isLogged: boolean,
): Told {
  const headers = { "Retry-After": String(failureLimit.retryAfterSeconds(startMs)) };
  const body = { err: "busy", description: "Too many requests without a valid bearer token." };
  return { status: 429, body, headers, isLogged };
}

function answerOf({ status, body, headers = {}, reason, stream, isLogged = true }: Told): Answer {
  return {
    response: {
      status,
      headers: { "Content-Type": "application/json", "Cache-Control": "no-store", ...headers },
      body: JSON.stringify(body),
    },
    report: {
      pathTemplate: `${streamsRoot}/{stream}/poll`,
      scimType: undefined,
      reason,
      warnings: [],
      defect: undefined,
    },
    caller: stream && {
      credentialId: stream.webhookId as string as CredentialId,
      tenantId: stream.tenantId,
      connectionId: undefined,
    },
    isLogged,
  };
}
