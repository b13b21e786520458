import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStandardRegistry } from "@rollcall/scim";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Receiver } from "../../../../test/webhook-receiver.ts";
import { startReceiver, statusAnswer } from "../../../../test/webhook-receiver.ts";
import { openSqliteStore } from "../store/sqlite/open-sqlite-store.ts";
import type { Store, WebhookQueue } from "../store/store.ts";
import type { WebhookSite } from "../store/webhook-site.ts";
import { createWebhookSite, laterMs } from "../store/webhook-site.ts";
import type { AddressResolver } from "./checked-connection.ts";
import type { WebhookDispatcher, WebhookDispatcherParts } from "./deliver-webhooks.ts";
import { createWebhookDispatcher } from "./deliver-webhooks.ts";
import { createSendWebhook } from "./send-webhook.ts";

/** A busy machine takes its time. */
const patience = { timeout: 30_000 };
const secret = `whsec_${Buffer.alloc(32, "s").toString("base64")}`;
const clock = { ms: laterMs };
let folder = "";
let store: Store;
let site: WebhookSite;
let receiver: Receiver;
const receivers: Receiver[] = [];
const dispatchers: WebhookDispatcher[] = [];
const warnings: unknown[][] = [];
const errors: string[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-webhooks-"));
  let ids = 0;
  store = await openSqliteStore({
    folder,
    role: "server",
    newId: () => `id-${++ids}`,
    keyedHash: (text) => text,
  });
  site = await createWebhookSite(store, createStandardRegistry());
  clock.ms = laterMs;
  warnings.length = 0;
  errors.length = 0;
  receiver = await newReceiver();
});
afterEach(async () => {
  await Promise.all(receivers.splice(0).map((one) => one.close()));
  await Promise.all(dispatchers.splice(0).map((dispatcher) => dispatcher.stop()));
  await store.close();
  rmSync(folder, { recursive: true });
});

async function newReceiver(): Promise<Receiver> {
  const started = await startReceiver();
  receivers.push(started);
  return started;
}

/** Makes a webhook that leads to a receiver. */
const add = (id: string, { port }: Receiver) =>
  site.add(id, { url: `http://hooks.example.com:${port}/${id}` });

function dispatch({
  queue = {},
  resolve = async () => ["127.0.0.1"],
  ...parts
}: Partial<Omit<WebhookDispatcherParts, "queue">> & {
  /** What the queue does otherwise. */
  readonly queue?: Partial<WebhookQueue>;
  readonly resolve?: AddressResolver;
} = {}): WebhookDispatcher {
  const dispatcher = createWebhookDispatcher({
    queue: { ...store.webhookQueue, ...queue },
    tenants: store.tenants,
    send: createSendWebhook({
      allowed: ["127.0.0.0/8"],
      resolve,
      timeoutMs: 20_000,
      openSecret: () => secret,
      now: () => clock.ms,
      version: "1.2.3",
    }),
    now: () => clock.ms,
    chance: () => 0.5,
    log: {
      warn: (...line) => warnings.push(line),
      error: (message) => errors.push(message),
    },
    times: { pollMs: 50 },
    ...parts,
  });
  dispatchers.push(dispatcher);
  return dispatcher;
}
const idsOf = ({ requests }: Receiver) => requests.map(({ headers }) => headers["webhook-id"]);
const states = async (id: string) => (await site.list(id)).map(({ state }) => state);
const tries = async (id: string) => (await site.list(id)).map(({ attempts }) => attempts);

test("what is there is delivered once, in order, and then what comes", async () => {
  await add("a", receiver);
  const group = await site.create("one");
  await site.rename(group, "two");
  await site.rename(group, "three");
  const dispatcher = dispatch();
  await expect.poll(() => states("a"), patience).toEqual(Array(3).fill("delivered"));
  await site.rename(group, "four");
  dispatcher.wake();
  await expect.poll(() => states("a"), patience).toEqual(Array(4).fill("delivered"));
  const events = await store.outbox.list(site.tenantId, { after: 0, limit: 100 });
  expect(idsOf(receiver)).toEqual(events.map(({ eventId }) => eventId));
  expect(JSON.parse(receiver.requests[0]?.body ?? "")).toMatchObject({ tenant: "acme" });
  expect([warnings, errors]).toEqual([[], []]);
});

