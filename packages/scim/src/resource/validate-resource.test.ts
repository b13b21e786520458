/** Bodies of POST and PUT. */
import { describe, expect, test } from "vitest";
import { ScimError } from "../errors.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { defineAttribute } from "../schema/attribute.ts";
import { groupResourceType } from "../schema/group.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import { withExtension } from "../schema/resource-type.ts";
import { userResourceType } from "../schema/user.ts";
import { checkResource, validateResource, withDefaults } from "./validate-resource.ts";

const core = "urn:ietf:params:scim:schemas:core:2.0:User";
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const lenient = { strict: false, unqualifiedExtensionNames: false };
const strict = { strict: true, unqualifiedExtensionNames: false };

const read = (body: JsonObject, reading = lenient, type: ResourceType = userResourceType) =>
  validateResource(body, type, reading);
const readUser = (rest: JsonObject, reading = lenient) =>
  read({ schemas: [core], userName: "a", ...rest }, reading);

function errorOf(run: () => unknown): ScimError {
  try {
    run();
  } catch (error) {
    if (error instanceof ScimError) {
      return error;
    }
    throw error;
  }
  throw new TypeError("expected a ScimError");
}

const typed = withExtension(userResourceType, {
  schema: {
    id: "urn:example:ext",
    name: "Ext",
    description: "Ext",
    attributes: [
      defineAttribute({ name: "tags", description: "d", multiValued: true }),
      defineAttribute({
        name: "device",
        description: "d",
        type: "complex",
        multiValued: true,
        subAttributes: [
          { name: "serial", description: "d", required: true },
          { name: "note", description: "d", mutability: "readOnly" },
        ],
      }),
      defineAttribute({ name: "must", description: "d", required: true }),
    ],
  },
  required: true,
});

describe("names", () => {
  test("are found ignoring case and come out as the schema writes them, in its order", () => {
    const { attributes, present } = read({
      EMAILS: [{ PRIMARY: true, Value: "a@b.c" }],
      NAME: { GIVENNAME: "B" },
      USERNAME: "a",
      [enterprise.toUpperCase()]: { Department: "d" },
    });
    expect(attributes).toEqual({
      userName: "a",
      name: { givenName: "B" },
      emails: [{ value: "a@b.c", primary: true }],
      [enterprise]: { department: "d" },
    });
    expect(Object.keys(attributes)).toEqual(["userName", "name", "emails", enterprise]);
    expect([...present].sort()).toEqual(
      ["emails", "name", enterprise, `${enterprise}:department`, "userName"].sort(),
    );
  });

  test("qualified and dotted ones at the top are taken leniently", () => {
    // Interop: Microsoft's Postman collection sends such names (no recorded flow).
    const { attributes, warnings } = read({
      userName: "a",
      "name.givenName": "B",
      name: { familyName: "C" },
      "emails.value": "a@b.c",
      [`${enterprise}:department`]: "d",
      [`${enterprise}:manager.value`]: "m",
      [core]: { title: "t" },
    });
    expect(attributes).toEqual({
      userName: "a",
      name: { familyName: "C", givenName: "B" },
      title: "t",
      emails: [{ value: "a@b.c" }],
      [enterprise]: { department: "d", manager: { value: "m" } },
    });
    expect(warnings).toEqual([]);
  });

  test("the same ones are unknown in strict reading", () => {
    const { attributes, warnings } = readUser({ "name.givenName": "B" }, strict);
    expect(attributes).toEqual({ userName: "a" });
    expect(warnings).toEqual(["attributes that no schema defines were dropped: name.givenName"]);
  });

  test("unknown ones are dropped with a warning that has no value", () => {
    const { attributes, warnings } = readUser({
      [enterprise]: { nope: "secret" },
      nope: "secret",
      name: { nope: "secret" },
      "bad\u0007name": 1,
      ...JSON.parse('{"__proto__":{"userName":"x"},"constructor":1}'),
    });
    expect(attributes).toEqual({ userName: "a" });
    expect(warnings).toEqual([
      `attributes that no schema defines were dropped: ${enterprise}:nope, nope, bad?name, __proto__, constructor, name.nope`,
    ]);
    expect(warnings.join()).not.toContain("secret");
  });

  test("extension attributes without URN need the setting", () => {
    expect(readUser({ department: "d" }).attributes).toEqual({ userName: "a" });
    const { attributes } = readUser(
      { department: "d", manager: "m" },
      { strict: false, unqualifiedExtensionNames: true },
    );
    expect(attributes).toEqual({
      userName: "a",
      [enterprise]: { department: "d", manager: { value: "m" } },
    });
  });
});

