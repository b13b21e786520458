/** The PatchOp message and its paths. */
import { describe, expect, test } from "vitest";
import type { JsonValue } from "../json.ts";
import { createStandardRegistry } from "../schema/standard-registry.ts";
import { parsePatchOp, parsePatchPath, patchOperationsMax } from "./patch-op.ts";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const message = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const { schemaUris } = createStandardRegistry();
const lenient = { strict: false, unqualifiedExtensionNames: false, schemaUris };
const strict = { ...lenient, strict: true };
const parse = (operation: JsonValue, reading = lenient) =>
  parsePatchOp({ schemas: [message], Operations: [operation] }, reading);
const failure = (scimType: string) => expect.objectContaining({ scimType, status: 400 });

describe("the message", () => {
  test("op and the names of parts are read in any case, other parts are ignored", () => {
    const body = { operations: [{ OP: "Replace", Path: "title", VALUE: "x", name: "addMember" }] };
    expect(parsePatchOp(body, lenient)).toEqual([
      {
        op: "replace",
        path: {
          path: { schema: undefined, attribute: "title", subAttribute: undefined },
          filter: undefined,
          subAttribute: undefined,
        },
        value: "x",
      },
    ]);
  });

  test("schemas is asked for in strict reading alone", () => {
    const Operations = [{ op: "remove", path: "title" }];
    for (const schemas of [undefined, [], ["urn:x"], message, null]) {
      const body = { Operations, ...(schemas === undefined ? {} : { schemas }) };
      expect(() => parsePatchOp(body, strict)).toThrow(failure("invalidSyntax"));
      expect(parsePatchOp(body, lenient)).toHaveLength(1);
    }
    expect(parsePatchOp({ Operations, schemas: [message.toUpperCase()] }, strict)).toHaveLength(1);
  });

  test("an empty list changes nothing leniently", () => {
    expect(parsePatchOp({ Operations: [] }, lenient)).toEqual([]);
    expect(() => parsePatchOp({ schemas: [message], Operations: [] }, strict)).toThrow(
      failure("invalidSyntax"),
    );
  });

  test.each([undefined, null, {}, "x", 1])("Operations %j is invalidSyntax", (Operations) => {
    const body = Operations === undefined ? {} : { Operations };
    expect(() => parsePatchOp(body, lenient)).toThrow(failure("invalidSyntax"));
  });

  test("the limit passes, one more is 413 and names it", () => {
    const operations = (length: number) => ({
      Operations: Array.from({ length }, () => ({ op: "remove", path: "title" })),
    });
    expect(parsePatchOp(operations(patchOperationsMax), lenient)).toHaveLength(1000);
    expect(() => parsePatchOp(operations(patchOperationsMax + 1), lenient)).toThrow(
      expect.objectContaining({ status: 413, message: expect.stringContaining("1000") }),
    );
  });
});

describe("an operation", () => {
  test.each([
    [null, "invalidSyntax"],
    ["add", "invalidSyntax"],
    [[], "invalidSyntax"],
    [{}, "invalidSyntax"],
    [{ op: "move", path: "title", value: "x" }, "invalidSyntax"],
    [{ op: 1, path: "title", value: "x" }, "invalidSyntax"],
    [{ op: "add", path: true, value: "x" }, "invalidSyntax"],
    [{ op: "add", path: ["title"], value: "x" }, "invalidSyntax"],
    [{ op: "remove" }, "noTarget"],
    [{ op: "remove", path: null }, "noTarget"],
    [{ op: "add", path: "title" }, "invalidValue"],
    [{ op: "replace" }, "invalidValue"],
    [{ op: "add", value: "x" }, "invalidValue"],
    [{ op: "add", value: [{}] }, "invalidValue"],
    [{ op: "add", value: null }, "invalidValue"],
  ] satisfies [JsonValue, string][])("%j is %s", (operation, scimType) => {
    expect(() => parse(operation)).toThrow(failure(scimType));
  });

  test("null is a value, missing is not", () => {
    expect(parse({ op: "replace", path: "title", value: null })[0]?.value).toBe(null);
    expect(parse({ op: "remove", path: "title" })[0]?.value).toBe(undefined);
  });

  test("an error says which operation it is about", () => {
    const Operations = [{ op: "remove", path: "title" }, { op: "remove" }];
    expect(() => parsePatchOp({ Operations }, lenient)).toThrow(/^operation 2: /);
  });
});

describe("a path", () => {
  test.each([
    "userName",
    "name.givenName",
    "NAME.GIVENNAME",
    "emails",
    'emails[type eq "work"]',
    'emails[type eq "work"].value',
    'emails[type eq "work" and primary eq true].value',
    'emails[value eq "a]b[c\\"]"].display',
    'members[value eq"x"]',
    enterprise,
    `${enterprise}:department`,
    `${enterprise}:manager.value`,
    'urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq "work"].value',
    "members.$ref",
  ])("%s is good", (path) => {
    expect(() => parsePatchPath(path, strict)).not.toThrow();
  });

  test("has the filter and the sub-attribute apart", () => {
    expect(parsePatchPath('emails[type eq "work"].value', strict)).toMatchObject({
      path: { attribute: "emails", subAttribute: undefined },
      filter: { kind: "comparison", operator: "eq" },
      subAttribute: "value",
    });
  });

  test.each([
    "",
    ".",
    "name.",
    ".name",
    "name.given.x",
    "name..x",
    "emails[0]",
    "emails[ 0 ].value",
    "emails[",
    'emails[type eq "work"',
    'emails[type eq "work]',
    'emails[type eq "work"]value',
    'emails[type eq "work"].value.x',
    'emails[type eq "work"].',
    'emails[type eq "work"],',
    'emails[type eq "work"] .value',
    '[type eq "work"]',
    'emails.value[type eq "work"]',
    `${enterprise}[type eq "work"]`,
    "a b",
    "/userName",
    "$.userName",
    `a${"b".repeat(9000)}`,
    `emails[value eq "${"é".repeat(4096)}"]`,
  ])("%j is invalidPath", (path) => {
    for (const reading of [lenient, strict]) {
      expect(() => parsePatchPath(path, reading)).toThrow(failure("invalidPath"));
    }
  });

  test.each(["emails[]", "emails[type]", 'emails[type xx "a"]', 'emails[a[b eq "c"]]'])(
    "%s is invalidFilter",
    (path) => {
      expect(() => parsePatchPath(path, strict)).toThrow(failure("invalidFilter"));
    },
  );
});
