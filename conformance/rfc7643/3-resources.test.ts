/** Resources: schemas and the common attributes id, externalId and meta (RFC 7643 §2, §3, §3.1, §3.3). */
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { administration, freshConnection } from "../fresh-connection.ts";
import {
  createScimClient,
  expectError,
  expectStatus,
  groupBody,
  idsOf,
  unique,
  urn,
  userBody,
} from "../scim-client.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));
const lenient = createScimClient(await freshConnection());

test("RES-01 RES-02 every representation has schemas with its base schema, whatever is asked for", async () => {
  await client.newUser();
  await client.newGroup();
  for (const [endpoint, base] of [
    ["/Users", urn.user],
    ["/Groups", urn.group],
  ]) {
    for (const query of ["", "?attributes=displayName", "?excludedAttributes=schemas"]) {
      const { body } = await client.get(`${endpoint}${query}`);
      expect(body.Resources.length).toBeGreaterThan(0);
      for (const resource of body.Resources) {
        expect(resource.schemas, query).toContain(base);
      }
    }
  }
});

test("RES-03 strict: an unknown URN in schemas is refused", async () => {
  const schemas = [urn.user, "urn:example:unknown:2.0:User"];
  const answer = await client.post("/Users", userBody({ schemas }));
  expect(["invalidValue", "invalidSyntax"]).toContain(answer.body.scimType);
  expectError(answer, 400, answer.body.scimType);
});

test("RES-03 lenient: an unknown URN in schemas is dropped and never echoed", async () => {
  const schemas = [urn.user, "urn:example:unknown:2.0:User"];
  const user = await lenient.newUser({ schemas });
  expect(user.schemas).toEqual([urn.user]);
  expect((await lenient.get(`/Users/${user.id}`)).body.schemas).toEqual([urn.user]);
});

test("RES-04 schemas are never returned twice", async () => {
  const answer = await client.post("/Users", userBody({ schemas: [urn.user, urn.user] }));
  expectStatus(answer, 201, 400);
  if (answer.status === 201) {
    expect(answer.body.schemas).toEqual([urn.user]);
  }
});

test("RES-07 RES-09 ENT-06 extension data adds its URN to schemas and stays under it", async () => {
  const user = await lenient.newUser({ [urn.enterprise]: { employeeNumber: "7" } });
  expect([...user.schemas].toSorted()).toEqual([urn.user, urn.enterprise].toSorted());
  expect(user[urn.enterprise]).toEqual({ employeeNumber: "7" });
  expect(user).not.toHaveProperty("employeeNumber");
});

test("RES-08 an extension URN without data is accepted and not listed", async () => {
  const user = await client.newUser({ schemas: [urn.user, urn.enterprise] });
  expect(user.schemas).toEqual([urn.user]);
});

test("RES-10 RES-13 RES-14 TEN-05 the server makes the id, whatever the client sends", async () => {
  const ids = await Promise.all(
    Array.from({ length: 20 }, async () => (await client.newUser({ id: "mine" })).id),
  );
  expect(new Set(ids).size).toBe(20);
  for (const id of ids) {
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(id.toLowerCase()).not.toContain("bulkid");
  }
});

test("RES-11 an id belongs to one resource of one type", async () => {
  const user = await client.newUser();
  const group = await client.newGroup();
  expectError(await client.get(`/Groups/${user.id}`), 404);
  expectError(await client.get(`/Users/${group.id}`), 404);
});

test("RES-12 the id of a deleted resource is not given again", async () => {
  const { id, userName } = await client.newUser();
  expectStatus(await client.delete(`/Users/${id}`), 204);
  for (let i = 0; i < 5; i++) {
    const again = await client.newUser(i === 0 ? { userName } : {});
    expect(again.id).not.toBe(id);
  }
  expectError(await client.get(`/Users/${id}`), 404);
});

test("RES-15 ids are exact and always returned", async () => {
  const user = await client.newUser();
  expect(user.id.toUpperCase()).not.toBe(user.id);
  expectError(await client.get(`/Users/${user.id.toUpperCase()}`), 404);
  expect((await client.get(`/Users/${user.id}?excludedAttributes=id`)).body.id).toBe(user.id);
  expect((await client.get(`/Users/${user.id}?attributes=title`)).body.id).toBe(user.id);
});

test("RES-16 externalId is the client's: never made and never changed by the server", async () => {
  expect(await client.newUser()).not.toHaveProperty("externalId");
  const externalId = `${unique("Ext")}-ÄÖ `;
  const user = await client.newUser({ externalId });
  expect((await client.get(`/Users/${user.id}`)).body.externalId).toBe(externalId);
});

