import { expect, test } from "vitest";
import { listResponse } from "./list-response.ts";
import { pageOf } from "./page.ts";

test.each([
  [1, 2, "a b"],
  [2, 2, "b c"],
  [3, 5, "c"],
  [4, 1, ""],
  [1, 0, ""],
])("from %i on, %i at most: %s", (startIndex, count, expected) => {
  expect(pageOf(["a", "b", "c"], { startIndex, count }).join(" ")).toBe(expected);
});

test("an empty list has its resources all the same", () => {
  expect(listResponse({ totalResults: 0, startIndex: 1, resources: [] })).toEqual({
    schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
    totalResults: 0,
    startIndex: 1,
    itemsPerPage: 0,
    Resources: [],
  });
});