test("several dispatchers on one queue deliver each event once", async () => {
  await add("a", receiver);
  await Promise.all(Array.from({ length: 40 }, (_, index) => site.create(`g${index}`)));
  dispatch();
  dispatch();
  dispatch();
  await expect.poll(() => states("a"), patience).toEqual(Array(40).fill("delivered"));
  expect(new Set(idsOf(receiver)).size).toBe(40);
  expect(receiver.requests).toHaveLength(40);
});

test("what fails is told of in the log without its data, and tried again when it is time and not before", async () => {
  await add("a", receiver);
  receiver.answerWith(statusAnswer(500));
  await site.create("one");
  dispatch();
  await expect.poll(() => tries("a"), patience).toEqual([1]);
  expect(warnings).toEqual([
    [
      "delivery to a webhook failed",
      {
        tenantId: site.tenantId,
        webhookId: "a",
        eventId: idsOf(receiver)[0],
        attempts: 1,
        status: 500,
        error: "the receiver answered 500",
        retryAt: new Date(laterMs + 5_000).toISOString(),
      },
    ],
  ]);
  clock.ms += 4_900;
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(receiver.requests).toHaveLength(1);
  receiver.answerWith(statusAnswer(200));
  clock.ms += 200;
  await expect.poll(() => states("a"), patience).toEqual(["delivered"]);
  expect(new Set(idsOf(receiver)).size).toBe(1);
});

test("Retry-After of the receiver is waited for", async () => {
  await add("a", receiver);
  receiver.answerWith(statusAnswer(429, { "retry-after": "3600" }));
  await site.create("one");
  dispatch();
  await expect
    .poll(async () => (await site.list("a"))[0]?.due, patience)
    .toBe(new Date(laterMs + 3_600_000).toISOString());
});

test("after the tenth failure it is a dead letter, and the next one of the resource has its turn", async () => {
  await add("a", receiver);
  receiver.answerWith((response, { body }) =>
    response.writeHead(body.includes("created") ? 500 : 200).end(),
  );
  await site.rename(await site.create("one"), "two");
  dispatch();
  for (let attempts = 1; attempts <= 10; attempts += 1) {
    await expect
      .poll(async () => Math.max(...(await tries("a"))), patience)
      .toBeGreaterThanOrEqual(attempts);
    clock.ms += 24 * 3_600_000;
  }
  await expect.poll(() => states("a"), patience).toEqual(["delivered", "dead"]);
  expect(receiver.requests).toHaveLength(11);
});

test("a process that was frozen longer than its claim sends nothing", async () => {
  await add("a", receiver);
  await site.create("one");
  let claims = 0;
  const seen: number[] = [];
  dispatch({
    queue: {
      claimDue: async (...wish) => {
        const claimed = await store.webhookQueue.claimDue(...wish);
        claims += claimed.length;
        if (claimed.length > 0 && claims === 1) {
          clock.ms += 61_000;
        }
        return claimed;
      },
      release: async (delivery) => {
        seen.push(receiver.connections());
        await store.webhookQueue.release(delivery);
      },
    },
  });
  await expect.poll(() => states("a"), patience).toEqual(["delivered"]);
  expect(seen).toEqual([0]);
  expect(receiver.requests).toHaveLength(1);
  expect(await tries("a")).toEqual([1]);
});

test("a process that is frozen while it looks for the receiver sends nothing either", async () => {
  await add("a", receiver);
  await site.create("one");
  let asked = 0;
  const seen: number[] = [];
  dispatch({
    resolve: async () => {
      asked += 1;
      clock.ms += asked === 1 ? 61_000 : 0;
      return ["127.0.0.1"];
    },
    queue: {
      release: async (delivery) => {
        seen.push(receiver.requests.length);
        await store.webhookQueue.release(delivery);
      },
    },
  });
  await expect.poll(() => states("a"), patience).toEqual(["delivered"]);
  expect(seen).toEqual([0]);
  expect(receiver.requests).toHaveLength(1);
  expect(await tries("a")).toEqual([1]);
});

test("what was delivered while the database was away is noted later and not sent again", async () => {
  await add("a", receiver);
  await site.create("one");
  let marks = 0;
  dispatch({
    queue: {
      markDelivered: async (...mark) => {
        marks += 1;
        if (marks === 1) {
          throw new Error("the database is away");
        }
        await store.webhookQueue.markDelivered(...mark);
      },
    },
  });
  await expect.poll(() => errors.length, patience).toBe(1);
  clock.ms += 61_000;
  await expect.poll(() => states("a"), patience).toEqual(["delivered"]);
  expect(receiver.requests).toHaveLength(1);
});

