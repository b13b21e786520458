/** What happens after commit on SQLite: chaining audit entries, some time after they were written, a few at a time. */
import { chainRounds } from "../sql/audit-log-table.ts";
import { unchainedEntries } from "../sql/chain-audit-entries.ts";
import type { SqlContext } from "../sql/sql-context.ts";
import type { SqliteReader } from "./sqlite-reader.ts";
import type { SqliteWriter } from "./sqlite-writer.ts";

/** Keeps the house of one process. */
export interface SqliteHousekeeping {
  /** Says that something was written. */
  noteWrite(): void;
  /** Ends the round that is under way, and begins no other. */
  close(): Promise<void>;
}

/** How long after a write its entry is chained at the latest, by a server with nothing else to do. */
const soonMs = 2_000;
/** How often to look whether another process has written. */
const sweepMs = 60_000;

/** What the housekeeping works with. */
export interface HousekeepingParts {
  readonly context: SqlContext;
  readonly write: SqliteWriter["write"];
  readonly read: SqliteReader["read"];
  /** Whether to work at all: a command that does one thing leaves it to a server. */
  readonly background: boolean;
  readonly onTrouble: (message: string, error: unknown) => void;
}

/** Makes the housekeeping. */
export function createSqliteHousekeeping(parts: HousekeepingParts): SqliteHousekeeping {
  const { context, write, read } = parts;
  // What a process left behind that is gone now is seen to first.
  let isDue = parts.background;
  let closed = false;
  let working: Promise<void> | undefined;

  const chainAll = async (): Promise<void> => {
    for (const { tenantId } of await read(unchainedEntries())) {
      if (closed) {
        return;
      }
      await chainRounds(tenantId, { patient: false }, { context, write });
    }
  };
  const work = (): void => {
    if (!isDue || working !== undefined) {
      return;
    }
    isDue = false;
    working = chainAll()
      .catch((error: unknown) => {
        if (!closed) {
          parts.onTrouble("audit entries could not be chained", error);
        }
      })
      .finally(() => {
        working = undefined;
      });
  };
  const timers = parts.background
    ? [
        setInterval(work, soonMs).unref(),
        setInterval(() => {
          isDue = true;
        }, sweepMs).unref(),
      ]
    : [];
  return {
    noteWrite: () => {
      isDue = true;
    },
    close: async () => {
      closed = true;
      timers.map(clearInterval);
      await working;
    },
  };
}
