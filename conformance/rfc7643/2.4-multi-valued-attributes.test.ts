/** Multi-valued attributes and the primary value (RFC 7643 §2.4). */
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectError, expectStatus, idsOf, userBody } from "../scim-client.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));
const work = { value: "w@example.com", type: "work" };
const home = { value: "h@example.com", type: "home" };

test("MULTI-01 two primary values are refused on POST and PUT", async () => {
  const emails = [
    { ...work, primary: true },
    { ...home, primary: true },
  ];
  expectError(await client.post("/Users", userBody({ emails })), 400, "invalidValue");
  const user = await client.newUser({ emails: [work] });
  const body = userBody({ userName: user.userName, emails });
  expectError(await client.put(`/Users/${user.id}`, body), 400, "invalidValue");
  expect((await client.get(`/Users/${user.id}`)).body).toEqual(user);
});

test("MULTI-02 a missing primary means false", async () => {
  const without = await client.newUser({ emails: [{ ...work, value: "m2@example.com" }] });
  const found = await client.filter(
    "/Users",
    `emails[value eq "m2@example.com" and primary eq false]`,
  );
  expect(idsOf(found)).toEqual([without.id]);
  const primary = await client.filter(
    "/Users",
    `emails[value eq "m2@example.com" and primary eq true]`,
  );
  expect(idsOf(primary)).toEqual([]);
});

test("MULTI-03 PATCH-92 a new primary value takes the mark from the old one", async () => {
  const user = await client.newUser({ emails: [{ ...work, primary: true }] });
  const added = await client.patch(`/Users/${user.id}`, [
    { op: "add", path: "emails", value: [{ ...home, primary: true }] },
  ]);
  expectStatus(added, 200);
  const marks = (emails: typeof added.body.emails) =>
    Object.fromEntries((emails ?? []).map(({ type, primary }) => [type, primary ?? false]));
  expect(marks(added.body.emails)).toEqual({ work: false, home: true });
  const replaced = await client.patch(`/Users/${user.id}`, [
    { op: "replace", path: `emails[type eq "work"].primary`, value: true },
  ]);
  expect(marks(replaced.body.emails)).toEqual({ work: true, home: false });
});

test("MULTI-04 a PATCH value with two primaries is refused and changes nothing", async () => {
  const user = await client.newUser({ emails: [work] });
  const answer = await client.patch(`/Users/${user.id}`, [
    {
      op: "add",
      path: "emails",
      value: [
        { value: "a@example.com", primary: true },
        { value: "b@example.com", primary: true },
      ],
    },
  ]);
  expectError(answer, 400, "invalidValue");
  expect((await client.get(`/Users/${user.id}`)).body).toEqual(user);
});

test("MULTI-06 the same value and type twice is one value", async () => {
  const user = await client.newUser({ emails: [work] });
  const answer = await client.patch(`/Users/${user.id}`, [
    { op: "add", path: "emails", value: [work] },
  ]);
  expect(answer.body.emails).toHaveLength(1);
  expect(answer.body.meta.version).toBe(user.meta.version);
});

test("MULTI-07 MULTI-10 values that differ in type or value are all kept, in their order", async () => {
  const emails = [
    { value: "c@example.com", type: "work" },
    { value: "a@example.com", type: "work" },
    { value: "c@example.com", type: "home" },
  ];
  const user = await client.newUser({ emails });
  expect(user.emails).toEqual(emails);
  expect((await client.get(`/Users/${user.id}`)).body.emails).toEqual(emails);
});

test("MULTI-08 MULTI-09 types are compared without regard to case and may be any word", async () => {
  const user = await client.newUser({ emails: [{ value: "m8@example.com", type: "Work" }] });
  const found = await client.filter(
    "/Users",
    `emails[value eq "m8@example.com" and type eq "work"]`,
  );
  expect(idsOf(found)).toEqual([user.id]);
  const odd = await client.newUser({ emails: [{ value: "m9@example.com", type: "foo" }] });
  expect(odd.emails).toEqual([{ value: "m9@example.com", type: "foo" }]);
});

test("MULTI-11 a null value in a multi-valued attribute is refused or dropped, never kept", async () => {
  const answer = await client.post("/Users", userBody({ emails: [null] }));
  if (answer.status === 201) {
    expect(answer.body).not.toHaveProperty("emails");
  } else {
    expectError(answer, 400, "invalidValue");
  }
});
