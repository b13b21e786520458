import { describe, expect, test } from "vitest";
import type { AttributeDefinition } from "./attribute.ts";
import { defineAttribute } from "./attribute.ts";
import { enterpriseUserSchema } from "./enterprise-user.ts";
import { groupResourceType } from "./group.ts";
import type { ResourceType } from "./resource-type.ts";
import {
  commonAttributes,
  coreAttributesOf,
  createResourceTypeRegistry,
  withExtension,
} from "./resource-type.ts";
import type { Schema } from "./schema.ts";
import { createStandardRegistry } from "./standard-registry.ts";
import { userResourceType } from "./user.ts";

type Definition = Omit<AttributeDefinition, "description">;

function schemaOf(id: string, definitions: readonly Definition[]): Schema {
  const describe = (definition: Definition): AttributeDefinition => ({
    description: "x",
    ...definition,
  });
  return {
    id,
    name: "X",
    description: "x",
    attributes: definitions.map(describe).map(defineAttribute),
  };
}

function deviceWith(change: Partial<ResourceType>, definitions: readonly Definition[] = []) {
  const device: ResourceType = {
    name: "Device",
    endpoint: "/Devices",
    description: "x",
    schema: schemaOf("urn:example:schemas:2.0:Device", [{ name: "serial" }, ...definitions]),
    extensions: [],
    uniqueKeys: [],
    pointPaths: [],
    displayAttributes: [],
    ...change,
  };
  return createResourceTypeRegistry([device]);
}

const sub: AttributeDefinition = { name: "value", description: "x" };

describe("the standard registry", () => {
  const registry = createStandardRegistry();

  test("finds types by name and by endpoint in any case", () => {
    expect(registry.named("User")).toBe(userResourceType);
    expect(registry.named("Robot")).toBeUndefined();
    expect(registry.atEndpoint("users")).toBe(userResourceType);
    expect(registry.atEndpoint("Groups")).toBe(groupResourceType);
    expect(registry.atEndpoint("constructor")).toBeUndefined();
  });

  test("has every schema once", () => {
    expect(registry.schemas.map(({ name }) => name)).toEqual([
      "User",
      "EnterpriseUser",
      "Group",
      "ServiceProviderConfig",
      "ResourceType",
      "Schema",
    ]);
    expect(registry.schemaUris).toEqual(registry.schemas.map(({ id }) => id));
  });

  test("declares what stores and policies need", () => {
    const attributes = coreAttributesOf(userResourceType);
    const kept = attributes.filter(({ keptByReplace }) => keptByReplace).map(({ name }) => name);
    expect(kept).toEqual(["externalId", "active", "password", "roles"]);
    const stored = attributes.filter(({ stored }) => stored !== undefined);
    expect(stored).toMatchObject([
      {
        name: "groups",
        stored: "derived",
        reverseOf: { resourceType: "Group", attribute: "members" },
      },
    ]);
    expect(coreAttributesOf(groupResourceType)).toContainEqual(
      expect.objectContaining({ name: "members", stored: "relation" }),
    );
  });
});

test("every resource has the common attributes, with the characteristics of RFC 7643 §3.1", () => {
  expect(commonAttributes).toMatchObject([
    { name: "schemas", multiValued: true, required: true, returned: "always" },
    { name: "id", caseExact: true, mutability: "readOnly", returned: "always" },
    { name: "externalId", caseExact: true, mutability: "readWrite" },
    { name: "meta", type: "complex", mutability: "readOnly", returned: "default" },
  ]);
  const registry = deviceWith({}, [{ name: "ID", caseExact: false }]);
  const device = registry.named("Device");
  const attributes = device === undefined ? [] : coreAttributesOf(device);
  expect(attributes.map(({ name }) => name)).toEqual([
    "schemas",
    "id",
    "externalId",
    "meta",
    "serial",
  ]);
  expect(device && coreAttributesOf(device)).toBe(attributes);
});

test("an extension is added without changing the type", () => {
  const schema = schemaOf("https://ex.example/a.b/c:x", [{ name: "code" }]);
  const extended = withExtension(userResourceType, { schema, required: true });
  expect(userResourceType.extensions).toHaveLength(1);
  const registry = createResourceTypeRegistry([extended, groupResourceType]);
  expect(registry.schemaUris).toContain("https://ex.example/a.b/c:x");
});

