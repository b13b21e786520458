/** Unassigned attributes, null and the empty array are one state (RFC 7643 §2.5). */
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectError, expectStatus, idsOf, userBody } from "../scim-client.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));

test("NULL-01 NULL-03 null and [] are unassigned: absent from answers and from pr", async () => {
  const user = await client.newUser({ nickName: null, emails: [], title: "here" });
  expect(user).not.toHaveProperty("nickName");
  expect(user).not.toHaveProperty("emails");
  for (const path of ["nickName", "emails"]) {
    const present = await client.filter("/Users", `id eq "${user.id}" and ${path} pr`);
    expect(idsOf(present), path).toEqual([]);
  }
  const present = await client.filter("/Users", `id eq "${user.id}" and title pr`);
  expect(idsOf(present)).toEqual([user.id]);
});

test("NULL-02 PUT-05 assigning null or [] unassigns", async () => {
  const user = await client.newUser({ nickName: "Nick", emails: [{ value: "a@example.com" }] });
  const put = await client.put(
    `/Users/${user.id}`,
    userBody({ userName: user.userName, nickName: null, emails: [] }),
  );
  expectStatus(put, 200);
  const { body } = await client.get(`/Users/${user.id}`);
  expect(body).not.toHaveProperty("nickName");
  expect(body).not.toHaveProperty("emails");
});

test("NULL-04 USER-16 active null falls back to true and is returned", async () => {
  expect((await client.newUser({ active: null })).active).toBe(true);
});

test.each([
  ["null", null],
  ["empty", ""],
  ["blank", "  "],
])("NULL-05 USER-01 a required attribute that is %s is refused", async (_, userName) => {
  expectError(await client.post("/Users", userBody({ userName })), 400, "invalidValue");
});

test("NULL-06 a complex value without any sub-attribute is unassigned", async () => {
  const user = await client.newUser({ name: { givenName: null, familyName: null } });
  expect(user).not.toHaveProperty("name");
  const found = await client.filter("/Users", `id eq "${user.id}" and name pr`);
  expect(idsOf(found)).toEqual([]);
});

test("NULL-07 the empty string is a value for eq and not present for pr", async () => {
  const user = await client.newUser({ title: "" });
  expect(idsOf(await client.filter("/Users", `id eq "${user.id}" and title pr`))).toEqual([]);
});

test("NULL-08 when the last value is removed the attribute is unassigned", async () => {
  const user = await client.newUser({ emails: [{ value: "a@example.com", type: "work" }] });
  const answer = await client.patch(`/Users/${user.id}`, [
    { op: "remove", path: `emails[type eq "work"]` },
  ]);
  expectStatus(answer, 200);
  expect(answer.body).not.toHaveProperty("emails");
  const found = await client.filter("/Users", `id eq "${user.id}" and emails pr`);
  expect(idsOf(found)).toEqual([]);
});

test("NULL-09 a null sub-attribute of a value is unassigned", async () => {
  const user = await client.newUser({
    addresses: [{ type: "work", locality: null, region: "HH" }],
  });
  expect(user.addresses).toEqual([{ type: "work", region: "HH" }]);
});
