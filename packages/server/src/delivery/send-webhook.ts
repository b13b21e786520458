/** Sends one event to one webhook, signed, and tells what the receiver made of it (Standard Webhooks 1.0). */
import { Webhook as Signer } from "standardwebhooks";
import type { OutboxEvent } from "../domain/outbox-event.ts";
import { retryAfterMsOf } from "../domain/retry-after.ts";
import type { Webhook } from "../domain/webhook.ts";
import { secretsAt, webhookPlaceOf } from "../domain/webhook.ts";
import type { CheckedConnectionParts, OutboundPost } from "./checked-connection.ts";
import { postChecked } from "./checked-connection.ts";

/** An event for a receiver. */
export interface WebhookMessage {
  readonly webhook: Pick<Webhook, "tenantId" | "webhookId" | "url" | "secrets" | "stream">;
  readonly event: Pick<
    OutboxEvent,
    "eventId" | "at" | "resourceType" | "resourceId" | "revision" | "data"
  > & { readonly type: string };
  /** The name of the tenant that the receiver reads. */
  readonly tenantSlug: string;
}

/** What became of sending once. */
export type WebhookOutcome =
  | { readonly kind: "delivered"; readonly status: number; readonly durationMs: number }
  | {
      readonly kind: "failed";
      /** Undefined without an answer. */
      readonly status: number | undefined;
      readonly error: string;
      readonly durationMs: number;
      /** How long the receiver asks to wait. */
      readonly retryAfterMs: number | undefined;
      /** The receiver wants nothing any more. */
      readonly isGone: boolean;
      /** The receiver will never take this one. */
      readonly isFinal: boolean;
    };

/** Sends once; never throws. */
export type SendWebhook = (
  message: WebhookMessage,
  control?: Pick<OutboundPost, "mayBegin" | "signal">,
) => Promise<WebhookOutcome>;

/** What a sender works with. */
export interface WebhookSenderParts extends CheckedConnectionParts {
  /** Opens a secret that was sealed for a place; undefined when it cannot be opened. */
  readonly openSecret: (sealed: string, place: string) => string | undefined;
  readonly now: () => number;
  /** The version of the server. */
  readonly version: string;
}

/** How long a receiver may take for everything together. */
export const receiverTimeoutMs: number = 20_000;

/** Makes a sender. */
export function createSendWebhook(parts: WebhookSenderParts): SendWebhook {
  return async (message, control = {}) => {
    const startedMs = performance.now();
    const nowMs = parts.now();
    const body = bodyOf(message);
    const signature = signatureOf(message, { body, nowMs }, parts);
    if (signature === undefined) {
      return failed({ error: unsignedError, durationMs: 0 });
    }
    const headers = {
      "content-type": "application/json",
      "user-agent": `rollcall/${parts.version}`,
      "webhook-id": message.event.eventId,
      "webhook-timestamp": String(Math.floor(nowMs / 1000)),
      "webhook-signature": signature,
    };
    const outcome = await postChecked(
      { ...control, url: message.webhook.url, headers, body },
      parts,
    );
    const durationMs = Math.round(performance.now() - startedMs);
    if (outcome.kind === "unanswered") {
      return failed({ error: outcome.reason, durationMs });
    }
    const { status } = outcome;
    return status >= 200 && status < 300
      ? { kind: "delivered", status, durationMs }
      : failed({
          status,
          error: errorOf(status),
          durationMs,
          retryAfterMs: retryAfterMsOf(outcome.retryAfter, parts.now()),
          isGone: status === 410,
        });
  };
}

const unsignedError =
  "no secret of the webhook can be opened: it was sealed under an instance key that is gone; rotate it";

function failed(
  failure: Pick<WebhookOutcome & { kind: "failed" }, "error" | "durationMs"> &
    Partial<WebhookOutcome & { kind: "failed" }>,
): WebhookOutcome {
  const known = { status: undefined, retryAfterMs: undefined, isGone: false, isFinal: false };
  return { ...known, ...failure, kind: "failed" };
}

function errorOf(status: number): string {
  if (status >= 300 && status < 400) {
    return `the receiver answered ${status}: redirects are not followed`;
  }
  return status === 410
    ? "the receiver answered 410: it wants nothing any more"
    : `the receiver answered ${status}`;
}

/** The event as receivers read it; its id is in a header. */
function bodyOf({ event: { type, at, data }, tenantSlug }: WebhookMessage): string {
  return JSON.stringify({ type, timestamp: at, tenant: tenantSlug, data });
}

/** One signature for each secret that is in use; undefined when there is none. */
function signatureOf(
  { webhook, event }: WebhookMessage,
  { body, nowMs }: { readonly body: string; readonly nowMs: number },
  { openSecret }: WebhookSenderParts,
): string | undefined {
  const at = new Date(nowMs);
  const place = webhookPlaceOf(webhook);
  const signatures = secretsAt(webhook.secrets, at.toISOString())
    .map(({ sealed }) => openSecret(sealed, place))
    .filter((secret) => secret !== undefined)
    .map((secret) => new Signer(secret).sign(event.eventId, at, body));
  return signatures.length === 0 ? undefined : signatures.join(" ");
}
