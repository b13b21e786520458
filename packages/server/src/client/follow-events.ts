/** Follows the event feed: page after page, waiting at its end, and again after a while when there is no answer. */
import type { EventFeed, EventFeedQuery } from "../admin-contract/event-feed.ts";
import type { CallOptions } from "./call-options.ts";
import { isRollcallProblem } from "./problem-error.ts";
import type { RollcallEvent } from "./rollcall-event.ts";

/** What to follow. */
export interface FeedOptions {
  /** Where to begin: a cursor, `now`, or with the oldest event there is when nothing is said. */
  readonly after?: string | undefined;
  /** The tenant; a token of one tenant needs none. */
  readonly tenant?: string;
  /** Ends it. */
  readonly signal?: AbortSignal;
  /** Told about every failure after which it goes on. */
  readonly onTrouble?: (error: unknown) => void;
}

/** How long a request of the feed waits for an event, in seconds. */
const waitSeconds = 20;
/** When a request is given up to which nobody answers. */
const answerTimeoutMs = 45_000;
/** The shortest and the longest time before asking again. */
const pauseMsMin = 500;
const pauseMsMax = 60_000;

type ReadFeed = (query: EventFeedQuery & CallOptions) => Promise<EventFeed>;

/** Yields the events; ends when the signal aborts. */
export async function* followEvents(
  readFeed: ReadFeed,
  { after, tenant, signal, onTrouble = () => undefined }: FeedOptions,
): AsyncGenerator<RollcallEvent, void, undefined> {
  const isOver = (): boolean => signal?.aborted === true;
  let cursor = after;
  let failures = 0;
  while (!isOver()) {
    const page = await pageBehind(readFeed, { after: cursor, tenant }, signal).catch(
      (error: unknown): unknown => ({ error }),
    );
    if (isPage(page)) {
      failures = 0;
      for (const event of page.items) {
        // The server has checked its type and its data against the contract.
        yield event as unknown as RollcallEvent;
      }
      cursor = page.nextCursor;
    } else if (!isOver()) {
      const { error } = Object(page);
      throwIfFinal(error);
      onTrouble(error);
      failures += 1;
      await pause(pauseMsAfter(failures, error), signal);
    }
  }
}

function pageBehind(
  readFeed: ReadFeed,
  { after, tenant }: EventFeedQuery,
  signal: AbortSignal | undefined,
): Promise<EventFeed> {
  const timeUp = AbortSignal.timeout(answerTimeoutMs);
  return readFeed({
    wait: waitSeconds,
    signal: signal === undefined ? timeUp : AbortSignal.any([signal, timeUp]),
    ...(after === undefined ? {} : { after }),
    ...(tenant === undefined ? {} : { tenant }),
  });
}

function isPage(page: unknown): page is EventFeed {
  return "items" in Object(page);
}

/** What would be refused again is told; 429 and 5xx pass. */
function throwIfFinal(error: unknown): void {
  if (isRollcallProblem(error) && error.status < 500 && error.status !== 429) {
    throw error;
  }
}

/** Twice as long after each failure, and not at the same moment as everybody else. */
function pauseMsAfter(failures: number, error: unknown): number {
  const asked = isRollcallProblem(error) ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
  const grown = Math.min(pauseMsMax, pauseMsMin * 2 ** failures);
  return Math.max(asked, grown * (0.5 + Math.random() / 2));
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((settle) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      settle();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end);
  });
}