test("RES-18 RES-20 externalId is exact, for every resource type", async () => {
  const externalId = unique("Ext");
  const user = await client.newUser({ externalId });
  const group = await client.newGroup({ externalId });
  for (const [endpoint, id] of [
    ["/Users", user.id],
    ["/Groups", group.id],
  ] as const) {
    expect(idsOf(await client.filter(endpoint, `externalId eq "${externalId}"`))).toEqual([id]);
    const otherCase = await client.filter(endpoint, `externalId eq "${externalId.toUpperCase()}"`);
    expect(idsOf(otherCase)).toEqual([]);
  }
  const twin = await client.newUser({ externalId: externalId.toUpperCase() });
  expect(twin.id).not.toBe(user.id);
});

test("RES-21 RES-22 RES-23 meta is the server's alone and complete", async () => {
  const forged = {
    resourceType: "Robot",
    created: "1999-01-01T00:00:00Z",
    lastModified: "1999-01-01T00:00:00Z",
    location: "https://evil.example/Users/1",
    version: 'W/"99"',
  };
  const user = await client.newUser({ meta: forged });
  expect(user.meta).toMatchObject({
    resourceType: "User",
    location: `${client.baseUrl}/Users/${user.id}`,
  });
  expect(user.meta.created).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  expect(user.meta.version).not.toBe(forged.version);
  const group = (await client.post("/Groups", groupBody({ meta: forged }))).body;
  expect(group.meta).toMatchObject({
    resourceType: "Group",
    location: `${client.baseUrl}/Groups/${group.id}`,
  });
});

test("RES-24 RES-25 PUT-14 created stays, lastModified starts with it and advances with each change", async () => {
  const user = await client.newUser();
  expect(user.meta.lastModified).toBe(user.meta.created);
  await setTimeout(5);
  const path = `/Users/${user.id}`;
  const patched = await client.patch(path, [{ op: "add", path: "title", value: "x" }]);
  expect(patched.body.meta.created).toBe(user.meta.created);
  expect(patched.body.meta.lastModified > user.meta.lastModified).toBe(true);
  await setTimeout(5);
  const put = await client.put(path, userBody({ userName: user.userName, title: "y" }));
  expect(put.body.meta.created).toBe(user.meta.created);
  expect(put.body.meta.lastModified > patched.body.meta.lastModified).toBe(true);
});

test("RES-26 RES-27 GET-05 Content-Location, Location and ETag repeat what meta says", async () => {
  const created = await client.post("/Users", userBody());
  const path = `/Users/${created.body.id}`;
  const answers = [
    created,
    await client.get(path),
    await client.patch(path, [{ op: "add", path: "title", value: "x" }]),
    await client.put(path, userBody({ userName: created.body.userName })),
  ];
  for (const { headers, body } of answers) {
    expect(headers.get("content-location")).toBe(body.meta.location);
    expect(headers.get("etag")).toBe(body.meta.version);
    expect(body.meta.version).toMatch(/^(W\/)?"[^"]+"$/);
  }
  expect(created.headers.get("location")).toBe(created.body.meta.location);
  expectStatus(await client.get(created.body.meta.location.replace(client.baseUrl, "")), 200);
});

test("RES-28 PATCH-50 meta cannot be patched and can be left out", async () => {
  const user = await client.newUser();
  const answer = await client.patch(`/Users/${user.id}`, [
    { op: "replace", path: "meta.created", value: "2001-01-01T00:00:00Z" },
  ]);
  expectError(answer, 400, "mutability");
  const { body } = await client.get(`/Users/${user.id}?excludedAttributes=meta`);
  expect(body).not.toHaveProperty("meta");
  expect((await client.get(`/Users/${user.id}`)).body).toEqual(user);
});

test("RES-31 FILT-35 schemas, id and meta can be filtered on", async () => {
  const department = unique("dept");
  const user = await client.newUser({
    schemas: [urn.user, urn.enterprise],
    [urn.enterprise]: { department },
  });
  const plain = await client.newUser();
  const both = `(id eq "${user.id}" or id eq "${plain.id}")`;
  const found = await client.filter("/Users", `${both} and schemas eq "${urn.enterprise}"`);
  expect(idsOf(found)).toEqual([user.id]);
  for (const filter of [
    `id eq "${user.id}" and meta.resourceType eq "User"`,
    `id eq "${user.id}" and schemas eq "${urn.user}"`,
    `id eq "${user.id}" and meta.created eq "${user.meta.created}"`,
    `meta.location eq "${user.meta.location}"`,
  ]) {
    expect(idsOf(await client.filter("/Users", filter)), filter).toEqual([user.id]);
  }
  expect(idsOf(await client.filter("/Users", `id eq "${user.id.toUpperCase()}"`))).toEqual([]);
});

test.runIf(administration)(
  "RES-19 two resources share an externalId where the connection lets them",
  async () => {
    const settings = { uniqueExternalId: false, adoption: "never" } as const;
    const loose = createScimClient(await freshConnection({ settings }));
    const externalId = unique("x");
    const [one, other] = [await loose.newUser({ externalId }), await loose.newUser({ externalId })];
    expect(one.id).not.toBe(other.id);
    const found = await loose.filter("/Users", `externalId eq "${externalId}"`);
    expect(found.body.totalResults).toBe(2);
  },
);
