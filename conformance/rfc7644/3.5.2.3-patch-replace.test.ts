/** PATCH operation replace (RFC 7644 §3.5.2.3). */
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectError, expectStatus } from "../scim-client.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));
const lenient = createScimClient(await freshConnection());
const work = { type: "work", value: "w@x" };
const home = { type: "home", value: "h@x" };

/** Applies operations to a new User. */
async function patched(
  before: Readonly<Record<string, unknown>>,
  operations: readonly unknown[],
  of = client,
) {
  const user = await of.newUser(before);
  const answer = await of.patch(`/Users/${user.id}`, operations);
  return { user, answer, read: async () => (await of.get(`/Users/${user.id}`)).body };
}

test("PATCH-80 without path each attribute of the value is replaced, the others stay", async () => {
  const { answer } = await patched({ title: "T", nickName: "N", emails: [work, home] }, [
    { op: "replace", value: { active: false, title: "U", emails: [home] } },
  ]);
  expectStatus(answer, 200);
  expect(answer.body).toMatchObject({ active: false, title: "U", nickName: "N", emails: [home] });
});

test("PATCH-81 PATCH-82 PATCH-83 attributes are replaced, or added when they had no value", async () => {
  const { answer } = await patched({ displayName: "D", emails: [work] }, [
    { op: "replace", path: "displayName", value: "E" },
    { op: "replace", path: "emails", value: [home] },
    { op: "replace", path: "nickName", value: "N" },
    { op: "replace", path: "phoneNumbers", value: [{ value: "1" }] },
  ]);
  expect(answer.body).toMatchObject({
    displayName: "E",
    emails: [home],
    nickName: "N",
    phoneNumbers: [{ value: "1" }],
  });
  expect(answer.body.emails).toHaveLength(1);
});

test("PATCH-84 a complex attribute is merged, with and without path", async () => {
  const before = { name: { familyName: "F", givenName: "G" } };
  for (const operation of [
    { op: "replace", path: "name", value: { givenName: "X" } },
    { op: "replace", value: { name: { givenName: "X" } } },
  ]) {
    const { answer } = await patched(before, [operation]);
    expect(answer.body.name).toEqual({ familyName: "F", givenName: "X" });
  }
});

test("PATCH-85 every value that a value path matches is replaced, the others are not", async () => {
  const before = {
    addresses: [
      { type: "work", locality: "A", region: "R" },
      { type: "home", locality: "B" },
    ],
  };
  const { answer } = await patched(before, [
    { op: "replace", path: 'addresses[type eq "work"]', value: { type: "work", locality: "C" } },
  ]);
  expectStatus(answer, 200);
  expect(answer.body.addresses).toHaveLength(2);
  expect(answer.body.addresses).toMatchObject([
    { type: "work", locality: "C" },
    { type: "home", locality: "B" },
  ]);
});

test("PATCH-86 a sub-attribute after a value path changes in all matches", async () => {
  const before = {
    addresses: [
      { type: "work", streetAddress: "1", locality: "A" },
      { type: "work", streetAddress: "2", locality: "B" },
      { type: "home", streetAddress: "3" },
    ],
  };
  const { answer } = await patched(before, [
    { op: "replace", path: 'addresses[type eq "work"].streetAddress', value: "9" },
  ]);
  expect((answer.body.addresses ?? []).map((value) => value["streetAddress"]).toSorted()).toEqual([
    "3",
    "9",
    "9",
  ]);
});

test("PATCH-87 ERR-12 a value path without match: noTarget in strict, a new value in lenient", async () => {
  const operations = [{ op: "replace", path: 'emails[type eq "other"].value', value: "n@x" }];
  const { user, answer, read } = await patched({ emails: [work] }, operations);
  expectError(answer, 400, "noTarget");
  expect(await read()).toEqual(user);
  const made = await patched({ emails: [work] }, operations, lenient);
  expectStatus(made.answer, 200);
  expect(made.answer.body.emails).toEqual([work, { type: "other", value: "n@x" }]);
});

test.each(["id", "meta.version", "groups"])(
  "PATCH-88 ERR-09 readOnly %s is refused",
  async (path) => {
    const { user, answer, read } = await patched({}, [{ op: "replace", path, value: "x" }]);
    expectError(answer, 400, "mutability");
    expect(await read()).toEqual(user);
  },
);

test("PATCH-89 null and [] unassign; a required attribute cannot be", async () => {
  const { answer } = await patched({ nickName: "N", emails: [work] }, [
    { op: "replace", path: "nickName", value: null },
    { op: "replace", path: "emails", value: [] },
  ]);
  expectStatus(answer, 200);
  expect(answer.body).not.toHaveProperty("nickName");
  expect(answer.body).not.toHaveProperty("emails");
  const required = await patched({}, [{ op: "replace", path: "userName", value: null }]);
  expectStatus(required.answer, 400);
  expect(["invalidValue", "mutability"]).toContain(required.answer.body.scimType);
  expect(await required.read()).toEqual(required.user);
});

test.each([
  ["active", "maybe"],
  ["emails", "x"],
  ["title", { a: 1 }],
  ["name", "x"],
  ["userName", ""],
])("PATCH-90 %s cannot become %j", async (path, value) => {
  const { user, answer, read } = await patched({ emails: [work] }, [
    { op: "replace", path, value },
  ]);
  expectError(answer, 400, "invalidValue");
  expect(await read()).toEqual(user);
});

test("PATCH-91 replace without value is refused", async () => {
  const { user, answer, read } = await patched({ title: "T" }, [{ op: "replace", path: "title" }]);
  expectError(answer, 400, "invalidValue");
  expect(await read()).toEqual(user);
});

test("PATCH-28 a sub-attribute of a multi-valued attribute without filter changes in every value", async () => {
  const { answer } = await patched({ emails: [work, home] }, [
    { op: "replace", path: "emails.type", value: "x" },
  ]);
  expectStatus(answer, 200);
  expect((answer.body.emails ?? []).map(({ type }) => type)).toEqual(["x", "x"]);
  const none = await patched({}, [{ op: "replace", path: "emails.type", value: "x" }]);
  expectError(none.answer, 400, "noTarget");
});

test("TYPE-03 lenient: string booleans deactivate; strict: they are refused", async () => {
  for (const value of ["False", "false"]) {
    const made = await patched({}, [{ op: "Replace", path: "active", value }], lenient);
    expectStatus(made.answer, 200);
    expect((await made.read()).active).toBe(false);
  }
  const strict = await patched({}, [{ op: "replace", path: "active", value: "False" }]);
  expectError(strict.answer, 400, "invalidValue");
});
