/** Migrations: all or nothing, once, and never on a database that a newer program has changed. */
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { createExecutor, runScript } from "../sqlite/run-script.ts";
import { runTransaction } from "../sqlite/run-transaction.ts";
import { migrate, requireMigrated } from "./migrate.ts";
import type { Migration } from "./migrations/migration.ts";
import { migrations } from "./migrations/migrations.ts";
import { requestLogMigrations } from "./migrations/request-log-migrations.ts";

const first: Migration = {
  number: 1,
  title: "first",
  breaking: true,
  statements: ["CREATE TABLE one (a TEXT) STRICT", "CREATE TABLE two (a TEXT) STRICT"],
};
const second: Migration = { ...first, number: 2, title: "second", statements: ["DROP TABLE two"] };

function memoryDatabase() {
  const database = new Database(":memory:");
  const execute = createExecutor(database);
  return {
    database,
    migrate: (known: readonly Migration[]) =>
      migrate(
        (script) => runTransaction(database, execute, script),
        known,
        () => 0,
      ),
    requireMigrated: (known: readonly Migration[]) => runScript(requireMigrated(known), execute),
    tables: () =>
      database
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        .pluck()
        .all(),
  };
}

test("migrations run in order and once", () => {
  const { migrate, tables, database } = memoryDatabase();
  migrate([first]);
  migrate([first, second]);
  migrate([first, second]);
  expect(tables()).toEqual(["applied_migrations", "one"]);
  expect(database.prepare("SELECT number FROM applied_migrations").pluck().all()).toEqual([1, 2]);
});

test("a migration that breaks off leaves nothing, and runs again", () => {
  const { migrate, tables } = memoryDatabase();
  const broken = { ...first, statements: [...first.statements, "CREATE TABLE one (a TEXT)"] };
  expect(() => migrate([broken])).toThrow();
  expect(tables()).toEqual(["applied_migrations"]);
  migrate([first]);
  expect(tables()).toEqual(["applied_migrations", "one", "two"]);
});

test("a breaking migration of a newer version stops an older one", () => {
  const { migrate, requireMigrated } = memoryDatabase();
  migrate([first, second]);
  expect(() => migrate([first])).toThrow(/newer version of rollcall.*"second".*update rollcall/);
  expect(() => requireMigrated([first])).toThrow(/newer version/);
});

test("a migration of a newer version that breaks nothing lets an older one work", () => {
  const { migrate, requireMigrated } = memoryDatabase();
  migrate([first, { ...second, breaking: false }]);
  migrate([first]);
  requireMigrated([first]);
});

test("a migration that was changed afterwards is noticed", () => {
  const { migrate } = memoryDatabase();
  migrate([first]);
  expect(() => migrate([{ ...first, statements: ["SELECT 1"] }])).toThrow(/migration 1/);
});

test("a database that lacks migrations is not read", () => {
  const { migrate, requireMigrated } = memoryDatabase();
  migrate([first]);
  requireMigrated([first]);
  expect(() => requireMigrated([first, second])).toThrow(/lacks 1 migration/);
});

for (const [name, known] of [
  ["database", migrations],
  ["request log", requestLogMigrations],
] as const) {
  test(`${name}: numbers count from 1, every table is STRICT, keys of tenants' tables begin with tenant_id`, () => {
    expect(known.map(({ number }) => number)).toEqual(known.map((_, index) => index + 1));
    const globalTables = ["tenant_slugs", "credentials", "request_log"];
    for (const sql of known.flatMap(({ statements }) => statements)) {
      const table = /^CREATE TABLE (\w+)/.exec(sql)?.[1];
      if (table !== undefined) {
        expect(sql).toMatch(/\) STRICT(, WITHOUT ROWID)?$/);
      }
      if (table !== undefined && !globalTables.includes(table)) {
        const keys = [...sql.matchAll(/(?:PRIMARY KEY|UNIQUE|FOREIGN KEY) \((\w+)/g)];
        expect(keys.map(([, column]) => column).filter((column) => column !== "tenant_id")).toEqual(
          [],
        );
        expect(sql).toMatch(/tenant_id TEXT NOT NULL/);
      }
      const index = /^CREATE (?:UNIQUE )?INDEX (\w+) ON (\w+) \((\w+)/.exec(sql);
      if (index !== null && index[2] !== "request_log") {
        expect(index[3]).toBe("tenant_id");
      }
    }
  });
}
