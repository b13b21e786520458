/** Where migrations run on SQLite: beginning a transaction is the lock. */
import type { MigrationSite } from "../sql/migrate.ts";
import type { SqliteDatabase } from "./open-database.ts";
import type { ExecuteStatement } from "./run-script.ts";
import { runTransaction } from "./run-transaction.ts";

/** Makes the site of a database. */
export function sqliteMigrationSite(
  database: SqliteDatabase,
  execute: ExecuteStatement,
  nowMs: () => number,
): MigrationSite {
  return {
    runStep: (script) => runTransaction(database, execute, script()),
    history: [
      `CREATE TABLE IF NOT EXISTS applied_migrations (
        number INTEGER NOT NULL PRIMARY KEY,
        title TEXT NOT NULL,
        checksum TEXT NOT NULL,
        breaking INTEGER NOT NULL,
        applied_at TEXT NOT NULL
      ) STRICT`,
    ],
    lock: [],
    nowMs,
  };
}
