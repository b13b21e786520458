import { expect, test } from "vitest";
import { defineAttribute } from "../schema/attribute.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import { createResourceTypeRegistry } from "../schema/resource-type.ts";
import { createTestProvider } from "../testing/test-provider.ts";

const schemaPrefix = "urn:ietf:params:scim:schemas:";
const userUri = `${schemaPrefix}core:2.0:User`;

test("the ServiceProviderConfig says what is true", async () => {
  const { send, baseUrl } = createTestProvider();
  const { status, body, headers } = await send("GET", "/ServiceProviderConfig");
  const location = `${baseUrl}/ServiceProviderConfig`;
  expect(status).toBe(200);
  expect(headers.get("Content-Location")).toBe(location);
  expect(body).toEqual({
    schemas: [`${schemaPrefix}core:2.0:ServiceProviderConfig`],
    patch: { supported: true },
    pagination: {
      cursor: true,
      index: true,
      defaultPaginationMethod: "index",
      defaultPageSize: 100,
      maxPageSize: 1000,
      cursorTimeout: 3600,
    },
    bulk: { supported: true, maxOperations: 1000, maxPayloadSize: 4_194_304 },
    filter: { supported: true, maxResults: 1000 },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    authenticationSchemes: [
      {
        type: "oauthbearertoken",
        name: expect.any(String),
        description: expect.any(String),
        specUri: expect.stringMatching(/^https:/),
        primary: true,
      },
    ],
    meta: { resourceType: "ServiceProviderConfig", location },
  });
});

test.each(["/ResourceTypes", "/Schemas"])(
  "%s lists what can be fetched one by one",
  async (path) => {
    const { send, baseUrl } = createTestProvider();
    const { body } = await send("GET", `${path}?count=1&startIndex=2&sortBy=id&attributes=id`);
    const resources = body["Resources"];
    if (!Array.isArray(resources)) {
      throw new Error("no Resources");
    }
    expect(resources.length).toBeGreaterThan(1);
    expect(body).toMatchObject({
      totalResults: resources.length,
      itemsPerPage: resources.length,
      startIndex: 1,
    });
    for (const resource of resources) {
      const one = await send("GET", `${path}/${encodeURIComponent(resource.id)}`);
      expect(one.body).toEqual(resource);
      expect(one.headers.get("Location")).toBe(resource.meta.location);
      const located = await send("GET", String(resource.meta.location).slice(baseUrl.length));
      expect(located.body).toEqual(resource);
      expect(resource.schemas).toEqual([expect.stringMatching(/core:2\.0:(ResourceType|Schema)$/)]);
      expect(JSON.stringify(resource)).not.toMatch(/null/);
    }
  },
);

test("resource types show their endpoint and extensions", async () => {
  const { send } = createTestProvider();
  expect((await send("GET", "/resourcetypes/user")).body).toMatchObject({
    id: "User",
    name: "User",
    endpoint: "/Users",
    schema: userUri,
    schemaExtensions: [{ schema: `${schemaPrefix}extension:enterprise:2.0:User`, required: false }],
  });
});

test("schemas are found in any case and keep theirs; messages are none", async () => {
  const { send } = createTestProvider();
  const { body } = await send("GET", `/Schemas/${userUri.toUpperCase()}`);
  expect(body["id"]).toBe(userUri);
  const { text } = await send("GET", "/Schemas");
  expect(text).not.toMatch(/"id":"urn:ietf:params:scim:api:messages/);
  for (const name of ["ServiceProviderConfig", "ResourceType", "Schema", "Group"]) {
    expect(text).toContain(`"id":"${schemaPrefix}core:2.0:${name}"`);
  }
});

test.each([
  "/Schemas/urn:nope",
  "/ResourceTypes/None",
  "/ServiceProviderConfig/x",
  "/ServiceProviderConfigs",
])("%s is 404", async (path) => {
  const { send } = createTestProvider();
  expect((await send("GET", path)).status).toBe(404);
});

test("a filter on discovery is forbidden", async () => {
  const { send } = createTestProvider();
  for (const path of [
    "/Schemas",
    "/ResourceTypes",
    "/ServiceProviderConfig",
    `/Schemas/${userUri}`,
  ]) {
    const { status, body } = await send("GET", `${path}?filter=id eq "x"`);
    expect([status, body["status"]]).toEqual([403, "403"]);
  }
});

test("schemas and types whose names are no path segments can be fetched where they say", async () => {
  const device: ResourceType = {
    name: "Smart Device",
    endpoint: "/Devices",
    description: "d",
    schema: {
      id: "https://ex.com/a.b/c:device?x=1#y",
      name: "Device",
      description: "d",
      attributes: [defineAttribute({ name: "serial", description: "d" })],
    },
    extensions: [],
    uniqueKeys: [],
    pointPaths: [],
    displayAttributes: [],
  };
  const { send, baseUrl } = createTestProvider({ registry: createResourceTypeRegistry([device]) });
  for (const [path, name] of [
    ["/Schemas", "https:%2F%2Fex.com%2Fa.b%2Fc:device%3Fx%3D1%23y"],
    ["/ResourceTypes", "Smart%20Device"],
  ] as const) {
    const { status, body } = await send("GET", `${path}/${name}`);
    expect(status).toBe(200);
    expect(body["meta"]).toMatchObject({ location: `${baseUrl}${path}/${name}` });
  }
});
