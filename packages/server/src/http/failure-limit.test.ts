import { expect, test } from "vitest";
import { createFailureLimit } from "./failure-limit.ts";

test("the limit passes, one more does not, another address is not concerned", () => {
  const limit = createFailureLimit(3);
  const notes = Array.from({ length: 5 }, () => limit.note("192.0.2.1", 1000));
  expect(notes).toEqual(["within", "within", "within", "first-over", "over"]);
  expect(limit.note("192.0.2.2", 1000)).toBe("within");
});

test("the next minute starts anew, and is as far away as Retry-After says", () => {
  const limit = createFailureLimit(1);
  limit.note("a", 59_000);
  expect(limit.note("a", 59_500)).toBe("first-over");
  expect(limit.retryAfterSeconds(59_500)).toBe(1);
  expect(limit.note("a", 60_000)).toBe("within");
  expect(limit.retryAfterSeconds(60_000)).toBe(60);
});

test("the addresses of one IPv6 network count together", () => {
  const limit = createFailureLimit(1);
  limit.note("2001:db8::1", 0);
  expect(limit.note("2001:db8::2", 0)).toBe("first-over");
  expect(limit.note("2001:db8:0:1::2", 0)).toBe("within");
});

test("zero is no limit", () => {
  const limit = createFailureLimit(0);
  expect(Array.from({ length: 9 }, () => limit.note("a", 0))).toEqual(Array(9).fill("within"));
});
