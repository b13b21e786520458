import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonObject } from "../json.ts";
import type { Attribute } from "../schema/attribute.ts";
import { defineAttribute } from "../schema/attribute.ts";
import { groupResourceType } from "../schema/group.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import { createResourceTypeRegistry, withExtension } from "../schema/resource-type.ts";
import { userResourceType } from "../schema/user.ts";
import { parseProjection } from "./parse-projection.ts";
import { projectResource } from "./project-resource.ts";
import type { Projection } from "./projection.ts";
import type { RelationValue, StoredResource } from "./resource.ts";
import { relationSliceLength, resourceText } from "./resource-text.ts";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const ext = "urn:example:ext";
const user = withExtension(userResourceType, {
  schema: {
    id: ext,
    name: "Ext",
    description: "d",
    attributes: [
      defineAttribute({ name: "desk", description: "d" }),
      defineAttribute({ name: "asked", description: "d", returned: "request" }),
      defineAttribute({
        name: "room",
        description: "d",
        type: "complex",
        subAttributes: [
          { name: "code", description: "d" },
          { name: "pin", description: "d", returned: "never" },
        ],
      }),
    ],
  },
  required: false,
});
const registry = createResourceTypeRegistry([user, groupResourceType]);
const site = { registry, baseUrl: "https://id.example.com/scim/v2" };
const whole: Projection = { kind: "default" };

/** How often stored text was parsed. */
let parses = 0;

/** The same resource as a store hands it over that keeps text; `attributes` is there only if it may be looked at. */
function asText(stored: StoredResource, mayParse = true): StoredResource {
  const attributesText = JSON.stringify(stored.attributes);
  return {
    ...stored,
    get attributes(): JsonObject {
      if (!mayParse) {
        throw new Error("parsed");
      }
      parses += 1;
      return JSON.parse(attributesText);
    },
    attributesText,
  };
}

function textOf(
  stored: StoredResource,
  type: ResourceType = user,
  projection: Projection = whole,
): string {
  return [...resourceText(stored, type, projection, site)].join("");
}

const member = (index: number): RelationValue => ({
  value: `u"${index}`,
  type: "User",
  resourceType: "User",
  ...(index % 3 === 0 ? {} : { display: `Näme ${index}` }),
});
const members = (count: number) => Array.from({ length: count }, (_, index) => member(index));

function storedWith(
  attributes: JsonObject,
  relations: StoredResource["relations"] = {},
): StoredResource {
  return {
    id: 'i "1/',
    attributes,
    created: "2020-01-01T00:00:00.000Z",
    lastModified: "2020-01-02T00:00:00.000Z",
    revision: 3,
    relations,
  };
}

/** Text that could be taken for something else. */
const treacherous = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.constantFrom(
    enterprise,
    `"${enterprise}":`,
    `\\"${ext}\\":{`,
    "manager",
    '"manager":{"value":"x"}',
    "}",
    "password",
    "\u2028\ud83d\ude00",
  ),
);

function simpleValue({ type }: Attribute): fc.Arbitrary<JsonValue> {
  switch (type) {
    case "boolean":
      return fc.boolean();
    case "integer":
    case "decimal":
      return fc.integer();
    default:
      return treacherous;
  }
}

function valuesOf(attribute: Attribute): fc.Arbitrary<JsonValue> {
  const one: fc.Arbitrary<JsonValue> =
    attribute.type === "complex"
      ? objectOf(attribute.subAttributes.filter(({ name }) => name !== "$ref"))
      : simpleValue(attribute);
  return attribute.multiValued ? fc.array(one, { minLength: 1, maxLength: 3 }) : one;
}

/** As a store keeps it: no empty object, names in any order. */
function objectOf(attributes: readonly Attribute[]): fc.Arbitrary<JsonObject> {
  const members = attributes.map((attribute) =>
    valuesOf(attribute).map((value) => [attribute.name, value] as const),
  );
  return fc
    .subarray([...members.keys()], { minLength: 1 })
    .chain((indexes) => fc.shuffledSubarray(indexes, { minLength: 1 }))
    .chain((indexes) => fc.tuple(...indexes.flatMap((index) => members[index] ?? [])))
    .map((entries) => Object.fromEntries(entries));
}

function storedAttributesOf(type: ResourceType): fc.Arbitrary<JsonObject> {
  const inline = type.schema.attributes.filter(
    ({ stored, mutability }) => (stored ?? "inline") === "inline" && mutability !== "writeOnly",
  );
  const extensions = type.extensions.map(({ schema }) =>
    fc.option(
      objectOf(schema.attributes).map((values) => ({ [schema.id]: values })),
      { nil: {} },
    ),
  );
  return fc
    .tuple(fc.option(objectOf(inline), { nil: {} }), ...extensions)
    .map((parts) => Object.assign({}, ...parts));
}

const relationValue: fc.Arbitrary<RelationValue> = fc.record(
  {
    value: treacherous,
    type: fc.constantFrom("User", "Group", "direct"),
    resourceType: fc.constantFrom("User", "Group", "Gone"),
    display: treacherous,
  },
  { requiredKeys: ["value", "type", "resourceType"] },
);

