/** Deleting resources (RFC 7644 §3.6). */
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectError, expectStatus, idsOf, userBody } from "../scim-client.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));

test("DEL-01 DEL-02 DEL-08 204 without a body, and then every operation is 404", async () => {
  for (const [endpoint, made] of [
    ["/Users", await client.newUser()],
    ["/Groups", await client.newGroup()],
  ] as const) {
    const path = `${endpoint}/${made.id}`;
    const gone = await client.delete(path);
    expectStatus(gone, 204);
    expect(gone.text).toBe("");
    expectError(await client.get(path), 404);
    expectError(await client.put(path, { ...made }), 404);
    const operation = { op: "replace", path: "displayName", value: "x" };
    expectError(await client.patch(path, [operation]), 404);
    expectError(await client.delete(path), 404);
  }
});

test("DEL-03 DEL-05 a deleted User is in no list and in no group", async () => {
  const user = await client.newUser();
  const group = await client.newGroup({ members: [{ value: user.id }] });
  expectStatus(await client.delete(`/Users/${user.id}`), 204);
  expect(idsOf(await client.filter("/Users", `userName eq "${user.userName}"`))).toEqual([]);
  expect((await client.get(`/Groups/${group.id}`)).body.members).toEqual([]);
  expect(idsOf(await client.filter("/Groups", `members eq "${user.id}"`))).toEqual([]);
});

test("DEL-03 a deleted Group leaves its members, who show it no more", async () => {
  const user = await client.newUser();
  const group = await client.newGroup({ members: [{ value: user.id }] });
  expectStatus(await client.delete(`/Groups/${group.id}`), 204);
  expect((await client.get(`/Users/${user.id}`)).body).not.toHaveProperty("groups");
});

test("DEL-04 userName and externalId of a deleted User are free again", async () => {
  const body = userBody({ externalId: `ext-${Date.now()}` });
  const user = await client.newUser(body);
  expectStatus(await client.delete(`/Users/${user.id}`), 204);
  const again = await client.newUser(body);
  expect(again.id).not.toBe(user.id);
});

test("DEL-06 ETAG-04 a stale If-Match keeps the resource", async () => {
  const user = await client.newUser();
  const stale = { headers: { "if-match": 'W/"no-such"' } };
  expectError(await client.delete(`/Users/${user.id}`, stale), 412);
  expect((await client.get(`/Users/${user.id}`)).body).toEqual(user);
  const current = { headers: { "if-match": user.meta.version } };
  expectStatus(await client.delete(`/Users/${user.id}`, current), 204);
});

test("DEL-07 a body on DELETE, even an empty one with a Content-Type, is ignored", async () => {
  const one = await client.newUser();
  expectStatus(await client.send("DELETE", `/Users/${one.id}`, "{}"), 204);
  const two = await client.newUser();
  const headers = { "content-type": "application/scim+json" };
  expectStatus(await client.delete(`/Users/${two.id}`, { headers }), 204);
});
