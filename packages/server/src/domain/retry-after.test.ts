import { expect, test } from "vitest";
import { retryAfterMsOf } from "./retry-after.ts";

const nowMs = Date.parse("2026-06-01T12:00:00Z");

test.each([
  ["0", 0],
  ["120", 120_000],
  [" 7 ", 7_000],
  ["Mon, 01 Jun 2026 12:10:00 GMT", 600_000],
  ["Mon, 01 Jun 2026 11:00:00 GMT", 0],
  ["999999999999", 86_400_000],
  ["Fri, 01 Jan 2100 00:00:00 GMT", 86_400_000],
])("Retry-After: %s is understood", (text, waitMs) => {
  expect(retryAfterMsOf(text, nowMs)).toBe(waitMs);
});

test.each([
  undefined,
  "",
  "-1",
  "1.5",
  "1e3",
  "soon",
  "2026-06-01T12:10:00Z",
  "Mon, 99 Foo 2026 12:10:00 GMT",
])("Retry-After: %s says nothing", (text) => {
  expect(retryAfterMsOf(text, nowMs)).toBeUndefined();
});
