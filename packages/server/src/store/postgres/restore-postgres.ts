/** Fills an empty PostgreSQL database with the rows of a backup, in one transaction. */
import type { ClientBase } from "pg";
import { refusal } from "../../domain/refusal.ts";
import { migrate } from "../sql/migrate.ts";
import { putRows } from "../sql/put-rows.ts";
import type { SchemaLevel } from "../sql/schema-levels.ts";
import { snapshotTables } from "../sql/snapshot-tables.ts";
import type { TakeRows } from "../store.ts";
import { databasePlaceOf } from "./database-place.ts";
import { migrationLock } from "./migration-lock.ts";
import { postgresMigrations } from "./migrations/postgres-migrations.ts";
import { databaseTraits, migrationSite } from "./open-postgres-store.ts";
import { asOpeningRefusal, unfitness } from "./opening-refusal.ts";
import { createPostgresConnections } from "./postgres-connections.ts";
import { createPostgresTransactions } from "./postgres-transactions.ts";
import { createPrepareQuery } from "./run-script.ts";

/** What is to be restored, and where. */
export interface PostgresRestoring {
  readonly url: string;
  /** The state of the schema that the rows are of. */
  readonly schemaLevel: SchemaLevel;
  /** Puts all rows in; what it throws undoes everything. */
  readonly fill: (put: TakeRows) => Promise<void>;
  readonly nowMs: () => number;
}

/** Restores into a database without rows. */
export async function restorePostgres(restoring: PostgresRestoring): Promise<void> {
  const { url, schemaLevel, nowMs } = restoring;
  const place = databasePlaceOf(url);
  const connections = createPostgresConnections({
    url,
    poolSize: 2,
    patience: "operator",
    onTrouble: () => undefined,
  });
  try {
    const transactions = createPostgresTransactions(connections);
    const { hasHistory, ...traits } = await transactions.readOnce(databaseTraits());
    const unfit = unfitness(traits, place);
    if (unfit !== undefined) {
      throw unfit;
    }
    if (hasHistory) {
      await connections.withClient("scans", requireEmpty);
    }
    const site = migrationSite(transactions, nowMs);
    await migrate(
      site,
      postgresMigrations.filter(({ number }) => number <= schemaLevel.postgres),
    );
    // Connections of their own: the names of prepared statements are those of whoever prepares them.
    await connections.withClient("scans", (client) => fillDatabase(client, restoring));
    await migrate(site, postgresMigrations);
  } catch (error) {
    throw asOpeningRefusal(error, place);
  } finally {
    await connections.close();
  }
}

async function fillDatabase(
  client: ClientBase,
  { schemaLevel, fill }: PostgresRestoring,
): Promise<void> {
  const prepare = createPrepareQuery();
  await client.query("BEGIN");
  try {
    // What is read and unpacked between two statements may have to wait for a slow disk.
    await client.query("SET LOCAL idle_in_transaction_session_timeout = 0");
    await Promise.all(migrationLock.map((lock) => client.query(prepare(lock))));
    await requireLevel(client, schemaLevel);
    await requireEmpty(client);
    // Commands that were run on the empty database have noted which key they had.
    await client.query(`DELETE FROM instance_facts`);
    await fill(async (rows) => {
      const results = putRows(rows, "many").map((one) => client.query(prepare(one)));
      await Promise.all(results);
    });
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

/** A newer program has made the tables, and rows of older ones do not fit into them. */
async function requireLevel(client: ClientBase, { postgres }: SchemaLevel): Promise<void> {
  const { rows } = await client.query<{ last: number }>(
    `SELECT max(number) AS last FROM applied_migrations`,
  );
  if ((rows[0]?.last ?? 0) > postgres) {
    throw refusal(
      "the database has the tables of a newer version than the backup: give a database without tables",
    );
  }
}

async function requireEmpty(client: ClientBase): Promise<void> {
  for (const table of snapshotTables.filter((name) => name !== "instance_facts")) {
    // Tables that a later migration makes are not there yet.
    const { rows } = await client.query(`SELECT to_regclass($1) IS NULL AS missing`, [table]);
    if (rows[0]?.missing === true) {
      continue;
    }
    const found = await client.query(`SELECT 1 FROM ${table} LIMIT 1`);
    if (found.rows.length > 0) {
      throw refusal(
        `the database is not empty, ${table} has rows: a backup is restored into a new database`,
      );
    }
  }
}
