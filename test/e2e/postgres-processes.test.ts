/** Two server processes on one PostgreSQL: races, changes by the command line, order, stopping and killing. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openInstance } from "../../packages/server/src/compose.ts";
import { configForTests } from "../compose-for-tests.ts";
import type { TestDatabase } from "../postgres-for-tests.ts";
import { createTestDatabase } from "../postgres-for-tests.ts";
import { findUntold } from "./feed-invariant.ts";
import { countRows, findBrokenInvariants, queryDatabase } from "./postgres-invariants.ts";
import type { RaceSite } from "./races.ts";
import { races } from "./races.ts";
import type { RollcallProcess } from "./rollcall-process.ts";
import { makeDataFolder, rollcall, serve } from "./rollcall-process.ts";
import { createScimSite, patchMessage, sendScim, tally, userMessage } from "./scim-site.ts";
import { createWriter } from "./writer.ts";

/** What a process knows of another one's changes at the latest. */
const knownWithinMs = 5_000;

const folder = makeDataFolder();
let database: TestDatabase;
let dataFlags: readonly string[] = [];
let servers: RollcallProcess[] = [];

const start = (): Promise<RollcallProcess> =>
  serve(folder.path, [...dataFlags.slice(2), "--rate-limit", "0"]);

beforeAll(async () => {
  database = await createTestDatabase();
  dataFlags = ["--data", folder.path, "--database-url", database.url];
  // At once, as an orchestrator starts them.
  servers = await Promise.all([start(), start()]);
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await database.drop();
  folder.remove();
});

const site: RaceSite = {
  ...createScimSite(
    () => servers.map(({ baseUrl }) => baseUrl),
    () => ({ folder: folder.path, databaseUrl: database.url }),
  ),
  countRows: () => countRows(database.url),
};

test("starting at once they made one token between them", async () => {
  const tokens = servers.flatMap(
    (server) => server.stdout().match(/^ {2}rollcall_scim_\w+$/m) ?? [],
  );
  expect(tokens).toHaveLength(1);
  expect(await queryDatabase(database.url, "SELECT slug FROM tenants")).toHaveLength(1);
});

test.each(races)("spread over both: $name", ({ run }) => run(site), 120_000);

describe("what the command line changes reaches both processes within 5 s", () => {
  const statuses = (token: string, path = "/Users") =>
    Promise.all(
      servers.map(
        async ({ baseUrl }) => (await sendScim(`${baseUrl}${path}`, token, "GET")).status,
      ),
    );
  /** Waits until both answer so, and tells how long that took. */
  const untilBoth = async (
    what: string,
    ask: () => Promise<readonly unknown[]>,
    wanted: unknown,
  ) => {
    const beganAt = Date.now();
    while ((await ask()).some((one) => one !== wanted)) {
      expect(Date.now() - beganAt, what).toBeLessThan(knownWithinMs);
      await new Promise((settle) => setTimeout(settle, 50));
    }
    console.info(`${what}: known to both after ${Date.now() - beganAt} ms`);
  };

  test("a token that is made works, and one that is revoked does not", async () => {
    const token = await site.freshConnection("revoked");
    await untilBoth("new token", () => statuses(token), 200);
    const list = await rollcall("token", "list", "default/revoked", "--json", ...dataFlags);
    const [{ credentialId }] = JSON.parse(list);
    // Both are asked all the time, so that they know the token as freshly as they ever do.
    const revoking = rollcall(
      ...["token", "revoke", "default/revoked", credentialId, "--json"],
      ...dataFlags,
    );
    while ((await statuses(token)).some((status) => status !== 401)) {
      await new Promise((settle) => setTimeout(settle, 20));
    }
    const knownAt = Date.now();
    const { revoked } = JSON.parse(await revoking);
    const tookMs = knownAt - Date.parse(revoked);
    console.info(`revocation: known to both at most ${tookMs} ms after it was made`);
    expect(tookMs).toBeLessThan(knownWithinMs);
  });

  test("a connection that is disabled, and enabled again", async () => {
    const token = await site.freshConnection("switched");
    await untilBoth("new token", () => statuses(token), 200);
    await rollcall("connection", "disable", "default/switched", ...dataFlags);
    await untilBoth("disabling", () => statuses(token), 403);
    await rollcall("connection", "enable", "default/switched", ...dataFlags);
    await untilBoth("enabling", () => statuses(token), 200);
  });

  test("settings: what was lenient is strict", async () => {
    const token = await site.freshConnection("settings");
    const path = `/Users?filter=${encodeURIComponent("active eq True")}`;
    await untilBoth("lenient", () => statuses(token, path), 200);
    await rollcall("connection", "set", "default/settings", "strict=on", ...dataFlags);
    await untilBoth("strict", () => statuses(token, path), 400);
  });

  test("an index: both find by it what either of them writes", async () => {
    const token = await site.freshConnection("indexed");
    await site.call(token, "POST", "/Users", userMessage({ userName: "a", title: "Before" }));
    await rollcall("connection", "set", "default/indexed", "--index", "User:title", ...dataFlags);
    await site.call(token, "POST", "/Users", userMessage({ userName: "b", title: "After" }));
    for (const title of ["before", "after"]) {
      const path = `/Users?filter=${encodeURIComponent(`title eq "${title}"`)}`;
      for (const { baseUrl } of servers) {
        const { body } = await sendScim(`${baseUrl}${path}`, token, "GET");
        expect(body.totalResults).toBe(1);
      }
    }
  });
});

