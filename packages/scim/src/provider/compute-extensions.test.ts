import { expect, test } from "vitest";
import type { JsonObject } from "../json.ts";
import type { AttributeDefinition } from "../schema/attribute.ts";
import { defineAttribute } from "../schema/attribute.ts";
import { groupResourceType } from "../schema/group.ts";
import { createResourceTypeRegistry, withExtension } from "../schema/resource-type.ts";
import { userResourceType } from "../schema/user.ts";
import { createTestProvider } from "../testing/test-provider.ts";

const userUri = "urn:ietf:params:scim:schemas:core:2.0:User";
const uri = "urn:example:standing:2.0:User";
const computed = { mutability: "readOnly", returned: "request", stored: "computed" } as const;
const definitions: readonly AttributeDefinition[] = [
  { name: "rank", description: "", type: "integer", ...computed },
  {
    name: "badges",
    description: "",
    type: "complex",
    multiValued: true,
    ...computed,
    subAttributes: [{ name: "colour", description: "", mutability: "readOnly" }],
  },
];
const schema = {
  id: uri,
  name: "Standing",
  description: "How a user stands",
  attributes: definitions.map(defineAttribute),
};
const registry = createResourceTypeRegistry([
  withExtension(userResourceType, { schema, required: false }),
  groupResourceType,
]);

/** A provider with a user, and the ids of what was asked about, question by question. */
async function withAnn(settings = {}) {
  const asked: (readonly string[])[] = [];
  const provider = createTestProvider({
    registry,
    settings,
    computeExtensions: async ({ resourceType, extensions, resources }) => {
      expect([resourceType.name, extensions]).toEqual(["User", [uri]]);
      asked.push(resources.map(({ id }) => id));
      return resources.map(({ attributes }) => ({
        [uri]: { rank: String(attributes["userName"]).length, badges: [{ colour: "red" }] },
      }));
    },
  });
  const body = { schemas: [userUri], userName: "ann" };
  const { status } = await provider.send("POST", "/Users", { body });
  expect(status).toBe(201);
  return { ...provider, asked };
}

const values = { rank: 3, badges: [{ colour: "red" }] };

test("who does not ask for it gets nothing of it, and nothing is computed", async () => {
  const { send, asked } = await withAnn();
  for (const query of ["", "?attributes=userName", "?excludedAttributes=emails"]) {
    for (const path of ["/Users/id-1", "/Users"]) {
      expect((await send("GET", `${path}${query}`)).text).not.toContain(uri);
    }
  }
  expect((await send("GET", "/Groups?attributes=displayName")).status).toBe(200);
  expect(asked).toEqual([]);
});

test("who asks for it, or for a part of it, gets that, with the URN among the schemas", async () => {
  const { send } = await withAnn();
  const { body } = await send("GET", `/Users/id-1?attributes=${uri},userName`);
  expect(body).toEqual({ schemas: [userUri, uri], id: "id-1", userName: "ann", [uri]: values });
  for (const [names, shown] of [
    [`${uri}:rank`, { rank: 3 }],
    [`${uri.toUpperCase()}:BADGES`, { badges: [{ colour: "red" }] }],
    [`${uri}:badges.colour`, { badges: [{ colour: "red" }] }],
  ] as const) {
    expect((await send("GET", `/Users/id-1?attributes=${names}`)).body[uri], names).toEqual(shown);
  }
});

test("a page is one question, and every answer of a write has it too", async () => {
  const { send, asked } = await withAnn();
  await send("POST", "/Users", { body: { schemas: [userUri], userName: "bea" } });
  const list = await send("GET", `/Users?attributes=${uri}:rank`);
  expect(list.body["Resources"]).toMatchObject([{ [uri]: { rank: 3 } }, { [uri]: { rank: 3 } }]);
  expect((await send("GET", `/Users?attributes=${uri}&count=0`)).status).toBe(200);
  expect(asked).toEqual([["id-1", "id-2"]]);
  const body = { schemas: [userUri], userName: "cleo" };
  const made = await send("POST", `/Users?attributes=${uri}`, { body });
  expect([made.status, made.body[uri]]).toEqual([201, { ...values, rank: 4 }]);
  const put = await send("PUT", `/Users/id-1?attributes=${uri}`, { body });
  expect(put.status).toBe(409);
  const renamed = await send("PUT", `/Users/id-1?attributes=${uri}`, {
    body: { ...body, userName: "annabel" },
  });
  expect(renamed.body[uri]).toEqual({ ...values, rank: 7 });
  const patch = {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: [{ op: "replace", path: "userName", value: "al" }],
  };
  const patched = await send("PATCH", `/Users/id-1?attributes=${uri}`, { body: patch });
  expect(patched.body[uri]).toEqual({ ...values, rank: 2 });
});

