/** How a client goes on that is told to come later: 429 and 503, with Retry-After or without (RFC 9110 §10.2.3). */
import { setTimeout } from "node:timers/promises";
import type { Answer } from "./target.ts";

/** What waiting takes; tests do not wait. */
export interface Patience {
  readonly wait: (ms: number) => Promise<void>;
  readonly now: () => number;
}

/** Waits as long as it takes. */
export const realPatience: Patience = { wait: (ms) => setTimeout(ms), now: Date.now };

const attemptsMost = 10;
const firstWaitMs = 1_000;
const longestWaitMs = 60_000;

/**
 * Attempts until the answer is a real one, ten times at most; silence, as text, is tried again too. Tells of each further
 * attempt.
 */
export async function untilTaken<Got extends Answer | string>(
  attempt: () => Promise<Got>,
  { wait, now }: Patience,
  onRetry: () => void = () => undefined,
): Promise<Got> {
  for (let number = 1; ; number += 1) {
    const got = await attempt();
    const isLater = typeof got === "string" || got.status === 429 || got.status === 503;
    if (!isLater || number === attemptsMost) {
      return got;
    }
    onRetry();
    const asked = typeof got === "string" ? undefined : waitAskedFor(got, now());
    await wait(Math.min(asked ?? firstWaitMs * 2 ** (number - 1), longestWaitMs));
  }
}

/** How long the server asks to wait: seconds, or until a date. */
function waitAskedFor({ headers }: Answer, nowMs: number): number | undefined {
  const text = headers.get("retry-after") ?? "";
  if (/^\d+$/.test(text)) {
    return 1_000 * Number(text);
  }
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
