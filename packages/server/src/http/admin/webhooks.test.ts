/** Webhooks of the admin API over real HTTP, with a receiver that checks signatures by the library of Standard Webhooks. */
import type { IncomingHttpHeaders, Server } from "node:http";
import { createServer } from "node:http";
import { Webhook as Verifier } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { AdminClient } from "../../../../../test/admin-client.ts";
import { adminToken, createAdminClient } from "../../../../../test/admin-client.ts";
import type { TestRollcall } from "../../../../../test/compose-for-tests.ts";
import { composeForTests } from "../../../../../test/compose-for-tests.ts";

const userSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
const hourMs = 3_600_000;

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const received: Received[] = [];
let answerStatus = 204;
let receiver: Server;
let receiverUrl = "";
let rollcall: TestRollcall;
let origin = "";
let instance: AdminClient;

beforeAll(async () => {
  receiver = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = Buffer.concat(parts).toString("utf8");
      received.push({ path: request.url ?? "", headers: request.headers, body });
      response.writeHead(answerStatus).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  receiverUrl = `http://127.0.0.1:${Object(receiver.address()).port}`;
  rollcall = await composeForTests({ webhookAllow: ["127.0.0.0/8"] });
  origin = await rollcall.listen();
  instance = createAdminClient(origin, await adminToken(rollcall));
});

beforeEach(() => {
  answerStatus = 204;
  received.length = 0;
});

afterAll(async () => {
  await rollcall.remove();
  receiver.close();
});

async function ok(client: AdminClient, method: string, path: string, body?: object) {
  const answer = await client(method, path, body === undefined ? {} : { body });
  expect([200, 201], JSON.stringify(answer.body)).toContain(answer.status);
  return answer.body;
}

/** A tenant with a SCIM client and an admin client of its own. */
async function newTenant(slug: string) {
  const { token } = await rollcall.newTenant(slug);
  const push = async (userName: string): Promise<string> => {
    const response = await fetch(`${origin}/scim/v2/Users`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
      body: JSON.stringify({ schemas: [userSchema], userName, externalId: userName }),
    });
    expect(response.status).toBe(201);
    return Object(await response.json()).id;
  };
  const admin = createAdminClient(origin, await adminToken(rollcall, slug));
  return { push, admin, root: `/tenants/${slug}/webhooks` };
}

/** Reads what the receiver got on a path, as whoever has the secret would. */
function verified(path: string, secret: string) {
  return received
    .filter((one) => one.path === path)
    .map(({ headers, body }) => {
      const names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
      const known = Object.fromEntries(names.map((name) => [name, String(headers[name])]));
      return { id: known["webhook-id"], message: Object(new Verifier(secret).verify(body, known)) };
    });
}

test("a webhook is made with a secret that is shown once, read, changed and removed", async () => {
  const { admin, root } = await newTenant("made");
  const body = { url: `${receiverUrl}/made`, types: ["user.", "user.", "group.created"] };
  const answer = await admin("POST", root, { body });
  expect(answer.status).toBe(201);
  const { secret, ...made } = answer.body;
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(made).toEqual({
    id: expect.any(String),
    url: body.url,
    types: ["user.", "group.created"],
    disabled: false,
    disabledAt: null,
    disabledReason: null,
    secrets: [{ createdAt: made.createdAt, endsAt: null }],
    createdAt: expect.any(String),
  });
  const path = `${root}/${made.id}`;
  expect(await ok(admin, "GET", path)).toEqual({ ...made, waiting: 0, dead: 0 });
  const second = await ok(admin, "POST", root, { url: `${receiverUrl}/second` });
  const page = await ok(admin, "GET", `${root}?limit=1`);
  expect(page.items).toEqual([made]);
  const next = await ok(admin, "GET", `${root}?limit=1&cursor=${page.nextCursor}`);
  expect(next.items.map(({ id }: { id: string }) => id)).toEqual([second.id]);
  const typed = await ok(admin, "PATCH", path, { types: [] });
  expect(typed).toEqual({ ...made, types: [], secret: null });
  const same = await ok(admin, "PATCH", path, { url: body.url });
  expect(same.secret).toBeNull();
  expect(await ok(admin, "DELETE", path)).toEqual({ removed: true, id: made.id });
  expect((await admin("GET", path)).status).toBe(404);
  const tenant = await rollcall.store.tenants.bySlug("made");
  const entries = await rollcall.store.auditLog.list(tenant?.tenantId as never, { limit: 99 });
  expect(JSON.stringify(entries)).not.toContain("whsec_");
});

