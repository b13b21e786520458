/** Runs a writing script in a transaction of its own, at once. */
import type { Script, Verdict } from "../sql/script.ts";
import { statement } from "../sql/statement.ts";
import type { SqliteDatabase } from "./open-database.ts";
import type { ExecuteStatement } from "./run-script.ts";
import { runScript } from "./run-script.ts";

/** Runs it; what it wrote stays only when its verdict is `keep`. */
export function runTransaction<Result>(
  database: SqliteDatabase,
  execute: ExecuteStatement,
  script: Script<Verdict<Result>>,
): Result {
  execute(statement("BEGIN IMMEDIATE"));
  try {
    const { kind, result } = runScript(script, execute);
    execute(statement(kind === "keep" ? "COMMIT" : "ROLLBACK"));
    return result;
  } catch (error) {
    if (database.inTransaction) {
      execute(statement("ROLLBACK"));
    }
    throw error;
  }
}
