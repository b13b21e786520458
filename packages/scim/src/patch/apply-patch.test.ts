/** PATCH on attributes, row by row: what changes in either reading. */
import { describe, expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../json.ts";
import { defineAttribute } from "../schema/attribute.ts";
import { groupResourceType } from "../schema/group.ts";
import { createResourceTypeRegistry, withExtension } from "../schema/resource-type.ts";
import { userResourceType } from "../schema/user.ts";
import { applyPatch } from "./apply-patch.ts";
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

describe("what an operation changes (in both readings)", () => {
  test.each([
    ["add", "name", { givenName: "X" }, { name: { familyName: "J", givenName: "X" } }],
    ["replace", "name", { givenName: "X" }, { name: { familyName: "J", givenName: "X" } }],
    [
      "replace",
      undefined,
      { name: { givenName: "X" } },
      { name: { familyName: "J", givenName: "X" } },
    ],
    ["replace", "name", { givenName: null }, { name: { familyName: "J" } }],
    ["replace", "name", { givenName: null, familyName: null }, { name: undefined }],
    ["replace", "name", null, { name: undefined }],
    ["add", "emails", [o], { emails: [w, h, o] }],
    ["add", "emails", o, { emails: [w, h, o] }],
    ["add", undefined, { emails: [o] }, { emails: [w, h, o] }],
    ["replace", "emails", [o], { emails: [o] }],
    ["replace", undefined, { emails: [o] }, { emails: [o] }],
    ["replace", "emails", [], { emails: undefined }],
    ["add", "emails", [], {}],
    ["add", "emails", null, {}],
    [
      "add",
      "emails",
      [{ ...h, primary: true }],
      {
        emails: [
          { ...w, primary: false },
          { ...h, primary: true },
        ],
      },
    ],
    [
      "add",
      "emails",
      [
        { ...h, display: "new" },
        { ...w, primary: false },
      ],
      {},
    ],
    [
      "add",
      "emails",
      [{ value: "H@X.Y", type: "HOME" }],
      { emails: [w, { value: "H@X.Y", type: "HOME" }] },
    ],
    ["replace", 'emails[type eq "home"]', { value: "n" }, { emails: [w, { value: "n" }] }],
    ["replace", 'emails[type eq "home"]', [{ value: "n" }], { emails: [w, { value: "n" }] }],
    ["replace", 'emails[type eq "home"]', null, { emails: [w] }],
    ["add", 'emails[type eq "home"]', { display: "d" }, { emails: [w, { ...h, display: "d" }] }],
    ["replace", 'EMAILS[TYPE eq "HOME"].VALUE', "n", { emails: [w, { ...h, value: "n" }] }],
    ["replace", 'emails[type eq "home"].value', null, { emails: [w, { type: "home" }] }],
    [
      "replace",
      'emails[type eq "home"].primary',
      true,
      {
        emails: [
          { ...w, primary: false },
          { ...h, primary: true },
        ],
      },
    ],
    [
      "replace",
      "emails.type",
      "x",
      {
        emails: [
          { ...w, type: "x" },
          { ...h, type: "x" },
        ],
      },
    ],
    ["replace", 'emails[type eq "home"].type', "work", { emails: [w, { ...h, type: "work" }] }],
    ["replace", "nickName", "N", { nickName: "N" }],
    ["replace", "nickName", null, {}],
    ["replace", "title", "", { title: "" }],
    ["remove", "nickName", undefined, {}],
    ["remove", "name.givenName", undefined, { name: { familyName: "J" } }],
    ["remove", "name", undefined, { name: undefined }],
    ["remove", "emails", undefined, { emails: undefined }],
    ["remove", "emails", null, { emails: undefined }],
    ["remove", "emails", [], {}],
    ["remove", "emails", [{ value: "W@x.y" }], { emails: [h] }],
    ["remove", "emails", { value: "w@x.y", type: "work" }, { emails: [h] }],
    ["remove", "emails", [{ value: "w@x.y", type: "home" }], {}],
    ["remove", "emails", [{ type: "home" }], { emails: [w] }],
    ["remove", "emails", [{}, { nope: 1 }, { display: "w" }], {}],
    ["remove", "name", { givenName: "B" }, { name: undefined }],
    ["remove", 'emails[type eq "fax"]', undefined, {}],
    ["remove", 'emails[type eq "home"].display', undefined, {}],
    ["remove", 'emails[type eq "home"].type', undefined, { emails: [w, { value: "h@x.y" }] }],
    ["remove", "emails[type pr]", undefined, { emails: undefined }],
    [
      "replace",
      undefined,
      { "name.givenName": "X", [`${enterprise}:department`]: "d" },
      { name: { familyName: "J", givenName: "X" }, [enterprise]: { department: "d" } },
    ],
    [
      "add",
      undefined,
      { 'emails[type eq "home"].value': "n" },
      { emails: [w, { ...h, value: "n" }] },
    ],
    [
      "replace",
      undefined,
      { id: "x", SCHEMAS: [], meta: { created: 1 }, "meta.version": "x", title: "t" },
      { title: "t" },
    ],
    [
      "replace",
      undefined,
      { [core]: { title: "t" }, [enterprise.toLowerCase()]: { manager: { value: "m" } } },
      { title: "t", [enterprise]: { manager: { value: "m" } } },
    ],
    ["add", core, { title: "t" }, { title: "t" }],
    [
      "add",
      enterprise,
      { department: "d", "manager.value": "m" },
      { [enterprise]: { department: "d", manager: { value: "m" } } },
    ],
    [
      "add",
      `${enterprise}:manager`,
      { value: "m", displayName: "M", $ref: "../Users/m" },
      { [enterprise]: { manager: { value: "m" } } },
    ],
    ["add", `${ext}:tags`, ["A", "a", "b"], { [ext]: { tags: ["A", "b"] } }],
    ["add", `${ext}:tags`, "A", { [ext]: { tags: ["A"] } }],
    [
      "add",
      "roles",
      [{ value: '{"id":"1","value":"x"}' }],
      { roles: [{ value: '{"id":"1","value":"x"}' }] },
    ],
    ["add", "schemas", [enterprise], {}],
  ] satisfies [
    string,
    string | undefined,
    JsonValue | undefined,
    Record<string, JsonValue | undefined>,
  ][])("%s %s %j", (name, path, value, changes) => {
    const expected = Object.fromEntries(
      Object.entries({ ...before, ...changes }).filter(([, each]) => each !== undefined),
    );
    for (const reading of [lenient, strict]) {
      expect(patch([op(name, path, value)], reading).attributes).toEqual(expected);
    }
  });

  test("nothing is a new object when nothing changes", () => {
    expect(patch([op("remove", "nickName")]).attributes).toBe(before);
  });

  test("operations see what earlier ones made", () => {
    expect(
      patch([
        op("remove", "emails"),
        op("add", "emails", [o]),
        op("replace", 'emails[type eq "other"].value', "z"),
      ]).attributes["emails"],
    ).toEqual([{ ...o, value: "z" }]);
  });
});

describe("an extension", () => {
  const withExt = {
    ...before,
    [ext]: { tags: ["a", "b"], score: "7" },
    [enterprise]: { division: "x" },
  };

  test("is removed as a whole but for readOnly values, and disappears when nothing is left", () => {
    expect(
      patch([op("remove", ext), op("remove", `${enterprise}:division`)], strict, withExt)
        .attributes,
    ).toEqual({
      ...before,
      [ext]: { score: "7" },
    });
    expect(patch([op("replace", enterprise, null)], strict, withExt).attributes).not.toHaveProperty(
      [enterprise],
    );
  });

  test("stays when it holds an immutable value, or when it is the base schema", () => {
    const immutable = { ...before, [ext]: { badge: "1" } };
    expect(() => patch([op("remove", ext)], lenient, immutable)).toThrow(failure("mutability"));
    expect(() => patch([op("remove", core)])).toThrow(failure("mutability"));
  });

  test("simple values are removed by value and by filter", () => {
    for (const operation of [
      op("remove", `${ext}:tags`, ["B"]),
      op("remove", `${ext}:tags[value eq "b"]`),
    ]) {
      expect(patch([operation], strict, withExt).attributes[ext]).toEqual({
        tags: ["a"],
        score: "7",
      });
    }
    expect(
      patch([op("replace", `${ext}:tags[value eq "b"]`, "c")], strict, withExt).attributes[ext],
    ).toEqual({ tags: ["a", "c"], score: "7" });
  });

  test("is found without its URN only with the setting", () => {
    const reading = { ...strict, unqualifiedExtensionNames: true };
    expect(patch([op("add", "department", "d")], reading).attributes[enterprise]).toEqual({
      department: "d",
    });
    expect(
      patch([op("add", undefined, { department: "d" })], reading).attributes[enterprise],
    ).toEqual({
      department: "d",
    });
    expect(() => patch([op("add", "department", "d")], strict)).toThrow(failure("invalidPath"));
  });
});

test("remove takes what any of the listed values without value describes, by all that it says", () => {
  const addresses = [
    { locality: "Ulm", country: "DE", type: "work" },
    { locality: "Ulm", country: "DE", type: "home" },
    { locality: "Bonn", country: "DE", type: "other" },
    { locality: "Graz", type: "home" },
    { country: "FR", primary: true },
  ];
  const remove = (value: JsonValue) =>
    patch([{ op: "remove", path: "addresses", value }], lenient, { userName: "a", addresses })
      .attributes["addresses"];
  expect(remove([{ locality: "ULM", type: "Home" }, { locality: "graz" }])).toEqual([
    addresses[0],
    addresses[2],
    addresses[4],
  ]);
  expect(remove([{ country: "DE" }, { type: "home", locality: "Bonn" }])).toEqual([
    addresses[3],
    addresses[4],
  ]);
  expect(remove([{ primary: true }, { country: "AT" }])).toEqual(addresses.slice(0, 4));
  expect(remove([{ country: "fr" }])).toEqual(addresses.slice(0, 4));
});
