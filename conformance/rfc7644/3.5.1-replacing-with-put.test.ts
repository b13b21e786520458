/** Replacing with PUT (RFC 7644 §3.5, §3.5.1). */
import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import {
  createScimClient,
  expectError,
  expectStatus,
  groupBody,
  unique,
  urn,
  userBody,
} from "../scim-client.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));
const clearing = createScimClient(
  await freshConnection({ settings: { putWithoutMembers: "clear" } }),
);

test("PUT-01 PUT-10 PUT replaces and answers with the whole resource and its headers", async () => {
  const user = await client.newUser();
  const body = userBody({ userName: user.userName, title: "new" });
  const answer = await client.put(`/Users/${user.id}`, body);
  expectStatus(answer, 200);
  expect(answer.body).toMatchObject({ id: user.id, ...body });
  expect(answer.headers.get("etag")).toBe(answer.body.meta.version);
  expect(answer.headers.get("content-location")).toBe(user.meta.location);
  expect((await client.get(`/Users/${user.id}`)).body).toEqual(answer.body);
});

test("PUT-02 PUT never creates", async () => {
  const id = randomUUID();
  const body = userBody();
  expectError(await client.put(`/Users/${id}`, body), 404);
  const found = await client.filter("/Users", `userName eq "${body["userName"]}"`);
  expect(found.body.totalResults).toBe(0);
});

test("PUT-03 PUT-04 multi-valued lists are replaced whole and what is left out is cleared", async () => {
  const user = await client.newUser({
    nickName: "Nick",
    title: "T",
    name: { givenName: "G", familyName: "F" },
    emails: [{ value: "a@x" }, { value: "b@x" }],
  });
  const { body } = await client.put(
    `/Users/${user.id}`,
    userBody({ userName: user.userName, emails: [{ value: "c@x" }], name: { givenName: "H" } }),
  );
  expect(body.emails).toEqual([{ value: "c@x" }]);
  expect(body.name).toEqual({ givenName: "H" });
  expect(body).not.toHaveProperty("nickName");
  expect(body).not.toHaveProperty("title");
});

test("PUT-04 PUT-12 active, roles, externalId and memberships stay when they are left out", async () => {
  const externalId = unique("ext");
  const roles = [{ value: "admin" }];
  const user = await client.newUser({ externalId, roles, active: false });
  const group = await client.newGroup({ members: [{ value: user.id }] });
  const { body } = await client.put(`/Users/${user.id}`, userBody({ userName: user.userName }));
  expect(body).toMatchObject({ externalId, roles, active: false });
  expect(body.groups).toMatchObject([{ value: group.id }]);
});

test("PUT-06 CHAR-01 readOnly attributes are ignored even when they differ", async () => {
  const user = await client.newUser();
  const answer = await client.put(`/Users/${user.id}`, {
    ...userBody({ userName: user.userName, title: "x" }),
    id: "another",
    meta: { ...user.meta, created: "1999-01-01T00:00:00Z" },
    groups: [{ value: "g" }],
  });
  expectStatus(answer, 200);
  expect(answer.body.id).toBe(user.id);
  expect(answer.body.meta.created).toBe(user.meta.created);
  expect(answer.body).not.toHaveProperty("groups");
});

test("PUT-09 required attributes must be there, else nothing changes", async () => {
  const user = await client.newUser({ title: "kept" });
  const answer = await client.put(`/Users/${user.id}`, { schemas: [urn.user], title: "x" });
  expectError(answer, 400, "invalidValue");
  expect((await client.get(`/Users/${user.id}`)).body).toEqual(user);
});

test("PUT-11 CHAR-12 a taken userName is a conflict; another case of one's own is not", async () => {
  const one = await client.newUser();
  const two = await client.newUser();
  const taken = await client.put(`/Users/${one.id}`, userBody({ userName: two.userName }));
  expectError(taken, 409, "uniqueness");
  expect((await client.get(`/Users/${one.id}`)).body).toEqual(one);
  const userName = String(one.userName).toUpperCase();
  const louder = await client.put(`/Users/${one.id}`, userBody({ userName }));
  expectStatus(louder, 200);
  expect(louder.body.userName).toBe(userName);
});

test("PUT-11 a taken externalId is a conflict", async () => {
  const one = await client.newUser({ externalId: unique("ext") });
  const two = await client.newUser();
  const body = userBody({ userName: two.userName, externalId: one.externalId });
  const answer = await client.put(`/Users/${two.id}`, body);
  expectError(answer, 409, "uniqueness");
  expect(answer.body.detail).toContain("externalId");
});

test("PUT-11 after a rename the old name is free and finds nothing, the new one is taken and finds the User", async () => {
  const user = await client.newUser();
  const renamed = unique("renamed");
  expectStatus(await client.put(`/Users/${user.id}`, userBody({ userName: renamed })), 200);
  const find = async (name: unknown) =>
    (await client.filter("/Users", `userName eq "${name}"`)).body.Resources.map(({ id }) => id);
  expect(await find(user.userName)).toEqual([]);
  expect(await find(renamed)).toEqual([user.id]);
  expectError(await client.post("/Users", userBody({ userName: renamed })), 409, "uniqueness");
  await client.newUser({ userName: user.userName });
});

test("PUT-13 ETAG-09 a PUT that changes nothing keeps version and lastModified", async () => {
  const user = await client.newUser({ title: "x", emails: [{ value: "a@x", type: "work" }] });
  const answer = await client.put(`/Users/${user.id}`, user);
  expectStatus(answer, 200);
  expect(answer.body).toEqual(user);
});

test("PUT-16 ETAG-04 a stale If-Match changes nothing", async () => {
  const user = await client.newUser();
  const body = userBody({ userName: user.userName, title: "x" });
  const headers = { "if-match": 'W/"no-such"' };
  expectError(await client.put(`/Users/${user.id}`, body, { headers }), 412);
  expect((await client.get(`/Users/${user.id}`)).body).toEqual(user);
});

test("PUT-18 putWithoutMembers clear: a PUT without members empties the group", async () => {
  const user = await clearing.newUser();
  const group = await clearing.newGroup({ members: [{ value: user.id }] });
  const body = groupBody({ displayName: group.displayName });
  expectStatus(await clearing.put(`/Groups/${group.id}`, body), 200);
  expect((await clearing.get(`/Groups/${group.id}`)).body.members).toEqual([]);
});

test("CHAR-12 PUT of a Group to a taken externalId is a conflict", async () => {
  const one = await client.newGroup({ externalId: unique("ext") });
  const two = await client.newGroup();
  const { externalId } = one;
  const body = groupBody({ displayName: two.displayName, externalId });
  expectError(await client.put(`/Groups/${two.id}`, body), 409, "uniqueness");
});
