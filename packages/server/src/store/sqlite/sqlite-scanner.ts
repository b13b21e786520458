/**
 * Reads that go through every resource: one at a time on a connection of their own, giving way after each statement, so
 * that they never stop the server; a running statement of SQLite cannot be interrupted.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Script } from "../sql/script.ts";
import { statement } from "../sql/statement.ts";
import type { SqliteDatabase } from "./open-database.ts";
import type { ExecuteStatement } from "./run-script.ts";
import { createExecutor } from "./run-script.ts";
import { asStoreFailure } from "./store-away.ts";

/** How many scans wait at most while one runs. */
export const scansWaitingMax: number = 16;

/** How long a scan may run. */
export const scanMsMax: number = 10_000;

/** Scans. */
export interface SqliteScanner {
  /** Runs a script in turns; throws what `tooMuch` makes when it takes too long or too many wait. */
  scan<Result>(script: () => Script<Result>, tooMuch: () => Error): Promise<Result>;
  close(): Promise<void>;
}

/** Makes the scanner of a connection. */
export function createSqliteScanner(database: SqliteDatabase): SqliteScanner {
  const execute = createExecutor(database);
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  let closed = false;
  return {
    scan: async (script, tooMuch) => {
      if (closed || waiting > scansWaitingMax) {
        throw tooMuch();
      }
      const before = last;
      let finish = () => {};
      last = new Promise((resolve) => {
        finish = resolve;
      });
      waiting += 1;
      try {
        await before;
        return await scanInSnapshot(execute, script(), (deadlineMs) => {
          if (closed || Date.now() > deadlineMs) {
            throw tooMuch();
          }
        });
      } catch (error) {
        throw asStoreFailure(error);
      } finally {
        waiting -= 1;
        finish();
      }
    },
    close: async () => {
      closed = true;
      await last;
      database.close();
    },
  };
}

async function scanInSnapshot<Result>(
  execute: ExecuteStatement,
  script: Script<Result>,
  check: (deadlineMs: number) => void,
): Promise<Result> {
  const deadlineMs = Date.now() + scanMsMax;
  execute(statement("BEGIN"));
  try {
    let step = script.next();
    while (step.done !== true) {
      check(deadlineMs);
      step = script.next(execute(step.value));
      await nextTurn();
    }
    return step.value;
  } finally {
    execute(statement("ROLLBACK"));
  }
}