test("a rotation is signed for with both secrets for a day, another address with its own alone", async () => {
  const { admin, root } = await newTenant("rotated");
  const { id, secret: first } = await ok(admin, "POST", root, { url: `${receiverUrl}/old` });
  const { secret: second, secrets } = await ok(admin, "POST", `${root}/${id}/rotate`, undefined);
  expect(second).not.toBe(first);
  const [newest, older] = secrets;
  expect(newest.endsAt).toBeNull();
  expect(Date.parse(older.endsAt) - Date.parse(newest.createdAt)).toBe(24 * hourMs);
  await ok(admin, "POST", `${root}/${id}/test`);
  for (const secret of [first, second]) {
    expect(verified("/old", secret)).toHaveLength(1);
  }
  const moved = await ok(admin, "PATCH", `${root}/${id}`, { url: `${receiverUrl}/new` });
  expect(moved.secrets).toHaveLength(1);
  await ok(admin, "POST", `${root}/${id}/test`);
  expect(verified("/new", moved.secret)).toHaveLength(1);
  for (const secret of [first, second]) {
    expect(() => verified("/new", secret)).toThrow();
  }
});

test("a test event is sent once and at once, and tells what the receiver made of it", async () => {
  const { admin, root } = await newTenant("tried");
  const { id, secret } = await ok(admin, "POST", root, { url: `${receiverUrl}/tried` });
  const taken = await ok(admin, "POST", `${root}/${id}/test`);
  expect(taken).toEqual({
    delivered: true,
    status: 204,
    durationMs: expect.any(Number),
    error: null,
  });
  const [sent] = verified("/tried", secret);
  expect(sent?.message).toEqual({
    type: "webhook.test",
    timestamp: expect.any(String),
    tenant: "tried",
    data: { webhookId: id },
  });
  answerStatus = 410;
  const refused = await ok(admin, "POST", `${root}/${id}/test`);
  expect(refused).toMatchObject({ delivered: false, status: 410, error: expect.any(String) });
  // Trying it out decides nothing.
  expect(await ok(admin, "GET", `${root}/${id}`)).toMatchObject({ disabled: false, waiting: 0 });
  expect((await ok(admin, "GET", `${root}/${id}/deliveries`)).items).toEqual([]);
});

test("what happens is delivered, listed and delivered again", async () => {
  const { admin, root, push } = await newTenant("told");
  const body = { url: `${receiverUrl}/told`, types: ["user.created"] };
  const { id, secret } = await ok(admin, "POST", root, body);
  const path = `${root}/${id}`;
  const userId = await push("ann@told.example");
  await push("ben@told.example");
  await vi.waitUntil(
    async () => (await ok(admin, "GET", `${path}/deliveries?state=delivered`)).items.length === 2,
    { timeout: 20_000, interval: 50 },
  );
  const { items, nextCursor } = await ok(admin, "GET", `${path}/deliveries?limit=1`);
  const { items: others } = await ok(
    admin,
    "GET",
    `${path}/deliveries?limit=1&cursor=${nextCursor}`,
  );
  expect(items).toHaveLength(1);
  expect(others).toEqual([
    {
      eventId: expect.any(String),
      type: "user.created",
      eventAt: expect.any(String),
      resourceType: "User",
      resourceId: userId,
      state: "delivered",
      attempts: 1,
      dueAt: null,
      settledAt: expect.any(String),
      status: 204,
      error: null,
      durationMs: expect.any(Number),
    },
  ]);
  const [{ eventId }] = others;
  const ids = verified("/told", secret).map((one) => one.id);
  expect(ids.toSorted()).toEqual([items[0].eventId, eventId].toSorted());
  expect(await ok(admin, "POST", `${path}/replay`, { event: eventId })).toEqual({ events: 1 });
  await vi.waitUntil(() => received.length === 3, { timeout: 20_000, interval: 50 });
  expect(verified("/told", secret)[2]?.id).toBe(eventId);
  expect(await ok(admin, "POST", `${path}/replay`, { from: eventId })).toEqual({ events: 2 });
  await vi.waitUntil(() => received.length === 5, { timeout: 20_000, interval: 50 });
  const from = { from: "2020-01-01T00:00:00Z" };
  expect(await ok(admin, "POST", `${path}/replay`, from)).toEqual({ events: 2 });
  await vi.waitUntil(() => received.length === 7, { timeout: 20_000, interval: 50 });
  expect(await ok(admin, "POST", `${path}/replay`, { from: "2999-01-01" })).toEqual({ events: 0 });
});

