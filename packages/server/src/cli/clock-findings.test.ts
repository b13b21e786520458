import { expect, test } from "vitest";
import type { ClockFacts } from "./clock-findings.ts";
import { clockFindings } from "./clock-findings.ts";

const nowMs = Date.UTC(2026, 5, 15, 12);
const healthy: ClockFacts = { nowMs, newestFileMs: nowMs - 5_000, newestEntryMs: nowMs + 60_000 };
const linesOf = (changes: Partial<ClockFacts>) =>
  clockFindings({ ...healthy, ...changes }).map(({ state, text }) => `${state} ${text}`);

test("a clock that fits what is there is right", () => {
  expect(linesOf({})).toEqual(["ok 2026-06-15T12:00:00.000Z"]);
  expect(linesOf({ newestFileMs: undefined, newestEntryMs: undefined })).toEqual([
    "ok 2026-06-15T12:00:00.000Z",
  ]);
  expect(linesOf({ newestFileMs: nowMs + 60_000 })[0]).toMatch(/^ok/);
});

test.each<[Partial<ClockFacts>, RegExp]>([
  [{ nowMs: 0 }, /^problem .*1970.* cannot be right/],
  [{ nowMs: Date.UTC(2100, 0, 2) }, /^problem .*2100.* cannot be right/],
  [
    { newestFileMs: nowMs + 60_001 },
    /^problem .*data folder was changed at 2026-06-15T12:01:00\.001Z/,
  ],
  [{ newestEntryMs: nowMs + 86_400_000 }, /^problem .*audit log has an entry of 2026-06-16/],
])("%o is a problem, and says what to do", (changes, words) => {
  const lines = linesOf(changes);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(words);
  expect(lines[0]).toContain("set it");
});
