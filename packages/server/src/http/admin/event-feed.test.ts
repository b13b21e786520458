/** The event feed over real HTTP: order, cursors, waiting, what is kept no longer, and who may read it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AdminClient } from "../../../../../test/admin-client.ts";
import { adminToken, createAdminClient } from "../../../../../test/admin-client.ts";
import type { TestRollcall } from "../../../../../test/compose-for-tests.ts";
import { composeForTests } from "../../../../../test/compose-for-tests.ts";
import { pruneOldRecords } from "../../provisioning/prune-old-records.ts";
import { waitingClientsMax } from "../event-waiting.ts";

const dayMs = 86_400_000;
let rollcall: TestRollcall;
let origin = "";
let instance: AdminClient;

beforeAll(async () => {
  rollcall = await composeForTests();
  origin = await rollcall.listen();
  instance = createAdminClient(origin, await adminToken(rollcall));
});

afterAll(() => rollcall.remove());

let tenants = 0;

/** A tenant of its own, with what a client of it and an application of it can do. */
async function newSite() {
  tenants += 1;
  const slug = `feed${tenants}`;
  const { token, scope } = await rollcall.newTenant(slug);
  const adminBearer = await adminToken(rollcall, slug);
  const client = createAdminClient(origin, adminBearer);
  const scim = async (method: string, path: string, body: object) => {
    const response = await fetch(`${origin}/scim/v2${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
      body: JSON.stringify(body),
    });
    return (await response.json()) as { id: string };
  };
  return {
    slug,
    scope,
    client,
    adminBearer,
    create: (userName: string) =>
      scim("POST", "/Users", {
        schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
        userName,
      }),
    deactivate: (id: string) =>
      scim("PATCH", `/Users/${id}`, {
        schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        Operations: [{ op: "replace", path: "active", value: false }],
      }),
    feed: async (query = "") => (await client("GET", `/events?${query}`)).body,
  };
}

function typesOf(feed: { items: readonly { type: string }[] }): readonly string[] {
  return feed.items.map(({ type }) => type);
}

describe("reading", () => {
  test("events come in order, a page at a time, and each has a cursor to go on behind it", async () => {
    const { create, deactivate, feed, slug } = await newSite();
    const ann = await create("ann@acme.example");
    await deactivate(ann.id);
    const all = await feed();
    const told = ["user.created", "user.deactivated", "sessions.revoke", "access.changed"];
    expect(typesOf(all)).toEqual(told);
    expect(all.items[0]).toMatchObject({ tenant: slug, data: { id: ann.id, ref: null } });
    expect(all.items[2].data).toMatchObject({ id: ann.id, accountId: expect.any(String) });
    const first = await feed("limit=2");
    expect(first.items).toEqual(all.items.slice(0, 2));
    expect(first.nextCursor).toBe(all.items[1].cursor);
    const rest = await feed(`after=${first.nextCursor}`);
    expect(rest.items).toEqual(all.items.slice(2));
    const none = await feed(`after=${rest.nextCursor}`);
    expect(none).toEqual({ items: [], nextCursor: rest.nextCursor });
    await create("bea@acme.example");
    expect(typesOf(await feed(`after=${none.nextCursor}`))).toEqual(["user.created"]);
  });

  test("a tenant without events has a cursor, and what comes is behind it", async () => {
    const { create, feed } = await newSite();
    const nothing = await feed();
    expect(nothing.items).toEqual([]);
    await create("ann@acme.example");
    expect(typesOf(await feed(`after=${nothing.nextCursor}`))).toEqual(["user.created"]);
  });

  test("now is where the feed ends: told at once, and nothing of before is behind it", async () => {
    const { create, feed } = await newSite();
    await create("ann@acme.example");
    const now = await feed("after=now&wait=30");
    expect(now.items).toEqual([]);
    const bea = await create("bea@acme.example");
    const { items } = await feed(`after=${now.nextCursor}`);
    expect(items.map(({ data }: { data: { id: string } }) => data.id)).toEqual([bea.id]);
  });

  test("the end of sessions is in the feed by the time the answer of the sync has arrived", async () => {
    const { create, deactivate, feed } = await newSite();
    let { nextCursor } = await feed("after=now");
    for (let round = 0; round < 10; round += 1) {
      const { id } = await create(`ann${round}@acme.example`);
      await deactivate(id);
      const page = await feed(`after=${nextCursor}`);
      expect(typesOf(page)).toContain("sessions.revoke");
      nextCursor = page.nextCursor;
    }
  });
});

describe("who may read", () => {
  test("a credential of the instance names a tenant; one of a tenant sees no other", async () => {
    const one = await newSite();
    const other = await newSite();
    await one.create("ann@acme.example");
    const unnamed = await instance("GET", "/events");
    expect(unnamed.status).toBe(400);
    expect(unnamed.body.errors[0].path).toBe("tenant");
    const named = await instance("GET", `/events?tenant=${one.slug}`);
    expect(named.body).toEqual(await one.feed());
    expect(await one.feed(`tenant=${one.slug}`)).toEqual(named.body);
    const foreign = await other.client("GET", `/events?tenant=${one.slug}`);
    const missing = await other.client("GET", "/events?tenant=nobody");
    expect([foreign.status, missing.status]).toEqual([404, 404]);
    expect(foreign.body.detail).toBe(missing.body.detail);
    expect((await instance("GET", "/events?tenant=nobody")).status).toBe(404);
  });

  test("a cursor of another tenant, a changed one and none at all are 400", async () => {
    const one = await newSite();
    const other = await newSite();
    await one.create("ann@acme.example");
    const { nextCursor } = await one.feed();
    const lists = await one.client("GET", `/tenants/${one.slug}/events`);
    const changed = `${nextCursor.startsWith("A") ? "B" : "A"}${nextCursor.slice(1)}`;
    for (const cursor of [changed, `${nextCursor}A`, "1", "x y", lists.body.nextCursor]) {
      const answer = await one.client("GET", `/events?after=${encodeURIComponent(cursor)}`);
      expect([answer.status, answer.body.errors[0].path]).toEqual([400, "after"]);
    }
    expect((await other.client("GET", `/events?after=${nextCursor}`)).status).toBe(400);
  });

  test.each(["limit=0", "limit=1001", "wait=31", "wait=-1", "wait=x", "after=", "types=user."])(
    "%s is 400",
    async (query) => {
      const { client } = await newSite();
      expect((await client("GET", `/events?${query}`)).status).toBe(400);
    },
  );
});

describe("what is kept no longer", () => {
  test("a cursor with something gone behind it is 410 and says where to go on; others stay good", async () => {
    const { create, feed, client, scope } = await newSite();
    const empty = await feed();
    await create("ann@acme.example");
    const first = await feed();
    await create("bea@acme.example");
    const second = await feed(`after=${first.nextCursor}`);
    const future = new Date(Date.now() + dayMs).toISOString();
    expect(await rollcall.store.outbox.prune(scope.tenantId, future)).toBe(2);
    expect((await feed(`after=${second.nextCursor}`)).items).toEqual([]);
    const whatIsGone = async (cursor: string) => {
      const { status, body } = await client("GET", `/events?after=${cursor}`);
      expect([status, body.type]).toEqual([410, "urn:rollcall:problem:cursor-gone"]);
      return body.oldestCursor;
    };
    expect((await feed(`after=${await whatIsGone(first.nextCursor)}`)).items).toEqual([]);
    const { id } = await create("cy@acme.example");
    for (const cursor of [empty.nextCursor, first.nextCursor]) {
      const { items } = await feed(`after=${await whatIsGone(cursor)}`);
      expect(items.map(({ data }: { data: { id: string } }) => data.id)).toEqual([id]);
      expect(await feed()).toEqual({ items, nextCursor: items.at(-1).cursor });
      expect((await feed(`after=${second.nextCursor}`)).items).toEqual(items);
    }
  });
});

describe("how long events are kept", () => {
  test("POLL-12 90 days, and no day less", async () => {
    const { create, feed } = await newSite();
    await create("ann@acme.example");
    const { items } = await feed();
    await pruneOldRecords(rollcall.store, Date.now() + 89 * dayMs);
    expect((await feed()).items).toEqual(items);
    await pruneOldRecords(rollcall.store, Date.now() + 91 * dayMs);
    expect((await feed()).items).toEqual([]);
  });
});

describe("waiting", () => {
  test("an event that comes meanwhile is told, to everybody who waits", async () => {
    const { create, feed } = await newSite();
    const { nextCursor } = await feed();
    const waiting = Array.from({ length: 20 }, () => feed(`after=${nextCursor}&wait=30`));
    const { id } = await create("ann@acme.example");
    for (const { items } of await Promise.all(waiting)) {
      expect(items[0].data.id).toBe(id);
    }
  });

  test("what another process writes is told too", async () => {
    const { feed, slug } = await newSite();
    const tenant = await rollcall.store.tenants.bySlug(slug);
    const account = await rollcall.people.createAccount({ email: undefined, ref: "a1" });
    const { nextCursor } = await feed();
    const waiting = feed(`after=${nextCursor}&wait=30`);
    if (tenant === undefined) {
      throw new Error("the tenant was made");
    }
    // No request of this server does it, so that nothing but looking tells: as when a command has done it.
    const adding = { kind: "add", role: "user" } as const;
    await rollcall.people.changeMembership({ tenant, account }, adding);
    const page = await waiting;
    expect(typesOf(page)).toEqual(["access.changed"]);
    expect(page.items[0].data).toMatchObject({ accountId: account.accountId, ref: "a1" });
  });

  test("whose token is revoked while waiting is told nothing that comes after", async () => {
    const { create, feed, slug, scope } = await newSite();
    const wish = { tenantId: scope.tenantId, name: "to be revoked", creator: "test" } as const;
    const lifetime = { kind: "days", days: 30 } as const;
    const { credential, token } = await rollcall.issueAdminCredential({ ...wish, lifetime });
    const { nextCursor } = await feed();
    const url = `${origin}/api/v1/events?tenant=${slug}&after=${nextCursor}&wait=30`;
    const waiting = fetch(url, { headers: { authorization: `Bearer ${token}` } });
    await expect.poll(async () => (await feed(`after=${nextCursor}`)).items).toEqual([]);
    await new Promise((settle) => setTimeout(settle, 300));
    const at = new Date().toISOString();
    const circumstances = { actor: { kind: "system", id: "test" }, requestId: "test" } as const;
    await rollcall.store.adminCredentials.revoke(credential.credentialId, at, circumstances);
    await create("ann@acme.example");
    const answer = await waiting;
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toContain("invalid_token");
    expect(await answer.text()).not.toContain("ann@");
  });

  test("when the time is up the answer is empty, with the same cursor", async () => {
    const { feed } = await newSite();
    const { nextCursor } = await feed();
    expect(await feed(`after=${nextCursor}&wait=1`)).toEqual({ items: [], nextCursor });
  });

  test("more than may wait are refused, and whoever goes away makes room", async () => {
    const { feed, adminBearer } = await newSite();
    const { nextCursor } = await feed();
    const leaving = new AbortController();
    const url = `${origin}/api/v1/events?after=${nextCursor}&wait=30`;
    const ask = (signal?: AbortSignal) =>
      fetch(url, {
        headers: { authorization: `Bearer ${adminBearer}` },
        ...(signal === undefined ? {} : { signal }),
      });
    const waiting = Array.from({ length: waitingClientsMax + 1 }, () =>
      ask(leaving.signal).then(
        ({ status }) => status,
        () => "left",
      ),
    );
    expect(await Promise.race(waiting)).toBe(429);
    leaving.abort();
    const outcomes = await Promise.all(waiting);
    expect(outcomes.filter((one) => one === "left")).toHaveLength(waitingClientsMax);
    await expect
      .poll(async () => (await ask(AbortSignal.timeout(500)).catch(() => undefined))?.status, {
        timeout: 20_000,
      })
      .not.toBe(429);
  });

  test("a server that stops answers whoever waits, at once and empty", async () => {
    const stopping = await composeForTests();
    const stoppingOrigin = await stopping.listen();
    await stopping.newTenant("acme");
    const client = createAdminClient(stoppingOrigin, await adminToken(stopping, "acme"));
    const { nextCursor } = (await client("GET", "/events")).body;
    const waiting = Array.from({ length: 5 }, () =>
      client("GET", `/events?after=${nextCursor}&wait=30`),
    );
    // Connections are taken one after the other: once this is answered, the others are waiting, or are about to.
    await client("GET", "/tenants");
    await new Promise((settle) => setTimeout(settle, 500));
    const stopped = stopping.remove();
    for (const { status, body } of await Promise.all(waiting)) {
      expect([status, body]).toEqual([200, { items: [], nextCursor }]);
    }
    await stopped;
  });
});
