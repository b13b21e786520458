/** The store contracts on PostgreSQL, on databases that sort by bytes and by a language. */
import { createStandardRegistry } from "@rollcall/scim";
import { resourceStoreContract } from "@rollcall/scim/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { undocumentedEvents } from "../../../../../test/documented-events.ts";
import type { TestDatabase } from "../../../../../test/postgres-for-tests.ts";
import { createTestDatabase } from "../../../../../test/postgres-for-tests.ts";
import { connectionResourceStore } from "../../provisioning/connection-resource-store.ts";
import { createPopulation, testCircumstances, testStartMs } from "../contract-population.ts";
import type { Store } from "../store.ts";
import { storeContract } from "../store-contract.ts";
import { openPostgresStore } from "./open-postgres-store.ts";

const registry = createStandardRegistry();

/**
 * Empties all tables but those that say which tables there are. Row by row, without looking at foreign keys: there are few
 * rows and many tables, of which TRUNCATE would make every file anew.
 */
const emptyTables = `
  DO $$ DECLARE name text; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT tablename FROM pg_tables
      WHERE schemaname = 'public' AND tablename NOT IN ('applied_migrations', 'migration_lock', 'instance_counters')
    LOOP EXECUTE 'DELETE FROM ' || name; END LOOP;
  END $$`;

describe.each(["C", "icu"] as const)("contracts on PostgreSQL, locale %s", (locale) => {
  let database: TestDatabase;
  let admin: pg.Client;

  beforeAll(async () => {
    database = await createTestDatabase(locale);
    admin = new pg.Client(database.url);
    await admin.connect();
  });

  afterAll(async () => {
    await admin.end();
    await database.drop();
  });

  async function withStore(run: (store: Store) => Promise<void>): Promise<void> {
    let ids = 0;
    // What happens at one time is ordered by what it happens to; these tests read in the order in which they did it.
    let ms = testStartMs;
    const store = await openPostgresStore({
      url: database.url,
      role: "server",
      newId: () => `id-${++ids}`,
      keyedHash: (text) => `hash of ${text.length}`,
      nowMs: () => ++ms,
    });
    try {
      await run(store);
      expect(await undocumentedEvents(store)).toEqual([]);
    } finally {
      await store.close();
      await admin.query(emptyTables);
    }
  }

  for (const { name, run } of resourceStoreContract) {
    test(`resource store: ${name}`, () =>
      withStore(async (store) => {
        const { scope } = await createPopulation(store);
        await run(connectionResourceStore(store, scope, testCircumstances), registry);
      }));
  }

  for (const { name, run } of storeContract) {
    test(`store: ${name}`, () => withStore((store) => run(store, registry)));
  }
});
