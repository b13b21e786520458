/** The example application against a running server: its users and sessions follow by feed and by webhook. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openInstance } from "../../packages/server/src/compose.ts";
import { configForTests } from "../compose-for-tests.ts";
import type { RollcallProcess } from "./rollcall-process.ts";
import { makeDataFolder, rollcall, serve } from "./rollcall-process.ts";
import { createScimSite, patchMessage, userMessage } from "./scim-site.ts";

const patience = { timeout: 30_000, interval: 100 };
const folder = makeDataFolder();
const data = ["--data", folder.path];
let server: RollcallProcess;
let token = "";
let feedSettings: Readonly<Record<string, string>>;
const running: ChildProcess[] = [];

/** The application as a process of its own. */
interface App {
  readonly url: string;
  kill(): Promise<void>;
}

async function startApp(settings: Readonly<Record<string, string>>): Promise<App> {
  const child = spawn(process.execPath, [resolve("examples/app/app.mjs")], {
    env: { ...process.env, PORT: "0", ...settings },
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.push(child);
  const ended = new Promise<void>((settle) => child.once("exit", () => settle()));
  const url = await new Promise<string>((settle, fail) => {
    let text = "";
    child.stdout.on("data", (piece: Buffer) => {
      text += piece.toString();
      const found = /listens on (http:\S+)/.exec(text)?.[1];
      if (found !== undefined) {
        settle(found);
      }
    });
    void ended.then(() => fail(new Error(`the application ended: ${text}`)));
  });
  return {
    url,
    kill: () => {
      child.kill("SIGKILL");
      return ended;
    },
  };
}

beforeAll(async () => {
  server = await serve(folder.path, ["--webhook-allow", "127.0.0.0/8"]);
  token = await site.freshConnection("idp");
  const admin = await rollcall("admin-token", "create", "--tenant", "default", ...data);
  feedSettings = {
    ROLLCALL_URL: new URL(server.baseUrl).origin,
    ROLLCALL_TOKEN: admin,
    APP_FILE: join(folder.path, "feed-app.json"),
  };
}, 120_000);

afterAll(async () => {
  for (const child of running) {
    child.kill("SIGKILL");
  }
  await server.stop();
  folder.remove();
});

const site = createScimSite(
  () => [server.baseUrl],
  () => ({ folder: folder.path }),
);

async function usersOf({ url }: App): Promise<readonly object[]> {
  const response = await fetch(`${url}/users`);
  return Object(await response.json());
}

async function signIn({ url }: App, userName: string): Promise<string | number> {
  const response = await fetch(`${url}/sign-in`, {
    method: "POST",
    body: JSON.stringify({ userName }),
  });
  return response.status === 200 ? Object(await response.json()).session : response.status;
}

async function isSignedIn({ url }: App, session: string | number): Promise<boolean> {
  const response = await fetch(`${url}/me`, { headers: { authorization: `Bearer ${session}` } });
  return response.status === 200;
}

/** What every way of being told has to come to. */
async function followsSomebody(app: App, userName: string): Promise<void> {
  const created = await site.call(token, "POST", "/Users", userMessage({ userName }));
  expect(created.status).toBe(201);
  const { id } = created.body;
  const person = { id, userName, name: userName, access: "active", role: "user" };
  await expect.poll(() => usersOf(app), patience).toContainEqual(person);
  const session = await signIn(app, userName);
  expect(await isSignedIn(app, session)).toBe(true);
  const off = patchMessage({ op: "replace", path: "active", value: false });
  await site.call(token, "PATCH", `/Users/${id}`, off);
  await expect.poll(() => isSignedIn(app, session), patience).toBe(false);
  await expect.poll(() => signIn(app, userName), patience).toBe(403);
  const on = patchMessage(
    { op: "replace", path: "active", value: true },
    { op: "replace", path: "displayName", value: "Somebody" },
  );
  await site.call(token, "PATCH", `/Users/${id}`, on);
  await expect.poll(() => usersOf(app), patience).toContainEqual({ ...person, name: "Somebody" });
  const again = await signIn(app, userName);
  expect(await isSignedIn(app, again)).toBe(true);
  await site.call(token, "DELETE", `/Users/${id}`);
  await expect.poll(() => isSignedIn(app, again), patience).toBe(false);
  await expect
    .poll(async () => JSON.stringify(await usersOf(app)), patience)
    .not.toContain(userName);
}

test("by the feed: users come, change and go, and their sessions end", async () => {
  const app = await startApp(feedSettings);
  await followsSomebody(app, "feed@acme.example");
  await app.kill();
}, 120_000);

test("by the feed: what happens while the application is down is there when it is back", async () => {
  const before = await startApp(feedSettings);
  const created = await site.call(token, "POST", "/Users", userMessage({ userName: "ann" }));
  await expect.poll(async () => JSON.stringify(await usersOf(before)), patience).toContain("ann");
  const session = await signIn(before, "ann");
  await before.kill();
  const off = patchMessage({ op: "replace", path: "active", value: false });
  await site.call(token, "PATCH", `/Users/${created.body.id}`, off);
  await site.call(token, "POST", "/Users", userMessage({ userName: "bea" }));
  const after = await startApp(feedSettings);
  await expect.poll(async () => JSON.stringify(await usersOf(after)), patience).toContain("bea");
  expect(await isSignedIn(after, session)).toBe(false);
  expect(await signIn(after, "ann")).toBe(403);
  await after.kill();
}, 120_000);

test("by the feed: whose place in it is gone for good loads everything anew, and follows on", async () => {
  const before = await startApp(feedSettings);
  const cy = await site.call(token, "POST", "/Users", userMessage({ userName: "cy" }));
  await site.call(token, "POST", "/Users", userMessage({ userName: "di" }));
  await expect.poll(async () => JSON.stringify(await usersOf(before)), patience).toContain('"di"');
  const [session, staying] = [await signIn(before, "cy"), await signIn(before, "di")];
  await before.kill();
  const off = patchMessage({ op: "replace", path: "active", value: false });
  await site.call(token, "PATCH", `/Users/${cy.body.id}`, off);
  await dropEvents();
  const after = await startApp(feedSettings);
  await expect.poll(() => isSignedIn(after, session), patience).toBe(false);
  expect(await isSignedIn(after, staying)).toBe(true);
  await site.call(token, "POST", "/Users", userMessage({ userName: "ed" }));
  await expect.poll(async () => JSON.stringify(await usersOf(after)), patience).toContain('"ed"');
  await after.kill();
}, 120_000);

test("by the feed: who comes, is renamed and goes in a gap of the feed is known after it", async () => {
  const appFile = join(folder.path, "gap-app.json");
  const secret = `whsec_${Buffer.alloc(32, "g").toString("base64")}`;
  const settings = { ...feedSettings, APP_FILE: appFile, ROLLCALL_WEBHOOK_SECRET: secret };
  const create = async (userName: string): Promise<string> =>
    (await site.call(token, "POST", "/Users", userMessage({ userName }))).body.id;
  const before = await startApp(settings);
  const [renamed, gone] = [await create("gap-renamed"), await create("gap-gone")];
  await expect.poll(() => namesOf(before), patience).toContain("gap-gone");
  await before.kill();
  const old = await eventAbout(renamed);
  const rename = patchMessage({ op: "replace", path: "displayName", value: "Somebody else" });
  await site.call(token, "PATCH", `/Users/${renamed}`, rename);
  await site.call(token, "DELETE", `/Users/${gone}`);
  const created = await create("gap-new");
  const off = await create("gap-off");
  const deactivate = patchMessage({ op: "replace", path: "active", value: false });
  await site.call(token, "PATCH", `/Users/${off}`, deactivate);
  const beforeOff = await eventAbout(off);
  await dropEvents();
  const after = await startApp(settings);
  await expect.poll(() => namesOf(after), patience).toContain("gap-new");
  const known = await usersOf(after);
  expect(known).toContainEqual(expect.objectContaining({ id: renamed, name: "Somebody else" }));
  expect(known).toContainEqual(expect.objectContaining({ id: created, access: "active" }));
  expect(known).toContainEqual(expect.objectContaining({ id: off, access: "none" }));
  expect(await namesOf(after)).not.toContain("gap-gone");
  expect(typeof (await signIn(after, "gap-new"))).toBe("string");
  // A webhook that tries again what it could not tell before the gap undoes nothing.
  for (const event of [old, beforeOff]) {
    expect(await tell(after, secret, event)).toBe(204);
  }
  expect(await usersOf(after)).toEqual(known);
  expect(await signIn(after, "gap-off")).toBe(403);
  await site.call(token, "DELETE", `/Users/${created}`);
  await expect.poll(() => namesOf(after), patience).not.toContain("gap-new");
  await after.kill();
}, 120_000);

async function namesOf(app: App): Promise<readonly unknown[]> {
  return (await usersOf(app)).map((user) => Object(user).userName);
}

/** The creation of a User as a webhook tells it. */
async function eventAbout(id: string): Promise<ToldEvent> {
  const { ROLLCALL_URL = "", ROLLCALL_TOKEN = "" } = feedSettings;
  const response = await fetch(`${ROLLCALL_URL}/api/v1/events?limit=1000`, {
    headers: { authorization: `Bearer ${ROLLCALL_TOKEN}` },
  });
  const { items } = Object(await response.json());
  return items.find(
    ({ type, data }: ToldEvent) => type === "user.created" && Object(data).id === id,
  );
}

interface ToldEvent {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly data: object;
}

/** Sends an event as Rollcall does; answers with the status. */
async function tell(app: App, secret: string, event: ToldEvent): Promise<number> {
  const { id, type, timestamp, data } = event;
  const body = JSON.stringify({ type, timestamp, tenant: "default", data });
  const now = new Date();
  const response = await fetch(`${app.url}/hooks/rollcall`, {
    method: "POST",
    headers: {
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
      "webhook-signature": new Webhook(secret).sign(id, now, body),
    },
    body,
  });
  return response.status;
}

test("by webhook: who signs in between the end of sessions and the end of access is signed out", async () => {
  const secret = `whsec_${Buffer.alloc(32, "w").toString("base64")}`;
  const app = await startApp({
    ROLLCALL_WEBHOOK_SECRET: secret,
    APP_FILE: join(folder.path, "between-app.json"),
  });
  const id = "2819c223-7f76-453a-919d-413861904646";
  const who = { accountId: "account-1", ref: null };
  const access = { state: "active", role: "user", teams: [], grants: [], locks: [] };
  let events = 0;
  const told = (type: string, data: object): Promise<number> => {
    events += 1;
    const timestamp = new Date().toISOString();
    return tell(app, secret, { id: `event-${events}`, type, timestamp, data: { ...data, ...who } });
  };
  const resource = { userName: "between" };
  const user = { id, resourceType: "User", resource };
  await told("user.created", { ...user, revision: 1, accessRevision: 7, access });
  const first = await signIn(app, "between");
  // Events of the User and of the account are in queues of their own.
  await told("user.deactivated", { ...user, revision: 2 });
  await told("sessions.revoke", { id, resourceType: "User", revision: 2 });
  expect(await isSignedIn(app, first)).toBe(false);
  const between = await signIn(app, "between");
  expect(await isSignedIn(app, between)).toBe(true);
  await told("access.changed", { accessRevision: 8, access: { ...access, state: "suspended" } });
  expect(await isSignedIn(app, between)).toBe(false);
  expect(await signIn(app, "between")).toBe(403);
  // What has ended stays so when access comes back.
  await told("access.changed", { accessRevision: 9, access });
  expect(await isSignedIn(app, between)).toBe(false);
  await app.kill();
}, 120_000);

/** As when they have become too old. */
async function dropEvents(): Promise<void> {
  const config = configForTests(folder.path);
  const instance = await openInstance(config, { role: "cli", now: Date.now });
  const [tenant] = await instance.store.tenants.list();
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
  expect(tenant && (await instance.store.outbox.prune(tenant.tenantId, tomorrow))).toBeGreaterThan(
    0,
  );
  await instance.close();
}

test("by webhook: users come, change and go, and their sessions end", async () => {
  // The secret is known once there is an address, so the application starts behind a port that it is given.
  const probe = await startApp({ APP_FILE: join(folder.path, "probe.json") });
  await probe.kill();
  const { port } = new URL(probe.url);
  const url = `http://127.0.0.1:${port}/hooks/rollcall`;
  const { secret } = JSON.parse(
    await rollcall(
      "webhook",
      "add",
      "default",
      url,
      "--webhook-allow",
      "127.0.0.0/8",
      "--json",
      ...data,
    ),
  );
  const app = await startApp({
    PORT: port,
    ROLLCALL_WEBHOOK_SECRET: secret,
    APP_FILE: join(folder.path, "webhook-app.json"),
  });
  await followsSomebody(app, "hook@acme.example");
  const forged = await fetch(url, { method: "POST", body: "{}" });
  expect(forged.status).toBe(401);
  await app.kill();
}, 120_000);
