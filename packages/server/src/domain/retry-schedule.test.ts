/** Tests of when deliveries are tried again. */
import { expect, test } from "vitest";
import { deliveryAttemptsMax, retryAtOf } from "./retry-schedule.ts";

const nowMs = Date.UTC(2025, 5, 15, 12);
const hourMs = 3_600_000;

function waitOf(attempts: number, chance = 0.5, retryAfterMs?: number): number | undefined {
  const at = retryAtOf({ attempts, nowMs, chance, retryAfterMs });
  return at === undefined ? undefined : Date.parse(at) - nowMs;
}

test("ten attempts are made over about 75 hours, then none", () => {
  const waits = Array.from({ length: deliveryAttemptsMax }, (_, index) => waitOf(index + 1));
  expect(deliveryAttemptsMax).toBe(10);
  expect(waits.slice(0, 3)).toEqual([5000, 300_000, 1_800_000]);
  expect(waits.at(-1)).toBeUndefined();
  const total = waits.reduce<number>((sum, wait) => sum + (wait ?? 0), 0);
  expect(total / hourMs).toBeGreaterThan(75);
  expect(total / hourMs).toBeLessThan(76);
  expect(waitOf(11)).toBeUndefined();
});

test("waits grow, whatever chance says", () => {
  for (const [low, high] of [
    [0, 0.999],
    [0.999, 0],
  ] as const) {
    const waits = Array.from({ length: 5 }, (_, index) =>
      waitOf(index + 1, index % 2 ? low : high),
    );
    expect(waits.toSorted((left, right) => (left ?? 0) - (right ?? 0))).toEqual(waits);
  }
});

test("a fifth more or less is left to chance", () => {
  expect(waitOf(2, 0)).toBe(240_000);
  expect(waitOf(2, 1)).toBe(360_000);
});

test("a receiver may ask for longer, for a day at most, and never for less", () => {
  expect(waitOf(1, 0.5, 60_000)).toBe(60_000);
  expect(waitOf(3, 0.5, 60_000)).toBe(1_800_000);
  expect(waitOf(1, 0.5, 30 * 24 * hourMs)).toBe(24 * hourMs);
  expect(waitOf(10, 0.5, 60_000)).toBeUndefined();
});
