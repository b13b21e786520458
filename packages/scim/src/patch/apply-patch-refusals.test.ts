/** PATCH on attributes, row by row: what is refused, what lenient reading lets through, what it warns of. */
import { describe, expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../json.ts";
import { defineAttribute } from "../schema/attribute.ts";
import { groupResourceType } from "../schema/group.ts";
import { createResourceTypeRegistry, withExtension } from "../schema/resource-type.ts";
import { userResourceType } from "../schema/user.ts";
import { applyPatch, patchedValuesMax } from "./apply-patch.ts";
import { parsePatchOp } from "./patch-op.ts";

const core = "urn:ietf:params:scim:schemas:core:2.0:User";
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const ext = "urn:example:ext";
const user = withExtension(userResourceType, {
  schema: {
    id: ext,
    name: "Ext",
    description: "d",
    attributes: [
      defineAttribute({ name: "tags", description: "d", multiValued: true }),
      defineAttribute({ name: "badge", description: "d", mutability: "immutable" }),
      defineAttribute({ name: "score", description: "d", mutability: "readOnly" }),
      defineAttribute({
        name: "devices",
        description: "d",
        type: "complex",
        multiValued: true,
        required: true,
        subAttributes: [
          { name: "value", description: "d", required: true },
          { name: "serial", description: "d", mutability: "immutable" },
          { name: "seen", description: "d", mutability: "readOnly" },
          {
            name: "$ref",
            description: "d",
            type: "reference",
            referenceTypes: ["User"],
            required: true,
          },
        ],
      }),
      defineAttribute({
        name: "desk",
        description: "d",
        type: "complex",
        subAttributes: [
          { name: "floor", description: "d", mutability: "immutable" },
          { name: "room", description: "d" },
        ],
      }),
    ],
  },
  required: false,
});
const { schemaUris } = createResourceTypeRegistry([user, groupResourceType]);
const lenient = { strict: false, unqualifiedExtensionNames: false, schemaUris };
const strict = { ...lenient, strict: true };
const schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];

const w = { value: "w@x.y", type: "work", primary: true };
const h = { value: "h@x.y", type: "home" };
const o = { value: "o@x.y", type: "other" };
const before: JsonObject = {
  userName: "a",
  name: { familyName: "J", givenName: "B" },
  emails: [w, h],
};

const patch = (operations: readonly JsonObject[], reading = lenient, attributes = before) =>
  applyPatch(attributes, parsePatchOp({ schemas, Operations: operations }, reading), user, reading);
const op = (name: string, path: string | undefined, value?: JsonValue): JsonObject => ({
  op: name,
  ...(path === undefined ? {} : { path }),
  ...(value === undefined ? {} : { value }),
});
const failure = (scimType: string) => expect.objectContaining({ scimType, status: 400 });

describe("what is refused (in both readings)", () => {
  test.each([
    ["add", "name", "x", "invalidValue"],
    ["replace", "active", "maybe", "invalidValue"],
    ["add", "nickName", ["a", "b"], "invalidValue"],
    ["add", "emails", [null], "invalidValue"],
    [
      "add",
      "emails",
      [
        { ...o, primary: true },
        { ...h, primary: true },
      ],
      "invalidValue",
    ],
    ["replace", "emails.primary", true, "invalidValue"],
    ["replace", 'emails[type eq "home"]', [{ value: "a" }, { value: "b" }], "invalidValue"],
    ["replace", "userName", null, "invalidValue"],
    ["replace", "userName", "", "invalidValue"],
    ["add", undefined, { userName: null }, "invalidValue"],
    ["add", enterprise, "x", "invalidValue"],
    ["replace", "password", 5, "invalidValue"],
    ["remove", "userName", undefined, "mutability"],
    ["replace", "id", "x", "mutability"],
    ["remove", "id", undefined, "mutability"],
    ["add", "meta.created", "2020-01-01T00:00:00Z", "mutability"],
    ["add", "groups", [{ value: "g" }], "mutability"],
    ["remove", "groups", undefined, "mutability"],
    ["remove", 'groups[value eq "g"]', undefined, "mutability"],
    ["replace", undefined, { groups: [] }, "mutability"],
    ["replace", `${enterprise}:manager.displayName`, "x", "mutability"],
    ["replace", `${ext}:score`, "1", "mutability"],
    ["remove", "schemas", undefined, "mutability"],
    ["remove", `schemas[value eq "${core}"]`, undefined, "mutability"],
    ["replace", "schemas", [enterprise], "mutability"],
    ["replace", 'userName[value eq "a"]', "x", "invalidPath"],
    ["replace", 'name[familyName eq "J"].givenName', "x", "invalidPath"],
    ["add", undefined, { "emails[": "x" }, "invalidPath"],
    ["replace", 'emails[nope eq "a"].value', "x", "invalidFilter"],
    ["replace", "emails[primary gt true].value", "x", "invalidFilter"],
    ["add", undefined, { 'emails[type xx "a"]': "x" }, "invalidFilter"],
  ] satisfies [string, string | undefined, JsonValue | undefined, string][])(
    "%s %s %j is %s of its keyword",
    (name, path, value, scimType) => {
      for (const reading of [lenient, strict]) {
        expect(() => patch([op(name, path, value)], reading)).toThrow(failure(scimType));
      }
    },
  );

  test("an error says which operation failed", () => {
    expect(() => patch([op("add", "title", "t"), op("replace", "id", "x")])).toThrow(
      /^operation 2: id is readOnly/,
    );
  });

  test("an immutable attribute is set once", () => {
    const set = patch([op("add", `${ext}:badge`, "N")], strict).attributes;
    expect(set[ext]).toEqual({ badge: "N" });
    expect(patch([op("replace", `${ext}:badge`, "N")], strict, set).attributes).toEqual(set);
    for (const operation of [
      op("add", `${ext}:badge`, "M"),
      op("replace", `${ext}:badge`, null),
      op("remove", `${ext}:badge`),
    ]) {
      expect(() => patch([operation], strict, set)).toThrow(failure("mutability"));
    }
    expect(patch([op("remove", `${ext}:badge`)], strict).attributes).toEqual(before);
  });

  test("required and immutable sub-attributes of elements are kept", () => {
    const attributes = { ...before, [ext]: { devices: [{ value: "d", serial: "s" }] } };
    const devices = `${ext}:devices[value eq "d"]`;
    for (const [operation, scimType] of [
      [op("remove", `${devices}.value`), "mutability"],
      [op("remove", `${devices}.serial`), "mutability"],
      [op("replace", `${devices}.serial`, "t"), "mutability"],
      [op("replace", devices, { value: "d", serial: "t" }), "mutability"],
      [op("add", devices, { serial: "t" }), "mutability"],
      [op("remove", devices), "mutability"],
      [op("remove", `${ext}:devices`), "mutability"],
      [op("replace", `${devices}.value`, null), "invalidValue"],
      [op("add", devices, { value: null }), "invalidValue"],
      [op("replace", devices, null), "invalidValue"],
      [op("replace", `${ext}:devices`, []), "invalidValue"],
      [op("add", `${ext}:devices`, [{ serial: "x" }]), "invalidValue"],
    ] as const) {
      expect(() => patch([operation], lenient, attributes)).toThrow(failure(scimType));
    }
  });
});

