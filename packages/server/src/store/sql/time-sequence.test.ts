/** Numbers in the order of time. */
import { expect, test } from "vitest";
import { createTimeSequence } from "./time-sequence.ts";

const startMs = Date.UTC(2026, 0, 1);

test("numbers grow, within a millisecond and when the clock goes back", () => {
  const clock = { ms: startMs };
  const next = createTimeSequence(
    () => clock.ms,
    () => 0.5,
  );
  const numbers = [next(), next()];
  clock.ms += 1;
  numbers.push(next());
  clock.ms -= 1000;
  numbers.push(next());
  expect(numbers).toEqual([...numbers].sort((one, other) => one - other));
  expect(new Set(numbers).size).toBe(4);
});

test("a later millisecond has greater numbers in every process", () => {
  const early = createTimeSequence(
    () => startMs,
    () => 0.999,
  );
  const late = createTimeSequence(
    () => startMs + 1,
    () => 0,
  );
  expect(early()).toBeLessThan(late());
});

test("numbers are safe integers for decades", () => {
  const next = createTimeSequence(() => Date.UTC(2085, 0, 1));
  expect(Number.isSafeInteger(next())).toBe(true);
});
