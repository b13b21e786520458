import { expect, test } from "vitest";
import { parsePreconditions } from "./preconditions.ts";

test.each([
  [null, undefined],
  ["*", { kind: "any" }],
  [" * ", { kind: "any" }],
  ['W/"3"', { kind: "oneOf", tags: ['"3"'] }],
  ['"3"', { kind: "oneOf", tags: ['"3"'] }],
  ['"x", W/"3" ,"a,b"', { kind: "oneOf", tags: ['"x"', '"3"', '"a,b"'] }],
  ['"x",,"y"', { kind: "oneOf", tags: ['"x"', '"y"'] }],
  ["", { kind: "oneOf", tags: [] }],
  ["abc", { kind: "oneOf", tags: [] }],
  ['W/3"', { kind: "oneOf", tags: [] }],
  ['"3" "4"', { kind: "oneOf", tags: [] }],
])("%s", (header, expected) => {
  expect(parsePreconditions(header)).toEqual(expected);
});

test("a long list takes no longer than it is", () => {
  const header = `${'"x" ,'.repeat(100_000)}"`;
  expect(parsePreconditions(header)).toEqual({ kind: "oneOf", tags: [] });
});
