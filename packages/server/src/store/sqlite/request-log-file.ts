/** The request log's file: written in batches, apart from everything else. */
import { createRequestLogQueue } from "../request-log-queue.ts";
import type { RequestLogListing } from "../sql/request-log.ts";
import {
  dropRequestLogOfTenant,
  insertRequestLogEntries,
  pruneRequestLog,
  refusalsSince,
  requestLogEntries,
} from "../sql/request-log.ts";
import type { Script, Verdict } from "../sql/script.ts";
import type { RequestLogTable } from "../store.ts";
import type { SqliteDatabase } from "./open-database.ts";
import { createExecutor, runScript } from "./run-script.ts";
import { runTransaction } from "./run-transaction.ts";
import { asStoreFailure } from "./store-away.ts";

/** The request log of an open store. */
export interface RequestLogFile extends RequestLogTable {
  dropTenant(tenantId: string): Promise<void>;
  close(): void;
}

const batchDelayMs = 250;

/** Makes the request log of a connection to its file. */
export function createRequestLogFile(database: SqliteDatabase): RequestLogFile {
  const execute = createExecutor(database);
  const queue = createRequestLogQueue();
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    const taken = queue.take();
    if (taken === undefined) {
      return;
    }
    try {
      runTransaction(database, execute, insertRequestLogEntries(taken.entries, "one"));
    } catch (error) {
      taken.giveBack();
      throw error;
    }
  };
  const flushLater = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      try {
        flush();
      } catch {
        // The file is locked or the disk is full: the entries stay in the queue for the next time.
        flushLater();
      }
    }, batchDelayMs).unref();
  };
  const read = async <Result>(script: Script<Result>): Promise<Result> => {
    try {
      flush();
      return runScript(script, execute);
    } catch (error) {
      throw asStoreFailure(error);
    }
  };
  const write = async (script: Script<Verdict<void>>): Promise<void> => {
    try {
      flush();
      runTransaction(database, execute, script);
    } catch (error) {
      throw asStoreFailure(error);
    }
  };

  return {
    append: (entry) => {
      queue.append(entry);
      flushLater();
    },
    list: (listing: RequestLogListing) => read(requestLogEntries(listing)),
    refusals: (since) => read(refusalsSince(since)),
    prune: (before) => write(pruneRequestLog(before)),
    dropTenant: (tenantId) => write(dropRequestLogOfTenant(tenantId)),
    close: () => {
      clearTimeout(timer);
      try {
        flush();
      } finally {
        database.close();
      }
    },
  };
}
