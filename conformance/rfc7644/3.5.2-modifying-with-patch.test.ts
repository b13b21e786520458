/** Modifying with PATCH: the message, its paths, atomicity and answers (RFC 7644 §3.5.2). */
import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import type { Representation } from "../scim-client.ts";
import { createScimClient, expectError, expectStatus, unique, urn } from "../scim-client.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));
const lenient = createScimClient(await freshConnection());

/** Expects that a User reads exactly as before. */
async function expectUnchanged(user: Representation): Promise<void> {
  expect((await client.get(`/Users/${user.id}`)).body).toEqual(user);
}

test.each([
  ["without schemas", { Operations: [{ op: "add", path: "title", value: "x" }] }],
  [
    "with other schemas",
    { schemas: [urn.user], Operations: [{ op: "add", path: "title", value: "x" }] },
  ],
])("PATCH-02 strict: a message %s is refused", async (_, message) => {
  const user = await client.newUser();
  const answer = await client.send("PATCH", `/Users/${user.id}`, JSON.stringify(message));
  expectError(answer, 400, "invalidSyntax");
  await expectUnchanged(user);
});

test("PATCH-02 lenient: a message without schemas is read", async () => {
  const user = await lenient.newUser();
  const message = { Operations: [{ op: "add", path: "title", value: "x" }] };
  const answer = await lenient.send("PATCH", `/Users/${user.id}`, JSON.stringify(message));
  expectStatus(answer, 200);
  expect(answer.body.title).toBe("x");
});

test.each([
  ["missing", {}],
  ["empty", { Operations: [] }],
  ["no array", { Operations: { op: "add", path: "title", value: "x" } }],
  ["no objects", { Operations: ["add"] }],
])("PATCH-03 Operations that are %s are refused", async (_, rest) => {
  const user = await client.newUser();
  const message = JSON.stringify({ schemas: [urn.patchOp], ...rest });
  expectError(await client.send("PATCH", `/Users/${user.id}`, message), 400, "invalidSyntax");
});

test.each([{ op: "move" }, { op: "" }, { op: 5 }, {}])(
  "PATCH-04 an operation with %j is refused in every connection",
  async (bad) => {
    for (const of of [client, lenient]) {
      const user = await of.newUser();
      const operation = { ...bad, path: "title", value: "x" };
      expectError(await of.patch(`/Users/${user.id}`, [operation]), 400, "invalidSyntax");
      expect((await of.get(`/Users/${user.id}`)).body).toEqual(user);
    }
  },
);

test("PATCH-05 PATCH-06 op is read in any case and unknown members are ignored", async () => {
  const user = await client.newUser();
  for (const op of ["Add", "REPLACE", "replace"]) {
    const answer = await client.patch(`/Users/${user.id}`, [
      { op, path: "title", value: op, name: "setTitle" },
    ]);
    expectStatus(answer, 200);
    expect(answer.body.title).toBe(op);
  }
});

test("PATCH-07 each operation sees what the one before did", async () => {
  const user = await client.newUser();
  const answer = await client.patch(`/Users/${user.id}`, [
    { op: "add", path: "emails", value: [{ type: "work", value: "a@x" }] },
    { op: "replace", path: 'emails[type eq "work"].value', value: "b@x" },
    { op: "add", path: "title", value: "one" },
    { op: "remove", path: "title" },
  ]);
  expectStatus(answer, 200);
  expect(answer.body.emails).toEqual([{ type: "work", value: "b@x" }]);
  expect(answer.body).not.toHaveProperty("title");
});

test("PATCH-08 a failing operation undoes the ones before it and changes nothing", async () => {
  const user = await client.newUser({ title: "kept" });
  const answer = await client.patch(`/Users/${user.id}`, [
    { op: "replace", path: "title", value: "lost" },
    { op: "add", path: "groups", value: [{ value: "g" }] },
  ]);
  expectError(answer, 400, "mutability");
  await expectUnchanged(user);
});

test("PATCH-09 RES-26 success is 200 with the whole resource and its ETag", async () => {
  const user = await client.newUser();
  const answer = await client.patch(`/Users/${user.id}`, [
    { op: "replace", path: "displayName", value: "D" },
  ]);
  expectStatus(answer, 200);
  expect(answer.body).toMatchObject({ id: user.id, userName: user.userName, displayName: "D" });
  expect(answer.headers.get("etag")).toBe(answer.body.meta.version);
  expect((await client.get(`/Users/${user.id}`)).body).toEqual(answer.body);
});

