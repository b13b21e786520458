/** Discovery: ServiceProviderConfig, ResourceTypes, Schemas (RFC 7644 §4, RFC 7643 §4, §5–7, §8.7.1, §8.7.2). */
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectError, expectStatus, urn } from "../scim-client.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));

/** An attribute as /Schemas publishes it. */
interface Published {
  readonly name: string;
  readonly type: string;
  readonly subAttributes?: readonly Published[];
  readonly [characteristic: string]: unknown;
}

/** The published attributes of a schema. */
async function attributesOf(id: string): Promise<readonly Published[]> {
  const { body } = await client.get(`/Schemas/${id}`);
  return body["attributes"] as readonly Published[];
}
/** A published attribute by its path. */
async function published(id: string, ...path: readonly string[]): Promise<Published | undefined> {
  let attributes = await attributesOf(id);
  let found: Published | undefined;
  for (const name of path) {
    found = attributes.find((attribute) => attribute.name === name);
    attributes = found?.subAttributes ?? [];
  }
  return found;
}

test("DISC-01 DISC-05 ServiceProviderConfig is one object", async () => {
  const answer = await client.get("/ServiceProviderConfig");
  expectStatus(answer, 200);
  expect(answer.body.schemas).toEqual([urn.serviceProviderConfig]);
  expect(answer.body).not.toHaveProperty("Resources");
  expect(answer.body.meta).toMatchObject({
    resourceType: "ServiceProviderConfig",
    location: `${client.baseUrl}/ServiceProviderConfig`,
  });
});

test("DISC-02 DISC-04 FILT-01 SORT-01 PATCH-01 every feature says whether it is there, with its limits", async () => {
  const { body } = await client.get("/ServiceProviderConfig");
  expect(body).toMatchObject({
    patch: { supported: true },
    filter: { supported: true, maxResults: expect.any(Number) },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    bulk: {
      supported: expect.any(Boolean),
      maxOperations: expect.any(Number),
      maxPayloadSize: expect.any(Number),
    },
  });
  const bulk = body["bulk"] as { readonly maxOperations: number };
  expect(bulk.maxOperations, "clients read it as what one PATCH may hold").toBeGreaterThanOrEqual(
    100,
  );
});

test("DISC-03 authentication schemes name their type", async () => {
  const { body } = await client.get("/ServiceProviderConfig");
  const schemes = body["authenticationSchemes"] as readonly Readonly<Record<string, unknown>>[];
  expect(schemes.length).toBeGreaterThan(0);
  for (const scheme of schemes) {
    expect(["oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"]).toContain(
      scheme["type"],
    );
    expect(scheme["name"]).toMatch(/\S/);
    expect(scheme["description"]).toMatch(/\S/);
    expect(Object.values(scheme), "no empty-string URLs").not.toContain("");
  }
});

test("DISC-06 DISC-07 DISC-08 DISC-16 DISC-18 resource types are listed and can be read one by one", async () => {
  const { body } = await client.get("/ResourceTypes");
  expect(body).toMatchObject({ schemas: [urn.listResponse], startIndex: 1 });
  expect(body.totalResults).toBe(body.Resources.length);
  expect(body.itemsPerPage).toBe(body.Resources.length);
  for (const [name, endpoint, schema] of [
    ["User", "/Users", urn.user],
    ["Group", "/Groups", urn.group],
  ] as const) {
    const one = await client.get(`/ResourceTypes/${name}`);
    expectStatus(one, 200);
    expect(one.body).toMatchObject({
      schemas: [urn.resourceType],
      id: name,
      name,
      endpoint,
      schema,
    });
    expect(one.body["description"]).toMatch(/\S/);
    expect(one.body.meta.location).toBe(`${client.baseUrl}/ResourceTypes/${name}`);
    expect(body.Resources).toContainEqual(one.body);
  }
  const user = await client.get("/ResourceTypes/User");
  // A service provider may have extensions of its own; none may be required of a client that knows the RFC alone.
  const extensions = user.body["schemaExtensions"] as readonly { readonly required: boolean }[];
  expect(extensions).toContainEqual({ schema: urn.enterprise, required: false });
  expect(extensions.every(({ required }) => !required)).toBe(true);
  expectError(await client.get("/ResourceTypes/None"), 404);
});

test("DISC-09 DISC-10 DISC-11 DISC-16 DISC-17 schemas are listed and can be read by URN in any case", async () => {
  const { body } = await client.get("/Schemas");
  const ids = body.Resources.map(({ id }) => id);
  expect(ids).toEqual(
    expect.arrayContaining([
      urn.user,
      urn.group,
      urn.enterprise,
      urn.serviceProviderConfig,
      urn.resourceType,
      urn.schema,
    ]),
  );
  expect(ids.filter((id) => id.includes(":api:messages:"))).toEqual([]);
  for (const schema of body.Resources) {
    expect(schema.schemas).toEqual([urn.schema]);
    for (const id of [schema.id, encodeURIComponent(schema.id), schema.id.toLowerCase()]) {
      const one = await client.get(`/Schemas/${id}`);
      expectStatus(one, 200);
      expect(one.body).toEqual(schema);
    }
    expect(schema.meta.location).toBe(`${client.baseUrl}/Schemas/${schema.id}`);
  }
  expectError(await client.get("/Schemas/urn:example:none"), 404);
});

