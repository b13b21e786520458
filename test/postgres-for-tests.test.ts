/** The databases and clusters that tests get are empty, their own, sorted as asked, and gone afterwards. */
import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import pg from "pg";
import { describe, expect, test } from "vitest";
import type { TestLocale } from "./postgres-for-tests.ts";
import { createTestDatabase, startTestCluster } from "./postgres-for-tests.ts";

/** Runs statements on one connection; answers with the first column of the last. */
async function ask(url: string, ...statements: readonly string[]): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    let rows: unknown[][] = [];
    for (const text of statements) {
      ({ rows } = await client.query<unknown[]>({ text, rowMode: "array" }));
    }
    return rows.map(([first]) => first);
  } finally {
    await client.end();
  }
}

describe("a database of the run", () => {
  const sorted =
    "SELECT x FROM (VALUES ('a10'), ('a9'), ('B'), ('ä'), ('z'), ('Z')) v (x) ORDER BY x";
  const orders: readonly (readonly [TestLocale, readonly string[]])[] = [
    ["C", ["B", "Z", "a10", "a9", "z", "ä"]],
    ["icu", ["a9", "a10", "ä", "B", "z", "Z"]],
  ];
  test.each(orders)("sorts as asked: %s", async (locale, expected) => {
    const database = await createTestDatabase(locale);
    expect(await ask(database.url, sorted)).toEqual(expected);
    expect(await ask(database.url, "SELECT lower('Ä')")).toEqual([locale === "C" ? "Ä" : "ä"]);
    await database.drop();
  });

  test("is empty, and what is in it is nowhere else", async () => {
    const tables = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    expect(await ask(one.url, "CREATE TABLE seen (x int)", tables)).toEqual(["seen"]);
    expect(await ask(other.url, tables)).toEqual([]);
    await Promise.all([one.drop(), other.drop()]);
  });

  test("is dropped while somebody is connected, and is gone then", async () => {
    const database = await createTestDatabase();
    const client = new pg.Client({ connectionString: database.url });
    const lost = new Promise<Error>((settle) => client.on("error", settle));
    await client.connect();
    await database.drop();
    expect((await lost).message).toMatch(/terminat/);
    await expect(ask(database.url, "SELECT 1")).rejects.toThrow("does not exist");
  });

  test("knows its user by password only", async () => {
    const { url, drop } = await createTestDatabase();
    const stranger = Object.assign(new URL(url), { password: "guess" }).href;
    await expect(ask(stranger, "SELECT 1")).rejects.toThrow("authentication failed");
    await drop();
  });
});

describe("a cluster of its own", () => {
  test("keeps what was committed over a crash and a stop, at the same address", async () => {
    const cluster = await startTestCluster();
    expect(await ask(cluster.url, "SHOW fsync")).toEqual(["on"]);
    expect(await ask(cluster.url, "SHOW full_page_writes")).toEqual(["on"]);
    expect(await ask(cluster.url, "SHOW synchronous_commit")).toEqual(["on"]);
    await ask(cluster.url, "CREATE TABLE kept (x int)", "INSERT INTO kept VALUES (1)");
    for (const mode of ["immediate", "fast"] as const) {
      await cluster.stop(mode);
      await expect(ask(cluster.url, "SELECT 1")).rejects.toThrow("ECONNREFUSED");
      await cluster.start();
      expect(await ask(cluster.url, "SELECT x FROM kept")).toEqual([1]);
    }
    await cluster.remove();
    await expect(ask(cluster.url, "SELECT 1")).rejects.toThrow("ECONNREFUSED");
  }, 60_000);

  test("refuses to start twice, and says why", async () => {
    const cluster = await startTestCluster();
    await expect(cluster.start()).rejects.toThrow(/another server might be running/);
    await cluster.remove();
  });

  test("leaves no files", async () => {
    const homes = () => readdirSync(tmpdir()).filter((name) => name.startsWith("postgres-"));
    const before = new Set(homes());
    const cluster = await startTestCluster();
    const [mine = ""] = homes().filter((name) => !before.has(name));
    expect(mine).not.toBe("");
    await cluster.remove();
    expect(existsSync(`${tmpdir()}/${mine}`)).toBe(false);
  });
});
