/** Makes sure that a webhook comes from the server and is not an old one sent again (Standard Webhooks 1.0). */
import { Webhook } from "standardwebhooks";
import type { EventMessage } from "../domain/outbox-event.ts";
import type { WebhookEvent } from "./rollcall-event.ts";

/** A request as it came in. */
export interface WebhookRequest {
  /** The body byte by byte, before anything has parsed it. */
  readonly body: string;
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The secret of the webhook, `whsec_…`. */
  readonly secret: string;
}

/** Reads the event of a webhook; throws when its signature does not fit or it is older than five minutes. */
export function verifyWebhook({ body, headers, secret }: WebhookRequest): WebhookEvent {
  const id = headerOf(headers, "webhook-id");
  const signed = {
    "webhook-id": id,
    "webhook-timestamp": headerOf(headers, "webhook-timestamp"),
    "webhook-signature": headerOf(headers, "webhook-signature"),
  };
  new Webhook(secret).verify(body, signed);
  const message: EventMessage = JSON.parse(body);
  // Whoever has the secret has checked its data against the contract.
  return { id, ...message } as unknown as WebhookEvent;
}

function headerOf(headers: WebhookRequest["headers"], name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : headers[name];
  return typeof value === "string" ? value : (value?.[0] ?? "");
}