test("PATCH-09 a connection can ask for 204 on groups: no body, but an ETag", async () => {
  const quiet = createScimClient(await freshConnection({ settings: { groupPatchAnswer: "204" } }));
  const group = await quiet.newGroup();
  const rename = [{ op: "replace", path: "displayName", value: unique("renamed") }];
  const answer = await quiet.patch(`/Groups/${group.id}`, rename);
  expectStatus(answer, 204);
  expect(answer.text).toBe("");
  const read = await quiet.get(`/Groups/${group.id}`);
  expect(answer.headers.get("etag")).toBe(read.body.meta.version);
  expectStatus(await quiet.patch(`/Groups/${group.id}?attributes=displayName`, rename), 200);
});

test("PATCH-11 an unknown resource is 404", async () => {
  const operation = { op: "add", path: "title", value: "x" };
  expectError(await client.patch(`/Users/${randomUUID()}`, [operation]), 404);
});

test("PATCH-12 PATCH-46 PATCH-67 PATCH-93 what changes nothing keeps version and lastModified", async () => {
  const user = await client.newUser({
    title: "T",
    emails: [{ value: "a@x", type: "work", primary: true }],
  });
  for (const operation of [
    { op: "replace", path: "title", value: "T" },
    { op: "add", path: "title", value: "T" },
    { op: "add", path: "emails", value: [{ value: "a@x", type: "work", primary: true }] },
    { op: "remove", path: "nickName" },
    { op: "remove", path: 'emails[type eq "fax"]' },
    { op: "replace", value: { title: "T" } },
  ]) {
    const answer = await client.patch(`/Users/${user.id}`, [operation]);
    expectStatus(answer, 200, 204);
    await expectUnchanged(user);
  }
});

test("PATCH-13 CHAR-12 the result is validated as a whole: uniqueness, required, types", async () => {
  const user = await client.newUser();
  const other = await client.newUser({ externalId: unique("ext") });
  for (const [path, value] of [
    ["userName", String(other.userName).toUpperCase()],
    ["externalId", other.externalId],
  ]) {
    const answer = await client.patch(`/Users/${user.id}`, [{ op: "replace", path, value }]);
    expectError(answer, 409, "uniqueness");
    expect(answer.body.detail).toContain(path);
  }
  await expectUnchanged(user);
  const louder = { op: "replace", path: "userName", value: String(user.userName).toUpperCase() };
  expectStatus(await client.patch(`/Users/${user.id}`, [louder]), 200);
});

test("PATCH-13 after a rename the old name is free and finds nothing", async () => {
  const user = await client.newUser();
  const renamed = unique("renamed");
  await client.patch(`/Users/${user.id}`, [{ op: "replace", path: "userName", value: renamed }]);
  const find = async (name: unknown) =>
    (await client.filter("/Users", `userName eq "${name}"`)).body.Resources.map(({ id }) => id);
  expect(await find(user.userName)).toEqual([]);
  expect(await find(renamed)).toEqual([user.id]);
  await client.newUser({ userName: user.userName });
});

test("PATCH-14 more operations than the limit are refused", async () => {
  const user = await client.newUser();
  const operation = { op: "replace", path: "title", value: "x" };
  const allowed = Array.from({ length: 1000 }, () => operation);
  expectStatus(await client.patch(`/Users/${user.id}`, allowed), 200);
  const answer = await client.patch(`/Users/${user.id}`, [...allowed, operation]);
  expectStatus(answer, 400, 413);
  expectError(answer, answer.status, answer.body.scimType);
});

