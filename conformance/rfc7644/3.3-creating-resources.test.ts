/** Creating resources with POST (RFC 7644 §3.3, §3.3.1). */
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
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
const refusing = createScimClient(await freshConnection({ settings: { adoption: "never" } }));
const cautious = createScimClient(
  await freshConnection({ settings: { adoption: "inactive-only" } }),
);

/** How many live Users have the name. */
async function countNamed(userName: unknown, of = client): Promise<number> {
  return (await of.filter("/Users", `userName eq "${userName}"`)).body.totalResults;
}

test("POST-01 POST-02 POST-03 POST-08 success is 201 with Location, ETag and the whole resource", async () => {
  const body = userBody({ title: "Tester", name: { familyName: "T" } });
  const answer = await client.post("/Users", body);
  expectStatus(answer, 201);
  expect(answer.body).toMatchObject(body);
  expect(answer.headers.get("location")).toBe(answer.body.meta.location);
  expect(answer.headers.get("etag")).toBe(answer.body.meta.version);
  const read = await client.get(answer.body.meta.location.replace(client.baseUrl, ""));
  expect(read.body).toEqual(answer.body);
});

test("POST-04 readOnly attributes in the body are ignored without an error", async () => {
  const forged = { id: "mine", meta: { version: "x" }, groups: [{ value: "g" }] };
  const user = await client.newUser(forged);
  expect(user.id).not.toBe("mine");
  expect(user).not.toHaveProperty("groups");
});

test("POST-05 CHAR-11 ERR-08 a taken userName: 409 that names the attribute, nothing written", async () => {
  const user = await client.newUser();
  const answer = await client.post("/Users", userBody({ userName: user.userName, title: "new" }));
  expectError(answer, 409, "uniqueness");
  expect(answer.body.detail).toContain("userName");
  expect(await countNamed(user.userName)).toBe(1);
  expect((await client.get(`/Users/${user.id}`)).body).toEqual(user);
});

test("POST-07 PROJ-01 attributes and excludedAttributes shape the answer", async () => {
  const only = await client.post("/Users?attributes=userName", userBody({ title: "x" }));
  expectStatus(only, 201);
  expect(Object.keys(only.body).toSorted()).toEqual(["id", "schemas", "userName"]);
  const without = await client.post("/Users?excludedAttributes=title", userBody({ title: "x" }));
  expect(without.body).not.toHaveProperty("title");
  expect(without.body).toHaveProperty("userName");
});

test("POST-10 a Group sent to Users is refused", async () => {
  const answer = await client.post("/Users", groupBody());
  expectStatus(answer, 400);
  expectError(answer, 400, answer.body.scimType);
});

test("POST-11 DEL-04 the name of a deleted User is free at once and gives a new resource", async () => {
  const { id, userName } = await client.newUser({ title: "old" });
  expectStatus(await client.delete(`/Users/${id}`), 204);
  const again = await client.newUser({ userName });
  expect(again.id).not.toBe(id);
  expect(again).not.toHaveProperty("title");
});

test("POST-12 a refused POST leaves no trace", async () => {
  const body = userBody({ emails: [{ value: 5 }] });
  expectError(await client.post("/Users", body), 400, "invalidValue");
  expect(await countNamed(body["userName"])).toBe(0);
  await client.newUser({ userName: body["userName"] });
});

test("CHAR-13 SEC-04 of many simultaneous POSTs of one userName exactly one creates", async () => {
  const userName = unique("race");
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => client.post("/Users", userBody({ userName }))),
  );
  const created = answers.filter(({ status }) => status === 201);
  expect(created).toHaveLength(1);
  for (const answer of answers.filter(({ status }) => status !== 201)) {
    expectError(answer, 409, "uniqueness");
  }
  expect(await countNamed(userName)).toBe(1);
});

test("CHAR-13 of many simultaneous POSTs with one externalId one creates and the others meet it", async () => {
  const body = userBody({ externalId: unique("race") });
  const answers = await Promise.all(Array.from({ length: 50 }, () => client.post("/Users", body)));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(49);
  expect(new Set(answers.map(({ body: { id } }) => id)).size).toBe(1);
  expect(await countNamed(body["userName"])).toBe(1);
});

