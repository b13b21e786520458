/** What `migrate --citus` does, on a PostgreSQL with functions that stand for those of Citus: never tried on Citus. */
import { randomUUID } from "node:crypto";
import { createStandardRegistry } from "@rollcall/scim";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { TestDatabase } from "../../../../../test/postgres-for-tests.ts";
import { createTestDatabase } from "../../../../../test/postgres-for-tests.ts";
import { createPopulation, testTypes } from "../contract-population.ts";
import { distributeTables } from "./distribute-tables.ts";
import type { DistributionState, TableState } from "./distribution-steps.ts";
import { nextDistributionStep } from "./distribution-steps.ts";
import { openPostgresStore } from "./open-postgres-store.ts";
import { foreignKeys, tablesOfTenants, tablesOnEveryNode } from "./table-places.ts";

/**
 * Citus as far as its documentation tells: a table with a foreign key between a distributed table and a local one is
 * refused, rows move to where nobody here looks, and what was there before stays beside them until it is dropped.
 */
const citus = `
  CREATE SCHEMA citus;
  CREATE TABLE citus.pg_dist_partition (
    logicalrelid regclass NOT NULL, partmethod "char" NOT NULL, repmodel "char" NOT NULL, colocationid int NOT NULL);
  CREATE TABLE citus.calls (place bigint GENERATED ALWAYS AS IDENTITY, call text NOT NULL);
  CREATE TABLE citus.failing (call text NOT NULL);
  CREATE FUNCTION citus.note(name text, relation regclass) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM citus.failing AS f WHERE f.call = name || ' ' || relation) THEN
      RAISE EXCEPTION 'a node is away'; END IF;
    INSERT INTO citus.calls (call) VALUES (name || ' ' || relation);
    IF name <> 'truncate' THEN
      IF EXISTS (SELECT 1 FROM citus.pg_dist_partition AS p WHERE p.logicalrelid = relation) THEN
        RAISE EXCEPTION 'table is already distributed'; END IF;
      IF EXISTS (SELECT 1 FROM pg_constraint WHERE contype = 'f' AND relation IN (conrelid, confrelid)) THEN
        RAISE EXCEPTION 'cannot create foreign key constraint'; END IF;
      EXECUTE 'CREATE TABLE citus.rows_of_' || relation || ' AS TABLE ' || relation;
    END IF;
  END $$;
  CREATE FUNCTION citus.create_distributed_table(relation regclass, distribution_column text, colocate_with text)
  RETURNS void LANGUAGE plpgsql AS $$ DECLARE own int; BEGIN
    PERFORM citus.note('distribute ' || distribution_column || ' with ' || colocate_with, relation);
    IF colocate_with = 'none' THEN own := 7;
    ELSE SELECT colocationid INTO STRICT own FROM citus.pg_dist_partition WHERE logicalrelid = colocate_with::regclass; END IF;
    INSERT INTO citus.pg_dist_partition VALUES (relation, 'h', 's', own);
  END $$;
  CREATE FUNCTION citus.create_reference_table(relation regclass) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    PERFORM citus.note('copy', relation);
    INSERT INTO citus.pg_dist_partition VALUES (relation, 'n', 't', 8);
  END $$;
  CREATE FUNCTION citus.truncate_local_data_after_distributing_table(relation regclass)
  RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM citus.pg_dist_partition AS p WHERE p.logicalrelid = relation) THEN
      RAISE EXCEPTION 'supplied parameter is not a distributed relation'; END IF;
    PERFORM citus.note('truncate', relation);
    EXECUTE 'TRUNCATE ' || relation;
  END $$;`;

let database: TestDatabase;
let client: pg.Client;

function openStore() {
  return openPostgresStore({
    url: database.url,
    role: "command",
    newId: randomUUID,
    keyedHash: (text) => text,
  });
}

beforeEach(async () => {
  database = await createTestDatabase();
  await (await openStore()).close();
  client = new pg.Client(database.url);
  await client.connect();
});

afterEach(async () => {
  await client.end();
  await database.drop();
});

async function installCitus(): Promise<void> {
  await client.query(citus);
  const { pathname } = new URL(database.url);
  await client.query(`ALTER DATABASE ${pathname.slice(1)} SET search_path = public, citus`);
}

async function calls(): Promise<readonly string[]> {
  const { rows } = await client.query<{ call: string }>(
    "SELECT call FROM citus.calls ORDER BY place",
  );
  return rows.map(({ call }) => call);
}

async function foreignKeyNames(): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT conname AS name FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY 1",
  );
  return rows.map(({ name }) => name);
}

