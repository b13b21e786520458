import { expect, test } from "vitest";
import { createRateLimit } from "./rate-limit.ts";

function takeMany(limit: ReturnType<typeof createRateLimit>, count: number, nowMs: number) {
  return Array.from({ length: count }, () => limit.take("a", nowMs).kind);
}

test("two seconds' worth may come at once, the next one is refused, and one a share of a second later goes", () => {
  const limit = createRateLimit(10);
  expect(takeMany(limit, 20, 0)).toEqual(Array.from({ length: 20 }, () => "within"));
  expect(limit.take("a", 0)).toEqual({ kind: "over", retryAfterSeconds: 1, isFirst: true });
  expect(limit.take("a", 50)).toEqual({ kind: "over", retryAfterSeconds: 1, isFirst: false });
  expect(limit.take("a", 100)).toEqual({ kind: "within" });
  expect(limit.take("a", 100)).toEqual({ kind: "over", retryAfterSeconds: 1, isFirst: true });
});

test("the bucket never holds more than it can, and another credential has its own", () => {
  const limit = createRateLimit(1);
  expect(takeMany(limit, 3, 3_600_000)).toEqual(["within", "within", "over"]);
  expect(limit.take("b", 3_600_000).kind).toBe("within");
});

test("a clock that was set back gives nothing and takes nothing", () => {
  const limit = createRateLimit(1);
  takeMany(limit, 2, 10_000);
  expect(limit.take("a", 5_000).kind).toBe("over");
  expect(limit.take("a", 6_000).kind).toBe("within");
});

test("0 is no limit", () => {
  expect(new Set(takeMany(createRateLimit(0), 5_000, 0))).toEqual(new Set(["within"]));
});
