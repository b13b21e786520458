/** Runs scripts on an SQLite connection, with a cache of prepared statements. */
import type Database from "better-sqlite3";
import type { Script, StatementResult } from "../sql/script.ts";
import type { Statement } from "../sql/statement.ts";
import type { SqliteDatabase } from "./open-database.ts";

/** Executes single statements. */
export type ExecuteStatement = (statement: Statement) => StatementResult;

/** Texts depend on the filters that clients send, so there can be any number of them. */
const preparedMax = 500;

/** Makes the function that executes statements on a connection; `onWrite` hears of each that changed a row. */
export function createExecutor(
  database: SqliteDatabase,
  onWrite: () => void = () => {},
): ExecuteStatement {
  const prepared = new Map<string, Database.Statement>();
  const prepare = (sql: string): Database.Statement => {
    const known = prepared.get(sql);
    if (known !== undefined) {
      // Near the limit the order of use decides who goes, so that no flood of filters drives out the hot ones.
      if (prepared.size > preparedMax / 2) {
        prepared.delete(sql);
        prepared.set(sql, known);
      }
      return known;
    }
    const made = database.prepare(sql);
    if (prepared.size >= preparedMax) {
      const [oldest] = prepared.keys();
      prepared.delete(oldest ?? "");
    }
    prepared.set(sql, made);
    return made;
  };
  return ({ sql, parameters }) => {
    const made = prepare(sql);
    const result: StatementResult = made.reader
      ? rowsAsResult(made.all(...parameters))
      : { rows: [], changes: made.run(...parameters).changes };
    if (!made.readonly && result.changes > 0) {
      onWrite();
    }
    return result;
  };
}

function rowsAsResult(rows: readonly unknown[]): StatementResult {
  return { rows, changes: rows.length };
}

/** Runs a script in one go. */
export function runScript<Result>(script: Script<Result>, execute: ExecuteStatement): Result {
  let step = script.next();
  while (step.done !== true) {
    step = script.next(step.value.map(execute));
  }
  return step.value;
}