const everyKey = foreignKeys.map(({ name }) => name).toSorted();
const [first = "", ...others] = tablesOfTenants;
const everyCall = [
  ...tablesOnEveryNode.map((name) => `copy ${name}`),
  `distribute tenant_id with none ${first}`,
  ...others.map((name) => `distribute tenant_id with ${first} ${name}`),
];

test("a fresh database is distributed by tenant, once", async () => {
  await installCitus();
  const titles = await distributeTables(database.url);
  expect((await calls()).filter((call) => !call.startsWith("truncate"))).toEqual(everyCall);
  // The counter of the request log has its row from the start.
  expect((await calls()).filter((call) => call.startsWith("truncate"))).toEqual([
    "truncate instance_counters",
  ]);
  expect(await foreignKeyNames()).toEqual(everyKey);
  expect(titles).toHaveLength(everyCall.length + 1 + 2 * everyKey.length);
  expect(await distributeTables(database.url)).toEqual([]);
  expect(await calls()).toHaveLength(everyCall.length + 1);
});

test("a filled database leaves nothing behind on the coordinator", async () => {
  const { user, group } = testTypes(createStandardRegistry());
  const store = await openStore();
  const population = await createPopulation(store);
  const ann = await population.create(user, { userName: "ann" });
  await population.create(group, { displayName: "crew" }, { members: [ann.id] });
  await store.close();
  await installCitus();
  await distributeTables(database.url);
  const { rows } = await client.query(
    `SELECT (SELECT count(*) FROM public.resources) AS old, (SELECT count(*) FROM citus.rows_of_resources) AS moved,
       (SELECT count(*) FROM public.members) AS "oldMembers", (SELECT count(*) FROM citus.rows_of_members) AS "movedMembers"`,
  );
  expect(rows).toEqual([{ old: "0", moved: "2", oldMembers: "0", movedMembers: "1" }]);
  expect(await foreignKeyNames()).toEqual(everyKey);
  expect(await distributeTables(database.url)).toEqual([]);
});

test("what broke off goes on where it was", async () => {
  await installCitus();
  await client.query(
    "INSERT INTO citus.failing VALUES ('distribute tenant_id with tenants members')",
  );
  await expect(distributeTables(database.url)).rejects.toMatchObject({
    name: "Refusal",
    message: expect.stringMatching(
      /^the database did not distribute members by the tenant: a node is away; .* run again$/,
    ),
  });
  expect(await foreignKeyNames()).toEqual([]);
  const before = await calls();
  await client.query("DELETE FROM citus.failing");
  await distributeTables(database.url);
  expect((await calls()).slice(0, before.length)).toEqual(before);
  expect((await calls()).filter((call) => !call.startsWith("truncate"))).toEqual(everyCall);
  expect(await foreignKeyNames()).toEqual(everyKey);
});

test("two at once take every step once", async () => {
  await installCitus();
  const [one = [], two = []] = await Promise.all([
    distributeTables(database.url),
    distributeTables(database.url),
  ]);
  expect([...one, ...two]).toHaveLength(everyCall.length + 1 + 2 * everyKey.length);
  expect(new Set([...one, ...two]).size).toBe(one.length + two.length);
});

test("without Citus nothing is touched", async () => {
  await expect(distributeTables(database.url)).rejects.toMatchObject({
    name: "Refusal",
    message: expect.stringContaining("no extension citus"),
  });
  expect(await foreignKeyNames()).toEqual(everyKey);
});

const distributed = (name: string): TableState => ({
  name,
  place: tablesOnEveryNode.includes(name) ? "reference" : "distributed",
  group: 7,
  hasLocalData: false,
});

function stateWith(...changed: readonly TableState[]): DistributionState {
  const tables = [...tablesOfTenants, ...tablesOnEveryNode].map(
    (name) => changed.find((table) => table.name === name) ?? distributed(name),
  );
  return { tables, foreignKeys: new Set(everyKey) };
}

test("a table that came later is distributed beside the others, whose keys stay", () => {
  const later = { ...distributed("tombstones"), place: "local", group: undefined } as const;
  expect(nextDistributionStep(stateWith(later))?.sql).toBe(
    "SELECT create_distributed_table('tombstones', 'tenant_id', colocate_with => 'tenants')",
  );
  expect(nextDistributionStep(stateWith())).toBeUndefined();
});

test("tables in other places are refused", () => {
  const apart = { ...distributed("members"), group: 9 };
  expect(() => nextDistributionStep(stateWith(apart))).toThrow(/members is distributed in another/);
  const copied = { ...distributed("members"), place: "reference" } as const;
  expect(() => nextDistributionStep(stateWith(copied))).toThrow(/undistribute_table\('members'\)/);
  const slugs = { ...distributed("tenant_slugs"), place: "distributed" } as const;
  expect(() => nextDistributionStep(stateWith(slugs))).toThrow(/has to be on every node/);
});
