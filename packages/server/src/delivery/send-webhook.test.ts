import { Webhook as Signer } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ReceivedRequest, Receiver } from "../../../../test/webhook-receiver.ts";
import { makeCertificate, startReceiver, statusAnswer } from "../../../../test/webhook-receiver.ts";
import type { TenantId } from "../domain/tenant.ts";
import type { WebhookId, WebhookSecret } from "../domain/webhook.ts";
import { webhookPlaceOf } from "../domain/webhook.ts";
import type { WebhookMessage, WebhookSenderParts } from "./send-webhook.ts";
import { createSendWebhook } from "./send-webhook.ts";

const ids = { tenantId: "t1" as TenantId, webhookId: "w1" as WebhookId };
const [newer, older] = ["b", "a"].map(
  (letter) => `whsec_${Buffer.alloc(32, letter).toString("base64")}`,
) as [string, string];
const created = "2026-06-01T12:00:00.000Z";
const secret = (sealed: string, ends?: string): WebhookSecret => ({ sealed, created, ends });
let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterEach(() => {
  receiver.clear();
  receiver.answerWith(statusAnswer(204));
});
afterAll(() => receiver.close());

/** Text that opens at the place of the webhook alone. */
const sealed = (text: string) => `${webhookPlaceOf(ids)}:${text}`;
const openSecret = (text: string, place: string) =>
  text.startsWith(`${place}:`) ? text.slice(place.length + 1) : undefined;

function send(
  webhook: Partial<WebhookMessage["webhook"]> = {},
  parts: Partial<WebhookSenderParts> = {},
) {
  const sendWebhook = createSendWebhook({
    allowed: ["127.0.0.0/8"],
    resolve: async () => ["127.0.0.1"],
    timeoutMs: 20_000,
    openSecret,
    now: Date.now,
    version: "1.2.3",
    ...parts,
  });
  return sendWebhook({
    webhook: {
      ...ids,
      url: `http://127.0.0.1:${receiver.port}/in`,
      secrets: [secret(sealed(newer))],
      stream: undefined,
      ...webhook,
    },
    event: {
      eventId: "e1",
      type: "user.created",
      at: created,
      resourceType: "User",
      resourceId: "ä",
      revision: 1,
      data: { id: "ä" },
    },
    tenantSlug: "acme",
  });
}
function received(from: Receiver = receiver): ReceivedRequest {
  const [request, ...others] = from.requests;
  expect(others).toEqual([]);
  return request ?? (undefined as never);
}
const verify = ({ body, headers }: ReceivedRequest, text: string) =>
  new Signer(text).verify(body, headers as Record<string, string>);

describe("a message", () => {
  test("verifies with the library, and says whose event it is", async () => {
    expect(await send()).toEqual({
      kind: "delivered",
      status: 204,
      durationMs: expect.any(Number),
    });
    expect(verify(received(), newer)).toEqual({
      type: "user.created",
      timestamp: created,
      tenant: "acme",
      data: { id: "ä" },
    });
    expect(received()).toMatchObject({
      method: "POST",
      path: "/in",
      headers: {
        "content-type": "application/json",
        "user-agent": "rollcall/1.2.3",
        "webhook-id": "e1",
      },
    });
    expect(() => verify(received(), older)).toThrow();
    expect(() => verify({ ...received(), body: "{}" }, newer)).toThrow();
  });

  test("is signed with both secrets during a rotation, and with one when the older has ended", async () => {
    const secrets = [
      secret(sealed(newer)),
      secret(sealed(older), new Date(Date.now() + 60_000).toISOString()),
    ];
    await send({ secrets });
    verify(received(), newer);
    verify(received(), older);
    expect(received().headers["webhook-signature"]).toMatch(/^v1,\S+ v1,\S+$/);
    receiver.clear();
    await send({ secrets }, { now: () => Date.now() + 61_000 });
    verify(received(), newer);
    expect(() => verify(received(), older)).toThrow();
  });

  test("is signed with the time of the attempt", async () => {
    const nowMs = Date.parse("2026-06-03T00:00:00.900Z");
    await send({}, { now: () => nowMs });
    const { body, headers } = received();
    expect(headers["webhook-timestamp"]).toBe("1780444800");
    expect(headers["webhook-signature"]).toBe(new Signer(newer).sign("e1", new Date(nowMs), body));
  });

  test("is not sent unsigned: a secret that cannot be opened is a failure that says what to do", async () => {
    for (const secrets of [[secret("t1/other:x")], [secret(sealed(older), created)], []]) {
      expect(await send({ secrets })).toMatchObject({
        kind: "failed",
        error: expect.stringContaining("rotate"),
      });
    }
    expect(receiver.connections()).toBe(0);
  });

  test("goes over TLS to whoever the certificate is of", async () => {
    const certificate = makeCertificate("DNS:hooks.example.com");
    const secure = await startReceiver({ certificate });
    const url = `https://hooks.example.com:${secure.port}/`;
    expect(await send({ url }, { trustedCertificates: certificate.cert })).toMatchObject({
      kind: "delivered",
    });
    verify(received(secure), newer);
    await secure.close();
  });

  test("is not sent where nobody may connect to", async () => {
    expect(await send({}, { allowed: [] })).toMatchObject({
      kind: "failed",
      status: undefined,
      error: "127.0.0.1 is a loopback address",
    });
    expect(receiver.connections()).toBe(0);
  });
});

describe("what the receiver answers", () => {
  test.each([200, 201, 202, 204, 299])("%i is success, with or without a body", async (status) => {
    expect(await send()).toMatchObject({ kind: "delivered" });
    receiver.answerWith((response) => response.writeHead(status).end(status === 204 ? "" : "ok"));
    expect(await send()).toMatchObject({ kind: "delivered", status });
  });

  test.each([301, 302, 307, 308, 304])("%i is a failure", async (status) => {
    receiver.answerWith(statusAnswer(status, { location: "https://example.com/" }));
    expect(await send()).toMatchObject({
      kind: "failed",
      status,
      error: `the receiver answered ${status}: redirects are not followed`,
      isGone: false,
    });
  });

  test("410 says that it wants nothing any more, and nothing else does", async () => {
    receiver.answerWith(statusAnswer(410));
    expect(await send()).toMatchObject({ kind: "failed", status: 410, isGone: true });
    for (const status of [400, 401, 404, 429, 500, 503]) {
      receiver.answerWith(statusAnswer(status));
      expect(await send()).toMatchObject({ kind: "failed", status, isGone: false });
    }
  });

  test("Retry-After is told, in seconds and as a date", async () => {
    const nowMs = Date.parse("2026-06-01T12:00:00Z");
    const now = () => nowMs;
    receiver.answerWith(statusAnswer(503, { "retry-after": "90" }));
    expect(await send({}, { now })).toMatchObject({ retryAfterMs: 90_000 });
    receiver.answerWith(statusAnswer(429, { "retry-after": "Mon, 01 Jun 2026 12:03:00 GMT" }));
    expect(await send({}, { now })).toMatchObject({ retryAfterMs: 180_000 });
    receiver.answerWith(statusAnswer(500));
    expect(await send({}, { now })).toMatchObject({ retryAfterMs: undefined });
  });

  test("nothing at all is a failure without a status", async () => {
    receiver.answerWith(() => undefined);
    expect(await send({}, { timeoutMs: 200 })).toMatchObject({
      kind: "failed",
      status: undefined,
      error: "no answer within 0.2 seconds",
    });
  });
});