test("a database that is away is told of once, and delivering goes on when it is back", async () => {
  await add("a", receiver);
  await site.create("one");
  let asked = 0;
  dispatch({
    queue: {
      fill: (...wish) => {
        asked += 1;
        return asked <= 5
          ? Promise.reject(new Error("the database is away"))
          : store.webhookQueue.fill(...wish);
      },
    },
  });
  await expect.poll(() => states("a"), patience).toEqual(["delivered"]);
  expect(errors).toEqual(["deliveries to webhooks could not be taken"]);
});

test("dozens of receivers that hang hold up nobody else", async () => {
  const hanging = await newReceiver();
  hanging.answerWith(() => undefined);
  await Promise.all(Array.from({ length: 40 }, (_, index) => add(`hanging-${index}`, hanging)));
  for (let index = 0; index < 9; index += 1) {
    await site.create(`g${index}`);
  }
  const dispatcher = dispatch({ times: { pollMs: 50, stopMsMax: 10 } });
  await expect
    .poll(() => new Set(hanging.requests.map(({ path }) => path)).size, patience)
    .toBe(40);
  await add("good", receiver);
  await site.create("late");
  await expect.poll(() => states("good"), patience).toEqual(["delivered"]);
  expect(hanging.requests.length).toBeLessThanOrEqual(256);
  const ofOne = hanging.requests.filter(({ path }) => path === "/hanging-0");
  expect(ofOne.length).toBeLessThanOrEqual(8);
  await dispatcher.stop();
});

test("as soon as a place is free the next one is sent, however long the pauses are", async () => {
  await add("a", receiver);
  const group = await site.create("g");
  for (let index = 0; index < 5; index += 1) {
    await site.rename(group, `name ${index}`);
  }
  await Promise.all(Array.from({ length: 30 }, (_, index) => site.create(`g${index}`)));
  const never = 3_600_000;
  const dispatcher = dispatch({
    times: {
      pollMs: never,
      gapMs: never,
      idleGapMs: never,
      gapMsMin: 1,
      idleLateMsMax: Number.POSITIVE_INFINITY,
    },
  });
  await expect.poll(() => states("a"), patience).toEqual(Array(36).fill("delivered"));
  expect(receiver.requests).toHaveLength(36);
  // Nor does a stop wait for the end of a pause.
  await dispatcher.stop();
});

test("a stop lets what is under way finish and takes nothing new", async () => {
  await add("a", receiver);
  const held: (() => void)[] = [];
  receiver.answerWith((response) => held.push(() => response.writeHead(200).end()));
  await site.create("one");
  const dispatcher = dispatch();
  await expect.poll(() => held.length, patience).toBe(1);
  const stopped = dispatcher.stop();
  await site.create("two");
  dispatcher.wake();
  held[0]?.();
  await stopped;
  expect(receiver.requests).toHaveLength(1);
  expect(await tries("a")).toEqual([1]);
  expect(await states("a")).toEqual(["delivered"]);
});

test("a stop gives back what hangs: it is due at once, for whoever comes next, and no attempt is counted", async () => {
  await add("a", receiver);
  receiver.answerWith(() => undefined);
  await site.create("one");
  const dispatcher = dispatch({ times: { pollMs: 50, stopMsMax: 10 } });
  await expect.poll(() => receiver.requests.length, patience).toBe(1);
  await dispatcher.stop();
  expect(await tries("a")).toEqual([0]);
  receiver.answerWith(statusAnswer(200));
  dispatch();
  await expect.poll(() => states("a"), patience).toEqual(["delivered"]);
  expect(new Set(idsOf(receiver)).size).toBe(1);
  expect([warnings, errors]).toEqual([[], []]);
});

test("410 disables, in the name of the system, and what waits is kept", async () => {
  const { webhookId } = await add("a", receiver);
  receiver.answerWith(statusAnswer(410));
  await site.create("one");
  dispatch();
  const read = () => store.webhooks.byId(site.tenantId, webhookId);
  await expect
    .poll(async () => (await read())?.disabled, patience)
    .toMatchObject({
      reason: "the receiver answered 410: it wants nothing any more",
    });
  await site.create("two");
  await expect.poll(() => states("a"), patience).toEqual(["waiting"]);
  expect(receiver.requests).toHaveLength(1);
});
