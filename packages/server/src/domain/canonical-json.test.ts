import { expect, test } from "vitest";
import { canonicalJson } from "./canonical-json.ts";

test("members are in one order at every depth, and numbers in one form", () => {
  const one = { b: [{ z: 1, a: 1.0 }], a: null, "10": 1, "9": true };
  const other = { a: null, "9": true, "10": 1, b: [{ a: 1, z: 1 }] };
  expect(canonicalJson(one)).toBe('{"10":1,"9":true,"a":null,"b":[{"a":1,"z":1}]}');
  expect(canonicalJson(other)).toBe(canonicalJson(one));
});

test("the order of a list matters, a member without a value does not", () => {
  expect(canonicalJson([2, 1])).not.toBe(canonicalJson([1, 2]));
  expect(canonicalJson({ a: 1, b: undefined })).toBe('{"a":1}');
});

test("names sort by UTF-16 unit", () => {
  expect(canonicalJson({ "\u{10000}": 1, "\uffff": 2, é: 3, z: 4 })).toBe(
    '{"z":4,"é":3,"\u{10000}":1,"\uffff":2}',
  );
});

test("what JSON cannot carry is a mistake", () => {
  expect(() => canonicalJson([undefined])).toThrow(TypeError);
  expect(() => canonicalJson({ now: () => 1 })).toThrow(TypeError);
});
