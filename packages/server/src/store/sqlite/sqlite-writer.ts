/**
 * The one connection that writes. All writes of one turn of the event loop share a transaction; their promises settle
 * after COMMIT (performance: 4.6 times the writes of one commit each). None of them pays for another: as soon as one
 * has to be taken back, the transaction is run again with a savepoint around each. Savepoints from the start would
 * copy every page that a write touches, which made creates 1.6 times as expensive.
 */
import type { Script, Verdict } from "../sql/script.ts";
import { statement } from "../sql/statement.ts";
import type { SqliteDatabase } from "./open-database.ts";
import { createExecutor, runScript } from "./run-script.ts";
import { asStoreFailure, isBusy, storeAway } from "./store-away.ts";

/** Writes. */
export interface SqliteWriter {
  /**
   * Runs a script; what it wrote stays only when its verdict is `keep`. It may be made and run more than once, and only
   * what the last run did counts.
   */
  write<Result>(script: () => Script<Verdict<Result>>): Promise<Result>;
  /** Commits what is under way, refuses what still waits for another process, closes the connection. */
  close(): void;
}

/** How a writer works. */
export interface SqliteWriterOptions {
  /** How long a write waits for another process that holds the lock. */
  readonly waitMsMax: number;
  /** Called before each COMMIT: who reads has to let go of what was before. */
  readonly beforeCommit?: () => void;
}

interface Job {
  /** Runs the script; the function that it gives settles the promise once everything is on disk. */
  readonly run: () => { readonly keep: boolean; readonly settle: () => void };
  readonly fail: (error: unknown) => void;
  readonly deadlineMs: number;
}

interface Batch {
  /** Whether each job has a savepoint. */
  readonly careful: boolean;
  readonly entries: { readonly job: Job; readonly settle: () => void }[];
}

const retryDelayMs = 5;

/** Makes the writer of a connection, which nobody else may write through. */
export function createSqliteWriter(
  database: SqliteDatabase,
  { waitMsMax, beforeCommit = () => {} }: SqliteWriterOptions,
): SqliteWriter {
  const waiting: Job[] = [];
  const putOff = (jobs: readonly Job[]): void => {
    waiting.unshift(...jobs);
    retryLater();
  };
  const transaction = createTransaction(database, { putOff, beforeCommit });
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const retryLater = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      retry();
    }, retryDelayMs);
  };

  const retry = (): void => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      if (!start(job)) {
        return;
      }
    }
  };

  /** Answers false when the job goes to the head of those that wait. */
  const start = (job: Job): boolean => {
    if (transaction.start(job)) {
      return true;
    }
    if (Date.now() >= job.deadlineMs) {
      job.fail(storeAway(undefined));
      return true;
    }
    waiting.unshift(job);
    retryLater();
    return false;
  };

  return {
    write: (script) =>
      new Promise((resolve, reject) => {
        const job: Job = {
          run: () => {
            const { kind, result } = runScript(script(), transaction.execute);
            return { keep: kind === "keep", settle: () => resolve(result) };
          },
          fail: reject,
          deadlineMs: Date.now() + waitMsMax,
        };
        if (closed) {
          job.fail(storeAway(undefined));
        } else if (waiting.length > 0) {
          waiting.push(job);
        } else {
          start(job);
        }
      }),
    close: () => {
      closed = true;
      clearTimeout(timer);
      transaction.commit();
      for (const { fail } of waiting.splice(0)) {
        fail(storeAway(undefined));
      }
      database.close();
    },
  };
}

interface Transaction {
  readonly execute: ReturnType<typeof createExecutor>;
  /** Runs a job in the transaction of this turn; answers false when another process has the lock. */
  start(job: Job): boolean;
  /** Commits, if there is anything to commit. */
  commit(): void;
}

function createTransaction(
  database: SqliteDatabase,
  { putOff, beforeCommit }: { putOff(jobs: readonly Job[]): void; beforeCommit(): void },
): Transaction {
  let batch: Batch | undefined;
  let hasWritten = false;
  const execute = createExecutor(database, () => {
    hasWritten = true;
  });
  const run = (sql: string) => execute(statement(sql));

  const begin = (careful: boolean): Batch | undefined => {
    try {
      run("BEGIN IMMEDIATE");
    } catch (error) {
      if (isBusy(error)) {
        return undefined;
      }
      throw error;
    }
    batch = { careful, entries: [] };
    setImmediate(commit);
    return batch;
  };

  /** Lets go of the transaction and gives the jobs that were in it. */
  const abandon = (): readonly Job[] => {
    const jobs = (batch?.entries ?? []).map(({ job }) => job);
    batch = undefined;
    if (database.inTransaction) {
      run("ROLLBACK");
    }
    return jobs;
  };

  const failAll = (error: unknown): void => {
    const failure = asStoreFailure(error);
    for (const { fail } of abandon()) {
      fail(failure);
    }
  };

  const commit = (): void => {
    if (batch === undefined) {
      return;
    }
    const { entries } = batch;
    try {
      beforeCommit();
      run("COMMIT");
    } catch (error) {
      failAll(error);
      return;
    }
    batch = undefined;
    for (const { settle } of entries) {
      settle();
    }
  };

  /** Without a savepoint: answers false when the job has written something that has to be taken back. */
  const runPlainly = (job: Job, { entries }: Batch): boolean => {
    hasWritten = false;
    try {
      const { keep, settle } = job.run();
      if (keep || !hasWritten) {
        entries.push({ job, settle });
        return true;
      }
    } catch (error) {
      if (!hasWritten && database.inTransaction) {
        entries.push({ job, settle: () => job.fail(asStoreFailure(error)) });
        return true;
      }
    }
    return false;
  };

  const runInSavepoint = (job: Job, { entries }: Batch): void => {
    try {
      run("SAVEPOINT job");
      const { keep, settle } = job.run();
      if (!keep) {
        run("ROLLBACK TO job");
      }
      run("RELEASE job");
      entries.push({ job, settle });
    } catch (error) {
      if (database.inTransaction) {
        run("ROLLBACK TO job");
        run("RELEASE job");
        entries.push({ job, settle: () => job.fail(asStoreFailure(error)) });
      } else {
        // SQLite gives up the whole transaction when the disk is full or broken: with it went the writes before.
        job.fail(asStoreFailure(error));
        failAll(error);
      }
    }
  };

  const start = (job: Job): boolean => {
    try {
      const current = batch ?? begin(false);
      if (current === undefined) {
        return false;
      }
      if (current.careful) {
        runInSavepoint(job, current);
      } else if (!runPlainly(job, current)) {
        startOver([...abandon(), job]);
      }
    } catch (error) {
      job.fail(asStoreFailure(error));
    }
    return true;
  };

  /** Runs the jobs again, carefully. Nobody was told anything yet, so another process may come in between. */
  const startOver = (jobs: readonly Job[]): void => {
    for (const [index, job] of jobs.entries()) {
      try {
        const current = batch ?? begin(true);
        if (current === undefined) {
          putOff(jobs.slice(index));
          return;
        }
        runInSavepoint(job, current);
      } catch (error) {
        job.fail(asStoreFailure(error));
      }
    }
  };

  return { execute, start, commit };
}
