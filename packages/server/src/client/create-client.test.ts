import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { adminToken } from "../../../../test/admin-client.ts";
import type { TestRollcall } from "../../../../test/compose-for-tests.ts";
import { composeForTests } from "../../../../test/compose-for-tests.ts";
import { operations } from "../admin-contract/operations.ts";
import { adminOperations } from "./admin-operations.ts";
import type { RollcallClient } from "./create-client.ts";
import { createRollcallClient } from "./create-client.ts";
import { isRollcallProblem } from "./problem-error.ts";
import type { RollcallEvent } from "./rollcall-event.ts";
import { verifyWebhook } from "./verify-webhook.ts";

let rollcall: TestRollcall;
let url = "";
let client: RollcallClient;

beforeAll(async () => {
  rollcall = await composeForTests();
  url = await rollcall.listen();
  client = createRollcallClient({ url: `${url}/`, token: await adminToken(rollcall) });
});

afterAll(() => rollcall.remove());

/** What a promise is rejected with. */
async function refusalOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("operations", () => {
  test("each of the contract has its function", () => {
    const places = operations.map(({ operationId, method, path }) => [
      operationId,
      { method, path },
    ]);
    expect(adminOperations).toEqual(Object.fromEntries(places));
    const functions = Object.entries(client).filter(([, call]) => typeof call === "function");
    expect(functions.map(([id]) => id).toSorted()).toEqual(
      [...operations.map(({ operationId }) => operationId), "followEvents"].toSorted(),
    );
  });

  test("paths, queries and bodies go where they belong, and the answers are those of the server", async () => {
    const tenant = await client.createTenant({ body: { slug: "paths", name: "Paths & more" } });
    expect(await client.readTenant({ tenant: "paths" })).toEqual(tenant);
    const { account } = { account: `ref:${encodeURIComponent("a/b c")}` };
    await client.saveAccountByRef({ ref: "a/b c", body: { email: "ann@paths.example" } });
    const found = await client.readAccount({ account: decodeURIComponent(account) });
    expect(found).toMatchObject({ ref: "a/b c", email: "ann@paths.example" });
    const page = await client.listTenants({ limit: 1 });
    expect(page.items).toHaveLength(1);
    const rest = await client.listTenants({ limit: 1, cursor: page.nextCursor ?? "" });
    expect(rest.items).not.toEqual(page.items);
    expect(await client.deleteTenant({ tenant: "paths" })).toBeUndefined();
  });

  test("a POST with a key is done once", async () => {
    const idempotencyKey = "once";
    const first = await client.createTenant({ body: { slug: "once" }, idempotencyKey });
    expect(await client.createTenant({ body: { slug: "once" }, idempotencyKey })).toEqual(first);
  });

  test("what the server refuses is thrown with all that it says", async () => {
    const missing = await refusalOf(client.readTenant({ tenant: "nobody" }));
    expect(isRollcallProblem(missing)).toBe(true);
    expect(missing).toMatchObject({ status: 404, problem: { status: 404, errors: [] } });
    const stranger = createRollcallClient({ url, token: "rollcall_admin_x" });
    expect(await refusalOf(stranger.listTenants())).toMatchObject({ status: 401 });
    expect(isRollcallProblem(new Error("no"))).toBe(false);
  });

  test("a path is never left by what is put into it", async () => {
    for (const tenant of ["", ".", ".."]) {
      expect(await refusalOf(client.readTenant({ tenant }))).toBeInstanceOf(TypeError);
    }
    const odd = await refusalOf(client.readTenant({ tenant: "../tenants?limit=1" }));
    expect(odd).toMatchObject({ status: 404 });
  });

  test("what has answered in place of the server is told by its status", async () => {
    const proxied = createRollcallClient({
      url,
      token: "t",
      fetch: async () => new Response("<html>", { status: 502, headers: { "retry-after": "7" } }),
    });
    const error = await refusalOf(proxied.listTenants());
    expect(error).toMatchObject({ status: 502, problem: undefined, retryAfterSeconds: 7 });
  });
});