test("DISC-12 TYPE-15 every published attribute has its characteristics", async () => {
  const { body } = await client.get("/Schemas");
  const check = (attribute: Published, path: string) => {
    expect(attribute, path).toMatchObject({
      name: expect.any(String),
      type: expect.stringMatching(
        /^(string|boolean|decimal|integer|dateTime|binary|reference|complex)$/,
      ),
      multiValued: expect.any(Boolean),
      required: expect.any(Boolean),
      mutability: expect.stringMatching(/^(readOnly|readWrite|immutable|writeOnly)$/),
      returned: expect.stringMatching(/^(always|never|default|request)$/),
    });
    expect(attribute["description"], path).toMatch(/\S/);
    expect(attribute, path).not.toHaveProperty("stored");
    if (attribute.type === "complex") {
      expect(attribute.subAttributes?.length, path).toBeGreaterThan(0);
      expect(attribute, path).not.toHaveProperty("caseExact");
      expect(attribute, path).not.toHaveProperty("uniqueness");
    } else {
      expect(attribute, path).not.toHaveProperty("subAttributes");
    }
    if (attribute.type === "reference") {
      expect(attribute["referenceTypes"], path).not.toEqual([]);
    }
    for (const sub of attribute.subAttributes ?? []) {
      check(sub, `${path}.${sub.name}`);
    }
  };
  for (const schema of body.Resources) {
    expect(schema["name"]).toMatch(/\S/);
    for (const attribute of schema["attributes"] as readonly Published[]) {
      check(attribute, `${schema.id}:${attribute.name}`);
    }
  }
  expect(JSON.stringify(body)).not.toContain("null");
});

test("DISC-22 GRP-01 GRP-04 ENT-04 TYPE-11 the published schemas carry the errata", async () => {
  expect(await published(urn.user, "userName")).toMatchObject({
    required: true,
    uniqueness: "server",
    caseExact: false,
  });
  expect(await published(urn.user, "password")).toMatchObject({
    mutability: "writeOnly",
    returned: "never",
  });
  expect(await published(urn.user, "groups")).toMatchObject({ mutability: "readOnly" });
  expect(await published(urn.user, "groups", "$ref")).toMatchObject({ referenceTypes: ["Group"] });
  expect(await published(urn.user, "profileUrl")).toMatchObject({ caseExact: true });
  expect(await published(urn.user, "x509Certificates", "value")).toMatchObject({
    type: "binary",
    caseExact: true,
  });
  expect(await published(urn.group, "displayName")).toMatchObject({ required: true });
  expect(await published(urn.group, "members", "display")).toMatchObject({
    mutability: "immutable",
  });
  expect(await published(urn.group, "members", "value")).toMatchObject({ mutability: "immutable" });
  expect(await published(urn.enterprise, "manager", "value")).toMatchObject({ caseExact: true });
  expect(await published(urn.enterprise, "manager", "displayName")).toMatchObject({
    mutability: "readOnly",
  });
  expect(await published(urn.resourceType, "schemaExtensions")).toMatchObject({
    multiValued: true,
  });
  expect(await published(urn.serviceProviderConfig, "authenticationSchemes", "type")).toBeDefined();
});

test("DISC-13 DISC-19 paging, sorting and projection are ignored", async () => {
  for (const endpoint of ["/Schemas", "/ResourceTypes"]) {
    const plain = await client.get(endpoint);
    const dressed = await client.get(
      `${endpoint}?count=1&startIndex=2&sortBy=id&sortOrder=descending&attributes=id`,
    );
    expect(dressed.body).toEqual(plain.body);
  }
});

test.each(["/Schemas", "/ResourceTypes", "/ServiceProviderConfig"])(
  "DISC-14 a filter on %s is refused",
  async (endpoint) => {
    expectError(await client.filter(endpoint, 'id eq "x"'), 403);
  },
);

test.each(["/Schemas", "/ResourceTypes", "/ServiceProviderConfig"])(
  "DISC-15 %s cannot be written, which is said before the body is read",
  async (endpoint) => {
    for (const method of ["POST", "PUT", "PATCH"]) {
      expectError(await client.send(method, endpoint, "{"), 405);
    }
    expectError(await client.delete(endpoint), 405);
  },
);

test("MULTI-05 the sub-attributes that RFC 7643 §2.4 defines keep their meaning", async () => {
  const meanings = new Map([
    ["type", "string"],
    ["display", "string"],
    ["primary", "boolean"],
    ["$ref", "reference"],
  ]);
  const ids = [urn.user, urn.group];
  const attributes = (await Promise.all(ids.map(attributesOf))).flat();
  const subAttributes = attributes
    .filter((attribute) => attribute["multiValued"])
    .flatMap((attribute) => attribute.subAttributes ?? []);
  expect(subAttributes.length).toBeGreaterThan(0);
  for (const { name, type } of subAttributes) {
    expect(type, name).toBe(meanings.get(name) ?? type);
  }
});

test("DISC-04 what is advertised is what happens", async () => {
  const { body } = await client.get("/ServiceProviderConfig");
  const { supported } = body["bulk"] as { readonly supported: boolean };
  const { status } = await client.post("/Bulk", {});
  expect(status === 501).toBe(!supported);
  const { maxResults } = body["filter"] as { readonly maxResults: number };
  expect(maxResults).toBeGreaterThanOrEqual(100);
});

test("EXT-02 the endpoint of a resource type is the plural of its name", async () => {
  const { body } = await client.get("/ResourceTypes");
  for (const resource of body.Resources) {
    expect(resource["endpoint"]).toBe(`/${resource["name"]}s`);
  }
});

test("EXT-11 no schema of the provider's own takes a name of the IETF", async () => {
  const { body } = await client.get("/Schemas");
  const registered = [urn.user, urn.group, urn.enterprise, urn.serviceProviderConfig];
  const discovery = [urn.resourceType, urn.schema];
  for (const { id } of body.Resources) {
    if (/^urn:ietf:/i.test(id)) {
      expect([...registered, ...discovery]).toContain(id);
    }
  }
});
