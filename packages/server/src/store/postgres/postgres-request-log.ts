/** The request log on PostgreSQL: written in batches on a connection of the pool, apart from every other write. */
import { createRequestLogQueue } from "../request-log-queue.ts";
import type { RequestLogListing } from "../sql/request-log.ts";
import {
  dropRequestLogOfTenant,
  insertRequestLogEntries,
  pruneRequestLog,
  refusalsSince,
  requestLogEntries,
} from "../sql/request-log.ts";
import type { RequestLogTable } from "../store.ts";
import type { PostgresTransactions } from "./postgres-transactions.ts";

/** The request log of an open store. */
export interface PostgresRequestLog extends RequestLogTable {
  dropTenant(tenantId: string): Promise<void>;
  /** Writes what waits, if the database is there. */
  close(): Promise<void>;
}

const batchDelayMs = 250;
/** After a failure, so that a database that is away is not asked four times a second. */
const retryDelayMs = 2_000;

/** Makes the request log of a database. */
export function createPostgresRequestLog({
  write,
  readOnce,
}: PostgresTransactions): PostgresRequestLog {
  const queue = createRequestLogQueue();
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> | undefined;

  const writeBatch = async (): Promise<void> => {
    const taken = queue.take();
    if (taken === undefined) {
      return;
    }
    try {
      await write(() => insertRequestLogEntries(taken.entries, "many"));
    } catch (error) {
      taken.giveBack();
      throw error;
    }
  };
  /** One batch at a time: the order of the entries is that of their batches. */
  const flush = async (): Promise<void> => {
    while (flushing !== undefined) {
      await flushing.catch(() => undefined);
    }
    flushing = writeBatch().finally(() => {
      flushing = undefined;
    });
    await flushing;
  };
  const flushLater = (delayMs: number): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      // The entries stay in the queue for the next time.
      flush().catch(() => flushLater(retryDelayMs));
    }, delayMs).unref();
  };

  return {
    append: (entry) => {
      queue.append(entry);
      flushLater(batchDelayMs);
    },
    list: async (listing: RequestLogListing) => {
      await flush();
      return readOnce(requestLogEntries(listing));
    },
    refusals: async (since) => {
      await flush();
      return readOnce(refusalsSince(since));
    },
    prune: async (before) => {
      await flush();
      await write(() => pruneRequestLog(before));
    },
    dropTenant: async (tenantId) => {
      await flush();
      await write(() => dropRequestLogOfTenant(tenantId));
    },
    close: async () => {
      clearTimeout(timer);
      await flush().catch(() => undefined);
    },
  };
}