describe.each([
  ["User", user, "groups"],
  ["Group", groupResourceType, "members"],
] as const)("the text of a %s", (_, type, relation) => {
  test("says what the projection says, from text and from an object", () => {
    const resource = fc.tuple(
      storedAttributesOf(type),
      fc.option(fc.array(relationValue, { maxLength: 3 }), { nil: undefined }),
    );
    const parsed = { yes: 0, no: 0 };
    fc.assert(
      fc.property(resource, ([attributes, values]) => {
        const stored = storedWith(attributes, values === undefined ? {} : { [relation]: values });
        const expected = projectResource(stored, type, whole, site);
        const before = parses;
        expect(JSON.parse(textOf(asText(stored), type))).toEqual(expected);
        parsed[parses === before ? "no" : "yes"] += 1;
        expect(JSON.parse(textOf(stored, type))).toEqual(expected);
      }),
      { seed: 7643, numRuns: 300 },
    );
    expect(parsed.no).toBeGreaterThan(50);
  });
});

test("what is shown whole is not parsed", () => {
  const attributes = { userName: "a", [enterprise]: { department: "d" }, [ext]: { desk: "1" } };
  const stored = storedWith(attributes, { groups: members(2) });
  const text = textOf(asText(stored, false));
  expect(JSON.parse(text)).toEqual(projectResource(stored, user, whole, site));
  expect(text.startsWith(`{"schemas":[`)).toBe(true);
  expect(JSON.parse(textOf(asText(storedWith({}), false)))).toMatchObject({ id: 'i "1/' });
});

test.each([
  ["a reference that is derived", { [enterprise]: { manager: { value: "u2" } } }],
  ["an attribute for those who ask", { [ext]: { asked: "x" } }],
  ["a part that nobody is shown", { [ext]: { room: { code: "c", pin: "p" } } }],
  ["a password", { userName: "a", password: "p" }],
])("%s is left to the projection", (_, attributes) => {
  const stored = storedWith(attributes);
  expect(() => textOf(asText(stored, false))).toThrow("parsed");
  expect(JSON.parse(textOf(asText(stored)))).toEqual(projectResource(stored, user, whole, site));
});

test.each([{ attributes: "userName" }, { excludedAttributes: "userName" }])(
  "a client that names attributes, %j, gets those",
  (parameters) => {
    const reading = { unqualifiedExtensionNames: false };
    const projection = parseProjection(parameters, user, registry.schemaUris, reading);
    const stored = storedWith({ userName: "a", title: "t" });
    const shown = projectResource(stored, user, projection, site);
    expect(Object.hasOwn(shown, "userName")).toBe("attributes" in parameters);
    expect(JSON.parse(textOf(asText(stored), user, projection))).toEqual(shown);
  },
);

describe("a relation of many values", () => {
  const group = (count: number) => storedWith({ displayName: "g" }, { members: members(count) });
  const piecesOf = (stored: StoredResource, projection: Projection = whole) => [
    ...resourceText(stored, groupResourceType, projection, site),
  ];

  test.each([0, 1, relationSliceLength, relationSliceLength + 1, 3 * relationSliceLength])(
    "of %i says what the projection says",
    (count) => {
      const stored = group(count);
      const expected = projectResource(stored, groupResourceType, whole, site);
      for (const given of [stored, asText(stored)]) {
        expect(JSON.parse(piecesOf(given).join(""))).toEqual(expected);
      }
    },
  );

  test("comes in pieces of a bounded length from one value over the limit on, and in one up to it", () => {
    expect(piecesOf(group(relationSliceLength))).toHaveLength(1);
    const pieces = piecesOf(group(20 * relationSliceLength));
    expect(pieces.length).toBeGreaterThanOrEqual(20);
    for (const piece of pieces) {
      expect(piece.length).toBeLessThan(200 * relationSliceLength);
    }
  });

  test("is projected no further than somebody reads", () => {
    let read = 0;
    const values = new Proxy(members(5 * relationSliceLength), {
      get: (target, name, receiver) => {
        read += typeof name === "string" && /^\d+$/.test(name) ? 1 : 0;
        return Reflect.get(target, name, receiver);
      },
    });
    const stored = storedWith({ displayName: "g" }, { members: values });
    const pieces = resourceText(stored, groupResourceType, whole, site)[Symbol.iterator]();
    pieces.next();
    expect(read).toBe(0);
    pieces.next();
    pieces.next();
    expect(read).toBe(relationSliceLength);
  });

  test("is not there for a client that does not want it", () => {
    const projection = parseProjection(
      { excludedAttributes: "members" },
      groupResourceType,
      registry.schemaUris,
      { unqualifiedExtensionNames: false },
    );
    const text = piecesOf(group(3 * relationSliceLength), projection);
    expect(text).toHaveLength(1);
    const parsed: unknown = JSON.parse(text.join(""));
    expect(isJsonObject(parsed) && Object.keys(parsed)).toEqual([
      "schemas",
      "id",
      "displayName",
      "meta",
    ]);
  });
});
