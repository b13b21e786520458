import { expect, test } from "vitest";
import { isNamed, parseActorFilter, parseSearchTime } from "./audit-search.ts";

test("an actor is a kind, an id, or both", () => {
  expect(parseActorFilter("operator")).toEqual({ kind: "operator" });
  expect(parseActorFilter("operator:cli")).toEqual({ kind: "operator", id: "cli" });
  expect(parseActorFilter("system:a:b")).toEqual({ kind: "system", id: "a:b" });
  expect(parseActorFilter("0197-1a")).toEqual({ id: "0197-1a" });
  expect(parseActorFilter("robot:7")).toEqual({ id: "robot:7" });
});

test("a name that ends in a full stop is what others begin with", () => {
  expect(isNamed("user.created", "user.")).toBe(true);
  expect(isNamed("user.created", "user.created")).toBe(true);
  expect(isNamed("user.created", "user")).toBe(false);
  expect(isNamed("users.created", "user.")).toBe(false);
});

test("a time has an offset, a date begins in UTC, and everything else is none", () => {
  expect(parseSearchTime("2025-06-15")).toBe("2025-06-15T00:00:00.000Z");
  expect(parseSearchTime("2025-06-15T12:00:00+02:00")).toBe("2025-06-15T10:00:00.000Z");
  expect(parseSearchTime("2025-06-15T12:00Z")).toBe("2025-06-15T12:00:00.000Z");
  for (const text of [
    "",
    "yesterday",
    "2025-13-01",
    "2025-06-15T12:00:00",
    "1750000000",
    "15/06/2025",
  ]) {
    expect(parseSearchTime(text), text).toBeUndefined();
  }
});