/** Follows until so many events have come. */
async function take(
  count: number,
  follow: (signal: AbortSignal) => AsyncIterable<RollcallEvent>,
): Promise<readonly RollcallEvent[]> {
  const ending = new AbortController();
  const seen: RollcallEvent[] = [];
  for await (const event of follow(ending.signal)) {
    seen.push(event);
    if (seen.length === count) {
      ending.abort();
    }
  }
  return seen;
}

async function createUser(token: string, userName: string): Promise<void> {
  const response = await fetch(`${url}/scim/v2/Users`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
    body: JSON.stringify({
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
      userName,
    }),
  });
  expect(response.status).toBe(201);
}

describe("following events", () => {
  test("what is there comes, what comes later too, and a cursor goes on behind its event", async () => {
    const { token } = await rollcall.newTenant("followed");
    await createUser(token, "ann");
    const follow = (after?: string) => (signal: AbortSignal) =>
      client.followEvents({ tenant: "followed", signal, after });
    const both = take(2, follow());
    await createUser(token, "bea");
    const [ann, bea] = await both;
    expect([ann?.type, bea?.type]).toEqual(["user.created", "user.created"]);
    const again = await take(1, follow(ann?.cursor));
    expect(again).toEqual([bea]);
    // The types know what an event of a type has.
    const name = bea?.type === "user.created" ? bea.data.resource["userName"] : undefined;
    expect(name).toBe("bea");
  });

  test("failures pass: it asks again, tells about them, and misses nothing", async () => {
    const { token } = await rollcall.newTenant("flaky");
    await createUser(token, "ann");
    let asked = 0;
    const flaky = createRollcallClient({
      url,
      token: await adminToken(rollcall, "flaky"),
      fetch: (input, init) => {
        asked += 1;
        if (asked === 1) {
          return Promise.reject(new TypeError("fetch failed"));
        }
        return asked === 2
          ? Promise.resolve(new Response("", { status: 503 }))
          : fetch(input, init);
      },
    });
    const troubles: unknown[] = [];
    const events = await take(1, (signal) =>
      flaky.followEvents({ signal, onTrouble: (error) => troubles.push(error) }),
    );
    expect(events).toHaveLength(1);
    expect(troubles).toMatchObject([{ message: "fetch failed" }, { status: 503 }]);
  });

  test("what would be refused again is thrown", async () => {
    await rollcall.newTenant("refused");
    const follow = client.followEvents({ tenant: "refused", after: "no-cursor" });
    expect(await refusalOf(follow.next())).toMatchObject({ status: 400 });
  });

  test("it ends when it is told to, also while it waits", async () => {
    await rollcall.newTenant("quiet");
    const ending = new AbortController();
    const follow = client.followEvents({ tenant: "quiet", signal: ending.signal });
    const next = follow.next();
    setTimeout(() => ending.abort(), 200);
    expect(await next).toEqual({ done: true, value: undefined });
  });
});

describe("webhooks", () => {
  const secret = `whsec_${Buffer.from("0123456789abcdef0123456789abcdef").toString("base64")}`;
  const body = JSON.stringify({
    type: "sessions.revoke",
    timestamp: "2026-06-01T12:00:00.000Z",
    tenant: "acme",
    data: { id: "u1", resourceType: "User", revision: 1 },
  });
  const signed = (at: Date) => ({
    "webhook-id": "e1",
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": new Webhook(secret).sign("e1", at, body),
  });

  test("a good signature gives the event with its id, from any kind of headers", () => {
    const headers = signed(new Date());
    const event = { id: "e1", ...JSON.parse(body) };
    expect(verifyWebhook({ body, headers, secret })).toEqual(event);
    expect(verifyWebhook({ body, headers: new Headers(headers), secret })).toEqual(event);
  });

  test("a changed body, another secret, an old time and no signature are refused", () => {
    const headers = signed(new Date());
    const other = `whsec_${Buffer.from("another secret, 32 bytes long...").toString("base64")}`;
    const old = signed(new Date(Date.now() - 600_000));
    expect(() => verifyWebhook({ body: `${body} `, headers, secret })).toThrow();
    expect(() => verifyWebhook({ body, headers, secret: other })).toThrow();
    expect(() => verifyWebhook({ body, headers: old, secret })).toThrow();
    expect(() => verifyWebhook({ body, headers: {}, secret })).toThrow();
  });
});
