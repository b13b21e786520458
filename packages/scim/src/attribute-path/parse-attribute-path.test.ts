import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ScimError } from "../errors.ts";
import { createStandardRegistry } from "../schema/standard-registry.ts";
import { isAttributeName, parseAttributePath } from "./parse-attribute-path.ts";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const uris = [
  ...createStandardRegistry().schemaUris,
  "https://ex.example/a.b/c",
  "https://ex.example/a.b/c:x",
];

test.each([
  ["userName", undefined, "userName", undefined],
  ["NAME.GIVENNAME", undefined, "NAME", "GIVENNAME"],
  ["members.$ref", undefined, "members", "$ref"],
  ["$ref", undefined, "$ref", undefined],
  ["x-y_z$9", undefined, "x-y_z$9", undefined],
  [`${enterprise}:department`, enterprise, "department", undefined],
  [`${enterprise}:manager.value`, enterprise, "manager", "value"],
  [enterprise, enterprise, undefined, undefined],
  [enterprise.toUpperCase(), enterprise.toUpperCase(), undefined, undefined],
  ["https://ex.example/a.b/c:x:n", "https://ex.example/a.b/c:x", "n", undefined],
  ["https://ex.example/a.b/c:x", "https://ex.example/a.b/c:x", undefined, undefined],
  ["https://ex.example/a.b/c:y", "https://ex.example/a.b/c", "y", undefined],
  ["urn:extension:members", "urn:extension", "members", undefined],
  [
    "urn:example:my-ext:1.0:User:name.familyName",
    "urn:example:my-ext:1.0:User",
    "name",
    "familyName",
  ],
])("%s", (text, schema, attribute, subAttribute) => {
  expect(parseAttributePath(text, uris)).toEqual({ schema, attribute, subAttribute });
});

test.each([
  "",
  ".",
  ":",
  "name.",
  ".name",
  "name.given.x",
  "name..x",
  "emails[0]",
  'emails[type eq "work"].value',
  "a b",
  " a",
  "/userName",
  "$.userName",
  "$",
  "1abc",
  "a.1b",
  "ünicode",
  ":userName",
  "urn:a b:c",
  `${enterprise}:`,
  `${enterprise}:.x`,
  "https://ex.example/unknown",
])("%j is refused", (text) => {
  expect(() => parseAttributePath(text, uris)).toThrow(
    expect.objectContaining({ scimType: "invalidPath", status: 400 }),
  );
});

test("the detail shows the path, cut short", () => {
  expect(() => parseAttributePath("a b", [])).toThrow('"a b" is no attribute path');
  expect(() => parseAttributePath("9".repeat(5000), [])).toThrow(/^"9{100}…" is no/);
});

describe("any text", () => {
  test("is a path or invalidPath, and a path is written as it was", () => {
    const pieces = fc.array(
      fc.constantFrom("a", "$ref", ".", ":", " ", "urn", enterprise, "[", '"', "9", "constructor"),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          pieces.map((parts) => parts.join("")),
        ),
        (text) => {
          try {
            const { schema, attribute, subAttribute } = parseAttributePath(text, uris);
            const names = [attribute, subAttribute].filter((name) => name !== undefined);
            expect([schema, names.join(".")].filter(Boolean).join(":")).toBe(text);
            expect(names.every(isAttributeName)).toBe(true);
          } catch (error) {
            if (!(error instanceof ScimError)) {
              throw error;
            }
            expect(error.scimType).toBe("invalidPath");
          }
        },
      ),
      { seed: 7644, numRuns: 3000 },
    );
  });
});