test("what concerns a whole tenant is not kept waiting by requests that never cease", async () => {
  const token = await site.freshConnection("busy");
  await site.freshConnection("aside");
  const instance = await openInstance(configForTests(folder.path, { databaseUrl: database.url }), {
    role: "cli",
    now: Date.now,
  });
  const [tenant] = await instance.store.tenants.list();
  const stop = new AbortController();
  let sent = 0;
  const worker = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      sent += 1;
      const message = userMessage({ userName: `busy${sent}` });
      expect((await site.call(token, "POST", "/Users", message)).status).toBe(201);
    }
  };
  const running = Array.from({ length: 32 }, worker);
  await expect.poll(() => sent, { timeout: 20_000 }).toBeGreaterThan(200);
  const tookMs: number[] = [];
  for (const disabled of [true, false, true, false, true, false]) {
    const { connections } = instance.store;
    const connection = tenant && (await connections.bySlug(tenant.tenantId, "aside"));
    if (connection === undefined) {
      throw new Error("the connection was made");
    }
    const beganAt = Date.now();
    await connections.save({ ...connection, disabled }, [], instance.circumstances());
    tookMs.push(Date.now() - beganAt);
  }
  stop.abort();
  await Promise.all(running);
  await instance.close();
  console.info(`saving a connection under load took ${tookMs.join(", ")} ms; ${sent} requests`);
  expect(Math.max(...tookMs)).toBeLessThan(knownWithinMs);
});

test("changes of the same users through both at once: events and audit entries are in the order of versions", async () => {
  const token = await site.freshConnection("order");
  const users = await Promise.all(
    Array.from({ length: 5 }, (_, index) =>
      site.call(token, "POST", "/Users", userMessage({ userName: `u${index}` })),
    ),
  );
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      site.call(
        token,
        "PATCH",
        `/Users/${users[index % users.length]?.body.id}`,
        patchMessage({ op: "replace", path: "title", value: `t${index}` }),
      ),
    ),
  );
  expect(tally(answers)).toEqual({ 200: 200 });
  expect(await findBrokenInvariants(database.url)).toEqual([]);
});

test("the end of sessions is in the feed of the other process by the time that the answer has arrived", async () => {
  const token = await site.freshConnection("revoked-sessions");
  const [one, other] = servers;
  if (one === undefined || other === undefined) {
    throw new Error("there are two servers");
  }
  const created = await rollcall("admin-token", "create", "--json", ...dataFlags);
  const admin = String(JSON.parse(created).token);
  const feed = async (after: string) => {
    const url = `${new URL(other.baseUrl).origin}/api/v1/events?tenant=default&after=${after}`;
    return (await sendScim(url, admin, "GET")).body;
  };
  let { nextCursor } = await feed("now");
  for (let round = 0; round < 40; round += 1) {
    const message = userMessage({ userName: `leaver${round}` });
    const { body } = await sendScim(`${one.baseUrl}/Users`, token, "POST", message);
    const leaving = patchMessage({ op: "replace", path: "active", value: false });
    await sendScim(`${one.baseUrl}/Users/${body.id}`, token, "PATCH", leaving);
    const page = await feed(nextCursor);
    const ended = page.items.filter(({ type }: { type: string }) => type === "sessions.revoke");
    expect(ended.map(({ data }: { data: { id: string } }) => data.id)).toEqual([body.id]);
    nextCursor = page.nextCursor;
  }
});

