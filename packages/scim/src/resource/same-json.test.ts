/** Equality of JSON values. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonValue } from "../json.ts";
import { sameJson } from "./same-json.ts";

test("the order of names does not matter, the order of elements does", () => {
  expect(sameJson({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toBe(true);
  expect(sameJson([1, 2], [2, 1])).toBe(false);
});

test.each([
  [{}, []],
  [null, {}],
  [undefined, null],
  ["1", 1],
  [{ a: 1 }, { b: 1 }],
  [{ a: 1 }, { a: 1, b: 1 }],
  [JSON.parse('{"__proto__":{}}'), {}],
  [JSON.parse('{"__proto__":1}'), { toString: 1 }],
] satisfies [JsonValue | undefined, JsonValue][])("%j and %j differ", (left, right) => {
  expect(sameJson(left, right)).toBe(false);
  expect(sameJson(right, left)).toBe(false);
});

test("a value is the same as its copy", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      expect(sameJson(JSON.parse(text), JSON.parse(text))).toBe(true);
    }),
    { seed: 7643 },
  );
});