test("one that is disabled is told nothing until it is enabled", async () => {
  const { admin, root, push } = await newTenant("silent");
  const body = { url: `${receiverUrl}/silent`, types: ["user.created"] };
  const { id } = await ok(admin, "POST", root, body);
  const disabled = await ok(admin, "POST", `${root}/${id}/disable`, { reason: "moving house" });
  expect(disabled).toMatchObject({ disabled: true, disabledReason: "moving house" });
  await push("ann@silent.example");
  await ok(admin, "POST", `${root}/${id}/test`);
  expect(received.map(({ path }) => path)).toEqual(["/silent"]);
  expect(await ok(admin, "POST", `${root}/${id}/enable`)).toMatchObject({ disabled: false });
  await vi.waitUntil(() => received.length === 2, { timeout: 20_000, interval: 50 });
});

test("what cannot be is refused by its part", async () => {
  const { admin, root } = await newTenant("refused");
  const { id } = await ok(admin, "POST", root, { url: `${receiverUrl}/refused` });
  const path = `${root}/${id}`;
  const refusals: readonly (readonly [string, string, object, number, string?])[] = [
    ["POST", root, {}, 400, "url"],
    ["POST", root, { url: "https://10.0.0.1/" }, 400, "url"],
    ["POST", root, { url: "ftp://example.com/" }, 400, "url"],
    ["POST", root, { url: "https://169.254.169.254/" }, 400, "url"],
    ["POST", root, { url: "https://ann:secret@example.com/" }, 400, "url"],
    ["POST", root, { url: `${receiverUrl}/`, types: ["user"] }, 400, "types"],
    ["PATCH", path, { url: "https://[::ffff:10.0.0.1]/" }, 400, "url"],
    ["POST", `${path}/replay`, {}, 400],
    ["POST", `${path}/replay`, { event: "a", from: "b" }, 400],
    ["POST", `${path}/replay`, { event: "unknown" }, 409],
    ["POST", `${path}/replay`, { from: "2025-13-99" }, 409],
    ["POST", `${root}/nothing/test`, {}, 404],
  ];
  for (const [method, at, body, status, part] of refusals) {
    const answer = await admin(method, at, { body });
    expect(answer.status, `${method} ${at} ${JSON.stringify(body)}`).toBe(status);
    if (part !== undefined) {
      expect(answer.body.errors[0].path).toBe(part);
      expect(JSON.stringify(answer.body)).not.toContain("secret@");
    }
  }
  expect((await ok(admin, "GET", root)).items).toHaveLength(1);
});

test("a credential of another tenant sees none of it", async () => {
  const own = await newTenant("hidden");
  const other = await newTenant("curious-hooks");
  const { id } = await ok(own.admin, "POST", own.root, { url: `${receiverUrl}/hidden` });
  expect((await other.admin("GET", own.root)).status).toBe(404);
  expect((await other.admin("GET", `${other.root}/${id}`)).status).toBe(404);
  expect((await other.admin("DELETE", `${other.root}/${id}`)).status).toBe(404);
  expect((await ok(instance, "GET", own.root)).items).toHaveLength(1);
});

test("a tenant has 50 webhooks and no more", async () => {
  const { admin, root } = await newTenant("many-hooks");
  for (let count = 0; count < 50; count += 1) {
    await ok(admin, "POST", root, { url: `${receiverUrl}/${count}`, types: ["group."] });
  }
  expect((await admin("POST", root, { body: { url: `${receiverUrl}/one` } })).status).toBe(409);
});
