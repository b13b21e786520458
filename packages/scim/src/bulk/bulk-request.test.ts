import { expect, test } from "vitest";
import { ScimError } from "../errors.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { bulkOperationsMax, parseBulkRequest } from "./bulk-request.ts";

const schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"];
const strict = { strict: true };

function jobOf(...operations: readonly JsonValue[]) {
  return parseBulkRequest({ schemas, Operations: operations }, strict);
}

/** Why an operation is refused before anything is done. */
function refusalOf(operation: JsonObject): string {
  const [entry] = jobOf(operation).entries;
  return entry?.kind === "refused" ? `${entry.error.scimType}: ${entry.error.message}` : "nothing";
}

const post = { method: "POST", path: "/Users", bulkId: "a", data: {} };

test("an operation is read as it was written", () => {
  const data = { userName: "ann" };
  const put = { method: "put", path: "/Users/1", version: 'W/"3"', bulkId: "x", data };
  const none = { method: "DELETE", path: "/Users/2", data: "whatever" };
  expect(jobOf(post, put, none).entries).toEqual([
    { kind: "operation", operation: { ...post, version: undefined } },
    { kind: "operation", operation: { ...put, method: "PUT" } },
    {
      kind: "operation",
      operation: { ...none, data: undefined, bulkId: undefined, version: undefined },
    },
  ]);
});

test("names of members are read in any case", () => {
  const { entries, failOnErrors } = parseBulkRequest(
    { SCHEMAS: schemas, operations: [{ Method: "Delete", PATH: "/Users/1" }], FailOnErrors: 2 },
    strict,
  );
  expect(failOnErrors).toBe(2);
  expect(entries[0]).toMatchObject({ operation: { method: "DELETE", path: "/Users/1" } });
});

test.each([
  [{}, /^invalidSyntax: method/],
  [{ ...post, method: "GET" }, /^invalidSyntax: method/],
  [{ ...post, method: 1 }, /^invalidSyntax: method/],
  [{ ...post, path: "" }, /^invalidSyntax: path/],
  [{ ...post, path: 5 }, /^invalidSyntax: path/],
  [{ method: "POST", path: "/Users", data: {} }, /^invalidSyntax: bulkId/],
  [{ ...post, bulkId: "" }, /^invalidSyntax: bulkId/],
  [{ ...post, bulkId: 7 }, /^invalidSyntax: bulkId/],
  [{ ...post, version: 1 }, /^invalidSyntax: version/],
  [{ ...post, data: [] }, /^invalidSyntax: data: expected a resource/],
  [{ method: "PATCH", path: "/Users/1" }, /^invalidSyntax: data: expected a PatchOp/],
  [{ method: "PUT", path: "/Users/1", data: null }, /^invalidSyntax: data/],
] as const)("%j is refused alone", (operation, expected) => {
  expect(refusalOf(operation)).toMatch(expected);
});

test("of two POSTs with one bulkId the second is refused, and whoever only gives one back is not", () => {
  const { entries } = jobOf(post, post, { method: "DELETE", path: "/Users/1", bulkId: "a" });
  expect(entries.map(({ kind }) => kind)).toEqual(["operation", "refused", "operation"]);
  expect(entries[1]).toMatchObject({ bulkId: "a", error: { scimType: "invalidValue" } });
});

test.each([
  [{ Operations: [post] }],
  [{ schemas: ["urn:x"], Operations: [post] }],
  [{ schemas }],
  [{ schemas, Operations: [] }],
  [{ schemas, Operations: {} }],
  [{ schemas, Operations: ["x"] }],
  [{ schemas, Operations: [post], failOnErrors: -1 }],
  [{ schemas, Operations: [post], failOnErrors: 1.5 }],
  [{ schemas, Operations: [post], failOnErrors: "1" }],
] as const)("%j is no job", (message) => {
  expect(() => parseBulkRequest(message, strict)).toThrow(
    expect.objectContaining({ scimType: "invalidSyntax" }),
  );
});

test("leniently a job needs no schemas", () => {
  expect(parseBulkRequest({ Operations: [post] }, { strict: false }).entries).toHaveLength(1);
});

test("no error at all to be accepted is as good as one", () => {
  const failing = (failOnErrors: number | null) =>
    parseBulkRequest({ schemas, Operations: [post], failOnErrors }, strict).failOnErrors;
  expect([failing(0), failing(1), failing(9), failing(null)]).toEqual([1, 1, 9, undefined]);
});

test("the limit passes and one more does not", () => {
  const operations = (count: number) =>
    Array.from({ length: count }, () => ({ method: "DELETE", path: "/Users/1" }));
  expect(jobOf(...operations(bulkOperationsMax)).entries).toHaveLength(1000);
  const refusal = () => jobOf(...operations(bulkOperationsMax + 1));
  expect(refusal).toThrow(ScimError);
  expect(refusal).toThrow(
    expect.objectContaining({ status: 413, message: expect.stringContaining("maxOperations") }),
  );
});
