/** The enterprise extension of the User (RFC 7643 §4.3). */
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectError, expectStatus, idsOf, unique, urn } from "../scim-client.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));
const lenient = createScimClient(await freshConnection());
const schemas = [urn.user, urn.enterprise];

test("ENT-01 RES-09 every attribute round-trips inside its object", async () => {
  const extension = {
    employeeNumber: "701984",
    costCenter: "4130",
    organization: "Universal",
    division: "Theme Park",
    department: "Tours",
  };
  const user = await client.newUser({ schemas, [urn.enterprise]: extension });
  expect((await client.get(`/Users/${user.id}`)).body[urn.enterprise]).toEqual(extension);
});

test("ENT-02 ENT-03 CHAR-17 the manager is shown by the server's knowledge, not by the client's", async () => {
  const manager = await client.newUser({ displayName: "Chief" });
  const user = await client.newUser({
    schemas,
    [urn.enterprise]: { manager: { value: manager.id, displayName: "Forged" } },
  });
  const { body } = await client.get(`/Users/${user.id}`);
  const shown = body[urn.enterprise];
  expect(shown).toMatchObject({
    manager: { value: manager.id, $ref: `${client.baseUrl}/Users/${manager.id}` },
  });
  expect(JSON.stringify(shown)).not.toContain("Forged");
});

test("ENT-04 NAME-06 the manager can be filtered on, exactly", async () => {
  const value = unique("Boss");
  const user = await client.newUser({ schemas, [urn.enterprise]: { manager: { value } } });
  const find = (filter: string) => client.filter("/Users", filter);
  expect(idsOf(await find(`${urn.enterprise}:manager.value eq "${value}"`))).toEqual([user.id]);
  const otherCase = await find(`${urn.enterprise}:manager.value eq "${value.toUpperCase()}"`);
  expect(idsOf(otherCase)).toEqual([]);
});

test("ENT-05 a manager nobody knows is stored", async () => {
  const user = await client.newUser({
    schemas,
    [urn.enterprise]: { manager: { value: "SuzzyQ" } },
  });
  expect(user[urn.enterprise]).toMatchObject({ manager: { value: "SuzzyQ" } });
});

test("ENT-06 PATCH-30 PATCH-31 the URN comes with the first value and goes with the last", async () => {
  const user = await client.newUser();
  const added = await client.patch(`/Users/${user.id}`, [
    { op: "add", path: `${urn.enterprise}:department`, value: "Tours" },
    { op: "replace", path: `${urn.enterprise}:department`, value: "Sales" },
  ]);
  expectStatus(added, 200);
  expect([...added.body.schemas].toSorted()).toEqual([...schemas].toSorted());
  expect(added.body[urn.enterprise]).toEqual({ department: "Sales" });
  const removed = await client.patch(`/Users/${user.id}`, [
    { op: "remove", path: `${urn.enterprise}:department` },
  ]);
  expect(removed.body.schemas).toEqual([urn.user]);
  expect(removed.body).not.toHaveProperty(urn.enterprise);
});

test("ENT-07 lenient: a plain string is the manager, the empty string is nobody", async () => {
  const user = await lenient.newUser();
  const path = `${urn.enterprise}:manager`;
  const set = await lenient.patch(`/Users/${user.id}`, [{ op: "Add", path, value: "boss" }]);
  expectStatus(set, 200);
  expect(set.body[urn.enterprise]).toMatchObject({ manager: { value: "boss" } });
  for (const value of ["", { value: "" }, null]) {
    await lenient.patch(`/Users/${user.id}`, [{ op: "replace", path, value: "boss" }]);
    const cleared = await lenient.patch(`/Users/${user.id}`, [{ op: "replace", path, value }]);
    expectStatus(cleared, 200);
    expect(cleared.body[urn.enterprise], JSON.stringify(value)).toBeUndefined();
  }
});

test("ENT-08 lenient: dotted and URN keys of a path-less value are paths", async () => {
  const user = await lenient.newUser({ name: { familyName: "Hopper" } });
  const answer = await lenient.patch(`/Users/${user.id}`, [
    {
      op: "replace",
      value: { "name.givenName": "Grace", [`${urn.enterprise}:department`]: "Navy" },
    },
  ]);
  expectStatus(answer, 200);
  expect(answer.body).toMatchObject({
    name: { familyName: "Hopper", givenName: "Grace" },
    [urn.enterprise]: { department: "Navy" },
  });
});

test("ENT-09 PUT-15 the extension may be absent, and a PUT without it clears it", async () => {
  const user = await client.newUser({ schemas, [urn.enterprise]: { division: "x" } });
  const put = await client.put(`/Users/${user.id}`, {
    schemas: [urn.user],
    userName: user.userName,
  });
  expectStatus(put, 200);
  expect(put.body).not.toHaveProperty(urn.enterprise);
  expect(put.body.schemas).toEqual([urn.user]);
});

test("NAME-08 PATCH-69 the bare URN is the whole extension", async () => {
  const user = await client.newUser({ schemas, [urn.enterprise]: { division: "x" } });
  const only = await client.get(`/Users/${user.id}?attributes=${urn.enterprise}`);
  expect(only.body[urn.enterprise]).toEqual({ division: "x" });
  expect(only.body).not.toHaveProperty("userName");
  const removed = await client.patch(`/Users/${user.id}`, [{ op: "remove", path: urn.enterprise }]);
  expectStatus(removed, 200);
  expect(removed.body).not.toHaveProperty(urn.enterprise);
  expect(removed.body.schemas).toEqual([urn.user]);
});

test("NAME-09 FILT-34 an extension attribute without its URN is unknown", async () => {
  expectError(await client.filter("/Users", `department eq "x"`), 400, "invalidFilter");
});
