/** Long reads in a thread of their own: one snapshot each, in turn, and nothing that happens there stops the server. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ScimError } from "@rollcall/scim";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Script } from "../sql/script.ts";
import { firstRowOf } from "../sql/script.ts";
import { statement } from "../sql/statement.ts";
import type { SqliteDatabase } from "./open-database.ts";
import { openDatabase } from "./open-database.ts";
import type { LaneLimits, ReadingLane, ReadingSnapshot } from "./reading-lane.ts";
import { createReadingLane } from "./reading-lane.ts";
import type { ReadingThread } from "./reading-thread.ts";
import { startReadingThread } from "./reading-thread.ts";

let folder = "";
let database: SqliteDatabase;
const threads: ReadingThread[] = [];
const lanes: ReadingLane[] = [];
const opening = { synchronous: "FULL", busyTimeoutMs: 1000, cacheKiB: 1024 } as const;
const limits: LaneLimits = { waitingMax: 16, waitMsMax: 60_000, readMsMax: 60_000 };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-lane-"));
  database = openDatabase(join(folder, "notes.db"), { ...opening, readOnly: false });
  database.exec("CREATE TABLE notes (text TEXT NOT NULL) STRICT; INSERT INTO notes VALUES ('a')");
});

afterEach(async () => {
  await Promise.all(lanes.splice(0).map((lane) => lane.close()));
  threads.length = 0;
  database.close();
  rmSync(folder, { recursive: true });
});

function openLane(differences: Partial<LaneLimits> = {}): ReadingLane {
  const lane = createReadingLane(
    () => {
      const path = join(folder, "notes.db");
      const thread = startReadingThread({
        path,
        opening: { ...opening, readOnly: true },
        niceness: 0,
      });
      threads.push(thread);
      return thread;
    },
    { ...limits, ...differences },
  );
  lanes.push(lane);
  return lane;
}

const tooMuch = () => new Error("too much");

function* count(): Script<unknown> {
  return yield* firstRowOf(statement("SELECT count(*) AS notes FROM notes"));
}

function counted(snapshot: ReadingSnapshot): Promise<unknown> {
  return snapshot.run(count());
}

test("a read has one snapshot from its first statement on, the next one has another", async () => {
  const lane = openLane();
  const seen = await lane.read(async (snapshot) => {
    const before = await counted(snapshot);
    database.exec("INSERT INTO notes VALUES ('b')");
    return [before, await counted(snapshot)];
  }, tooMuch);
  expect(seen).toEqual([{ notes: 1 }, { notes: 1 }]);
  expect(await lane.read(counted, tooMuch)).toEqual({ notes: 2 });
});

test("reads take turns in one thread, which is started when it is needed", async () => {
  const lane = openLane();
  expect(threads).toHaveLength(0);
  const order: string[] = [];
  await Promise.all(
    ["a", "b"].map((name) =>
      lane.read(async (snapshot) => {
        order.push(`${name} begins`);
        await counted(snapshot);
        order.push(`${name} ends`);
      }, tooMuch),
    ),
  );
  expect(order).toEqual(["a begins", "a ends", "b begins", "b ends"]);
  expect(threads).toHaveLength(1);
});

test("the thread has our functions, and cannot write", async () => {
  const lane = openLane();
  const ask = (sql: string) => lane.read(({ run }) => run(firstRowOf(statement(sql))), tooMuch);
  expect(await ask("SELECT rollcall_fold('ΑΣ') AS f, rollcall_uri_component('a b') AS u")).toEqual({
    f: "ας".replace("ς", "σ"),
    u: "a%20b",
  });
  await expect(ask("DELETE FROM notes")).rejects.toMatchObject({ code: "SQLITE_READONLY" });
  await expect(ask("SELECT missing")).rejects.toThrow("no such column: missing");
  expect(await lane.read(counted, tooMuch)).toEqual({ notes: 1 });
});

test("a read that takes too long is refused between two statements, and the next one is served", async () => {
  const late = openLane({ readMsMax: -1 });
  await expect(late.read(counted, tooMuch)).rejects.toThrow("too much");
  const patient = openLane();
  expect(await patient.read(counted, tooMuch)).toEqual({ notes: 1 });
});

test("what waits beyond the limits is refused, and nothing else", async () => {
  const short = openLane({ waitingMax: 2 });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 5 }, () => short.read(counted, tooMuch)),
  );
  expect(outcomes.map(({ status }) => status)).toEqual([
    "fulfilled",
    "fulfilled",
    "fulfilled",
    "rejected",
    "rejected",
  ]);
  const impatient = openLane({ waitMsMax: -1 });
  await expect(impatient.read(counted, tooMuch)).rejects.toThrow("too much");
});

test("a thread that breaks fails its read with 503 and is replaced", async () => {
  const lane = openLane();
  const broken = lane.read(async (snapshot) => {
    await counted(snapshot);
    await threads[0]?.stop();
    return await counted(snapshot);
  }, tooMuch);
  const waiting = lane.read(counted, tooMuch);
  const error = await broken.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ScimError);
  expect(error).toMatchObject({ status: 503, headers: { "Retry-After": "5" } });
  expect(await waiting).toEqual({ notes: 1 });
  expect(threads).toHaveLength(2);
});

test("a thread that cannot open the database is 503, and works once it can", async () => {
  let path = join(folder, "nowhere.db");
  const lane = createReadingLane(
    () => startReadingThread({ path, opening: { ...opening, readOnly: true }, niceness: 0 }),
    limits,
  );
  lanes.push(lane);
  await expect(lane.read(counted, tooMuch)).rejects.toMatchObject({ status: 503 });
  path = join(folder, "notes.db");
  expect(await lane.read(counted, tooMuch)).toEqual({ notes: 1 });
});

test("closing fails what is under way and what waits, and refuses what comes later", async () => {
  const lane = openLane();
  const reads = [1, 2].map(() =>
    lane.read(async (snapshot) => {
      for (;;) {
        await counted(snapshot);
      }
    }, tooMuch),
  );
  const outcomes = Promise.allSettled(reads);
  await lane.close();
  for (const outcome of await outcomes) {
    expect(outcome).toMatchObject({ status: "rejected", reason: { status: 503 } });
  }
  await expect(lane.read(counted, tooMuch)).rejects.toMatchObject({ status: 503 });
});
