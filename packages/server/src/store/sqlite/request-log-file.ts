/** The request log's file: written in batches, apart from everything else. */
import type { RequestLogEntry } from "../../domain/request-log-entry.ts";
import type { RequestLogListing } from "../sql/request-log.ts";
import {
  dropRequestLogOfTenant,
  insertRequestLogEntries,
  pruneRequestLog,
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
const queueMax = 20_000;

/** Makes the request log of a connection to its file. */
export function createRequestLogFile(database: SqliteDatabase): RequestLogFile {
  const execute = createExecutor(database);
  const queue: RequestLogEntry[] = [];
  let lost = 0;
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    const [first, ...others] = queue;
    if (first === undefined) {
      return;
    }
    const entries = [lost === 0 ? first : tellingOfLoss(first, lost), ...others];
    runTransaction(database, execute, insertRequestLogEntries(entries));
    queue.length = 0;
    lost = 0;
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
      queue.push(entry);
      if (queue.length > queueMax) {
        queue.shift();
        lost += 1;
      }
      flushLater();
    },
    list: async (listing: RequestLogListing) => {
      try {
        flush();
        return runScript(requestLogEntries(listing), execute);
      } catch (error) {
        throw asStoreFailure(error);
      }
    },
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

function tellingOfLoss(entry: RequestLogEntry, lost: number): RequestLogEntry {
  const warning = `${lost} earlier entries were lost because the request log could not be written`;
  return { ...entry, warnings: [...entry.warnings, warning] };
}