describe("schemas", () => {
  test.each([
    [undefined, "invalidSyntax"],
    [[], "invalidSyntax"],
    [core, "invalidSyntax"],
    [[core, 1], "invalidSyntax"],
    [[enterprise], "invalidValue"],
    [[core, "urn:example:other"], "invalidValue"],
  ] satisfies [JsonValue | undefined, string][])("strict: %j is %s", (schemas, scimType) => {
    const body = { userName: "a", ...(schemas === undefined ? {} : { schemas }) };
    expect(errorOf(() => read(body, strict)).scimType).toBe(scimType);
    expect(read(body).attributes).toEqual({ userName: "a" });
  });

  test("lenient: foreign URIs are ignored with a warning", () => {
    // Interop: OneLogin and Entra legacy.
    const { warnings } = readUser({ schemas: ["urn:scim:schemas:core:2.0", core] });
    expect(warnings).toEqual(["schemas: 1 URIs that User does not have were ignored"]);
  });

  test("an extension counts whether or not it is listed, in any case and order", () => {
    expect(readUser({ [enterprise]: { division: "x" } }, strict).attributes).toEqual({
      userName: "a",
      [enterprise]: { division: "x" },
    });
    expect(
      readUser({ schemas: [enterprise.toUpperCase(), core, core] }, strict).attributes,
    ).toEqual({ userName: "a" });
  });
});

describe("values", () => {
  test("null, [] and empty objects are no values", () => {
    const { attributes, present } = readUser({
      nickName: null,
      emails: [],
      name: { givenName: null },
      addresses: [{}, { locality: null, country: "NO" }],
      [enterprise]: { manager: null },
    });
    expect(attributes).toEqual({ userName: "a", addresses: [{ country: "NO" }] });
    expect(present.has("nickName")).toBe(true);
    expect(present.has(enterprise)).toBe(true);
  });

  test.each([
    [{ emails: [null] }, "emails"],
    [{ userName: 5 }, "userName"],
    [{ name: "x" }, "name"],
    [{ name: ["x"] }, "name"],
    [{ active: "maybe" }, "active"],
    [{ emails: [{ value: 1 }] }, "emails.value"],
    [{ addresses: ["x"] }, "addresses"],
    [{ displayName: ["x"] }, "displayName"],
    [{ displayName: { value: "x" } }, "displayName"],
    [{ externalId: 7 }, "externalId"],
    [{ [enterprise]: "x" }, enterprise],
    [{ password: 1 }, "password"],
    [{ userName: null }, "userName"],
    [{ userName: "" }, "userName"],
    [{ userName: "  " }, "userName"],
    [{ userName: "a\u200bb" }, "userName"],
    [{ userName: "a\u202eb" }, "userName"],
  ] satisfies [JsonObject, string][])(
    "%j is invalidValue and names the attribute",
    (rest, path) => {
      for (const reading of [lenient, strict]) {
        const error = errorOf(() => readUser(rest, reading));
        expect(error).toMatchObject({ scimType: "invalidValue", status: 400 });
        expect(error.message).toContain(path);
        expect(error.message).toContain("expected");
      }
    },
  );

  test("strings stand for booleans, single values for lists, strings for elements: only leniently", () => {
    const rest = {
      active: "False",
      emails: { value: "a@b.c", primary: "True" },
      roles: ["admin"],
      [enterprise]: { manager: "m" },
    };
    expect(readUser(rest).attributes).toEqual({
      userName: "a",
      active: false,
      emails: [{ value: "a@b.c", primary: true }],
      roles: [{ value: "admin" }],
      [enterprise]: { manager: { value: "m" } },
    });
    for (const [name, value] of Object.entries(rest)) {
      expect(errorOf(() => readUser({ [name]: value }, strict)).scimType).toBe("invalidValue");
    }
  });

  test('"" unassigns a reference that is all there is', () => {
    expect(readUser({ [enterprise]: { manager: "" } }).attributes).toEqual({ userName: "a" });
    expect(readUser({ [enterprise]: { manager: { value: "" } } }).attributes).toEqual({
      userName: "a",
    });
  });

  test("an empty string is a value elsewhere", () => {
    expect(readUser({ title: "" }).attributes).toEqual({ userName: "a", title: "" });
  });

  test("what the service provider says is dropped in silence", () => {
    const { attributes, warnings } = readUser({
      id: "x",
      meta: { created: "y" },
      groups: [{ value: "g" }],
      [enterprise]: { manager: { value: "m", $ref: "../Users/m", displayName: "M" } },
    });
    expect(attributes).toEqual({ userName: "a", [enterprise]: { manager: { value: "m" } } });
    expect(warnings).toEqual([]);
  });

  test("a reference alone gives the value", () => {
    expect(
      readUser({ [enterprise]: { manager: { $ref: "https://x.example/Users/m%201?y" } } })
        .attributes[enterprise],
    ).toEqual({ manager: { value: "m 1" } });
  });

  test("a password is dropped with a warning that does not tell it", () => {
    const { attributes, warnings } = readUser({ password: "Secret!" });
    expect(attributes).toEqual({ userName: "a" });
    expect(warnings).toEqual(["attributes that are not stored were dropped: password"]);
  });

  test("two primaries are refused, copies of one value are merged", () => {
    expect(
      errorOf(() =>
        readUser({
          emails: [
            { value: "a", primary: true },
            { value: "b", primary: true },
          ],
        }),
      ).scimType,
    ).toBe("invalidValue");
    expect(
      readUser({
        emails: [
          { value: "A@b.c", type: "work" },
          { value: "a@B.c", type: "Work", primary: true },
          { value: "a@b.c", type: "home" },
        ],
      }).attributes["emails"],
    ).toEqual([
      { value: "a@B.c", type: "Work", primary: true },
      { value: "a@b.c", type: "home" },
    ]);
  });
});

