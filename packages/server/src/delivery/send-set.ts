/** Sends one Security Event Token to the receiver of a stream, and tells what it made of it (RFC 8935 §2). */
import { isJsonObject, memberOf } from "@rollcall/scim";
import { cleanText } from "../domain/clean-text.ts";
import { isFinalSetError } from "../domain/event-stream.ts";
import { retryAfterMsOf } from "../domain/retry-after.ts";
import type { SetClaims, ToldEvent } from "../domain/set-claims.ts";
import type { Webhook } from "../domain/webhook.ts";
import { webhookPlaceOf } from "../domain/webhook.ts";
import type { CheckedConnectionParts } from "./checked-connection.ts";
import { postChecked } from "./checked-connection.ts";
import type { SendWebhook, WebhookOutcome } from "./send-webhook.ts";

/** Makes the SET of an event for a stream; undefined where there is nothing to tell. */
export type MakeSet = (
  stream: Pick<Webhook, "webhookId" | "stream">,
  event: ToldEvent,
) => Promise<{ readonly claims: SetClaims; readonly text: string } | undefined>;

/** What a sender works with. */
export interface SetSenderParts extends CheckedConnectionParts {
  readonly makeSet: MakeSet;
  /** Opens a secret that was sealed for a place; undefined when it cannot be opened. */
  readonly openSecret: (sealed: string, place: string) => string | undefined;
  readonly now: () => number;
  /** The version of the server. */
  readonly version: string;
}

/** The longest description of a receiver that is kept, in characters. */
const descriptionMax = 200;

/** Makes a sender; one that is no stream is none of its business. */
export function createSendSet(parts: SetSenderParts): SendWebhook {
  return async ({ webhook, event }, control = {}) => {
    const startedMs = performance.now();
    const set = await parts.makeSet(webhook, event);
    if (set === undefined) {
      return failed("there is no resource type of this event any more", startedMs, {
        isFinal: true,
      });
    }
    const [secret] = webhook.secrets;
    const authorization =
      secret === undefined ? undefined : parts.openSecret(secret.sealed, webhookPlaceOf(webhook));
    if (secret !== undefined && authorization === undefined) {
      return failed(unopenedError, startedMs, {});
    }
    const headers = {
      "content-type": "application/secevent+jwt",
      accept: "application/json",
      "user-agent": `rollcall/${parts.version}`,
      ...(authorization === undefined ? {} : { authorization: `Bearer ${authorization}` }),
    };
    const post = { ...control, url: webhook.url, headers, body: set.text };
    const outcome = await postChecked(post, parts);
    if (outcome.kind === "unanswered") {
      return failed(outcome.reason, startedMs, {});
    }
    const { status, text, retryAfter } = outcome;
    if (status >= 200 && status < 300) {
      return { kind: "delivered", status, durationMs: elapsed(startedMs) };
    }
    const { code, words } = errorIn(status, text);
    const retryAfterMs = retryAfterMsOf(retryAfter, parts.now());
    return failed(words, startedMs, { status, retryAfterMs, isFinal: isFinalSetError(code) });
  };
}

const unopenedError =
  "the authorization of the stream cannot be opened: it was sealed under an instance key that is gone; add the stream anew";

function failed(
  error: string,
  startedMs: number,
  more: Partial<WebhookOutcome & { kind: "failed" }>,
): WebhookOutcome {
  const known = { status: undefined, retryAfterMs: undefined, isGone: false, isFinal: false };
  return { ...known, ...more, error, durationMs: elapsed(startedMs), kind: "failed" };
}

function elapsed(startedMs: number): number {
  return Math.round(performance.now() - startedMs);
}

/** What the receiver says is wrong with the SET (RFC 8935 §2.3); its words may be anything. */
function errorIn(status: number, text: string): { readonly code: string; readonly words: string } {
  const answer = status === 400 ? parsed(text) : undefined;
  const told = (name: string): string => {
    const value = isJsonObject(answer) ? memberOf(answer, name) : undefined;
    return typeof value === "string" ? cleanText(value, descriptionMax) : "";
  };
  const code = told("err");
  const words = [code, told("description")].filter((one) => one !== "").join(": ");
  return { code, words: `the receiver answered ${status}${words === "" ? "" : `: ${words}`}` };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A receiver need not say what is wrong.
    return undefined;
  }
}
