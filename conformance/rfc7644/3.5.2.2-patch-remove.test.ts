/** PATCH operation remove (RFC 7644 §3.5.2.2). */
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectError, expectStatus } from "../scim-client.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));
const before = {
  nickName: "Nick",
  title: "T",
  name: { familyName: "F", givenName: "G", middleName: "M" },
  emails: [
    { type: "work", value: "w@example.com", primary: true },
    { type: "home", value: "h@example.org" },
  ],
  addresses: [
    { type: "work", region: "R", locality: "L" },
    { type: "home", region: "R" },
  ],
};

/** Applies operations to a new User. */
async function patched(...operations: readonly unknown[]) {
  const user = await client.newUser(before);
  const answer = await client.patch(`/Users/${user.id}`, operations);
  return { user, answer, read: async () => (await client.get(`/Users/${user.id}`)).body };
}

test("PATCH-60 ERR-12 remove without path is refused", async () => {
  const { user, answer, read } = await patched({ op: "remove" });
  expectError(answer, 400, "noTarget");
  expect(await read()).toEqual(user);
});

test("PATCH-61 singular attributes, complex ones and sub-attributes are unassigned", async () => {
  const { answer } = await patched(
    { op: "remove", path: "nickName" },
    { op: "remove", path: "name.middleName" },
  );
  expectStatus(answer, 200);
  expect(answer.body).not.toHaveProperty("nickName");
  expect(answer.body.name).toEqual({ familyName: "F", givenName: "G" });
  const whole = await patched({ op: "remove", path: "name" });
  expect(whole.answer.body).not.toHaveProperty("name");
});

test("PATCH-62 a multi-valued attribute without filter loses all values", async () => {
  const { answer } = await patched({ op: "remove", path: "emails" });
  expect(answer.body).not.toHaveProperty("emails");
});

test("PATCH-63 PATCH-70 with a filter the matching values go and no other becomes primary", async () => {
  const { answer } = await patched({
    op: "remove",
    path: 'emails[type eq "work" and value ew "example.com"]',
  });
  expect(answer.body.emails).toHaveLength(1);
  expect(answer.body.emails?.[0]).toMatchObject({ type: "home" });
  expect(answer.body.emails?.[0]?.primary ?? false).toBe(false);
});

test("PATCH-64 with a filter and a sub-attribute only that goes", async () => {
  const { answer } = await patched({ op: "remove", path: 'addresses[type eq "work"].region' });
  expect(answer.body.addresses).toEqual([
    { type: "work", locality: "L" },
    { type: "home", region: "R" },
  ]);
});

test.each(["userName", "groups", "id", "meta", "meta.created"])(
  "PATCH-65 ERR-09 %s cannot be removed",
  async (path) => {
    const { user, answer, read } = await patched({ op: "remove", path });
    expectError(answer, 400, "mutability");
    expect(await read()).toEqual(user);
  },
);

test("PATCH-66 PATCH-67 what is not there is removed with success and without change", async () => {
  const { user, answer, read } = await patched(
    { op: "remove", path: 'emails[type eq "fax"]' },
    { op: "remove", path: "displayName" },
    { op: "remove", path: "phoneNumbers" },
  );
  expectStatus(answer, 200, 204);
  expect(await read()).toEqual(user);
});

test("PATCH-68 a value list removes only those values; elsewhere a value means nothing", async () => {
  const { answer } = await patched(
    { op: "remove", path: "emails", value: [{ value: "w@example.com" }] },
    { op: "remove", path: "title", value: "another" },
  );
  expectStatus(answer, 200);
  expect(answer.body.emails).toMatchObject([{ value: "h@example.org" }]);
  expect(answer.body.emails).toHaveLength(1);
  expect(answer.body).not.toHaveProperty("title");
});
