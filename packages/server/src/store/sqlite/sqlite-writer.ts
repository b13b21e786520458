/**
 * The one connection that writes. All writes of one turn of the event loop share a transaction, each in a savepoint of
 * its own; their promises settle after COMMIT (performance: 4.6 times the writes of one commit each).
 */
import type { Script, Verdict } from "../sql/script.ts";
import { statement } from "../sql/statement.ts";
import type { SqliteDatabase } from "./open-database.ts";
import { createExecutor, runScript } from "./run-script.ts";
import { asStoreFailure, isBusy, storeAway } from "./store-away.ts";

/** Writes. */
export interface SqliteWriter {
  /** Runs a script; what it wrote stays only when its verdict is `keep`. */
  write<Result>(script: () => Script<Verdict<Result>>): Promise<Result>;
  /** Commits what is under way, refuses what still waits for another process, closes the connection. */
  close(): void;
}

/** How long a write waits for another process that holds the lock. */
export interface Waiting {
  readonly waitMsMax: number;
}

interface Job {
  /** Runs the script; the function that it gives settles the promise once everything is on disk. */
  readonly run: () => { readonly keep: boolean; readonly settle: () => void };
  readonly fail: (error: unknown) => void;
  readonly deadlineMs: number;
}

interface Settlement {
  readonly settle: () => void;
  readonly fail: (error: unknown) => void;
}

const retryDelayMs = 5;

/** Makes the writer of a connection, which nobody else may write through. */
export function createSqliteWriter(database: SqliteDatabase, { waitMsMax }: Waiting): SqliteWriter {
  const execute = createExecutor(database);
  const run = (sql: string) => execute(statement(sql));
  let batch: Settlement[] | undefined;
  let closed = false;
  const waiting: Job[] = [];

  /** Answers false when another process has the lock. */
  const begin = (): boolean => {
    try {
      run("BEGIN IMMEDIATE");
    } catch (error) {
      if (isBusy(error)) {
        return false;
      }
      throw error;
    }
    batch = [];
    setImmediate(commit);
    return true;
  };

  const failAll = (error: unknown): void => {
    const settlements = batch ?? [];
    batch = undefined;
    const failure = asStoreFailure(error);
    for (const { fail } of settlements) {
      fail(failure);
    }
  };

  const commit = (): void => {
    if (batch === undefined) {
      return;
    }
    try {
      run("COMMIT");
    } catch (error) {
      if (database.inTransaction) {
        run("ROLLBACK");
      }
      failAll(error);
      return;
    }
    const settlements = batch;
    batch = undefined;
    for (const { settle } of settlements) {
      settle();
    }
  };

  const runInSavepoint = ({ run: runJob, fail }: Job): void => {
    try {
      run("SAVEPOINT job");
      const { keep, settle } = runJob();
      if (!keep) {
        run("ROLLBACK TO job");
      }
      run("RELEASE job");
      batch?.push({ settle, fail });
    } catch (error) {
      const failure = asStoreFailure(error);
      if (database.inTransaction) {
        run("ROLLBACK TO job");
        run("RELEASE job");
        batch?.push({ settle: () => fail(failure), fail });
      } else {
        // SQLite gives up the whole transaction when the disk is full or broken: with it went the writes before.
        fail(failure);
        failAll(error);
      }
    }
  };

  /** Answers false when the job has to wait. */
  const start = (job: Job): boolean => {
    try {
      if (batch === undefined && !begin()) {
        return false;
      }
    } catch (error) {
      job.fail(asStoreFailure(error));
      return true;
    }
    runInSavepoint(job);
    return true;
  };

  /** Puts a job off that could not start, unless its time is up. */
  const hasTime = ({ deadlineMs, fail }: Job): boolean => {
    if (Date.now() < deadlineMs) {
      setTimeout(retry, retryDelayMs);
      return true;
    }
    fail(storeAway(undefined));
    return false;
  };

  const retry = (): void => {
    for (let job = waiting[0]; job !== undefined; job = waiting[0]) {
      if (!start(job) && hasTime(job)) {
        return;
      }
      waiting.shift();
    }
  };

  return {
    write: (script) =>
      new Promise((resolve, reject) => {
        const job: Job = {
          run: () => {
            const { kind, result } = runScript(script(), execute);
            return { keep: kind === "keep", settle: () => resolve(result) };
          },
          fail: reject,
          deadlineMs: Date.now() + waitMsMax,
        };
        if (closed) {
          job.fail(storeAway(undefined));
        } else if (waiting.length > 0 || (!start(job) && hasTime(job))) {
          waiting.push(job);
        }
      }),
    close: () => {
      closed = true;
      commit();
      for (const { fail } of waiting.splice(0)) {
        fail(storeAway(undefined));
      }
      database.close();
    },
  };
}
