/** Every statement keeps to the rules that keep the schema distributable, and walks an index. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStandardRegistry } from "@rollcall/scim";
import { resourceStoreContract } from "@rollcall/scim/testing";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { connectionResourceStore } from "../../provisioning/connection-resource-store.ts";
import { createPopulation, testCircumstances } from "../contract-population.ts";
import { storeContract } from "../store-contract.ts";
import { openSqliteStore } from "./open-sqlite-store.ts";

/** What is keyed otherwise, and why. */
const exceptions: readonly (readonly [RegExp, string])[] = [
  [/^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)/, "speaks of no table"],
  [/tenant_slugs/, "unique in the instance"],
  [/from "credentials" where "credential_id" = \?$/, "credentials are found by id alone"],
  [/^update "credentials" set "last_used_at"/, "credentials are found by id alone"],
  [/^select \* from "tenants" order by/, "lists all tenants"],
  [/applied_migrations/, "speaks of no tenant"],
  [/sqlite_(schema|stat)/, "speaks of no tenant"],
  [/request_log/, "a database of its own, for the operator"],
];
const banned =
  /\b(MERGE|TRIGGER|RANDOM|DATETIME|STRFTIME|JULIANDAY|CURRENT_TIMESTAMP|NOW|SET NULL|SET DEFAULT)\b/i;

const executed = new Set<string>();
let folder = "";

beforeAll(async () => {
  const prepare = Database.prototype.prepare;
  vi.spyOn(Database.prototype, "prepare").mockImplementation(function (
    this: Database.Database,
    sql: string,
  ) {
    executed.add(sql.replace(/\s+/g, " ").trim());
    return prepare.call(this, sql);
  });
  const registry = createStandardRegistry();
  folder = mkdtempSync(join(tmpdir(), "rollcall-statements-"));
  const tests = [
    ...storeContract.map(({ run }) => run),
    ...resourceStoreContract.map(
      ({ run }): (typeof storeContract)[number]["run"] =>
        async (store) => {
          const { scope } = await createPopulation(store);
          await run(connectionResourceStore(store, scope, testCircumstances), registry);
        },
    ),
  ];
  for (const [index, run] of tests.entries()) {
    let ids = 0;
    const store = await openSqliteStore({
      folder: join(folder, String(index)),
      role: "command",
      newId: () => `id-${++ids}`,
      keyedHash: (text) => text,
    });
    await run(store, registry);
    await store.close();
  }
}, 120_000);

afterAll(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function statements(): readonly string[] {
  return [...executed].filter((sql) => !/^(CREATE|PRAGMA)/i.test(sql));
}

function isException(sql: string): boolean {
  return exceptions.some(([pattern]) => pattern.test(sql));
}

test("every statement names the tenant, in every arm and for every table", () => {
  const found = statements().filter((sql) => !isException(sql));
  expect(found.length).toBeGreaterThan(60);
  for (const sql of found) {
    // Each table is bound to the tenant by a parameter, or by equality with one that is.
    const tables = sql.match(
      /\b(?:FROM|JOIN|INTO|UPDATE)\s+"?(?!reached|json_each|t\d+\b|\()[a-z_]+/gi,
    );
    const named = sql.match(/tenant_id/g);
    expect(named?.length ?? 0, sql).toBeGreaterThanOrEqual(tables?.length ?? 1);
  }
});

test("every exception is one", () => {
  for (const [pattern, reason] of exceptions) {
    const matching = statements().filter((sql) => pattern.test(sql));
    expect(matching.length, reason).toBeGreaterThan(0);
  }
});

test("no statement has what a distributed database cannot do", () => {
  for (const sql of executed) {
    expect(sql).not.toMatch(banned);
  }
});

test("statements reach the rows of a tenant through an index", () => {
  const database = new Database(join(folder, "0", "rollcall.db"), { readonly: true });
  database.function("rollcall_fold", (text: unknown) => text);
  database.function("rollcall_uri_component", (text: unknown) => text);
  for (const sql of statements().filter((one) => !isException(one))) {
    const plan = database
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...Array.from({ length: sql.split("?").length - 1 }, () => null));
    const steps = plan.map((row) => String(Object(row).detail));
    // Candidates, recursive tables and lists come from an index themselves.
    const scans = steps.filter((step) =>
      /^SCAN (?!ids\b|c\b|t\d+\b|reached|reached_from|page|e\b|CONSTANT)/.test(step),
    );
    expect(scans, sql).toEqual([]);
    const isForEverybody =
      /^DELETE FROM \w+ WHERE tenant_id = \?$/.test(sql) ||
      /^INSERT INTO point_values .*SELECT DISTINCT/.test(sql);
    if (isForEverybody) {
      continue;
    }
    // Tenant and connection alone are a whole population.
    const wide = steps.filter((step) =>
      /^SEARCH (?!connections|credentials|c\b|resource_totals).*\(tenant_id=\? AND connection_id=\?\)/.test(
        step,
      ),
    );
    expect(wide, sql).toEqual([]);
  }
  database.close();
});

test("the planner is told about every index", () => {
  const database = new Database(join(folder, "0", "rollcall.db"), { readonly: true });
  const indexes = database
    .prepare(`SELECT m.name AS tbl, CASE WHEN i.origin = 'pk' AND m.sql LIKE '%WITHOUT ROWID' THEN m.name ELSE i.name END AS idx
      FROM sqlite_schema AS m, pragma_index_list(m.name) AS i
      WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY tbl, idx`)
    .all();
  const told = database.prepare("SELECT tbl, idx FROM sqlite_stat1 ORDER BY tbl, idx").all();
  expect(told).toEqual(indexes);
  database.close();
});

test("no statement is written in the code that the contract does not run", () => {
  const texts = readdirSync(new URL("../sql", import.meta.url))
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .flatMap((name) => {
      const text = readFileSync(new URL(`../sql/${name}`, import.meta.url), "utf8");
      return [...text.matchAll(/`((?:SELECT|INSERT|UPDATE|DELETE|WITH) [^`]*)`/g)].map(
        ([, sql = ""]) => ({ name, sql: sql.replace(/\s+/g, " ") }),
      );
    });
  expect(texts.length).toBeGreaterThan(30);
  const run = [...executed];
  for (const { name, sql } of texts) {
    const start = sql.split("${")[0] ?? "";
    expect(
      run.some((one) => one.includes(start.trim())),
      `${name}: ${sql}`,
    ).toBe(true);
  }
});
