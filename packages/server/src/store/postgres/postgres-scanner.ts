/** Reads that go through every resource: few at a time, on connections of their own, each with a deadline. */
import type { Script } from "../sql/script.ts";
import { asStoreFailure, isTimeout } from "./postgres-failure.ts";
import type { PostgresTransactions } from "./postgres-transactions.ts";

/** How many scans run and wait at most. */
export const scansMax: number = 16;

/** How long a scan may run. */
export const scanMsMax: number = 10_000;

/** Scans. */
export interface PostgresScanner {
  /** Runs a script on one snapshot; throws what `tooMuch` makes when it takes too long or too many wait. */
  scan<Result>(script: () => Script<Result>, tooMuch: () => Error): Promise<Result>;
  /** Ends those that run with their next step. */
  close(): void;
}

/** Makes the scanner. */
export function createPostgresScanner({ scan }: PostgresTransactions): PostgresScanner {
  let running = 0;
  let closed = false;
  return {
    scan: async (script, tooMuch) => {
      if (closed || running >= scansMax) {
        throw tooMuch();
      }
      running += 1;
      const started: { atMs?: number } = {};
      try {
        return await scan(script(), () => {
          started.atMs ??= Date.now();
          const leftMs = started.atMs + scanMsMax - Date.now();
          if (closed || leftMs <= 0) {
            throw tooMuch();
          }
          return leftMs;
        });
      } catch (error) {
        throw isTimeout(error) ? tooMuch() : asStoreFailure(error);
      } finally {
        running -= 1;
      }
    },
    close: () => {
      closed = true;
    },
  };
}
