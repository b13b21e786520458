import { describe, expect, test } from "vitest";
import { defineAttribute } from "../schema/attribute.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import { withExtension } from "../schema/resource-type.ts";
import { createStandardRegistry } from "../schema/standard-registry.ts";
import { userResourceType } from "../schema/user.ts";
import { parseAttributePath } from "./parse-attribute-path.ts";
import { formatResolvedPath, resolveAttributePath } from "./resolve-attribute-path.ts";

const { schemaUris } = createStandardRegistry();
const core = "urn:ietf:params:scim:schemas:core:2.0:User";
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const extension = (id: string) => ({
  required: false,
  schema: {
    id,
    name: "x",
    description: "x",
    attributes: [defineAttribute({ name: "code", description: "x" })],
  },
});
const type: ResourceType = withExtension(
  withExtension(userResourceType, extension("urn:example:a")),
  extension("urn:example:b"),
);

/** The path in full, or undefined when it is unknown. */
function full(text: string, unqualifiedExtensionNames = false): string | undefined {
  const resolved = resolveAttributePath(parseAttributePath(text, schemaUris), type, {
    unqualifiedExtensionNames,
  });
  return resolved && formatResolvedPath(resolved);
}

test.each([
  ["USERNAME", "userName"],
  ["name.FamilyName", "name.familyName"],
  ["meta.Created", "meta.created"],
  ["ID", "id"],
  ["externalid", "externalId"],
  ["groups.$REF", "groups.$ref"],
  [`${core}:userName`, "userName"],
  [`${core.toUpperCase()}:name.givenName`, "name.givenName"],
  [`${core}:meta.version`, "meta.version"],
  [`${enterprise.toUpperCase()}:Department`, `${enterprise}:department`],
  [`${enterprise}:manager.VALUE`, `${enterprise}:manager.value`],
  [enterprise.toLowerCase(), enterprise],
  ["urn:example:a:code", "urn:example:a:code"],
  ["urn:example:b:code", "urn:example:b:code"],
  [core, ""],
])("%s is %s", (text, expected) => {
  expect(full(text)).toBe(expected);
});

test.each([
  "nope",
  "name.nope",
  "userName.value",
  "department",
  `${core}:department`,
  `${enterprise}:userName`,
  `${enterprise}:meta`,
  "urn:ietf:params:scim:schemas:core:2.0:Group:displayName",
  "urn:example:unknown:x",
  "constructor",
  "code",
])("%s is unknown", (text) => {
  expect(full(text)).toBeUndefined();
});

test("a path without schema and attribute is unknown", () => {
  const nothing = { schema: undefined, attribute: undefined, subAttribute: undefined };
  expect(resolveAttributePath(nothing, type, { unqualifiedExtensionNames: true })).toBeUndefined();
});

describe("unqualified extension names", () => {
  test.each([
    ["Department", `${enterprise}:department`],
    ["manager.value", `${enterprise}:manager.value`],
    ["displayName", "displayName"],
  ])("%s is %s", (text, expected) => {
    expect(full(text, true)).toBe(expected);
  });

  test("a name of two extensions is neither, and an unknown one nothing", () => {
    expect(full("code", true)).toBeUndefined();
    expect(full("nope", true)).toBeUndefined();
  });
});
