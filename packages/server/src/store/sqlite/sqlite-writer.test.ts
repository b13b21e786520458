/** Group commit: writes of one turn share a transaction, and none of them pays for another. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ScimError } from "@rollcall/scim";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Script, Verdict } from "../sql/script.ts";
import { changesOf } from "../sql/script.ts";
import { statement } from "../sql/statement.ts";
import type { SqliteDatabase } from "./open-database.ts";
import { openDatabase } from "./open-database.ts";
import { createSqliteWriter } from "./sqlite-writer.ts";

let folder = "";
const open: SqliteDatabase[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-writer-"));
  database().exec("CREATE TABLE notes (text TEXT NOT NULL PRIMARY KEY) STRICT");
});

afterEach(() => {
  for (const one of open.splice(0)) {
    one.close();
  }
  rmSync(folder, { recursive: true });
});

function database(): SqliteDatabase {
  const opened = openDatabase(join(folder, "notes.db"), {
    readOnly: false,
    synchronous: "FULL",
    busyTimeoutMs: 0,
    cacheKiB: 1024,
  });
  open.push(opened);
  return opened;
}

function* note(text: string, kind: "keep" | "undo" = "keep"): Script<Verdict<string>> {
  yield* changesOf(statement("INSERT INTO notes (text) VALUES (?)", text));
  return { kind, result: text };
}

function notes(): readonly unknown[] {
  return database().prepare("SELECT text FROM notes ORDER BY text").pluck().all();
}

test("writes of one turn are one transaction, acknowledged when it is on disk", async () => {
  const connection = database();
  const writer = createSqliteWriter(connection, { waitMsMax: 0 });
  const writes = ["a", "b", "c"].map((text) => writer.write(() => note(text)));
  expect(connection.inTransaction).toBe(true);
  expect(notes()).toEqual([]);
  expect(await Promise.all(writes)).toEqual(["a", "b", "c"]);
  expect(connection.inTransaction).toBe(false);
  expect(notes()).toEqual(["a", "b", "c"]);
});

test("a write that fails takes nothing else with it", async () => {
  const writer = createSqliteWriter(database(), { waitMsMax: 0 });
  const outcomes = await Promise.allSettled([
    writer.write(() => note("a")),
    writer.write(function* () {
      yield* note("b");
      return yield* note("a");
    }),
    writer.write(() => {
      throw new TypeError("a defect");
    }),
    writer.write(() => note("c")),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual([
    "fulfilled",
    "rejected",
    "rejected",
    "fulfilled",
  ]);
  expect(notes()).toEqual(["a", "c"]);
});

test("a write that undoes leaves nothing and gives its result", async () => {
  const writer = createSqliteWriter(database(), { waitMsMax: 0 });
  const results = await Promise.all([
    writer.write(() => note("a", "undo")),
    writer.write(() => note("b")),
  ]);
  expect(results).toEqual(["a", "b"]);
  expect(notes()).toEqual(["b"]);
});

test("whatever is taken back, wherever it stands, the others are written once and in order", async () => {
  const writer = createSqliteWriter(database(), { waitMsMax: 0 });
  const runs = new Map<string, number>();
  const write = (text: string, kind: "keep" | "undo") =>
    writer.write(() => {
      runs.set(text, (runs.get(text) ?? 0) + 1);
      return note(text, kind);
    });
  const results = await Promise.all([
    write("a", "keep"),
    write("b", "undo"),
    write("c", "keep"),
    write("d", "undo"),
    write("e", "keep"),
  ]);
  expect(results).toEqual(["a", "b", "c", "d", "e"]);
  expect(notes()).toEqual(["a", "c", "e"]);
  // Only what stood before the first one is run twice.
  expect(Object.fromEntries(runs)).toEqual({ a: 2, b: 2, c: 1, d: 1, e: 1 });
});

test("a write that is taken back without having written is run once", async () => {
  const writer = createSqliteWriter(database(), { waitMsMax: 0 });
  let runs = 0;
  const results = await Promise.all([
    writer.write(() => note("a")),
    // biome-ignore lint/correctness/useYield: it has nothing to ask
    writer.write(function* (): Script<Verdict<string>> {
      runs += 1;
      return { kind: "undo", result: "stale" };
    }),
  ]);
  expect([results, runs]).toEqual([["a", "stale"], 1]);
});

test("a transaction that cannot be committed fails for all its writes, and the next one works", async () => {
  const connection = database();
  connection.exec(
    "CREATE TABLE parents (id TEXT PRIMARY KEY) STRICT; CREATE TABLE children (id TEXT REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED) STRICT",
  );
  const writer = createSqliteWriter(connection, { waitMsMax: 0 });
  const outcomes = await Promise.allSettled([
    writer.write(() => note("a")),
    writer.write(function* (): Script<Verdict<void>> {
      yield* changesOf(statement("INSERT INTO children (id) VALUES ('nobody')"));
      return { kind: "keep", result: undefined };
    }),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(notes()).toEqual([]);
  expect(await writer.write(() => note("a"))).toBe("a");
});

test("a write waits for another process and keeps the order", async () => {
  const other = database();
  const writer = createSqliteWriter(database(), { waitMsMax: 60_000 });
  other.exec("BEGIN IMMEDIATE");
  const order: string[] = [];
  const writes = ["a", "b"].map(async (text) => {
    order.push(await writer.write(() => note(text)));
  });
  await new Promise((resolve) => {
    setTimeout(resolve, 30);
  });
  expect(order).toEqual([]);
  other.exec("COMMIT");
  await Promise.all(writes);
  expect(order).toEqual(["a", "b"]);
});

test("a write that waits too long is 503 with Retry-After", async () => {
  const other = database();
  const writer = createSqliteWriter(database(), { waitMsMax: 20 });
  other.exec("BEGIN IMMEDIATE");
  const error = await writer.write(() => note("a")).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ScimError);
  expect(error).toMatchObject({ status: 503, headers: { "Retry-After": "5" } });
  other.exec("COMMIT");
  expect(await writer.write(() => note("a"))).toBe("a");
});

test("a full disk is 503, fails the whole transaction and is over when there is room", async () => {
  const connection = database();
  connection.pragma("max_page_count = 3");
  const writer = createSqliteWriter(connection, { waitMsMax: 0 });
  const outcomes = await Promise.allSettled([
    writer.write(() => note("a")),
    writer.write(() => note("b".repeat(100_000))),
  ]);
  for (const outcome of outcomes.filter(({ status }) => status === "rejected")) {
    expect(outcome).toMatchObject({ reason: { status: 503 } });
  }
  expect(outcomes[1]?.status).toBe("rejected");
  const kept = outcomes[0]?.status === "fulfilled" ? ["a"] : [];
  expect(notes()).toEqual(kept);
  connection.pragma("max_page_count = 1000000");
  expect(await writer.write(() => note("c"))).toBe("c");
});

test("closing commits what is under way and refuses what comes later", async () => {
  const writer = createSqliteWriter(database(), { waitMsMax: 0 });
  const under = writer.write(() => note("a"));
  writer.close();
  expect(await under).toBe("a");
  await expect(writer.write(() => note("b"))).rejects.toMatchObject({ status: 503 });
  expect(notes()).toEqual(["a"]);
});
