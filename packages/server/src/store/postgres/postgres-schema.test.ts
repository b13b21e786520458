/** What the catalogues say of the tables: they can be distributed by tenant, and sort by bytes on every database. */
import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestDatabase } from "../../../../../test/postgres-for-tests.ts";
import { createTestDatabase } from "../../../../../test/postgres-for-tests.ts";
import { openPostgresStore } from "./open-postgres-store.ts";
import {
  foreignKeys,
  tablesOfCoordinator,
  tablesOfTenants,
  tablesOnEveryNode,
} from "./table-places.ts";

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase("icu");
  const store = await openPostgresStore({
    url: database.url,
    role: "command",
    newId: randomUUID,
    keyedHash: (text) => text,
  });
  await store.close();
  client = new pg.Client(database.url);
  await client.connect();
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

async function rowsOf(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return (await client.query(sql)).rows;
}

const columns = `SELECT c.relname AS table, a.attname AS column, a.attidentity AS identity,
    a.attgenerated AS generated, a.attnotnull AS required, t.typname AS type, l.collname AS collation,
    pg_get_expr(d.adbin, d.adrelid) AS value
  FROM pg_class AS c
  JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type AS t ON t.oid = a.atttypid
  LEFT JOIN pg_collation AS l ON l.oid = a.attcollation
  LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
  WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace`;

test("every table has its place in a distributed database, and one only", async () => {
  const tables = await rowsOf(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
  );
  const placed = [...tablesOfTenants, ...tablesOnEveryNode, ...tablesOfCoordinator];
  expect(placed.toSorted()).toEqual(tables.map(({ name }) => name));
});

test("tables of tenants have the tenant in a column that is never empty", async () => {
  const rows = await rowsOf(`${columns} AND a.attname = 'tenant_id' AND a.attnotnull`);
  const tables = new Set(rows.map(({ table }) => table));
  expect(tablesOfTenants.filter((table) => !tables.has(table))).toEqual([]);
});

test("every key and unique index of a tenant's table begins with the tenant", async () => {
  const rows = await rowsOf(
    `SELECT i.indrelid::regclass::text AS table, i.indexrelid::regclass::text AS index,
       a.attname AS first, i.indisunique AS unique, i.indisprimary AS primary
     FROM pg_index AS i
     JOIN pg_class AS c ON c.oid = i.indrelid AND c.relnamespace = 'public'::regnamespace
     LEFT JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]`,
  );
  const own = rows.filter(({ table }) => tablesOfTenants.includes(String(table)));
  const keyed = new Set(own.filter((row) => row["primary"]).map(({ table }) => table));
  expect(tablesOfTenants.filter((table) => !keyed.has(table))).toEqual([]);
  const others = own.filter(({ first }) => first !== "tenant_id");
  // An operator reads the request log of all tenants, and what is old goes whoever's it was.
  expect(others.map(({ index }) => index).toSorted()).toEqual([
    "request_log_at",
    "request_log_sequence",
  ]);
  expect(others.filter((row) => row["unique"])).toEqual([]);
});

test("foreign keys begin with the tenant on both sides, and are those that are taken off and put on", async () => {
  const rows = await rowsOf(
    `SELECT conname AS name, conrelid::regclass::text AS table, pg_get_constraintdef(oid) AS definition,
       confdeltype AS deleting, confupdtype AS updating, condeferrable AS deferrable
     FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY conname`,
  );
  const noAction = { deleting: "a", updating: "a", deferrable: false };
  expect(rows).toEqual(
    foreignKeys
      .toSorted((one, other) => (one.name < other.name ? -1 : 1))
      .map((key) => ({ ...key, ...noAction })),
  );
  for (const { table, definition } of foreignKeys) {
    expect(definition).toMatch(/^FOREIGN KEY \(tenant_id\b.*REFERENCES \w+\(tenant_id\b/);
    const [, other = ""] = /REFERENCES (\w+)/.exec(definition) ?? [];
    expect(tablesOfTenants.indexOf(other)).toBeLessThan(tablesOfTenants.indexOf(table));
  }
});

test("names stay different when the numbers of shards are taken off", async () => {
  const rows = await rowsOf(
    `SELECT conname AS name FROM pg_constraint WHERE connamespace = 'public'::regnamespace
     UNION SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace`,
  );
  const names = rows.map(({ name }) => String(name));
  expect(names.length).toBeGreaterThan(40);
  expect(names.filter((name) => /_\d+$/.test(name))).toEqual([]);
  // With the number of a shard behind them they still fit in a name.
  expect(names.filter((name) => name.length > 50)).toEqual([]);
});

test("every text sorts by bytes", async () => {
  const rows = await rowsOf(`${columns} AND t.typname IN ('text', 'varchar', 'bpchar')`);
  // Nobody sorts or compares by a text of the migrations.
  const own = rows.filter(({ table }) => !tablesOfCoordinator.includes(String(table)));
  expect(own.length).toBeGreaterThan(100);
  expect(own.filter(({ collation }) => collation !== "C")).toEqual([]);
});

test("no column has a value of its own but a constant", async () => {
  const rows = await rowsOf(columns);
  const own = rows.filter(
    ({ identity, generated, value }) =>
      identity !== "" ||
      generated !== "" ||
      !(value === null || /^('.*'::\w+|\d+)$/.test(`${value}`)),
  );
  expect(own).toEqual([]);
  expect(
    await rowsOf(`SELECT relname FROM pg_class WHERE relkind IN ('S', 'v', 'm') AND relnamespace = 'public'::regnamespace
      UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal`),
  ).toEqual([]);
});

test("the planner is told to plan for the largest tenant, wherever there are many rows", async () => {
  const rows = await rowsOf(
    `SELECT c.relname AS table, a.attname AS column FROM pg_attribute AS a
     JOIN pg_class AS c ON c.oid = a.attrelid
     WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
       AND a.attname IN ('tenant_id', 'connection_id') AND a.attnotnull
       AND a.attoptions IS DISTINCT FROM ARRAY['n_distinct=1']`,
  );
  // An operator makes what is in these, and there is little of it.
  const locks = ["tenant_facts", "tenant_turns"];
  const ofOperators = [
    "connections",
    "credentials",
    "oauth_clients",
    "group_mappings",
    "oidc_connections",
  ];
  const small = ["tenants", ...locks, ...ofOperators, "resource_totals"];
  const global = new Set([...small, ...tablesOnEveryNode]);
  expect(rows.filter(({ table }) => !global.has(String(table)))).toEqual([]);
});
