/** `rollcall migrate` on PostgreSQL, killed at any time and started by several, and servers that a newer schema stops. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrateData } from "../../packages/server/src/compose.ts";
import { configForTests } from "../compose-for-tests.ts";
import type { TestDatabase } from "../postgres-for-tests.ts";
import { createTestDatabase } from "../postgres-for-tests.ts";
import { queryDatabase } from "./postgres-invariants.ts";
import { makeDataFolder, rollcall, rollcallKilled, serve } from "./rollcall-process.ts";

const rounds = 20;
const atOnce = 4;

const folder = makeDataFolder();
let whole: TestDatabase;
let wholeSchema: unknown;
let wholeMs = 0;

beforeAll(async () => {
  whole = await createTestDatabase();
  const beganAt = Date.now();
  await rollcall("migrate", "--data", folder.path, "--database-url", whole.url);
  wholeMs = Date.now() - beganAt;
  wholeSchema = await schemaOf(whole.url);
});

afterAll(async () => {
  await whole.drop();
  folder.remove();
});

/** Every column, constraint and index, and what the tables were filled with. */
async function schemaOf(url: string): Promise<unknown> {
  return {
    columns: await queryDatabase(
      url,
      `SELECT table_name, column_name, data_type, is_nullable, column_default, collation_name
       FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2`,
    ),
    constraints: await queryDatabase(
      url,
      `SELECT conrelid::regclass::text AS of, conname, pg_get_constraintdef(oid) AS said
       FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2`,
    ),
    indexes: await queryDatabase(
      url,
      `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1`,
    ),
    history: await queryDatabase(
      url,
      "SELECT number, title, checksum, breaking FROM applied_migrations ORDER BY number",
    ),
    counters: await queryDatabase(url, "SELECT * FROM instance_counters ORDER BY 1"),
  };
}

test(
  `killed at any time, ${rounds} times: afterwards it succeeds and nothing is missing or twice`,
  async () => {
    const seed = Number(process.env["ROLLCALL_SEED"] ?? Date.now() % 1_000_000);
    const kills = Array.from({ length: rounds }, (_, index) => index);
    let killed = 0;
    let halfWay = 0;
    const killAndFinish = async (index: number): Promise<void> => {
      const database = await createTestDatabase();
      const migrate = ["migrate", "--data", folder.path, "--database-url", database.url];
      // Over the whole time that one takes, also when several run at once.
      const afterMs = (wholeMs * 1.5 * ((index + (seed % 97) / 97) % rounds)) / rounds;
      killed += (await rollcallKilled(afterMs, ...migrate)) ? 1 : 0;
      const tables = await queryDatabase(
        database.url,
        "SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'public'",
      );
      halfWay += tables[0].n > 0 ? 1 : 0;
      await migrateData(configForTests(folder.path, { databaseUrl: database.url }), Date.now);
      expect(await schemaOf(database.url)).toEqual(wholeSchema);
      await database.drop();
    };
    const worker = async (): Promise<void> => {
      for (let index = kills.pop(); index !== undefined; index = kills.pop()) {
        await killAndFinish(index);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    console.info(`seed ${seed}: ${killed} of ${rounds} killed, ${halfWay} had made tables`);
    expect(killed).toBeGreaterThan(0);
  },
  60_000 + rounds * 10_000,
);

test("five starters at once: each succeeds, one of them does the work", async () => {
  const database = await createTestDatabase();
  const said = await Promise.all(
    Array.from({ length: 5 }, () =>
      rollcall("migrate", "--data", folder.path, "--database-url", database.url),
    ),
  );
  expect(said.filter((text) => text.includes("Applied migration 1:"))).toHaveLength(1);
  expect(said.every((text) => text.includes("is up to date"))).toBe(true);
  expect(await schemaOf(database.url)).toEqual(wholeSchema);
  await database.drop();
});

test("a newer schema stops a running server with a clear line and an exit code, and lets no older one start", async () => {
  const database = await createTestDatabase();
  const flags = ["--database-url", database.url];
  const server = await serve(folder.path, flags);
  const insert = (number: number, breaking: number) =>
    queryDatabase(
      database.url,
      `INSERT INTO applied_migrations VALUES (${number}, 'from the future', '', ${breaking}, '')`,
    );
  await insert(998, 0);
  const headers = { authorization: `Bearer ${/rollcall_scim_\w+/.exec(server.stdout())?.[0]}` };
  expect((await fetch(`${server.baseUrl}/Users`, { headers })).status).toBe(200);
  const insertedAt = Date.now();
  await insert(999, 1);
  expect(await server.ended).toBe(1);
  console.info(`noticed and stopped after ${Date.now() - insertedAt} ms`);
  expect(Date.now() - insertedAt).toBeLessThan(10_000);
  const lines = server.stderr().trim().split("\n");
  expect(lines.at(-1)).toMatch(/^rollcall: the database was changed by a newer version/);
  const logged = lines.slice(0, -1).map((line) => JSON.parse(line));
  expect(logged.at(-1)).toMatchObject({
    level: "warn",
    message: "stopping",
    reason: expect.stringContaining("migration 999"),
  });
  await expect(serve(folder.path, flags)).rejects.toThrow("update rollcall");
  await expect(rollcall("tenant", "list", "--data", folder.path, ...flags)).rejects.toThrow(
    "update rollcall",
  );
  await database.drop();
});