test("POST-05 a User that comes again with its externalId is adopted: 200, same id, new values", async () => {
  const externalId = unique("ext");
  const user = await client.newUser({ externalId, title: "old", active: false });
  const body = userBody({ externalId, title: "new" });
  const again = await client.post("/Users", body);
  expectStatus(again, 200);
  expect(again.headers.get("location")).toBe(user.meta.location);
  expect(again.body).toMatchObject({ id: user.id, userName: body["userName"], title: "new" });
  expect(again.body.active, "comes back unless active is false").toBe(true);
  const unchanged = await client.post("/Users", body);
  expectStatus(unchanged, 200);
  expect(unchanged.body.meta, "nothing changed").toEqual(again.body.meta);
});

test("POST-05 a User without externalId gets the one that comes with its name", async () => {
  const user = await client.newUser();
  const externalId = unique("ext");
  const again = await client.post("/Users", userBody({ userName: user.userName, externalId }));
  expectStatus(again, 200);
  expect(again.body).toMatchObject({ id: user.id, externalId });
});

test("POST-05 a name that belongs to another externalId is a conflict and changes nothing", async () => {
  const one = await client.newUser({ externalId: unique("ext") });
  const two = await client.newUser({ externalId: unique("ext") });
  for (const externalId of [unique("ext"), two.externalId]) {
    const answer = await client.post("/Users", userBody({ userName: one.userName, externalId }));
    expectError(answer, 409, "uniqueness");
    expect(answer.body.detail).toContain("userName");
  }
  expect((await client.get(`/Users/${one.id}`)).body).toEqual(one);
  expect((await client.get(`/Users/${two.id}`)).body).toEqual(two);
});

test("POST-05 adoption never: a User that comes again is a conflict", async () => {
  const externalId = unique("ext");
  const user = await refusing.newUser({ externalId });
  const body = userBody({ userName: user.userName, externalId });
  expectError(await refusing.post("/Users", body), 409, "uniqueness");
  expect((await refusing.get(`/Users/${user.id}`)).body).toEqual(user);
});

test("POST-05 adoption inactive-only: an active User is a conflict, an inactive one comes back", async () => {
  const externalId = unique("ext");
  const user = await cautious.newUser({ externalId });
  const body = userBody({ userName: user.userName, externalId });
  expectError(await cautious.post("/Users", body), 409, "uniqueness");
  await cautious.patch(`/Users/${user.id}`, [{ op: "replace", value: { active: false } }]);
  const again = await cautious.post("/Users", body);
  expectStatus(again, 200);
  expect(again.body).toMatchObject({ id: user.id, active: true });
});

test("POST-05 GRP-02 a Group that comes again keeps its members unless the body has some", async () => {
  const member = await client.newUser();
  const externalId = unique("ext");
  const group = await client.newGroup({ externalId, members: [{ value: member.id }] });
  const displayName = unique("renamed");
  const adopted = await client.post("/Groups", groupBody({ externalId, displayName }));
  expectStatus(adopted, 200);
  expect(adopted.body).toMatchObject({
    id: group.id,
    displayName,
    members: [{ value: member.id }],
  });
  const emptied = await client.post("/Groups", groupBody({ externalId, displayName, members: [] }));
  expect(emptied.body).toMatchObject({ id: group.id, members: [] });
  const named = await client.newGroup();
  const withId = await client.post(
    "/Groups",
    groupBody({ displayName: named.displayName, externalId: unique("ext") }),
  );
  expectStatus(withId, 200);
  expect(withId.body.id).toBe(named.id);
  const clash = await client.post(
    "/Groups",
    groupBody({ externalId, displayName: named.displayName }),
  );
  expectError(clash, 409, "uniqueness");
});

test("SEC-10 names that mean something to JavaScript are data", async () => {
  const text = JSON.stringify(userBody()).replace(
    /}$/,
    ',"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},"toString":1}',
  );
  const answer = await client.send("POST", "/Users", text);
  expectStatus(answer, 201, 400);
  expect(answer.text).not.toContain("admin");
  expect(idsOf(await client.get("/Users?count=1"))).toHaveLength(1);
  expectError(await client.filter("/Users", "constructor pr"), 400, "invalidFilter");
  expectError(await client.filter("/Users", "__proto__ pr"), 400, "invalidFilter");
});

test("POST-09 RES-06 the base schema is demanded in strict connections", async () => {
  const schemas = [urn.enterprise];
  const answer = await client.post("/Users", userBody({ schemas }));
  expectError(answer, 400, answer.body.scimType);
});
