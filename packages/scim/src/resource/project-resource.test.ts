/** Representations, whole and in part. */
import { describe, expect, test } from "vitest";
import { defineAttribute } from "../schema/attribute.ts";
import { groupResourceType } from "../schema/group.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import { createResourceTypeRegistry, withExtension } from "../schema/resource-type.ts";
import { userResourceType } from "../schema/user.ts";
import { parseProjection } from "./parse-projection.ts";
import { projectResource, relationsShown } from "./project-resource.ts";
import type { StoredResource } from "./resource.ts";

const core = "urn:ietf:params:scim:schemas:core:2.0:User";
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const ext = "urn:example:ext";
const user = withExtension(userResourceType, {
  schema: {
    id: ext,
    name: "Ext",
    description: "d",
    attributes: [
      defineAttribute({ name: "always", description: "d", returned: "always" }),
      defineAttribute({ name: "asked", description: "d", returned: "request" }),
      defineAttribute({ name: "hidden", description: "d", returned: "never" }),
      defineAttribute({
        name: "desk",
        description: "d",
        type: "complex",
        subAttributes: [
          { name: "code", description: "d", returned: "always" },
          { name: "room", description: "d" },
          { name: "note", description: "d", returned: "request" },
          { name: "pin", description: "d", returned: "never" },
        ],
      }),
    ],
  },
  required: false,
});
const registry = createResourceTypeRegistry([user, groupResourceType]);
const site = { registry, baseUrl: "https://id.example.com/scim/v2" };

const stored: StoredResource = {
  id: "u 1",
  attributes: {
    [ext]: {
      always: "a",
      asked: "b",
      hidden: "c",
      desk: { room: "r", code: "c", note: "n", pin: "p" },
    },
    [enterprise]: { manager: { value: "u2" }, department: "d" },
    emails: [{ value: "x@y.z", type: "work", primary: true }, { type: "home" }],
    name: { familyName: "F", givenName: "G" },
    externalId: "e",
    userName: "a",
  },
  created: "2020-01-01T00:00:00.000Z",
  lastModified: "2020-01-02T00:00:00.000Z",
  revision: 3,
  relations: {
    groups: [{ value: "g1", type: "direct", resourceType: "Group", display: "G" }],
  },
};

const shown = (
  parameters: { attributes?: string; excludedAttributes?: string },
  resource = stored,
  resourceType: ResourceType = user,
) =>
  projectResource(
    resource,
    resourceType,
    parseProjection(parameters, resourceType, registry.schemaUris, {
      unqualifiedExtensionNames: false,
    }),
    site,
  );

describe("the whole representation", () => {
  test("has every default attribute, in order, with derived parts", () => {
    const resource = shown({});
    expect(resource).toEqual({
      schemas: [core, enterprise, ext],
      id: "u 1",
      externalId: "e",
      userName: "a",
      name: { familyName: "F", givenName: "G" },
      emails: [{ value: "x@y.z", type: "work", primary: true }, { type: "home" }],
      groups: [
        {
          value: "g1",
          $ref: "https://id.example.com/scim/v2/Groups/g1",
          display: "G",
          type: "direct",
        },
      ],
      [enterprise]: {
        department: "d",
        manager: { value: "u2", $ref: "https://id.example.com/scim/v2/Users/u2" },
      },
      [ext]: { always: "a", desk: { code: "c", room: "r" } },
      meta: {
        resourceType: "User",
        created: "2020-01-01T00:00:00.000Z",
        lastModified: "2020-01-02T00:00:00.000Z",
        location: "https://id.example.com/scim/v2/Users/u%201",
        version: 'W/"3"',
      },
    });
    expect(Object.keys(resource)).toEqual([
      "schemas",
      "id",
      "externalId",
      "userName",
      "name",
      "emails",
      "groups",
      enterprise,
      ext,
      "meta",
    ]);
  });

  test("schemas lists only extensions with data", () => {
    expect(shown({}, { ...stored, attributes: { userName: "a" } })["schemas"]).toEqual([core]);
  });

  test("an empty relation that was loaded is shown, an empty derived attribute is not", () => {
    const group = { ...stored, attributes: { displayName: "g" } };
    const empty = { ...group, relations: { members: [] } };
    expect(shown({}, empty, groupResourceType)["members"]).toEqual([]);
    expect(shown({}, { ...group, relations: {} }, groupResourceType)).not.toHaveProperty("members");
    expect(shown({}, { ...stored, relations: { groups: [] } })).not.toHaveProperty("groups");
  });

  test("values of a relation point to the endpoint of their own resource type", () => {
    const relations = {
      members: [
        { value: "u1", type: "User", resourceType: "User", display: "D" },
        { value: "g2", type: "Group", resourceType: "Group" },
      ],
    };
    const group = { ...stored, attributes: { displayName: "g" }, relations };
    expect(shown({}, group, groupResourceType)["members"]).toEqual([
      { value: "u1", $ref: `${site.baseUrl}/Users/u1`, type: "User", display: "D" },
      { value: "g2", $ref: `${site.baseUrl}/Groups/g2`, type: "Group" },
    ]);
    expect(shown({ attributes: "members.value" }, group, groupResourceType)["members"]).toEqual([
      { value: "u1" },
      { value: "g2" },
    ]);
  });
});

