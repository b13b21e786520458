/** Webhooks with receivers of every kind: each event at least once, in order per resource, under one id; nobody waits for anybody else. */
import { randomBytes, randomUUID } from "node:crypto";
import { Webhook as Signer } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Scope } from "../../packages/server/src/domain/tenant.ts";
import type { WebhookId } from "../../packages/server/src/domain/webhook.ts";
import { wantsType, webhookPlaceOf } from "../../packages/server/src/domain/webhook.ts";
import type { TestRollcall } from "../compose-for-tests.ts";
import { composeForTests } from "../compose-for-tests.ts";
import type { TestDatabase } from "../postgres-for-tests.ts";
import { createTestDatabase } from "../postgres-for-tests.ts";
import type { ReceivedRequest, Receiver } from "../webhook-receiver.ts";
import { startReceiver, statusAnswer } from "../webhook-receiver.ts";
import { patchMessage, userMessage } from "./scim-site.ts";

/** A busy machine takes its time. */
const patience = { timeout: 60_000, interval: 50 };
const pepper = "0123456789abcdef0123456789abcdef0123456789abcdef";
const actor = { actor: { kind: "system", id: "test" }, requestId: "test" } as const;
const minuteMs = 60_000;

/** A webhook of a test. */
interface TestWebhook {
  readonly webhookId: WebhookId;
  readonly secret: string;
  readonly types: readonly string[];
  /** The last position before it. */
  readonly since: number;
}