test("an extension is computed as a whole, readOnly, returned on request, and never required", () => {
  const computed = { mutability: "readOnly", returned: "request", stored: "computed" } as const;
  const registryWith = (attributes: readonly Partial<Definition>[], required = false) => {
    const schema = schemaOf(
      "urn:example:computed",
      attributes.map((attribute, index) => ({ name: `a${index}`, ...attribute })),
    );
    const user = withExtension(userResourceType, { schema, required });
    return createResourceTypeRegistry([user, groupResourceType]);
  };
  expect(registryWith([computed, computed]).schemas).toHaveLength(7);
  expect(() => registryWith([computed, {}])).toThrow(/computed as a whole/);
  expect(() => registryWith([computed], true)).toThrow(/not required/);
  expect(() => registryWith([{ ...computed, mutability: "readWrite" }])).toThrow(/readOnly/);
  expect(() => registryWith([{ ...computed, returned: "default" }])).toThrow(/on request/);
  expect(() => deviceWith({}, [{ name: "rank", ...computed }])).toThrow(/only .* an extension/);
});

test("two extensions may define the same name, and two types share an extension", () => {
  const one = schemaOf("urn:example:one", [{ name: "code" }]);
  const two = schemaOf("urn:example:two", [{ name: "code" }]);
  const registry = createResourceTypeRegistry([
    withExtension(withExtension(userResourceType, { schema: one, required: false }), {
      schema: two,
      required: false,
    }),
    withExtension(groupResourceType, { schema: one, required: false }),
  ]);
  expect(registry.schemas).toHaveLength(8);
});

test("attributes may have every type and a default value", () => {
  expect(() =>
    deviceWith(
      { uniqueKeys: [{ path: "externalId", role: "external" }], pointPaths: ["parts.value"] },
      [
        { name: "a-b_c$9", type: "integer", defaultValue: 1 },
        {
          name: "parts",
          type: "complex",
          multiValued: true,
          subAttributes: [sub, { ...sub, name: "$ref" }],
        },
        { name: "cert", type: "binary" },
      ],
    ),
  ).not.toThrow();
});