test("events that both processes write are followed on either of them without a gap and without a repeat", async () => {
  const token = await site.freshConnection("followed");
  const created = await rollcall("admin-token", "create", "--json", ...dataFlags);
  const admin = String(JSON.parse(created).token);
  const state = { isOver: false };
  const read = async (baseUrl: string, query: string) => {
    const url = `${new URL(baseUrl).origin}/api/v1/events?tenant=default&${query}`;
    return (await sendScim(url, admin, "GET")).body;
  };
  const follow = async (baseUrl: string, from: string) => {
    const seen: string[] = [];
    let after = from;
    let wasOver = false;
    do {
      wasOver = state.isOver;
      const body = await read(baseUrl, `limit=50&wait=1&after=${after}`);
      seen.push(...body.items.map(({ id }: { id: string }) => id));
      after = body.nextCursor;
      if (body.items.length > 0) {
        wasOver = false;
      }
    } while (!wasOver);
    return seen;
  };
  const before = (await countRows(database.url)).outboxEvents;
  const { nextCursor } = await read(servers[0]?.baseUrl ?? "", "after=now");
  const following = servers.map(({ baseUrl }) => follow(baseUrl, nextCursor));
  await Promise.all(
    Array.from({ length: 300 }, (_, index) =>
      site.call(token, "POST", "/Users", userMessage({ userName: `followed${index}` })),
    ),
  );
  const written = (await countRows(database.url)).outboxEvents - before;
  state.isOver = true;
  const [one, other] = await Promise.all(following);
  expect(one).toHaveLength(written);
  expect(new Set(one).size).toBe(written);
  expect(other).toEqual(one);
});

test("a process that is asked to stop under load answers everything it was asked, and the other goes on", async () => {
  const token = await site.freshConnection("graceful");
  const [leaving, staying] = servers;
  if (leaving === undefined || staying === undefined) {
    throw new Error("there are two servers");
  }
  const names = Array.from({ length: 400 }, (_, index) => `g${index}`);
  const created: string[] = [];
  let refusedConnections = 0;
  let stopped: Promise<number | null> | undefined;
  const post = (url: string, name: string) =>
    sendScim(`${url}/Users`, token, "POST", userMessage({ userName: name, externalId: name }));
  /** The one that leaves takes no new connections; a request that it has taken it must answer. */
  const postToLeaving = (name: string) =>
    post(leaving.baseUrl, name).catch((error: unknown) => {
      const cause = error instanceof Error ? error.cause : error;
      expect(String(cause)).toMatch(/ECONNREFUSED|other side closed|ECONNRESET/);
      refusedConnections += 1;
      return post(staying.baseUrl, name);
    });
  const worker = async (): Promise<void> => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      if (created.length > 100) {
        stopped ??= leaving.stop();
      }
      const isTurnOfLeaving = names.length % 2 === 0;
      const { status } = await (isTurnOfLeaving
        ? postToLeaving(name)
        : post(staying.baseUrl, name));
      // A request that was carried out and not answered would be found again: 200.
      expect(status).toBe(201);
      created.push(name);
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  expect(await stopped).toBe(0);
  expect(created).toHaveLength(400);
  expect(refusedConnections).toBeGreaterThan(0);
  const { body } = await sendScim(`${staying.baseUrl}/Users?count=0`, token, "GET");
  expect(body.totalResults).toBe(400);
  servers = [staying, await start()];
  expect(await findBrokenInvariants(database.url)).toEqual([]);
});

test("kill -9 of one process under load: nothing acknowledged is lost, and the other goes on", async () => {
  const token = await site.freshConnection("killed");
  const [dying, living] = servers;
  if (dying === undefined || living === undefined) {
    throw new Error("there are two servers");
  }
  const seed = Number(process.env["ROLLCALL_SEED"] ?? Date.now() % 1_000_000);
  console.info(`seed ${seed}`);
  const writersTo = (prefix: string, offset: number) =>
    Array.from({ length: 6 }, (_, index) =>
      createWriter(`${prefix}${index}`, seed + offset + index),
    );
  const doomed = writersTo("d", 0);
  const others = writersTo("o", 100);
  const stop = new AbortController();
  const running = [
    ...doomed.map((writer) => writer.write(dying.baseUrl, token)),
    ...others.map((writer) => writer.write(living.baseUrl, token, stop.signal)),
  ];
  const written = (writers: readonly { acknowledged(): number }[]) =>
    writers.reduce((sum, writer) => sum + writer.acknowledged(), 0);
  await expect.poll(() => written(doomed), { timeout: 30_000 }).toBeGreaterThan(60);
  await dying.kill();
  const before = written(others);
  await expect.poll(() => written(others), { timeout: 30_000 }).toBeGreaterThan(before + 60);
  stop.abort();
  await Promise.all(running);
  const found = await Promise.all(
    [...doomed, ...others].map((writer) => writer.verify(living.baseUrl, token)),
  );
  expect(found.flat()).toEqual([]);
  servers = [living, await start()];
  expect(await findBrokenInvariants(database.url)).toEqual([]);
  const data = { folder: folder.path, databaseUrl: database.url };
  expect(await findUntold({ baseUrl: living.baseUrl, ...data })).toEqual([]);
});
