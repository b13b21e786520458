/** Reads on a connection of its own, which sees committed rows only; each script has one snapshot. */
import type { Script } from "../sql/script.ts";
import { statement } from "../sql/statement.ts";
import type { SqliteDatabase } from "./open-database.ts";
import type { ExecuteStatement } from "./run-script.ts";
import { createExecutor, runScript } from "./run-script.ts";
import { asStoreFailure } from "./store-away.ts";

/** Reads. */
export interface SqliteReader {
  /** Runs a script in one go. */
  read<Result>(script: Script<Result>): Promise<Result>;
  close(): void;
}

/** Makes the reader of a connection. */
export function createSqliteReader(database: SqliteDatabase): SqliteReader {
  const execute = createExecutor(database);
  return {
    read: async (script) => {
      try {
        return inSnapshot(execute, script);
      } catch (error) {
        throw asStoreFailure(error);
      }
    },
    close: () => database.close(),
  };
}

function inSnapshot<Result>(execute: ExecuteStatement, script: Script<Result>): Result {
  execute(statement("BEGIN"));
  try {
    return runScript(script, execute);
  } finally {
    // Nothing was written; this only lets go of the snapshot.
    execute(statement("ROLLBACK"));
  }
}