describe("is refused:", () => {
  test.each<[string, readonly Definition[], RegExp]>([
    ["a name that begins with a digit", [{ name: "1abc" }], /"1abc" is no attribute name/],
    ["a dot in a name", [{ name: "a.b" }], /"a.b" is no attribute name/],
    ["a name that is no data", [{ name: "__proto__" }], /"__proto__" is no attribute name/],
    ["the same name in another case", [{ name: "Serial" }], /Serial is defined twice/],
    ["an unknown type", [{ name: "a", type: JSON.parse('"map"') }], /map is no data type/],
    ["complex without sub-attributes", [{ name: "a", type: "complex" }], /have sub-attributes/],
    ["simple with sub-attributes", [{ name: "a", subAttributes: [sub] }], /have sub-attributes/],
    [
      "a complex sub-attribute",
      [
        {
          name: "a",
          type: "complex",
          subAttributes: [{ ...sub, type: "complex", subAttributes: [sub] }],
        },
      ],
      /a\.value: a sub-attribute is never complex/,
    ],
    [
      "a wrong sub-attribute name",
      [{ name: "a", type: "complex", subAttributes: [{ ...sub, name: "$x" }] }],
      /"\$x" is no attribute name/,
    ],
    ["reference types of a string", [{ name: "a", referenceTypes: ["User"] }], /`referenceTypes`/],
    [
      "a default that does not fit",
      [{ name: "a", type: "boolean", defaultValue: "x" }],
      /default value does not fit/,
    ],
    [
      "a default of many",
      [{ name: "a", multiValued: true, defaultValue: "x" }],
      /only a singular simple/,
    ],
    ["a simple relation", [{ name: "a", stored: "relation" }], /a relation attribute is complex/],
    [
      "a relation without value",
      [
        {
          name: "a",
          type: "complex",
          multiValued: true,
          stored: "relation",
          subAttributes: [{ ...sub, name: "b" }],
        },
      ],
      /has `value`/,
    ],
    ["derived from nothing", [{ name: "a", stored: "derived" }], /`reverseOf` belongs/],
    [
      "a derived attribute that can be written",
      [
        {
          name: "a",
          type: "complex",
          multiValued: true,
          stored: "derived",
          reverseOf: { resourceType: "Device", attribute: "b" },
          subAttributes: [sub],
        },
      ],
      /is readOnly/,
    ],
    [
      "the reverse of no relation",
      [
        {
          name: "a",
          type: "complex",
          multiValued: true,
          mutability: "readOnly",
          stored: "derived",
          reverseOf: { resourceType: "Robot", attribute: "b" },
          subAttributes: [sub],
        },
      ],
      /Robot\.b is no relation/,
    ],
  ])("%s", (_, definitions, message) => {
    expect(() => deviceWith({}, definitions)).toThrow(TypeError);
    expect(() => deviceWith({}, definitions)).toThrow(message);
  });

  test.each<[string, Partial<ResourceType>, RegExp]>([
    ["no name", { name: "" }, /expected a name/],
    ["an endpoint without slash", { endpoint: "Devices" }, /got Devices/],
    ["an endpoint of two segments", { endpoint: "/a/b" }, /got \/a\/b/],
    ["the endpoint of discovery", { endpoint: "/schemas" }, /another meaning/],
    ["a schema that is no URI", { schema: schemaOf("Device", []) }, /is no URI/],
    ["a schema with blanks", { schema: schemaOf("urn:a b", []) }, /is no URI/],
    ["a schema that ends with a colon", { schema: schemaOf("urn:a:", []) }, /is no URI/],
    [
      "a message schema",
      { schema: schemaOf("urn:ietf:params:scim:api:messages:2.0:Error", []) },
      /schema of a message/,
    ],
    [
      "a URI that discovery has",
      { schema: schemaOf("urn:ietf:params:scim:schemas:CORE:2.0:Schema", []) },
      /is defined twice/,
    ],
    [
      "an extension that redefines a core attribute",
      { extensions: [{ schema: schemaOf("urn:x:y", [{ name: "SERIAL" }]), required: false }] },
      /redefines Device\.SERIAL/,
    ],
    [
      "an extension that redefines a common attribute",
      { extensions: [{ schema: schemaOf("urn:x:y", [{ name: "meta" }]), required: false }] },
      /redefines Device\.meta/,
    ],
    [
      "an extension with a relation",
      {
        extensions: [
          { schema: schemaOf("urn:x:y", [{ name: "r", stored: "relation" }]), required: false },
        ],
      },
      /is stored inline/,
    ],
    [
      "an extension twice",
      {
        extensions: [
          { schema: enterpriseUserSchema, required: false },
          { schema: enterpriseUserSchema, required: true },
        ],
      },
      /has the schema .* twice/,
    ],
    [
      "a unique key of nothing",
      { uniqueKeys: [{ path: "nope", role: "name" }] },
      /nope is no singular string/,
    ],
    [
      "a unique key of many",
      { uniqueKeys: [{ path: "schemas", role: "name" }] },
      /schemas is no singular string/,
    ],
    [
      "a display attribute of nothing",
      { displayAttributes: ["nope"] },
      /nope is no singular string/,
    ],
    [
      "an attribute that is unique without a rule",
      { schema: schemaOf("urn:x:y", [{ name: "serial", uniqueness: "server" }]) },
      /serial is unique by its schema/,
    ],
    [
      "an attribute that is unique while a setting says so",
      {
        schema: schemaOf("urn:x:y", [{ name: "serial", uniqueness: "global" }]),
        uniqueKeys: [{ path: "serial", role: "name", setting: "uniqueSerials" }],
      },
      /serial is unique by its schema/,
    ],
    [
      "an extension with a unique attribute",
      {
        extensions: [
          { schema: schemaOf("urn:x:y", [{ name: "tag", uniqueness: "server" }]), required: false },
        ],
      },
      /tag is unique by its schema/,
    ],
    [
      "a unique sub-attribute",
      {
        schema: schemaOf("urn:x:y", [
          { name: "c", type: "complex", subAttributes: [{ ...sub, uniqueness: "server" }] },
        ]),
      },
      /value is unique by its schema/,
    ],
    [
      "a required relation",
      {
        schema: schemaOf("urn:x:y", [
          {
            name: "r",
            stored: "relation",
            type: "complex",
            multiValued: true,
            required: true,
            subAttributes: [sub],
          },
        ]),
      },
      /Device\.r: a relation attribute is never required/,
    ],
    ["a point path to a complex attribute", { pointPaths: ["meta"] }, /meta is no path/],
    ["a point path to nothing", { pointPaths: ["meta.nope"] }, /meta\.nope is no path/],
    ["a point path in nothing", { pointPaths: ["nope.value"] }, /nope\.value is no path/],
  ])("%s", (_, change, message) => {
    expect(() => deviceWith(change)).toThrow(TypeError);
    expect(() => deviceWith(change)).toThrow(message);
  });

  test("a name or an endpoint that is taken", () => {
    const twin = { ...groupResourceType, name: "Team", endpoint: "/GROUPS" };
    expect(() => createResourceTypeRegistry([groupResourceType, twin])).toThrow(/is taken/);
    const namesake = { ...groupResourceType, endpoint: "/Teams" };
    expect(() => createResourceTypeRegistry([groupResourceType, namesake])).toThrow(/is taken/);
  });

  test("a derived attribute whose other side is missing", () => {
    expect(() => createResourceTypeRegistry([userResourceType])).toThrow(
      /Group\.members is no relation/,
    );
  });
});