describe("strict or lenient", () => {
  test.each([
    [
      "replace",
      'emails[type eq "fax"].value',
      "n",
      "noTarget",
      { emails: [w, h, { type: "fax", value: "n" }] },
    ],
    [
      "add",
      'emails[type eq "fax" and primary eq true]',
      { value: "n" },
      "noTarget",
      { emails: [{ ...w, primary: false }, h, { type: "fax", primary: true, value: "n" }] },
    ],
    ["replace", 'emails[type eq "fax"].value', null, "noTarget", {}],
    ["replace", "phoneNumbers.value", "1", "noTarget", { phoneNumbers: [{ value: "1" }] }],
    [
      "add",
      'roles[primary eq "True"].value',
      "r",
      "invalidFilter",
      { roles: [{ primary: true, value: "r" }] },
    ],
    ["add", `${ext}:tags[value eq "x"]`, "x", "noTarget", { [ext]: { tags: ["x"] } }],
    ["replace", "active", "False", "invalidValue", { active: false }],
    ["add", "emails", "o@x.y", "invalidValue", { emails: [w, h, { value: "o@x.y" }] }],
    ["replace", 'emails[type eq "home"]', "n", "invalidValue", { emails: [w, { value: "n" }] }],
    [
      "add",
      `${enterprise}:manager`,
      "m",
      "invalidValue",
      { [enterprise]: { manager: { value: "m" } } },
    ],
    [
      "add",
      `${enterprise}:manager`,
      [{ value: "m" }],
      "invalidValue",
      { [enterprise]: { manager: { value: "m" } } },
    ],
    ["replace", "displayName", { value: "d" }, "invalidValue", { displayName: "d" }],
    ["replace", "displayName", [{ value: "d" }], "invalidValue", { displayName: "d" }],
    ["remove", "emails", ["w@x.y"], "invalidValue", { emails: [h] }],
    ["add", "nope", "x", "invalidPath", {}],
    ["replace", "name.nope", "x", "invalidPath", {}],
    ["remove", 'emails[type eq "home"].nope', undefined, "invalidPath", {}],
    ["add", "urn:example:unknown:x", "x", "invalidPath", {}],
    ["add", "schemas", ["urn:example:unknown"], "invalidValue", {}],
  ] satisfies [string, string, JsonValue | undefined, string, Record<string, JsonValue>][])(
    "%s %s %j is %s or done",
    (name, path, value, scimType, changes) => {
      expect(() => patch([op(name, path, value)], strict)).toThrow(failure(scimType));
      expect(patch([op(name, path, value)]).attributes).toEqual({ ...before, ...changes });
    },
  );

  test("a filter of other terms than eq makes no element", () => {
    for (const filter of [
      'value sw "a"',
      'type eq "fax" or type eq "pager"',
      'not (type eq "home")',
    ]) {
      const operation = op("add", `ims[${filter}].display`, "x");
      expect(() => patch([operation])).toThrow(failure("noTarget"));
    }
  });

  test("a reference is unassigned with an empty string", () => {
    const attributes = { ...before, [enterprise]: { manager: { value: "m" } } };
    for (const operation of [
      op("replace", `${enterprise}:manager`, ""),
      op("replace", `${enterprise}:manager`, { value: "" }),
      op("replace", `${enterprise}:manager.value`, ""),
      op("replace", undefined, { [enterprise]: { manager: null } }),
    ]) {
      expect(patch([operation], lenient, attributes).attributes).toEqual(before);
    }
  });
});

