/** PATCH on relations: steps, never values. */
import { describe, expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../json.ts";
import { groupResourceType } from "../schema/group.ts";
import { createStandardRegistry } from "../schema/standard-registry.ts";
import { applyPatch, relationFiltersMax } from "./apply-patch.ts";
import { parsePatchOp } from "./patch-op.ts";

const { schemaUris } = createStandardRegistry();
const lenient = { strict: false, unqualifiedExtensionNames: false, schemaUris };
const strict = { ...lenient, strict: true };
const schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
const before = { displayName: "g" };

const patch = (operations: readonly JsonObject[], reading = lenient) =>
  applyPatch(
    before,
    parsePatchOp({ schemas, Operations: operations }, reading),
    groupResourceType,
    reading,
  );
const stepsOf = (operations: readonly JsonObject[], reading = lenient) =>
  patch(operations, reading).relations.flatMap(({ steps }) => steps);
const failure = (scimType: string) => expect.objectContaining({ scimType, status: 400 });

describe("one operation", () => {
  test.each([
    [
      "add",
      "members",
      [{ value: "a" }, { value: "b", display: "x", $ref: null }],
      [{ op: "add", ids: ["a", "b"] }],
    ],
    ["add", "MEMBERS", { value: "a", type: "Group" }, [{ op: "add", ids: ["a"] }]],
    ["add", "members", [{ $ref: "../Users/a" }], [{ op: "add", ids: ["a"] }]],
    ["add", "members", [], []],
    ["add", "members", null, []],
    ["add", undefined, { members: [{ value: "a" }] }, [{ op: "add", ids: ["a"] }]],
    ["add", 'members[value eq "a"]', { value: "a" }, [{ op: "add", ids: ["a"] }]],
    ["replace", 'members[value eq "a"]', { value: "a" }, [{ op: "add", ids: ["a"] }]],
    ["replace", 'members[value eq "a"]', null, [{ op: "remove", ids: ["a"] }]],
    ["replace", "members", [{ value: "a" }, { value: "a" }], [{ op: "replace", ids: ["a"] }]],
    ["replace", "members", [], [{ op: "replace", ids: [] }]],
    ["replace", "members", null, [{ op: "replace", ids: [] }]],
    ["replace", undefined, { members: [{ value: "a" }], id: "g" }, [{ op: "replace", ids: ["a"] }]],
    ["remove", "members", undefined, [{ op: "replace", ids: [] }]],
    ["remove", "members", null, [{ op: "replace", ids: [] }]],
    ["remove", "members", [], []],
    ["remove", "members", [{ value: "a", $ref: null }], [{ op: "remove", ids: ["a"] }]],
    ["remove", "members", { value: "a" }, [{ op: "remove", ids: ["a"] }]],
    ["remove", 'members[value eq "a"]', undefined, [{ op: "remove", ids: ["a"] }]],
    [
      "remove",
      'members[VALUE eq "a" or value eq "B"]',
      undefined,
      [{ op: "remove", ids: ["a", "B"] }],
    ],
    [
      "remove",
      'members[type eq "User"]',
      undefined,
      [{ op: "removeWhere", filter: expect.anything() }],
    ],
    [
      "remove",
      'members[value eq "a" and type eq "User"]',
      undefined,
      [{ op: "removeWhere", filter: expect.anything() }],
    ],
  ] satisfies [string, string | undefined, JsonValue | undefined, unknown[]][])(
    "%s %s %j",
    (op, path, value, steps) => {
      const operation = {
        op,
        ...(path === undefined ? {} : { path }),
        ...(value === undefined ? {} : { value }),
      };
      for (const reading of [lenient, strict]) {
        expect(stepsOf([operation], reading)).toEqual(steps);
        expect(patch([operation], reading).attributes).toBe(before);
      }
    },
  );

  test("a bare string is an id, leniently", () => {
    for (const value of ["a", ["a"]]) {
      const operation = { op: "add", path: "members", value };
      expect(stepsOf([operation])).toEqual([{ op: "add", ids: ["a"] }]);
      expect(() => patch([operation], strict)).toThrow(failure("invalidValue"));
    }
  });

  test("values marked for removal as in SCIM 1.1 are ignored with a warning", () => {
    const value = [{ value: "a", operation: "delete" }, { value: "b" }];
    const { relations, warnings } = patch([{ op: "add", path: "members", value }]);
    expect(relations).toEqual([{ attribute: "members", steps: [{ op: "add", ids: ["b"] }] }]);
    expect(warnings).toEqual([
      expect.stringMatching(/^operation 1: 1 values of members were ignored/),
    ]);
  });

  test.each([
    ["replace", 'members[value eq "a"].value', "b", "mutability"],
    ["replace", "members.value", "b", "mutability"],
    ["remove", 'members[value eq "a"].display', undefined, "mutability"],
    ["replace", 'members[value eq "a"]', { value: "b" }, "mutability"],
    ["add", 'members[type eq "User"]', { value: "b" }, "noTarget"],
    ["add", "members", [{ display: "x" }], "invalidValue"],
    ["remove", "members", [{ display: "x" }], "invalidValue"],
    ["remove", "members", 7, "invalidValue"],
    ["remove", 'members[nope eq "a"]', undefined, "invalidFilter"],
  ] satisfies [string, string, JsonValue | undefined, string][])(
    "%s %s %j is refused",
    (op, path, value, scimType) => {
      const operation = { op, path, ...(value === undefined ? {} : { value }) };
      for (const reading of [lenient, strict]) {
        expect(() => patch([operation], reading)).toThrow(failure(scimType));
      }
    },
  );
});

test("several operations are folded, and nothing is left of none", () => {
  expect(
    stepsOf([
      { op: "add", path: "members", value: [{ value: "a" }] },
      { op: "remove", path: 'members[value eq "a"]' },
      { op: "add", path: "members", value: [{ value: "b" }] },
      { op: "add", path: "members", value: [{ value: "b" }, { value: "c" }] },
    ]),
  ).toEqual([
    { op: "remove", ids: ["a"] },
    { op: "add", ids: ["b", "c"] },
  ]);
  expect(patch([{ op: "add", path: "members", value: [] }]).relations).toEqual([]);
});

test("a rename with the id in the value, as Okta and authentik send it", () => {
  const value = {
    id: "g1",
    schemas: [groupResourceType.schema.id],
    displayName: "n",
    externalId: "e",
  };
  expect(patch([{ op: "replace", value }], strict)).toEqual({
    attributes: { displayName: "n", externalId: "e" },
    relations: [],
    warnings: [],
  });
});

test.each([{ value: "b" }, [{ value: "a" }, { value: "b" }]])(
  "a value beside the one that the path names is refused, not ignored: %j",
  (value) => {
    const add = { op: "add", path: 'members[value eq "a"]', value };
    expect(() => patch([add])).toThrow(failure("mutability"));
  },
);

test("a value that names nobody is refused also beside a path", () => {
  const add = { op: "add", path: 'members[value eq "a"]', value: 5 };
  expect(() => patch([add])).toThrow(failure("invalidValue"));
});

test("sub-attributes that no schema knows are dropped with a warning, known ones without", () => {
  const value = [{ value: "a", Display: "A", type: "User", $ref: null, displayName: "A", foo: 1 }];
  const { warnings } = patch([{ op: "add", path: "members", value }]);
  expect(warnings).toEqual([
    "operation 1: attributes that no schema defines were dropped: members.displayName, members.foo",
  ]);
});

test("filters that a store has to run are bounded; ids are not", () => {
  const remove = (filter: string) => ({ op: "remove", path: `members[${filter}]` });
  const byType = Array.from({ length: relationFiltersMax }, () => remove('type eq "Group"'));
  const byId = Array.from({ length: relationFiltersMax + 1 }, (_, id) =>
    remove(`value eq "${id}"`),
  );
  expect(stepsOf(byType)).toHaveLength(relationFiltersMax);
  expect(stepsOf(byId)).toHaveLength(1);
  expect(() => patch([...byType, remove('type eq "Group"')])).toThrow(
    expect.objectContaining({ status: 413 }),
  );
});
