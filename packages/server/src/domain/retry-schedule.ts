/** When a delivery that failed is tried again: ten attempts over about 75 hours, and not all at once what failed together. */

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** How long after the one before each attempt is made, the first one at once. */
const waitsMs: readonly number[] = [
  0,
  5 * secondMs,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  14 * hourMs,
  20 * hourMs,
  24 * hourMs,
];

/** How often a delivery is tried before it is a dead letter. */
export const deliveryAttemptsMax: number = waitsMs.length;

/** What part of a wait is left to chance, more or less. */
const jitter = 0.2;

/** The longest wait that a receiver may ask for. */
const askedMsMax = 24 * hourMs;

/** A delivery that has just failed. */
export interface FailedAttempt {
  /** How often it has been tried, this attempt included. */
  readonly attempts: number;
  readonly nowMs: number;
  /** From 0 to 1. */
  readonly chance: number;
  /** How long the receiver asks to be left alone; undefined where it says nothing. */
  readonly retryAfterMs?: number | undefined;
}

/** When to try again, an xsd:dateTime in UTC, and never sooner than the receiver asks; undefined for never. */
export function retryAtOf({
  attempts,
  nowMs,
  chance,
  retryAfterMs = 0,
}: FailedAttempt): string | undefined {
  const waitMs = waitsMs[attempts];
  if (waitMs === undefined) {
    return undefined;
  }
  const spreadMs = waitMs * (1 - jitter + 2 * jitter * chance);
  const askedMs = Math.min(retryAfterMs, askedMsMax);
  return new Date(nowMs + Math.round(Math.max(spreadMs, askedMs))).toISOString();
}
