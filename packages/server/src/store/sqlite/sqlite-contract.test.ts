/**
 * The store contract on SQLite, and what every statement that it runs keeps to: the rules that keep the schema
 * distributable, and a way through an index.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStandardRegistry } from "@rollcall/scim";
import type Driver from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { contractCases } from "../../../../../test/contract-cases.ts";
import { undocumentedEvents } from "../../../../../test/documented-events.ts";
import { createPopulation, testQuery, testTypes } from "../contract-population.ts";
import { bannedIn, distributionFaults } from "../distribution-faults.ts";
import { tablesOfTenants, tablesOnEveryNode } from "../postgres/table-places.ts";
import { findPage } from "../sql/find-page.ts";
import { migrations } from "../sql/migrations/migrations.ts";
import { requestLogMigrations } from "../sql/migrations/request-log-migrations.ts";
import { answerQuery, answerQuickly } from "../sql/query-resources.ts";
import { forManyWriters, plainText, statementsInCode } from "../statements-in-code.ts";
import type { Store } from "../store.ts";
import { openDatabase } from "./open-database.ts";
import { openSqliteStore } from "./open-sqlite-store.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";
import { SqliteDriver } from "./sqlite-driver.ts";
import { createSqliteReader } from "./sqlite-reader.ts";

/** What is about no tenant, or about all of them, and why. */
const exceptions: readonly (readonly [RegExp, string])[] = [
  [/^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)/, "speaks of no table"],
  [
    /^select \* from "tenants" (where "slug" > \? )?order by "slug"( limit \?)?$/,
    "an operator lists all tenants",
  ],
  [/^select \* from "admin_credentials" order by/, "an operator lists all of them"],
  [/^delete from "admin_credentials" where "tenant_id" = \?$/, "the end of a tenant"],
  [/^SELECT DISTINCT tenant_id FROM mails/, "a look for what is due, in an index of what waits"],
  [/^SELECT count\(\*\) AS tenants/, "how much there is in all tenants"],
  [/^SELECT count\(\*\) AS unsent, .* FROM \(/, "what waits in all tenants, up to a limit"],
  [/^SELECT count\(\*\) AS webhooks/, "an operator's number of webhooks"],
  [
    /^SELECT (count\(\*\) AS deliveries FROM \( SELECT d|min\(d\.event_at\))/,
    "what waits for all webhooks",
  ],
  [/^SELECT l\.source, count\(\*\) AS locks/, "locks of all tenants, up to a limit"],
  [
    /^SELECT tenant_id, credential_id FROM credentials/,
    "what ends soon, of all tenants, looked for every hour",
  ],
  [
    /^SELECT tenant_id, (target_type, target_id, max\(at\) AS last_at FROM audit_entries|account_id, at FROM grants)/,
    "who was kept, of all tenants, looked for every hour in an index of nothing else",
  ],
  [/AS within_\d FROM (admin_)?credentials/, "what ends soon, of all tenants, looked for rarely"],
  [/^SELECT w\.tenant_id, w\.webhook_id FROM webhooks AS w JOIN/, "webhooks behind their outboxes"],
  [/^SELECT w\.tenant_id, w\.webhook_id FROM webhooks AS w WHERE/, "webhooks with something due"],
  [/^SELECT tenant_id, last_audit_number - last_chained/, "what is to be chained, of all tenants"],
  [/^SELECT \* FROM \w+$/, "a backup reads everything"],
  [/applied_migrations/, "speaks of no tenant"],
  [/sqlite_(schema|stat)/, "speaks of no tenant"],
  [/request_log/, "a database of its own, for the operator"],
];
const kinds = { ofTenants: new Set(tablesOfTenants), global: new Set(tablesOnEveryNode) };

/** What migrations do to the tables is no statement of a tenant. */
const migrating = new Set(
  [...migrations, ...requestLogMigrations].flatMap(({ statements }) => statements.map(plainText)),
);

const executed = new Set<string>();
let folder = "";
let schemaFile = "";

beforeAll(async () => {
  const prepare = SqliteDriver.prototype.prepare;
  vi.spyOn(SqliteDriver.prototype, "prepare").mockImplementation(function (
    this: Driver.Database,
    sql: string,
  ) {
    executed.add(plainText(sql));
    return prepare.call(this, sql);
  });
  folder = mkdtempSync(join(tmpdir(), "rollcall-store-"));
  const searches = join(folder, "searches");
  schemaFile = join(searches, "rollcall.db");
  await runSearches(searches);
});

async function withStore(run: (store: Store) => Promise<void>): Promise<void> {
  let ids = 0;
  const place = mkdtempSync(join(folder, "store-"));
  const store = await openSqliteStore({
    folder: place,
    role: "server",
    newId: () => `id-${++ids}`,
    keyedHash: (text) => `hash of ${text.length}`,
  });
  try {
    await run(store);
    expect(await undocumentedEvents(store)).toEqual([]);
  } finally {
    await store.close();
    rmSync(place, { recursive: true });
  }
}

describe("contract on SQLite", () => {
  for (const { name, run } of contractCases) {
    test(name, () => withStore(run));
  }
});

/** What the contract asks of small populations alone, which a thread reads when they are large. */
async function runSearches(path: string): Promise<void> {
  const { user, group } = testTypes(createStandardRegistry());
  const newId = () => "unused";
  const store = await openSqliteStore({ folder: path, role: "command", newId, keyedHash: newId });
  const population = await createPopulation(store);
  const ann = await population.create(user, { userName: "ann", title: "Dr" });
  await population.create(group, { displayName: "all" }, { members: [ann.id] });
  const reader = createSqliteReader(
    openDatabase(join(path, "rollcall.db"), {
      readOnly: true,
      synchronous: "FULL",
      busyTimeoutMs: 1000,
      cacheKiB: 1024,
    }),
  );
  for (const [resourceType, filter] of [
    [user, 'title eq "dr"'],
    [user, 'groups.display pr or userName eq "ann"'],
    [group, 'members.type eq "User" and displayName eq "all"'],
    [group, `members.value eq "${ann.id}"`],
  ] as const) {
    for (const count of [0, 1]) {
      const query = { ...testQuery(resourceType, filter), count };
      const quick = await reader.read(answerQuickly(population.scope, query, sqliteDialect));
      const found = await reader.read(findPage(population.scope, query, sqliteDialect));
      const page = await reader.read(answerQuery(population.scope, query, sqliteDialect));
      const ids = found.found.places.map(({ id }) => id);
      expect([found.total, ids.length]).toEqual([1, count]);
      expect(quick).toEqual({ kind: "page", page });
      expect(page.resources.map(({ id }) => id)).toEqual(ids);
    }
  }
  reader.close();
  await store.close();
}

afterAll(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function statements(): readonly string[] {
  return [...executed].filter((sql) => !/^(CREATE|PRAGMA)/i.test(sql) && !migrating.has(sql));
}

function isException(sql: string): boolean {
  return exceptions.some(([pattern]) => pattern.test(sql));
}

describe("its statements", () => {
  test("every statement names the tenant, in every arm and for every table", () => {
    const found = statements().filter((sql) => !isException(sql));
    expect(found.length).toBeGreaterThan(60);
    for (const sql of found) {
      expect(distributionFaults(sql, kinds), sql).toEqual([]);
    }
  });

  test("every exception is one", () => {
    for (const [pattern, reason] of exceptions) {
      const matching = statements().filter((sql) => pattern.test(sql));
      expect(matching.length, reason).toBeGreaterThan(0);
    }
  });

  test("no statement and no table has what a distributed database cannot do", () => {
    for (const sql of executed) {
      expect(bannedIn(sql), sql).toEqual([]);
    }
  });

  test("deleting a tenant empties every table of tenants", () => {
    const database = new SqliteDriver(schemaFile, { readonly: true });
    const tables = database
      .prepare<[], { name: string }>(
        `SELECT m.name FROM sqlite_schema AS m, pragma_table_info(m.name) AS c
         WHERE m.type = 'table' AND c.name = 'tenant_id'`,
      )
      .all()
      .map(({ name }) => name);
    database.close();
    const global = new Set(tablesOnEveryNode);
    expect(tables.length).toBeGreaterThan(10);
    for (const table of tables.filter((name) => !global.has(name))) {
      expect([...executed]).toContain(`DELETE FROM ${table} WHERE tenant_id = ?`);
      expect(tablesOfTenants).toContain(table);
    }
  });

  test("statements reach the rows of a tenant through an index", () => {
    const database = new SqliteDriver(schemaFile, { readonly: true });
    database.function("rollcall_fold", (text: unknown) => text);
    database.function("rollcall_uri_component", (text: unknown) => text);
    for (const sql of statements().filter((one) => !isException(one))) {
      const plan = database
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all(...Array.from({ length: sql.split("?").length - 1 }, () => null));
      const steps = plan.map((row) => String(Object(row).detail));
      // Candidates, recursive tables, lists and what windows go over come from an index themselves.
      const scans = steps.filter((step) =>
        /^SCAN (?!ids\b|c\b|t\d+\b|reached|reached_from|closure|above|page|e\b|\(subquery|CONSTANT|\d+-ROW VALUES)/.test(
          step,
        ),
      );
      expect(scans, sql).toEqual([]);
      const isForEverybody =
        /^DELETE FROM \w+ WHERE tenant_id = \?$/.test(sql) ||
        // The end of a connection.
        /^DELETE FROM \w+ WHERE tenant_id = \? AND connection_id = \?$/.test(sql) ||
        /^INSERT INTO point_values .*SELECT DISTINCT/.test(sql) ||
        // An export of a tenant.
        /^SELECT (r\.)?connection_id, (r\.)?resource_id, .* FROM (members|resources) /.test(sql);
      if (isForEverybody) {
        continue;
      }
      // Tenant and connection alone are a whole population.
      const wide = steps.filter((step) =>
        /^SEARCH (?!connections|credentials|oauth_clients|c\b|resource_totals).*\(tenant_id=\? AND connection_id=\?\)/.test(
          step,
        ),
      );
      expect(wide, sql).toEqual([]);
    }
    database.close();
  });

  test("the planner is told about every index", () => {
    const database = new SqliteDriver(schemaFile, { readonly: true });
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
    const run = [...executed];
    const texts = statementsInCode("sql", "sqlite");
    expect(texts.length).toBeGreaterThan(60);
    for (const { file, start } of texts) {
      const isRun = run.some((one) => one.includes(start));
      const isForOthers = forManyWriters.some((pattern) => pattern.test(start));
      expect(isRun, `${file}: ${start}`).toBe(!isForOthers);
    }
    for (const pattern of forManyWriters) {
      expect(
        texts.some(({ start }) => pattern.test(start)),
        `${pattern}`,
      ).toBe(true);
    }
  });
});
