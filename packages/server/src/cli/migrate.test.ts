import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createTestDatabase } from "../../../../test/postgres-for-tests.ts";
import { main } from "./main.ts";

async function migrate(args: readonly string[], env: Readonly<Record<string, string>>) {
  const said: string[] = [];
  const code = await main(["migrate", ...args], {
    out: (text) => said.push(text),
    err: (text) => said.push(text),
    program: "rollcall",
    env,
    now: Date.now,
    stopSignal: () => new AbortController().signal,
  });
  return { code, said: said.join("") };
}

test("--citus on SQLite is refused before anything is made", async () => {
  const path = mkdtempSync(join(tmpdir(), "rollcall-citus-"));
  const data = join(path, "data");
  const { code, said } = await migrate(["--citus"], { ROLLCALL_DATA: data });
  expect([code, said]).toEqual([
    1,
    "rollcall: --citus distributes PostgreSQL tables: give --database-url\n",
  ]);
  expect(existsSync(data)).toBe(false);
  rmSync(path, { recursive: true });
});

test("--citus on a PostgreSQL without Citus says what is missing", async () => {
  const database = await createTestDatabase();
  const { code, said } = await migrate(["--citus"], { ROLLCALL_DATABASE_URL: database.url });
  expect(code).toBe(1);
  expect(said).toContain("the database has no extension citus");
  await database.drop();
});
