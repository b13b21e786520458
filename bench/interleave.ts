/**
 * Measures several things in turn, slice by slice (A B A B …): a machine that is slower for a while is so for all of
 * them, and the ratio of their medians stays. The first slice of each warms up and does not count.
 */
import type { Slice } from "./load.ts";
import { quantile } from "./load.ts";

/** What came of the slices of one thing; medians over the slices. */
export interface Measured {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly requests: number;
  /** Processor time of the load generator for each request, in microseconds. */
  readonly generatorMicros: number;
}

/** Runs the sides in turn. */
export async function interleave<Side extends string>(
  sides: Readonly<Record<Side, (slice: number) => Promise<Slice>>>,
  slices: number,
): Promise<Record<Side, Measured>> {
  const measured = new Map<string, Slice[]>();
  const entries = Object.entries<(slice: number) => Promise<Slice>>(sides);
  for (let slice = 0; slice <= slices; slice += 1) {
    for (const [side, run] of entries) {
      const result = await run(slice);
      if (slice > 0) {
        measured.set(side, [...(measured.get(side) ?? []), result]);
      }
    }
  }
  const results = entries.map(([side]) => [side, summary(measured.get(side) ?? [])] as const);
  // Every side has its slices.
  return Object.fromEntries(results) as Record<Side, Measured>;
}

function summary(slices: readonly Slice[]): Measured {
  return {
    perSecond: median(slices.map(({ perSecond }) => perSecond)),
    p50Ms: median(slices.map((slice) => quantile(slice, 0.5))),
    p99Ms: median(slices.map((slice) => quantile(slice, 0.99))),
    requests: slices.reduce((sum, { requests }) => sum + requests, 0),
    generatorMicros: median(slices.map(({ generatorMicros }) => generatorMicros)),
  };
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
