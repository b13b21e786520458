/** Migrations: all or nothing, once, and never on a database that a newer program has changed. */

import { expect, test } from "vitest";
import { postgresMigrations } from "../postgres/migrations/postgres-migrations.ts";
import { tablesOnEveryNode } from "../postgres/table-places.ts";
import { createExecutor, runScript } from "../sqlite/run-script.ts";
import { SqliteDriver } from "../sqlite/sqlite-driver.ts";
import { sqliteMigrationSite } from "../sqlite/sqlite-migration-site.ts";
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
  const database = new SqliteDriver(":memory:");
  const execute = createExecutor(database);
  return {
    database,
    migrate: (known: readonly Migration[]) =>
      migrate(
        sqliteMigrationSite(database, execute, () => 0),
        known,
      ),
    requireMigrated: (known: readonly Migration[]) => runScript(requireMigrated(known), execute),
    tables: () =>
      database
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        .pluck()
        .all(),
  };
}

test("migrations run in order and once", async () => {
  const { migrate, tables, database } = memoryDatabase();
  await migrate([first]);
  await migrate([first, second]);
  await migrate([first, second]);
  expect(tables()).toEqual(["applied_migrations", "one"]);
  expect(database.prepare("SELECT number FROM applied_migrations").pluck().all()).toEqual([1, 2]);
});

test("a migration that breaks off leaves nothing, and runs again", async () => {
  const { migrate, tables } = memoryDatabase();
  const broken = { ...first, statements: [...first.statements, "CREATE TABLE one (a TEXT)"] };
  await expect(migrate([broken])).rejects.toThrow();
  expect(tables()).toEqual(["applied_migrations"]);
  await migrate([first]);
  expect(tables()).toEqual(["applied_migrations", "one", "two"]);
});

test("a breaking migration of a newer version stops an older one", async () => {
  const { migrate, requireMigrated } = memoryDatabase();
  await migrate([first, second]);
  await expect(migrate([first])).rejects.toThrow(
    /newer version of rollcall.*"second".*update rollcall/,
  );
  expect(() => requireMigrated([first])).toThrow(/newer version/);
});

test("a migration of a newer version that breaks nothing lets an older one work", async () => {
  const { migrate, requireMigrated } = memoryDatabase();
  await migrate([first, { ...second, breaking: false }]);
  await migrate([first]);
  requireMigrated([first]);
});

test("a migration that was changed afterwards is noticed", async () => {
  const { migrate } = memoryDatabase();
  await migrate([first]);
  await expect(migrate([{ ...first, statements: ["SELECT 1"] }])).rejects.toThrow(/migration 1/);
});

test("a database that lacks migrations is not read", async () => {
  const { migrate, requireMigrated } = memoryDatabase();
  await migrate([first]);
  requireMigrated([first]);
  expect(() => requireMigrated([first, second])).toThrow(/lacks 1 migration/);
});

for (const [name, known] of [
  ["database", migrations],
  ["request log", requestLogMigrations],
] as const) {
  test(`${name}: numbers count from 1, every table is STRICT, keys of tenants' tables begin with tenant_id`, () => {
    expect(known.map(({ number }) => number)).toEqual(known.map((_, index) => index + 1));
    const globalTables = [...tablesOnEveryNode, "credentials", "request_log"];
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
      if (index !== null && !globalTables.includes(index[2] ?? "")) {
        expect(index[3]).toBe("tenant_id");
      }
    }
  });
}

test("PostgreSQL: numbers count from 1, and a distributed database can take whatever comes later", () => {
  expect(postgresMigrations.map(({ number }) => number)).toEqual(
    postgresMigrations.map((_, index) => index + 1),
  );
  for (const { number, statements } of postgresMigrations) {
    for (const sql of statements) {
      // One statement each, in the order of the history; nothing that numbers rows or acts on its own.
      expect(sql).toMatch(
        /^(CREATE TABLE|CREATE (UNIQUE )?INDEX|ALTER TABLE|DROP TABLE|INSERT INTO|DELETE FROM|UPDATE) /,
      );
      // Rows of different nodes cannot be unique together.
      const unique = /^CREATE UNIQUE INDEX \w+\s+ON (\w+) \((\w+)/.exec(sql);
      if (number > 1 && unique !== null && !tablesOnEveryNode.includes(unique[1] ?? "")) {
        expect(unique[2]).toBe("tenant_id");
      }
      expect(sql).not.toMatch(
        /;|\b(SERIAL|BIGSERIAL|IDENTITY|CREATE SEQUENCE|TRIGGER|VIEW|DEFERRABLE)\b/i,
      );
      // A new table is local until it is distributed, and can refer to none that is.
      expect(number > 1 && /\bREFERENCES\b/.test(sql), sql).toBe(false);
    }
  }
});

test("of tokens of one name that are there already the newest holds it, and none is lost", async () => {
  const { migrate, database } = memoryDatabase();
  await migrate(migrations.filter(({ number }) => number < 6));
  const put = (table: string, row: Readonly<Record<string, string | number | null>>) => {
    const names = Object.keys(row).join(", ");
    const values = Object.keys(row).map(() => "?");
    database
      .prepare(`INSERT INTO ${table} (${names}) VALUES (${values.join(", ")})`)
      .run(...Object.values(row));
  };
  const at = "2026-01-01T00:00:00.000Z";
  put("tenants", { tenant_id: "t", slug: "t", name: "t", created_at: at });
  for (const id of ["c", "d"]) {
    put("connections", {
      ...{ tenant_id: "t", connection_id: id, slug: id, name: id, profile: "generic" },
      ...{ settings: "{}", disabled: 0, created_at: at },
    });
  }
  const hashed = { secret_hash: "", pepper_version: 1, last_four: "", creator: "cli" };
  const token = (
    credential_id: string,
    name: string,
    day: number,
    connection: string,
    revoked = false,
  ) => ({
    ...{ ...hashed, credential_id, name, tenant_id: "t" },
    ...{ created_at: `2026-01-0${day}T00:00:00.000Z`, revoked_at: revoked ? at : null },
    ...(connection === "" ? {} : { connection_id: connection, scopes: "[]", cidrs: "[]" }),
  });
  for (const id of ["c", "d"]) {
    put("credentials", token(`${id}1`, "okta", 1, id));
    put("credentials", token(`${id}2`, "okta", 2, id));
    put("credentials", token(`${id}3`, "okta", 2, id));
    put("credentials", token(`${id}4`, "okta", 4, id, true));
    put("credentials", token(`${id}5`, "", 5, id));
    put("credentials", token(`${id}6`, "", 5, id));
  }
  for (const tenant_id of ["t", null]) {
    put("admin_credentials", { ...token(`${tenant_id}1`, "ops", 1, ""), tenant_id });
    put("admin_credentials", { ...token(`${tenant_id}2`, "ops", 2, ""), tenant_id });
  }
  await migrate(migrations);
  const holders = (table: string) =>
    database
      .prepare(
        `SELECT credential_id FROM ${table} WHERE live_name IS NOT NULL ORDER BY credential_id`,
      )
      .pluck()
      .all();
  expect(holders("credentials")).toEqual(["c3", "d3"]);
  expect(holders("admin_credentials")).toEqual(["null2", "t2"]);
  expect(database.prepare("SELECT count(*) FROM credentials").pluck().all()).toEqual([12]);
});
