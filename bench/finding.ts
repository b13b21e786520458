/** What a bench found: lines of the table, and how figures are written. */

/** One line: what was measured, against what, and whether the promise holds. */
export interface Finding {
  readonly what: string;
  readonly ours: string;
  /** What it is compared with; empty where the figure stands for itself. */
  readonly against: string;
  readonly ratio: string;
  /** The promise; empty for a figure that is there for orientation. */
  readonly promised: string;
  /** Undefined for a figure that is there for orientation. */
  readonly kept: boolean | undefined;
}

/** The name of a promise. */
export type PromiseName = "P1" | "P2" | "P3" | "P4" | "P5" | "P6" | "P7" | "P8" | "P9";

/** What one promise came to on one database. */
export interface PromiseReport {
  readonly promise: PromiseName;
  readonly title: string;
  readonly findings: readonly Finding[];
  /** What a reader has to know to read the lines. */
  readonly notes: readonly string[];
}

/** A ratio that has to stay at or below a bound. */
export function atMost(ratio: number, bound: number): Pick<Finding, "ratio" | "promised" | "kept"> {
  return { ratio: times(ratio), promised: `≤ ${bound} ×`, kept: ratio <= bound };
}

/** A ratio that has to reach a bound. */
export function atLeast(
  ratio: number,
  bound: number,
): Pick<Finding, "ratio" | "promised" | "kept"> {
  return { ratio: times(ratio), promised: `≥ ${bound} ×`, kept: ratio >= bound };
}

/** A figure without a promise. */
export const orientation: Pick<Finding, "promised" | "kept"> = { promised: "", kept: undefined };

/** A figure that has to stay at or below a bound in its own unit. */
export function within(
  value: number,
  bound: number,
  unit: string,
): Pick<Finding, "ratio" | "promised" | "kept"> {
  return { ratio: "", promised: `≤ ${bound} ${unit}`, kept: value <= bound };
}

/** Writes a rate. */
export function rate(perSecond: number): string {
  return `${Math.round(perSecond).toLocaleString("en-US")}/s`;
}

/** Writes a time. */
export function milliseconds(ms: number): string {
  return ms >= 1000
    ? `${(ms / 1000).toFixed(2)} s`
    : `${ms.toFixed(ms < 10 ? 2 : ms < 100 ? 1 : 0)} ms`;
}

/** Writes a ratio. */
export function times(ratio: number): string {
  return `${ratio.toFixed(2)} ×`;
}

/** Writes a number of users or members. */
export function count(value: number): string {
  return value >= 1_000_000
    ? `${value / 1_000_000} M`
    : value >= 1000
      ? `${value / 1000} k`
      : String(value);
}
