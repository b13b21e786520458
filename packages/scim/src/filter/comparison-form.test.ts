import { describe, expect, test } from "vitest";
import type { JsonObject } from "../json.ts";
import { defineAttribute } from "../schema/attribute.ts";
import { groupResourceType } from "../schema/group.ts";
import { withExtension } from "../schema/resource-type.ts";
import { attributeNamed } from "../schema/schema.ts";
import { userResourceType } from "../schema/user.ts";
import { comparisonFormOf, comparisonFormOfValue } from "./comparison-form.ts";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const emails = attributeNamed(userResourceType.schema.attributes, "emails");

test("every value is in comparison form, every name canonical", () => {
  const representation: JsonObject = {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
    id: "U1",
    EXTERNALID: "BJ",
    userName: "BJensen",
    NAME: { FamilyName: "Jensen", formatted: null },
    active: true,
    emails: [{ value: "A@Example.com", type: "Work", primary: true }, { value: "b@example.com" }],
    [enterprise.toUpperCase()]: { DEPARTMENT: "R&D", manager: { value: "M1" } },
    meta: {
      resourceType: "User",
      created: "2011-05-13T06:42:34.5+02:00",
      lastModified: "2011-05-13T04:42:34Z",
      location: "https://example.com/Users/U1",
      version: 'W/"1"',
    },
  };
  expect(comparisonFormOf(userResourceType, representation)).toEqual({
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
    id: "U1",
    externalId: "BJ",
    userName: "bjensen",
    name: { familyName: "jensen" },
    active: true,
    emails: [
      { value: "a@example.com", type: "work", primary: true },
      { value: "b@example.com", primary: false },
    ],
    [enterprise]: { department: "r&d", manager: { value: "M1" } },
    meta: {
      resourceType: "User",
      created: "2011-05-13T04:42:34.500000000Z",
      lastModified: "2011-05-13T04:42:34.000000000Z",
      location: "https://example.com/Users/U1",
      version: 'W/"1"',
    },
  });
});

test("what is unknown, unassigned or never returned is left out", () => {
  const representation: JsonObject = JSON.parse(`{
    "userName": "a", "title": "", "nickName": null, "nope": 1, "constructor": 1, "__proto__": {"title": "x"},
    "password": "secret", "emails": [], "name": {}, "phoneNumbers": [null, {}, {"nope": 1}],
    "urn:nope:x": {"a": 1}, "${enterprise}": {"nope": 1}
  }`);
  const form = comparisonFormOf(userResourceType, representation);
  expect(form).toEqual({ userName: "a", title: "" });
  expect(Object.getPrototypeOf(form)).toBe(Object.prototype);
});

test("what does not have the shape of its attribute is left out", () => {
  const representation: JsonObject = {
    userName: { a: 1 },
    name: "Jensen",
    emails: ["a@example.com"],
    [enterprise]: "x",
  };
  expect(comparisonFormOf(userResourceType, representation)).toEqual({});
});

test("relations have no primary, and ids are exact", () => {
  const group = { displayName: "Tour", members: [{ value: "U1", display: "Babs", type: "User" }] };
  expect(comparisonFormOf(groupResourceType, group)).toEqual({
    displayName: "tour",
    members: [{ value: "U1", display: "babs", type: "user" }],
  });
});

test("a simple multi-valued attribute keeps its values", () => {
  const attribute = defineAttribute({ name: "tags", description: "x", multiValued: true });
  const schema = { id: "urn:x:y", name: "x", description: "x", attributes: [attribute] };
  const type = withExtension(userResourceType, { schema, required: false });
  expect(comparisonFormOf(type, { "urn:x:y": { tags: ["Red", null, "BLUE"] } })).toEqual({
    "urn:x:y": { tags: ["red", "blue"] },
  });
});

describe("one value", () => {
  test("an element", () => {
    expect(emails && comparisonFormOfValue(emails, { VALUE: "A", primary: true })).toEqual({
      value: "a",
      primary: true,
    });
  });

  test("an element without primary counts as not primary, an empty one as nothing", () => {
    expect(emails && comparisonFormOfValue(emails, { value: "a" })).toEqual({
      value: "a",
      primary: false,
    });
    expect(emails && comparisonFormOfValue(emails, { value: "" })).toEqual({ value: "" });
  });

  test("a singular value", () => {
    const title = defineAttribute({ name: "title", description: "x" });
    expect(comparisonFormOfValue(title, "Dr.")).toBe("dr.");
    expect(comparisonFormOfValue(title, null)).toBeNull();
  });
});