test("a client that has the version is told anew of what changes without it", async () => {
  const { send } = await withAnn();
  const { headers } = await send("GET", "/Users/id-1");
  const known = { headers: { "If-None-Match": String(headers.get("ETag")) } };
  expect((await send("GET", "/Users/id-1", known)).status).toBe(304);
  expect((await send("GET", `/Users/id-1?attributes=${uri}`, known)).status).toBe(200);
});

test.each([{ strict: false }, { strict: true }])(
  "in a body it is ignored whatever it is, in a PATCH it is readOnly: %o",
  async (settings) => {
    const { send } = await withAnn(settings);
    const schemas = [userUri, uri];
    for (const value of [{ rank: 9, badges: [] }, { rank: "x", nope: 1 }, null, [], 7, "x"]) {
      const body = { schemas, userName: "ann", [uri]: value };
      const answer = await send("PUT", "/Users/id-1", { body });
      expect([answer.status, answer.text.includes(uri)], JSON.stringify(value)).toEqual([
        200,
        false,
      ]);
      expect(answer.report.warnings).toEqual([]);
    }
    const operations: readonly JsonObject[] = [
      { op: "replace", path: `${uri}:rank`, value: 1 },
      { op: "add", path: `${uri}:badges`, value: [{ colour: "blue" }] },
      { op: "remove", path: `${uri}:badges[colour eq "red"]` },
      { op: "replace", path: uri, value: { rank: 1 } },
      { op: "remove", path: uri },
    ];
    for (const operation of operations) {
      const body = {
        schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        Operations: [operation],
      };
      const answer = await send("PATCH", "/Users/id-1", { body });
      expect([answer.status, answer.body["scimType"]], JSON.stringify(operation)).toEqual([
        400,
        "mutability",
      ]);
    }
    expect((await send("GET", "/Users/id-1")).body["meta"]).toMatchObject({ version: 'W/"1"' });
  },
);

test("nobody filters on it or sorts by it", async () => {
  const { send } = await withAnn();
  for (const filter of [
    `${uri}:rank eq 3`,
    `${uri}:badges[colour eq "red"]`,
    `${uri}:badges.colour pr`,
    `${uri} pr`,
    `userName eq "ann" and not (${uri}:rank gt 1)`,
  ]) {
    const { status, body } = await send("GET", `/Users?filter=${encodeURIComponent(filter)}`);
    expect([status, body["scimType"]], filter).toEqual([400, "invalidFilter"]);
  }
  const sorted = await send("GET", `/Users?sortBy=${uri}:rank`);
  expect([sorted.status, sorted.body["scimType"]]).toEqual([400, "invalidValue"]);
});

test("it is published, and said to be optional", async () => {
  const { send } = await withAnn();
  const { body } = await send("GET", `/Schemas/${uri}`);
  expect(body["attributes"]).toMatchObject([
    { name: "rank", mutability: "readOnly", returned: "request" },
    { name: "badges", mutability: "readOnly", returned: "request" },
  ]);
  const type = await send("GET", "/ResourceTypes/User");
  expect(type.body["schemaExtensions"]).toContainEqual({ schema: uri, required: false });
});

test("a provider that computes nothing shows nothing", async () => {
  const { send } = createTestProvider({ registry });
  await send("POST", "/Users", { body: { schemas: [userUri], userName: "ann" } });
  const { body } = await send("GET", `/Users/id-1?attributes=${uri}`);
  expect(body).toEqual({ schemas: [userUri], id: "id-1" });
});
