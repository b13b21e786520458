/** A PostgreSQL database for the store contract: one for all cases, emptied after each. */
import pg from "pg";
import { expect } from "vitest";
import { testStartMs } from "../packages/server/src/store/contract-population.ts";
import { openPostgresStore } from "../packages/server/src/store/postgres/open-postgres-store.ts";
import type { Store } from "../packages/server/src/store/store.ts";
import { undocumentedEvents } from "./documented-events.ts";
import { createTestDatabase } from "./postgres-for-tests.ts";

/** What empties all tables but those that say which tables there are. */
export const emptyTables = `
  DO $$ DECLARE name text; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT tablename FROM pg_tables
      WHERE schemaname = 'public' AND tablename NOT IN ('applied_migrations', 'migration_lock', 'instance_counters')
    LOOP EXECUTE 'DELETE FROM ' || name; END LOOP;
  END $$`;

/** Such a database. */
export interface PostgresContractSite {
  readonly url: string;
  readonly admin: pg.Client;
  /** Runs a case in an empty store. */
  withStore(run: (store: Store) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** Makes one that sorts as said. */
export async function createPostgresContractSite(
  locale: "C" | "icu",
): Promise<PostgresContractSite> {
  const database = await createTestDatabase(locale);
  const admin = new pg.Client(database.url);
  await admin.connect();
  return {
    url: database.url,
    admin,
    withStore: async (run) => {
      let ids = 0;
      // What happens at one time is ordered by what it happens to; these cases read in the order in which they did it.
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
        // Row by row, without foreign keys: of these many tables TRUNCATE would make every file anew.
        await admin.query(emptyTables);
      }
    },
    close: async () => {
      await admin.end();
      await database.drop();
    },
  };
}
