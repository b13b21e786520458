import { expect, test, vi } from "vitest";
import { createRateLimit, writeRateFields } from "./rate-limit.ts";

function takeMany(limit: ReturnType<typeof createRateLimit>, count: number, nowMs: number) {
  return Array.from({ length: count }, () => limit.take("a", nowMs).kind);
}

test("two seconds' worth may come at once, the next one is refused, and one a share of a second later goes", () => {
  const limit = createRateLimit(10);
  expect(takeMany(limit, 20, 0)).toEqual(Array.from({ length: 20 }, () => "within"));
  const rate = { quota: 20, left: 0, seconds: 1 };
  expect(limit.take("a", 0)).toEqual({ kind: "over", rate, isFirst: true });
  expect(limit.take("a", 50)).toEqual({ kind: "over", rate, isFirst: false });
  expect(limit.take("a", 100)).toMatchObject({ kind: "within" });
  expect(limit.take("a", 100)).toEqual({ kind: "over", rate, isFirst: true });
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

test("however many tokens are busy, a request looks at the bucket of its own alone", () => {
  const limit = createRateLimit(1);
  for (let index = 0; index < 20_000; index += 1) {
    limit.take(`token ${index}`, 1_000);
  }
  const walks = [
    vi.spyOn(Map.prototype, Symbol.iterator),
    vi.spyOn(Map.prototype, "forEach"),
    vi.spyOn(Map.prototype, "values"),
  ];
  const taken = [0, 1, 2].map((_, index) => limit.take("a", 1_000 + 10 * index).kind);
  const counts = walks.map(({ mock }) => mock.calls.length);
  vi.restoreAllMocks();
  expect(taken).toEqual(["within", "within", "over"]);
  expect(counts).toEqual([0, 0, 0]);
  // What was taken is remembered for as long as it makes a difference.
  expect(limit.take("token 7", 1_500).kind).toBe("within");
  expect(limit.take("token 7", 1_500).kind).toBe("over");
  expect(limit.take("a", 2_900).kind).toBe("within");
  expect(limit.take("a", 3_100).kind).toBe("within");
  expect(limit.take("a", 3_100).kind).toBe("over");
});

test("0 is no limit", () => {
  expect(new Set(takeMany(createRateLimit(0), 5_000, 0))).toEqual(new Set(["within"]));
});

test("each answer can tell what is left, and when all of it is there again", () => {
  const limit = createRateLimit(5);
  expect(limit.take("a", 0)).toEqual({
    kind: "within",
    rate: { quota: 10, left: 9, seconds: 1 },
  });
  takeMany(limit, 8, 0);
  expect(limit.take("a", 0)).toEqual({
    kind: "within",
    rate: { quota: 10, left: 0, seconds: 2 },
  });
  expect(createRateLimit(0).take("a", 0)).toEqual({ kind: "within", rate: undefined });
});

test("the fields are those of the draft, with the older ones beside them", () => {
  const headers: Record<string, string> = {};
  writeRateFields(headers, { quota: 2000, left: 1998, seconds: 1 }, 1_700_000_000_200);
  expect(headers).toEqual({
    "RateLimit-Policy": '"token";q=2000;w=2',
    RateLimit: '"token";r=1998;t=1',
    "X-RateLimit-Limit": "2000",
    "X-RateLimit-Remaining": "1998",
    "X-RateLimit-Reset": "1700000002",
  });
});
