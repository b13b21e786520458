/**
 * PostgreSQL away, and back: what clients and supervisors see, and that nothing acknowledged is lost.
 * `ROLLCALL_OUTAGES` sets how often it is restarted, and makes the sync one of 10,000 people; `npm run test:faults`
 * restarts it 20 times.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestCluster } from "../postgres-for-tests.ts";
import { startTestCluster } from "../postgres-for-tests.ts";
import { findUntold } from "./feed-invariant.ts";
import { findBrokenInvariants } from "./postgres-invariants.ts";
import type { RollcallProcess } from "./rollcall-process.ts";
import { makeDataFolder, serve } from "./rollcall-process.ts";
import { createScimSite, patchMessage, userMessage } from "./scim-site.ts";
import { createSync } from "./sync.ts";
import { createWriter } from "./writer.ts";

const outages = process.env["ROLLCALL_OUTAGES"];
const restarts = Number(outages ?? 3);
const syncUsers = outages === undefined ? 500 : 10_000;
/** An answer comes before a request's time is up. */
const answerMsMax = 25_000;
const backWithinMs = 10_000;

const folder = makeDataFolder();
let cluster: TestCluster;
let servers: RollcallProcess[] = [];

beforeAll(async () => {
  cluster = await startTestCluster();
  const flags = ["--database-url", cluster.url, "--rate-limit", "0"];
  servers = await Promise.all([serve(folder.path, flags), serve(folder.path, flags)]);
}, 120_000);

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await cluster.remove();
  folder.remove();
});

const site = createScimSite(
  () => servers.map(({ baseUrl }) => baseUrl),
  () => ({ folder: folder.path, databaseUrl: cluster.url }),
);
const health = async (path: string) => {
  const url = new URL(servers[0]?.baseUrl ?? "");
  const response = await fetch(`${url.origin}${path}`);
  return { status: response.status, retryAfter: response.headers.get("retry-after") };
};

describe.each(["fast", "immediate"] as const)("stopped, %s", (mode) => {
  test("every request gets 503 with Retry-After in time, and 10 s after the start all is well again", async () => {
    const token = await site.freshConnection(`away-${mode}`);
    const ada = await site.call(token, "POST", "/Users", userMessage({ userName: "ada" }));
    expect(ada.status).toBe(201);
    await cluster.stop(mode);
    const title = patchMessage({ op: "replace", path: "title", value: "t" });
    const beganAt = Date.now();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => [
        site.call(token, "GET", "/Users"),
        site.call(token, "GET", `/Users/${ada.body.id}`),
        site.call(token, "GET", `/Users?filter=${encodeURIComponent('title eq "x"')}`),
        site.call(token, "POST", "/Users", userMessage({ userName: "bob" })),
        site.call(token, "PATCH", `/Users/${ada.body.id}`, title),
        site.call(token, "DELETE", `/Users/${ada.body.id}`),
      ]).flat(),
    );
    expect(Date.now() - beganAt).toBeLessThan(answerMsMax);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    expect(answers.filter(({ retryAfter }) => !Number(retryAfter))).toEqual([]);
    expect(answers[0]?.body.schemas).toEqual(["urn:ietf:params:scim:api:messages:2.0:Error"]);
    expect(await health("/healthz")).toMatchObject({ status: 200 });
    const ready = await health("/readyz");
    expect(ready.status).toBe(503);
    expect(Number(ready.retryAfter)).toBeGreaterThan(0);
    await cluster.start();
    const startedAt = Date.now();
    const both = async () => {
      const seen = await Promise.all([0, 1].map(() => site.call(token, "GET", "/Users")));
      return seen.every(({ status }) => status === 200);
    };
    await expect.poll(both, { timeout: backWithinMs, interval: 50 }).toBe(true);
    console.info(`${mode}: back ${Date.now() - startedAt} ms after the database`);
    expect((await health("/readyz")).status).toBe(200);
    // 404 would mean that a write that got 503 was done all the same, which is allowed; here nobody could do it.
    expect((await site.call(token, "GET", `/Users/${ada.body.id}`)).status).toBe(200);
    expect((await site.call(token, "PATCH", `/Users/${ada.body.id}`, title)).status).toBe(200);
    expect(await findBrokenInvariants(cluster.url)).toEqual([]);
  });
});

test(
  `${restarts} restarts while ${syncUsers} people are synced: nothing acknowledged is lost, and no status but 2xx and 503`,
  async () => {
    const seed = Number(process.env["ROLLCALL_SEED"] ?? Date.now() % 1_000_000);
    const token = await site.freshConnection("sync");
    const baseUrls = servers.map(({ baseUrl }) => baseUrl);
    const sync = createSync({ baseUrls, token, users: syncUsers, workers: 16 });
    const writerToken = await site.freshConnection("writers");
    const writers = [1, 2, 3, 4].map((index) =>
      createWriter(`w${index}`, seed + index, { patient: true }),
    );
    const stop = new AbortController();
    const syncing = sync.run();
    const writing = writers.map((writer, index) =>
      writer.write(baseUrls[index % baseUrls.length] ?? "", writerToken, stop.signal),
    );
    // A failure is told by awaiting them; until then nobody listens.
    for (const work of [syncing, ...writing]) {
      work.catch(() => stop.abort());
    }
    for (let round = 1; round <= restarts && !stop.signal.aborted; round += 1) {
      const due = Math.floor((syncUsers * round) / (restarts + 1));
      while (sync.acknowledged() < due && !stop.signal.aborted) {
        await new Promise((settle) => setTimeout(settle, 5));
      }
      await cluster.stop((round + seed) % 2 === 0 ? "fast" : "immediate");
      await new Promise((settle) => setTimeout(settle, ((seed + round * 137) % 10) * 50));
      await cluster.start();
    }
    await syncing;
    stop.abort();
    await Promise.all(writing);
    const writes = writers.reduce((sum, writer) => sum + writer.acknowledged(), 0);
    console.info(
      `seed ${seed}: ${restarts} restarts, ${sync.acknowledged()} people, ${writes} other writes, ` +
        `statuses ${JSON.stringify(Object.fromEntries(sync.statuses))}, slowest ${sync.slowestMs()} ms`,
    );
    expect(
      [...sync.statuses.keys()].filter((status) => ![200, 201, 503].includes(Number(status))),
    ).toEqual([]);
    expect(sync.statuses.get(503)).toBeGreaterThan(0);
    expect(sync.slowestMs()).toBeLessThan(answerMsMax + 1000);
    const found = [
      ...(await sync.verify()),
      ...(await Promise.all(
        writers.map((writer) => writer.verify(baseUrls[0] ?? "", writerToken)),
      )),
    ].flat();
    expect(found).toEqual([]);
    const verifiedAt = Date.now();
    expect(await findBrokenInvariants(cluster.url)).toEqual([]);
    const data = { folder: folder.path, databaseUrl: cluster.url };
    expect(await findUntold({ baseUrl: baseUrls[0] ?? "", ...data })).toEqual([]);
    console.info(`the invariants took ${Date.now() - verifiedAt} ms to look at`);
    expect(defectsIn(servers)).toEqual([]);
  },
  120_000 + restarts * 30_000 + syncUsers * 150,
);

/** What a server calls a defect of its own has a stack in its log and was a 500. */
function defectsIn(running: readonly RollcallProcess[]): readonly string[] {
  return running.flatMap((server) =>
    server
      .stderr()
      .split("\n")
      .filter((line) => /"message":"request failed"/.test(line)),
  );
}