test.each([
  ["members", undefined],
  ["name.familyName", "F"],
  ['addresses[type eq "work"]', { type: "work", locality: "L" }],
  ['emails[type eq "work"].value', "n@x"],
  ['emails[type eq "work" and primary eq true].value', "n@x"],
  [`${urn.user}:name.familyName`, "F"],
  [`${urn.user}:emails[type eq "work"].value`, "n@x"],
  [`${urn.enterprise}:department`, "D"],
  ['EMAILS[TYPE eq "work"].VALUE', "n@x"],
  ['emails[type eq "WORK"].value', "n@x"],
])("PATCH-20 PATCH-26 PATCH-27 NAME-03 NAME-05 path %s works", async (path, value) => {
  if (value === undefined) {
    const group = await client.newGroup();
    const operation = { op: "add", path, value: [] };
    expectStatus(await client.patch(`/Groups/${group.id}`, [operation]), 200, 204);
    return;
  }
  const user = await client.newUser({
    emails: [{ type: "work", value: "old@x", primary: true }],
    addresses: [{ type: "work", locality: "old" }],
  });
  const answer = await client.patch(`/Users/${user.id}`, [{ op: "replace", path, value }]);
  expectStatus(answer, 200);
  expect(JSON.stringify(answer.body)).toContain(
    typeof value === "string" ? `"${value}"` : '"locality":"L"',
  );
});

test.each([
  "emails[",
  ".name",
  "name.",
  "name..x",
  "name.given.x",
  "emails[0]",
  'emails[type eq "work"]value',
  'emails[type eq "work"].value.x',
  "a b",
  "/userName",
  "$.userName",
  "",
  ".",
  'userName[value eq "a"]',
])("PATCH-21 PATCH-24 PATCH-25 ERR-11 path %j is refused in every connection", async (path) => {
  for (const of of [client, lenient]) {
    const user = await of.newUser({ emails: [{ type: "work", value: "a@x" }] });
    const answer = await of.patch(`/Users/${user.id}`, [{ op: "replace", path, value: "x" }]);
    expectError(answer, 400, "invalidPath");
    expect((await of.get(`/Users/${user.id}`)).body).toEqual(user);
  }
});

test.each(["emails[]", "emails[type]", 'emails[type xx "a"]', 'emails[nope eq "a"]'])(
  "PATCH-22 a bad filter in path %j is refused",
  async (path) => {
    const user = await client.newUser({ emails: [{ type: "work", value: "a@x" }] });
    const answer = await client.patch(`/Users/${user.id}`, [{ op: "remove", path }]);
    expect(["invalidFilter", "invalidPath"]).toContain(answer.body.scimType);
    expectError(answer, 400, answer.body.scimType);
    await expectUnchanged(user);
  },
);

test("PATCH-23 a path to an unknown attribute: 400 in strict, dropped in lenient, nothing changed", async () => {
  const operation = { op: "add", path: "costcentre", value: "x" };
  const user = await client.newUser();
  expectError(await client.patch(`/Users/${user.id}`, [operation]), 400, "invalidPath");
  const other = await lenient.newUser();
  expectStatus(await lenient.patch(`/Users/${other.id}`, [operation]), 200, 204);
  expect((await lenient.get(`/Users/${other.id}`)).body).toEqual(other);
});

test("PATCH-29 the base schema cannot be removed", async () => {
  const user = await client.newUser();
  for (const path of ["schemas", `schemas[value eq "${urn.user}"]`]) {
    const answer = await client.patch(`/Users/${user.id}`, [{ op: "remove", path }]);
    expectError(answer, 400, answer.body.scimType);
  }
  await expectUnchanged(user);
});

test("PATCH-94 simultaneous PATCHes all take effect", async () => {
  const users = await Promise.all(Array.from({ length: 40 }, () => client.newUser()));
  const group = await client.newGroup();
  const answers = await Promise.all(
    users.map(({ id }) =>
      client.patch(`/Groups/${group.id}`, [{ op: "add", path: "members", value: [{ value: id }] }]),
    ),
  );
  for (const answer of answers) {
    expectStatus(answer, 200, 204);
  }
  const { body } = await client.get(`/Groups/${group.id}`);
  expect((body.members ?? []).map(({ value }) => value).toSorted()).toEqual(
    users.map(({ id }) => id).toSorted(),
  );
});

test("PATCH-94 simultaneous PATCHes of different attributes lose nothing", async () => {
  const user = await client.newUser();
  const paths = ["title", "nickName", "displayName", "userType", "locale"];
  const answers = await Promise.all(
    paths.map((path) =>
      client.patch(`/Users/${user.id}`, [{ op: "replace", path, value: `${path}!` }]),
    ),
  );
  for (const answer of answers) {
    expectStatus(answer, 200);
  }
  const { body } = await client.get(`/Users/${user.id}`);
  expect(paths.map((path) => body[path])).toEqual(paths.map((path) => `${path}!`));
});
