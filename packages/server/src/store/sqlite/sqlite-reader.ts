/** Reads on a connection of its own, which sees committed rows only. */
import type { Script } from "../sql/script.ts";
import { statement } from "../sql/statement.ts";
import type { SqliteDatabase } from "./open-database.ts";
import { createExecutor, runScript } from "./run-script.ts";
import { asStoreFailure } from "./store-away.ts";

/** Reads. */
export interface SqliteReader {
  /** Runs a script in one go, on the snapshot of this turn of the event loop. */
  read<Result>(script: Script<Result>): Promise<Result>;
  /** Lets go of the snapshot, so that the next read sees what was committed since. */
  renew(): void;
  close(): void;
}

/**
 * Makes the reader of a connection. All reads of one turn of the event loop share a snapshot: each one of its own took
 * and gave back the file's locks, a third of what a point read costs. Whoever commits in between has it renewed.
 */
export function createSqliteReader(database: SqliteDatabase): SqliteReader {
  const execute = createExecutor(database);
  const begin = statement("BEGIN");
  const rollback = statement("ROLLBACK");

  const renew = (): void => {
    if (database.inTransaction) {
      // Nothing was written.
      execute(rollback);
    }
  };

  return {
    read: async (script) => {
      try {
        if (!database.inTransaction) {
          execute(begin);
          setImmediate(renew);
        }
        return runScript(script, execute);
      } catch (error) {
        throw asStoreFailure(error);
      }
    },
    renew,
    close: () => database.close(),
  };
}