describe("relations", () => {
  const group = (members: JsonValue, reading = lenient) =>
    read(
      { schemas: [groupResourceType.schema.id], displayName: "g", members },
      reading,
      groupResourceType,
    );

  test("give ids, each once, whatever else is sent", () => {
    const { attributes, relations } = group([
      { value: "u1", display: "x", $ref: null, type: "Group", nope: 1 },
      { $ref: "https://x.example/v2/Users/u2" },
      { $ref: "Users/u3", value: null },
      "u4",
      { VALUE: "u1" },
    ]);
    expect(relations).toEqual({ members: ["u1", "u2", "u3", "u4"] });
    expect(attributes).toEqual({ displayName: "g" });
  });

  test("null and [] are an empty list, absence is nothing", () => {
    expect(group(null).relations).toEqual({ members: [] });
    expect(group([]).relations).toEqual({ members: [] });
    expect(read({ displayName: "g" }, lenient, groupResourceType).relations).toEqual({});
  });

  test.each([[[null]], [[{ display: "x" }]], [[{ value: "" }]], [[{ value: 1 }]], [[7]], [[""]]])(
    "%j is invalidValue",
    (members) => {
      expect(errorOf(() => group(members)).scimType).toBe("invalidValue");
    },
  );

  test("strict reading wants an array of objects", () => {
    expect(errorOf(() => group(["u1"], strict)).scimType).toBe("invalidValue");
    expect(errorOf(() => group({ value: "u1" }, strict)).scimType).toBe("invalidValue");
  });
});

describe("requirements of schemas", () => {
  const ext = "urn:example:ext";
  const body = (extension: JsonObject) => ({ userName: "a", [ext]: extension });

  test("required attributes, sub-attributes and extensions are enforced", () => {
    for (const rest of [
      { userName: "a" },
      body({}),
      body({ tags: ["x"] }),
      body({
        must: "x",
        device: [{ note: "n" }, { serial: null, note: 1 }, { other: 1 }, { serial: "" }],
      }),
    ]) {
      expect(errorOf(() => read(rest, lenient, typed)).scimType).toBe("invalidValue");
    }
    expect(
      read(body({ must: "x", device: [{ serial: "1", note: "n" }] }), lenient, typed).attributes,
    ).toEqual(body({ must: "x", device: [{ serial: "1" }] }));
  });

  test("simple values are merged by the case rule of their attribute", () => {
    expect(
      read(body({ must: "x", tags: ["a", "A", "b"] }), lenient, typed).attributes[ext],
    ).toEqual({ must: "x", tags: ["a", "b"] });
  });

  test("a resource is checked as a whole after PATCH", () => {
    expect(() => checkResource(body({ must: "x" }), typed)).not.toThrow();
    for (const attributes of [
      body({}),
      { userName: "a" },
      { [ext]: { must: "x" } },
      { ...body({ must: "x" }), userName: " " },
      body({ must: "x", device: [{}] }),
      { ...body({ must: "x" }), emails: [{ primary: true }, { primary: true }] },
    ]) {
      expect(errorOf(() => checkResource(attributes, typed)).scimType).toBe("invalidValue");
    }
  });
});

test("defaults fill in what has no value, and nothing else", () => {
  expect(withDefaults({ userName: "a" }, userResourceType)).toEqual({
    userName: "a",
    active: true,
  });
  expect(withDefaults({ active: false }, userResourceType)).toEqual({ active: false });
});

test("the body is not changed", () => {
  const body = { userName: "a", emails: [{ value: "x", primary: "True" }], name: { nope: 1 } };
  const copy = structuredClone(body);
  read(body);
  expect(body).toEqual(copy);
});