const always = { schemas: [core, enterprise, ext], id: "u 1" };
const alwaysExt = { always: "a" };

describe("attributes", () => {
  test.each([
    ["userName", { userName: "a" }],
    ["USERNAME, externalId ,nope", { externalId: "e", userName: "a" }],
    ["nope", {}],
    ["name.GivenName", { name: { givenName: "G" } }],
    ["emails.value", { emails: [{ value: "x@y.z" }] }],
    ['emails[type eq "a,b]"].type', { emails: [{ type: "work" }, { type: "home" }] }],
    ['emails[type eq "work"]', { emails: stored.attributes["emails"] }],
    [`${enterprise}:department`, { [enterprise]: { department: "d" } }],
    [`${core}:userName`, { userName: "a" }],
    ["meta.location", { meta: { location: "https://id.example.com/scim/v2/Users/u%201" } }],
    [`${ext}:asked`, { [ext]: { always: "a", asked: "b" } }],
    [`${ext}:hidden`, {}],
    [`${ext}:desk.room`, { [ext]: { always: "a", desk: { code: "c", room: "r" } } }],
    [`${ext}:desk.note`, { [ext]: { always: "a", desk: { code: "c", note: "n" } } }],
    [`${ext}:desk.pin`, { [ext]: { always: "a", desk: { code: "c" } } }],
    [ext, { [ext]: { always: "a", asked: "b", desk: { code: "c", room: "r" } } }],
    ["id", {}],
  ])("%s", (attributes, expected) => {
    expect(shown({ attributes })).toEqual({ ...always, [ext]: alwaysExt, ...expected });
  });

  test("an empty list of names counts as absent", () => {
    expect(shown({ attributes: " , " })).toEqual(shown({}));
    expect(shown({ attributes: "userName", excludedAttributes: "" })).toEqual(
      shown({ attributes: "userName" }),
    );
  });

  test("both parameters are refused", () => {
    expect(() => shown({ attributes: "userName", excludedAttributes: "nope" })).toThrow(
      expect.objectContaining({ scimType: "invalidValue" }),
    );
  });
});

describe("excludedAttributes", () => {
  test("takes away what is named and not always returned", () => {
    const { emails: _emails, meta: _meta, ...rest } = shown({});
    expect(
      shown({ excludedAttributes: `emails,meta,id,schemas,name.familyName,${ext}:always` }),
    ).toEqual({ ...rest, name: { givenName: "G" } });
  });

  test("works on sub-attributes of elements and on whole extensions", () => {
    const resource = shown({ excludedAttributes: `emails.type,${enterprise},groups.$ref` });
    expect(resource["emails"]).toEqual([{ value: "x@y.z", primary: true }]);
    expect(resource).not.toHaveProperty([enterprise]);
    expect(resource["groups"]).toEqual([{ value: "g1", display: "G", type: "direct" }]);
    expect(resource["schemas"]).toEqual([core, enterprise, ext]);
  });

  test("a complex attribute that is left without parts is left out", () => {
    expect(shown({ excludedAttributes: "name.familyName,name.givenName" })).not.toHaveProperty(
      "name",
    );
  });
});

test("relations are loaded only when they are shown", () => {
  const names = (parameters: { attributes?: string; excludedAttributes?: string }) =>
    relationsShown(
      groupResourceType,
      parseProjection(parameters, groupResourceType, registry.schemaUris, {
        unqualifiedExtensionNames: false,
      }),
    );
  expect(names({})).toEqual(["members"]);
  expect(names({ attributes: "members.value" })).toEqual(["members"]);
  expect(names({ attributes: "displayName" })).toEqual([]);
  expect(names({ excludedAttributes: "MEMBERS" })).toEqual([]);
  expect(names({ excludedAttributes: "members.display" })).toEqual(["members"]);
});

test("a relation none of whose parts is shown is neither loaded nor shown as empty objects", () => {
  const projection = parseProjection(
    { excludedAttributes: "members.value,members.$ref,members.type,members.display" },
    groupResourceType,
    registry.schemaUris,
    { unqualifiedExtensionNames: false },
  );
  const members = [{ value: "u1", type: "User", resourceType: "User" }];
  const group = { ...stored, attributes: { displayName: "g" }, relations: { members } };
  expect(relationsShown(groupResourceType, projection)).toEqual([]);
  expect(projectResource(group, groupResourceType, projection, site)).not.toHaveProperty("members");
});
