/** Reads on a connection of its own, which sees committed rows only; each script has one snapshot. */
import type { Script } from "../sql/script.ts";
import { statement } from "../sql/statement.ts";
import type { SqliteDatabase } from "./open-database.ts";
import type { ExecuteStatement } from "./run-script.ts";
import { createExecutor, runScript } from "./run-script.ts";
import { asStoreFailure } from "./store-away.ts";

/** Reads. */
export interface SqliteReader {
  /** Runs a script in one go, on one snapshot. */
  read<Result>(script: Script<Result>): Promise<Result>;
  /** Runs a script of one statement, which needs no transaction for its snapshot. */
  readOnce<Result>(script: Script<Result>): Promise<Result>;
  close(): void;
}

/** Makes the reader of a connection. */
export function createSqliteReader(database: SqliteDatabase): SqliteReader {
  const execute = createExecutor(database);
  const settled = async <Result>(run: () => Result): Promise<Result> => {
    try {
      return run();
    } catch (error) {
      throw asStoreFailure(error);
    }
  };
  return {
    read: (script) => settled(() => inSnapshot(execute, script)),
    readOnce: (script) => settled(() => runScript(script, execute)),
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
