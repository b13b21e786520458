import { expect, test } from "vitest";
import { ScimError } from "../errors.ts";
import { parseSearchRequest, projectionParametersOf } from "./search-request.ts";

function parse(query: string) {
  return parseSearchRequest(new URLSearchParams(query), { cursors: true });
}

function refusal(query: string): string | undefined {
  try {
    parse(query);
  } catch (error) {
    return error instanceof ScimError ? error.scimType : String(error);
  }
  return "nothing";
}

test("everything has a default", () => {
  expect(parse("")).toEqual({
    filter: undefined,
    sortBy: undefined,
    sortOrder: "ascending",
    startIndex: 1,
    count: 100,
    attributes: "",
    excludedAttributes: "",
    cursor: undefined,
  });
});

test("plus and %20 are blanks, %2B is a plus", () => {
  expect(parse("filter=userName+eq%20%22a%2Bb%22").filter).toBe('userName eq "a+b"');
});

test.each([
  ["startIndex=0", 1, 100],
  ["startIndex=-5", 1, 100],
  ["startIndex=7", 7, 100],
  ["startIndex=99999999999999999999", Number.MAX_SAFE_INTEGER, 100],
  ["startIndex=&count=", 1, 100],
  ["startIndex=%202%20", 2, 100],
  ["count=0", 1, 0],
  ["count=-1", 1, 0],
  ["count=1000", 1, 1000],
  ["count=1001", 1, 1000],
])("%s is startIndex %i and count %i", (query, startIndex, count) => {
  expect(parse(query)).toMatchObject({ startIndex, count });
});

test.each([
  ["count=abc", "invalidValue"],
  ["count=1.5", "invalidValue"],
  ["count=1e3", "invalidValue"],
  ["startIndex=0x10", "invalidValue"],
  ["startIndex=1&startIndex=2", "invalidValue"],
  ["sortOrder=up", "invalidValue"],
  ["filter=", "invalidFilter"],
  ["filter=+", "invalidFilter"],
  ["filter=a+pr&filter=b+pr", "invalidFilter"],
])("%s is %s", (query, scimType) => {
  expect(refusal(query)).toBe(scimType);
});

test("the order is read in any case", () => {
  expect(parse("sortOrder=Descending&sortBy=+title+")).toMatchObject({
    sortOrder: "descending",
    sortBy: "title",
  });
});

test("unknown parameters are ignored, cursor among them where there are none", () => {
  expect(parse("foo=bar&aadOptscim062020")).toEqual(parse(""));
  const parameters = new URLSearchParams("cursor=&startIndex=2");
  expect(parseSearchRequest(parameters, { cursors: false })).toMatchObject({
    cursor: undefined,
    startIndex: 2,
  });
});

test.each([
  ["cursor", ""],
  ["cursor=", ""],
  ["cursor=abc", "abc"],
])("%s begins or goes on by cursor", (query, cursor) => {
  expect(parse(query).cursor).toBe(cursor);
});

test.each([
  ["cursor=&startIndex=1", "invalidValue"],
  ["cursor=a&cursor=b", "invalidCursor"],
  ["cursor=&count=abc", "invalidCount"],
  ["cursor=abc&count=1.5", "invalidCount"],
])("%s is %s", (query, scimType) => {
  expect(refusal(query)).toBe(scimType);
});

test("repeated attributes are one list", () => {
  const parameters = new URLSearchParams("attributes=a,b&attributes=c");
  expect(projectionParametersOf(parameters)).toEqual({
    attributes: "a,b,c",
    excludedAttributes: "",
  });
});