describe("warnings", () => {
  test("name what was dropped and its operation, never a value", () => {
    const { attributes, warnings } = patch([
      op("add", "title", "t"),
      op("replace", undefined, { password: "S3cret", nope: "S3cret", "a b": 1, name: { x: 1 } }),
      op("add", "urn:example:unknown:thing.part", "S3cret"),
      op("replace", `${enterprise}:manager.$ref`, "../Users/m"),
      op("remove", "password"),
      op("replace", "schemas", [core]),
    ]);
    expect(attributes).toEqual({ ...before, title: "t" });
    expect(warnings).toEqual([
      "operation 2: attributes that no schema defines were dropped: nope, a b, name.x",
      "operation 2: attributes that are not stored were dropped: password",
      "operation 3: attributes that no schema defines were dropped: urn:example:unknown:thing.part",
      `operation 4: attributes that are not stored were dropped: ${enterprise}:manager.$ref`,
      "operation 5: attributes that are not stored were dropped: password",
      "operation 6: schemas follow from the data of a resource and were not changed",
    ]);
  });

  test("a long list of names is cut", () => {
    const value = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`x${index}`, 1]));
    expect(patch([op("add", undefined, value)]).warnings[0]).toMatch(/x9 and 2 more$/);
  });
});

test("many operations on a long list are refused before they take long", () => {
  const length = 1000;
  const emails = Array.from({ length }, (_, index) => ({ value: `e${index}` }));
  const remove = op("remove", 'emails[type eq "x"]');
  const operations = Array.from({ length: patchedValuesMax / length }, () => remove);
  expect(patch(operations, lenient, { userName: "a", emails }).attributes["emails"]).toHaveLength(
    length,
  );
  expect(() => patch([...operations, remove], lenient, { userName: "a", emails })).toThrow(
    expect.objectContaining({ status: 413 }),
  );
});

describe("what a client may not write, it may not write by another way", () => {
  test.each(['seen eq "x"', 'value eq "v" and seen eq "x"', '$ref eq "https://x/Users/u"'])(
    "a value path without match does not make an element with %s",
    (filter) => {
      const create = op("add", `${ext}:devices[${filter}].value`, "v");
      expect(() => patch([create])).toThrow(failure("noTarget"));
    },
  );

  test.each([
    op("remove", `${ext}:desk`),
    op("replace", `${ext}:desk`, null),
    op("remove", `${ext}:desk.floor`),
    op("replace", `${ext}:desk`, { floor: null }),
    op("replace", `${ext}:desk.floor`, "4"),
    op("replace", `${ext}:desk`, { floor: "4" }),
  ])("an immutable sub-attribute is not lost or changed: %j", (operation) => {
    const attributes = { userName: "a", [ext]: { desk: { floor: "3a", room: "r" } } };
    expect(() => patch([operation], lenient, attributes)).toThrow(failure("mutability"));
  });

  test("an immutable value sent again keeps the letter case it has", () => {
    const attributes = { userName: "a", [ext]: { badge: "N1", desk: { floor: "3a" } } };
    const again = [
      op("replace", `${ext}:badge`, "n1"),
      op("replace", `${ext}:desk`, { floor: "3A" }),
      op("replace", `${ext}:desk.floor`, "3A"),
    ];
    expect(patch(again, lenient, attributes).attributes).toEqual(attributes);
  });
});

describe("warnings name what was dropped without the values in a filter", () => {
  test.each([
    [op("add", 'emails[value eq "w@x.y"].nope', "v"), "emails.nope"],
    [op("add", undefined, { 'emails[value eq "w@x.y"].nope': "v" }), "emails.nope"],
    [op("add", undefined, { 'nope[value eq "w@x.y"]': "v" }), "nope"],
    [op("add", 'nope[value eq "w@x.y"].value', "v"), "nope.value"],
  ])("%j", (operation, name) => {
    expect(patch([operation]).warnings).toEqual([
      `operation 1: attributes that no schema defines were dropped: ${name}`,
    ]);
  });

  test("and so does the refusal", () => {
    expect(() => patch([op("add", 'emails[type eq "work"].nope', "v")], strict)).toThrow(
      /emails\.nope: no schema of User defines it/,
    );
  });
});

test("a required part that the service provider derives is not asked of the client", () => {
  const add = op("add", `${ext}:devices`, [{ value: "v" }]);
  expect(patch([add]).attributes[ext]).toEqual({ devices: [{ value: "v" }] });
});
