/** Entries of the request log on their way to the database: written in batches, kept for a while when that fails. */
import type { RequestLogEntry } from "../domain/request-log-entry.ts";

/** Entries that wait. */
export interface RequestLogQueue {
  append(entry: RequestLogEntry): void;
  /** Gives everything that waits to be written, and takes it back when writing fails; empty when nothing waits. */
  take(): TakenEntries | undefined;
}

/** Entries that are being written. */
export interface TakenEntries {
  readonly entries: readonly RequestLogEntry[];
  /** Puts them back in front of what has come since. */
  giveBack(): void;
}

/** How many entries wait at most; then the oldest go. */
const queueMax = 20_000;

/** Makes an empty queue. */
export function createRequestLogQueue(): RequestLogQueue {
  let queue: RequestLogEntry[] = [];
  let lost = 0;
  const trim = (): void => {
    const over = queue.length - queueMax;
    if (over > 0) {
      queue.splice(0, over);
      lost += over;
    }
  };
  return {
    append: (entry) => {
      queue.push(entry);
      trim();
    },
    take: () => {
      const [first, ...others] = queue;
      if (first === undefined) {
        return undefined;
      }
      const taken = queue;
      const lostBefore = lost;
      queue = [];
      lost = 0;
      return {
        entries: [lostBefore === 0 ? first : tellingOfLoss(first, lostBefore), ...others],
        giveBack: () => {
          queue = [...taken, ...queue];
          lost += lostBefore;
          trim();
        },
      };
    },
  };
}

function tellingOfLoss(entry: RequestLogEntry, lost: number): RequestLogEntry {
  const warning = `${lost} earlier entries were lost because the request log could not be written`;
  return { ...entry, warnings: [...entry.warnings, warning] };
}