describe.each(["SQLite", "PostgreSQL"])("on %s", (name) => {
  let database: TestDatabase | undefined;
  let servers: readonly TestRollcall[] = [];
  const receivers: Receiver[] = [];
  let scope: Scope;
  let token = "";

  beforeAll(async () => {
    database = name === "SQLite" ? undefined : await createTestDatabase("icu");
    const settings = { databaseUrl: database?.url, pepper, webhookAllow: ["127.0.0.0/8"] };
    const start = () => composeForTests(settings, { database: "sqlite" });
    // Two processes would be two dispatchers; so are two servers in one.
    servers = [await start(), ...(database === undefined ? [] : [await start()])];
  }, 120_000);
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.remove()));
    await database?.drop();
  });

  const server = (index = 0): TestRollcall =>
    servers[index % servers.length] ?? (undefined as never);
  const turn = (aheadMs: number) => {
    for (const { clock } of servers) {
      clock.aheadMs += aheadMs;
    }
  };

  const receiver = async (port?: number): Promise<Receiver> => {
    const started = await startReceiver(port === undefined ? {} : { port });
    receivers.push(started);
    return started;
  };
  afterEach(async () => {
    for (const webhook of await server().store.webhooks.list(scope.tenantId)) {
      await server().store.webhooks.remove(scope.tenantId, webhook.webhookId, actor);
    }
    await Promise.all(receivers.splice(0).map((one) => one.close()));
  });

  /** A fresh tenant, so that what a test counts is its own. */
  const freshTenant = async (): Promise<void> => {
    ({ scope, token } = await server().newTenant(`t-${randomUUID().slice(0, 8)}`));
  };
  const add = async (url: string, types: readonly string[] = []): Promise<TestWebhook> => {
    const webhookId = randomUUID() as WebhookId;
    const { tenantId } = scope;
    const secret = `whsec_${randomBytes(32).toString("base64")}`;
    const created = new Date(Date.now() + server().clock.aheadMs).toISOString();
    const sealed = server().webhookSeal.seal(secret, webhookPlaceOf({ tenantId, webhookId }));
    const secrets = [{ sealed, created, ends: undefined }];
    const known = { disabled: undefined, stream: undefined, created };
    const webhook = { webhookId, tenantId, url, types, secrets, ...known };
    const since = (await events()).at(-1)?.position ?? 0;
    expect(await server().store.webhooks.create(webhook, actor)).toBe(true);
    return { webhookId, secret, types, since };
  };
  const urlOf = ({ port }: Pick<Receiver, "port">) => `http://127.0.0.1:${port}/in`;

  let calls = 0;
  const call = async (method: string, path: string, body?: unknown) => {
    calls += 1;
    const response = await server(calls).fetch(
      new Request(`http://127.0.0.1/scim/v2${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  };
  /** A User with a story of some events. */
  const live = async (userName: string): Promise<string> => {
    const { status, body } = await call("POST", "/Users", userMessage({ userName }));
    expect(status).toBe(201);
    for (const title of ["a", "b"]) {
      const patch = patchMessage({ op: "replace", path: "title", value: title });
      expect((await call("PATCH", `/Users/${body.id}`, patch)).status).toBe(200);
    }
    return body.id;
  };
  const liveSome = (count: number) =>
    Promise.all(
      Array.from({ length: count }, () => live(`${randomUUID().slice(0, 8)}@acme.example`)),
    );

  /** All events of the tenant so far. */
  const events = async () =>
    server().store.outbox.list(scope.tenantId, { after: 0, limit: 10_000 });
  const idsOf = (requests: readonly ReceivedRequest[]) =>
    requests.map(({ headers }) => String(headers["webhook-id"]));
  /** Waits until a receiver has all events; order per resource counts first deliveries. */
  const expectEverything = async ({ requests }: Receiver): Promise<void> => {
    const all = await events();
    expect(all.length).toBeGreaterThan(0);
    const expected = all.map(({ eventId }) => eventId);
    await expect
      .poll(() => new Set(idsOf(requests)).size, patience)
      .toBeGreaterThanOrEqual(expected.length);
    expect([...new Set(idsOf(requests))].sort()).toEqual([...expected].sort());
    const firsts = [...new Set(idsOf(requests))];
    for (const resourceId of new Set(all.map((event) => event.resourceId))) {
      const own = all.filter((event) => event.resourceId === resourceId).map((one) => one.eventId);
      expect(firsts.filter((id) => own.includes(id))).toEqual(own);
    }
  };
  const expectSigned = ({ requests }: Receiver, { secret }: TestWebhook): void => {
    for (const { headers, body } of requests) {
      const at = new Date(Number(headers["webhook-timestamp"]) * 1000);
      const signature = new Signer(secret).sign(String(headers["webhook-id"]), at, body);
      expect(headers["webhook-signature"]).toBe(signature);
    }
  };
  /** How often each delivery was tried whose turn has come. */
  const tries = async ({ webhookId }: TestWebhook) => {
    const all = await server().store.webhooks.deliveries(scope.tenantId, webhookId, {
      limit: 1000,
    });
    return all
      .filter(({ due, state }) => due !== undefined || state !== "waiting")
      .map(({ attempts }) => attempts);
  };
  const unsettled = ({ webhookId }: TestWebhook) =>
    server().store.webhooks.countUnsettled(scope.tenantId, webhookId);
  /** Waits until everything that a webhook is told of is noted as delivered. */
  const expectSettled = ({ webhookId, types, since }: TestWebhook) =>
    expect
      .poll(async () => {
        const wanted = (await events()).filter(
          ({ position, type }) => position > since && wantsType({ types }, type),
        );
        const options = { state: "delivered", limit: 10_000 } as const;
        const { tenantId } = scope;
        const done = await server().store.webhooks.deliveries(tenantId, webhookId, options);
        const ids = new Set(done.map(({ eventId }) => eventId));
        return wanted.filter(({ eventId }) => !ids.has(eventId)).map(({ type }) => type);
      }, patience)
      .toEqual([]);

  test("a receiver that answers 204 is told everything, once, verifiably, and nothing from before", async () => {
    await freshTenant();
    await live("early@acme.example");
    const before = (await events()).map(({ eventId }) => eventId);
    const good = await receiver();
    const webhook = await add(urlOf(good));
    await liveSome(8);
    await expectSettled(webhook);
    const told = (await events()).filter(({ eventId }) => !before.includes(eventId));
    expect(told.length).toBeGreaterThanOrEqual(24);
    expect(idsOf(good.requests).sort()).toEqual(told.map(({ eventId }) => eventId).sort());
    const { slug } = (await server().store.tenants.byId(scope.tenantId)) ?? { slug: "" };
    for (const { headers, body } of good.requests) {
      const { type, at, data } =
        told.find(({ eventId }) => eventId === headers["webhook-id"]) ?? {};
      const verified = new Signer(webhook.secret).verify(body, headers as Record<string, string>);
      expect(verified).toEqual({ type, timestamp: at, tenant: slug, data });
    }
    // A 204 is success: however often the queue is looked at, nothing comes again.
    turn(2 * minuteMs);
    await live("late@acme.example");
    await expectSettled(webhook);
    expect(new Set(idsOf(good.requests)).size).toBe(good.requests.length);
  }, 120_000);

  test("a webhook is told of its types alone", async () => {
    await freshTenant();
    const good = await receiver();
    const webhook = await add(urlOf(good), ["user.updated", "group."]);
    await liveSome(2);
    expect((await call("POST", "/Groups", groupMessage("staff"))).status).toBe(201);
    await expectSettled(webhook);
    const types = good.requests.map(({ body }) => JSON.parse(body).type);
    expect(types.sort()).toEqual(["group.created", ...Array(4).fill("user.updated")]);
  }, 120_000);

  test("a receiver that is down for an hour gets everything in order; another of the tenant does not wait", async () => {
    await freshTenant();
    const [down, good] = [await receiver(), await receiver()];
    await down.close();
    const webhook = await add(urlOf(down));
    await add(urlOf(good));
    await liveSome(5);
    await expectEverything(good);
    // Tried at once, after 5 seconds, 5 minutes and half an hour.
    for (const [attempts, minutes] of [0, 1, 10, 49].entries()) {
      turn(minutes * minuteMs);
      await expect
        .poll(async () => Math.min(...(await tries(webhook))), patience)
        .toBeGreaterThan(attempts);
    }
    await liveSome(2);
    await expectEverything(good);
    expect((await unsettled(webhook)).dead).toBe(0);
    const back = await receiver(down.port);
    turn(6 * 60 * minuteMs);
    await expectEverything(back);
    await expectSettled(webhook);
    expectSigned(back, webhook);
    expect(Math.max(...(await tries(webhook)))).toBeGreaterThan(4);
  }, 180_000);

  test("a receiver that hangs has few requests at a time, and nobody waits for it", async () => {
    await freshTenant();
    const [hanging, good] = [await receiver(), await receiver()];
    const held: (() => void)[] = [];
    const isOpen = { yes: false };
    hanging.answerWith((response) => {
      const answer = () => response.writeHead(200).end("late");
      if (isOpen.yes) {
        answer();
      } else {
        held.push(answer);
      }
    });
    const webhook = await add(urlOf(hanging));
    await add(urlOf(good));
    await liveSome(20);
    await expectEverything(good);
    await expect.poll(() => hanging.requests.length, patience).toBeGreaterThan(0);
    expect(hanging.requests.length).toBeLessThanOrEqual(8);
    isOpen.yes = true;
    for (const answer of held) {
      answer();
    }
    await expectEverything(hanging);
    await expectSettled(webhook);
  }, 180_000);

  test("410 disables a webhook and no other; enabled again it goes on where it stopped", async () => {
    await freshTenant();
    const [gone, good] = [await receiver(), await receiver()];
    gone.answerWith(statusAnswer(410));
    const webhook = await add(urlOf(gone));
    await add(urlOf(good));
    const { store } = server();
    const read = () => store.webhooks.byId(scope.tenantId, webhook.webhookId);
    await live("ann@acme.example");
    await expect.poll(async () => (await read())?.disabled, patience).toBeDefined();
    expect((await read())?.disabled?.reason).toContain("410");
    const audit = await store.auditLog.list(scope.tenantId, { limit: 1000 });
    expect(audit.some(({ action }) => action === "webhook.disable")).toBe(true);
    const before = gone.requests.length;
    await liveSome(3);
    await expectEverything(good);
    turn(30 * minuteMs);
    await live("bea@acme.example");
    await expectEverything(good);
    expect(gone.requests.length).toBe(before);
    gone.answerWith(statusAnswer(200));
    expect(await store.webhooks.enable(scope.tenantId, webhook.webhookId, actor)).toBe(true);
    turn(30 * minuteMs);
    await expectEverything(gone);
    await expectSettled(webhook);
  }, 180_000);

  test("a redirect is a failure, is not followed, and the event comes again under its id", async () => {
    await freshTenant();
    const [moved, elsewhere] = [await receiver(), await receiver()];
    moved.answerWith(statusAnswer(307, { location: urlOf(elsewhere) }));
    const webhook = await add(urlOf(moved), ["user.created"]);
    await live("ann@acme.example");
    await expect.poll(() => moved.requests.length, patience).toBeGreaterThan(0);
    const failures = () =>
      server().store.webhooks.deliveries(scope.tenantId, webhook.webhookId, { limit: 10 });
    await expect.poll(async () => (await failures())[0]?.error, patience).toContain("redirects");
    expect(await failures()).toMatchObject([{ state: "waiting", status: 307 }]);
    moved.answerWith(statusAnswer(202));
    turn(minuteMs);
    await expectSettled(webhook);
    expect(new Set(idsOf(moved.requests)).size).toBe(1);
    expect(moved.requests.length).toBeGreaterThan(1);
    expect(elsewhere.connections()).toBe(0);
  }, 120_000);

  test("a receiver that fails now and then gets the events of each resource in order all the same", async () => {
    await freshTenant();
    const flaky = await receiver();
    const count = { requests: 0, seen: [] as string[] };
    flaky.answerWith((response, { headers }) => {
      count.requests += 1;
      if (count.requests % 3 === 0) {
        response.writeHead(503, { "retry-after": "1" }).end();
      } else {
        count.seen.push(String(headers["webhook-id"]));
        response.writeHead(200).end();
      }
    });
    const webhook = await add(urlOf(flaky));
    const turning = setInterval(() => turn(minuteMs), 300);
    await liveSome(6);
    await expectSettled(webhook).finally(() => clearInterval(turning));
    const accepted = [...new Set(count.seen)];
    const all = await events();
    expect([...accepted].sort()).toEqual(all.map(({ eventId }) => eventId).sort());
    for (const resourceId of new Set(all.map((event) => event.resourceId))) {
      const own = all.filter((event) => event.resourceId === resourceId).map((one) => one.eventId);
      expect(accepted.filter((id) => own.includes(id))).toEqual(own);
    }
    expectSigned(flaky, webhook);
  }, 180_000);

  test("what a dispatcher had claimed when it was killed is free a minute later", async () => {
    await freshTenant();
    const good = await receiver();
    const webhook = await add(urlOf(good));
    await live("ann@acme.example");
    await expectSettled(webhook);
    good.clear();
    // Queued and claimed behind the backs of the servers, by somebody who then says nothing any more.
    const { webhooks, webhookQueue } = server().store;
    const { fill, claimDue } = webhookQueue;
    const claims: string[] = [];
    for (let round = 0; round < 50 && claims.length === 0; round += 1) {
      await webhooks.replay(scope.tenantId, webhook.webhookId, { after: 0 }, actor);
      const nowMs = Date.now() + server().clock.aheadMs;
      await fill(nowMs, 100);
      const claimed = await claimDue(nowMs, { limit: 100, perWebhook: 100 });
      claims.push(...claimed.map(({ event }) => event.eventId));
    }
    expect(claims.length).toBeGreaterThan(0);
    expect((await unsettled(webhook)).waiting).toBeGreaterThan(0);
    turn(minuteMs + 1000);
    await expectEverything(good);
    await expectSettled(webhook);
  }, 180_000);

  test("an address that nobody may connect to is not connected to", async () => {
    await freshTenant();
    const other = await startReceiver({ host: "::1" });
    receivers.push(other);
    const webhook = await add(`http://[::1]:${other.port}/`, ["user.created"]);
    await live("ann@acme.example");
    const deliveries = () =>
      server().store.webhooks.deliveries(scope.tenantId, webhook.webhookId, { limit: 10 });
    await expect.poll(async () => (await deliveries())[0]?.error, patience).toContain("loopback");
    expect(other.connections()).toBe(0);
  }, 120_000);
});

function groupMessage(displayName: string) {
  return { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName };
}
