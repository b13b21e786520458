/**
 * Reads that take long: one at a time in a thread of their own, which is started when it is first needed and replaced
 * when it breaks, so that they never stop the server.
 */
import type { ResourceQuery } from "@rollcall/scim";
import type { Scope } from "../../domain/tenant.ts";
import type { FoundPage } from "../sql/find-page.ts";
import type { Script } from "../sql/script.ts";
import { runSteps } from "../sql/script.ts";
import type { ReadingThread } from "./reading-thread.ts";
import type { ReadingAnswer } from "./reading-worker.ts";
import { asStoreFailure, storeAway } from "./store-away.ts";

/** One snapshot. */
export interface ReadingSnapshot {
  /** Runs a script; the statements go to the thread, the script does not. */
  run<Result>(script: Script<Result>): Promise<Result>;
  /** Finds a page. */
  find(scope: Scope, query: ResourceQuery): Promise<FoundPage>;
}

/** Reads what takes long. */
export interface ReadingLane {
  /** Reads from one snapshot; throws what `tooMuch` makes when it takes too long or too many wait. */
  read<Result>(
    work: (snapshot: ReadingSnapshot) => Promise<Result>,
    tooMuch: () => Error,
  ): Promise<Result>;
  /** Fails what is under way and what waits. */
  close(): Promise<void>;
}

/** How much a lane takes on. */
export interface LaneLimits {
  /** How many wait at most while one reads. */
  readonly waitingMax: number;
  readonly waitMsMax: number;
  readonly readMsMax: number;
}

/** Makes a lane. */
export function createReadingLane(
  startThread: () => ReadingThread,
  { waitingMax, waitMsMax, readMsMax }: LaneLimits,
): ReadingLane {
  let thread: ReadingThread | undefined;
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  let closed = false;

  const readNow = async <Result>(
    work: (snapshot: ReadingSnapshot) => Promise<Result>,
    tooMuch: () => Error,
  ): Promise<Result> => {
    if (closed) {
      throw storeAway(undefined);
    }
    if (thread === undefined || thread.isGone) {
      thread = startThread();
    }
    return await inSnapshot(thread, work, { deadlineMs: Date.now() + readMsMax, tooMuch });
  };

  return {
    read: async (work, tooMuch) => {
      if (waiting > waitingMax) {
        throw tooMuch();
      }
      const before = last;
      let finish = () => {};
      last = new Promise((resolve) => {
        finish = resolve;
      });
      waiting += 1;
      const startMsMax = Date.now() + waitMsMax;
      try {
        await before;
        if (Date.now() > startMsMax) {
          throw tooMuch();
        }
        return await readNow(work, tooMuch);
      } catch (error) {
        throw asStoreFailure(error);
      } finally {
        waiting -= 1;
        finish();
      }
    },
    close: async () => {
      closed = true;
      await thread?.stop();
      await last;
    },
  };
}

interface Deadline {
  readonly deadlineMs: number;
  readonly tooMuch: () => Error;
}

async function inSnapshot<Result>(
  thread: ReadingThread,
  work: (snapshot: ReadingSnapshot) => Promise<Result>,
  { deadlineMs, tooMuch }: Deadline,
): Promise<Result> {
  const refusalOf = ({ kind }: ReadingAnswer): Error =>
    kind === "late" ? tooMuch() : new TypeError(`the reading thread answered ${kind}`);
  await thread.ask({ kind: "begin" });
  try {
    return await work({
      run: (script) =>
        runSteps(script, async (statements) => {
          if (Date.now() > deadlineMs) {
            throw tooMuch();
          }
          const answer = await thread.ask({ kind: "run", statements });
          if (answer.kind !== "results") {
            throw refusalOf(answer);
          }
          return answer.results;
        }),
      find: async (scope, query) => {
        const answer = await thread.ask({ kind: "find", scope, query, deadlineMs });
        if (answer.kind !== "found") {
          throw refusalOf(answer);
        }
        return answer;
      },
    });
  } finally {
    // Lets go of the snapshot; a thread that is gone has let go of it already.
    if (!thread.isGone) {
      await thread.ask({ kind: "end" });
    }
  }
}
