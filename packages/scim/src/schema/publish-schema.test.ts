import { expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonArray, isJsonObject } from "../json.ts";
import { publishSchema } from "./publish-schema.ts";
import { createStandardRegistry } from "./standard-registry.ts";

const registry = createStandardRegistry();
const published = registry.schemas.map(publishSchema);

/** Finds the JSON of an attribute by schema name and path. */
function find(schemaName: string, path: string): JsonObject {
  let found: JsonValue | undefined = published.find(({ name }) => name === schemaName);
  for (const name of path.split(".")) {
    const owner: JsonObject = isJsonObject(found) ? found : {};
    const members: JsonValue | undefined = owner["attributes"] ?? owner["subAttributes"];
    found = isJsonArray(members)
      ? members.find((member) => isJsonObject(member) && member["name"] === name)
      : undefined;
  }
  if (!isJsonObject(found)) {
    throw new TypeError(`${schemaName} publishes no ${path}`);
  }
  return found;
}

/** Every attribute and sub-attribute. */
function allOf(value: JsonValue | undefined): readonly JsonObject[] {
  return (isJsonArray(value) ? value : [])
    .filter(isJsonObject)
    .flatMap((attribute) => [attribute, ...allOf(attribute["subAttributes"])]);
}
const all = published.flatMap(({ attributes }) => allOf(attributes));

test("a schema says what it is (RFC 7643 §7)", () => {
  expect(published.map(({ schemas, id, name }) => ({ schemas, id, name }))).toEqual(
    [
      ["User", "core:2.0:User"],
      ["EnterpriseUser", "extension:enterprise:2.0:User"],
      ["Group", "core:2.0:Group"],
      ["ServiceProviderConfig", "core:2.0:ServiceProviderConfig"],
      ["ResourceType", "core:2.0:ResourceType"],
      ["Schema", "core:2.0:Schema"],
    ].map(([name, urn]) => ({
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
      id: `urn:ietf:params:scim:schemas:${urn}`,
      name,
    })),
  );
});

test("userName has every characteristic of a string and nothing of ours", () => {
  expect(find("User", "userName")).toEqual({
    name: "userName",
    type: "string",
    multiValued: false,
    description: expect.stringMatching(/./),
    required: true,
    caseExact: false,
    mutability: "readWrite",
    returned: "default",
    uniqueness: "server",
  });
});

test.each([
  ["Group", "displayName", { required: true }],
  ["Group", "members.display", { mutability: "immutable" }],
  ["Group", "members.value", { mutability: "immutable", caseExact: true }],
  ["Group", "members.$ref", { referenceTypes: ["User", "Group"], mutability: "immutable" }],
  ["User", "groups.$ref", { referenceTypes: ["Group"], mutability: "readOnly" }],
  ["User", "groups.type", { canonicalValues: ["direct", "indirect"] }],
  ["User", "x509Certificates.value", { type: "binary", caseExact: true }],
  ["User", "profileUrl", { type: "reference", referenceTypes: ["external"], caseExact: true }],
  ["User", "addresses.primary", { type: "boolean" }],
  ["User", "password", { mutability: "writeOnly", returned: "never" }],
  ["User", "emails.type", { canonicalValues: ["work", "home", "other"] }],
  ["EnterpriseUser", "manager.value", { caseExact: true }],
  ["EnterpriseUser", "manager.displayName", { mutability: "readOnly" }],
  ["ServiceProviderConfig", "authenticationSchemes.type", { required: true }],
  ["ServiceProviderConfig", "authenticationSchemes.primary", { type: "boolean" }],
  ["ServiceProviderConfig", "bulk.maxPayloadSize", { type: "integer", required: true }],
  ["ServiceProviderConfig", "etag.supported", { type: "boolean", required: true }],
  ["ResourceType", "schemaExtensions", { multiValued: true }],
  ["ResourceType", "name", { uniqueness: "server" }],
  ["ResourceType", "endpoint", { uniqueness: "server" }],
  ["Schema", "attributes.subAttributes.referenceTypes", { multiValued: true }],
  ["Schema", "attributes.type", { canonicalValues: expect.arrayContaining(["binary", "complex"]) }],
])("the errata hold: %s %s", (schemaName, path, characteristics) => {
  expect(find(schemaName, path)).toMatchObject(characteristics);
});

test("a sub-attribute is never of type complex", () => {
  expect(find("Schema", "attributes.subAttributes.type")["canonicalValues"]).not.toContain(
    "complex",
  );
});

test("no characteristic that the type does not have is published (RFC 7643 §2.3)", () => {
  const with_ = (characteristic: string) =>
    [
      ...new Set(all.filter((a) => Object.hasOwn(a, characteristic)).map(({ type }) => type)),
    ].sort();
  expect(with_("caseExact")).toEqual(["binary", "reference", "string"]);
  expect(with_("uniqueness")).toEqual(["integer", "reference", "string"]);
  expect(with_("referenceTypes")).toEqual(["reference"]);
  expect(with_("subAttributes")).toEqual(["complex"]);
  expect(with_("canonicalValues")).toEqual(["string"]);
});

test("what is not of RFC 7643 is not published", () => {
  const names = new Set(all.flatMap((attribute) => Object.keys(attribute)));
  for (const own of ["stored", "reverseOf", "format", "defaultValue", "keptByReplace"]) {
    expect(names).not.toContain(own);
  }
  expect(
    all.every(({ description }) => typeof description === "string" && description !== ""),
  ).toBe(true);
});

test("binary and complex attributes are exact or have no case, references too", () => {
  const exact = all.filter(({ type }) => type === "binary" || type === "reference");
  expect(exact.every(({ caseExact }) => caseExact === true)).toBe(true);
});
