/** The User resource, its groups and its password (RFC 7643 §4.1, §4.1.1, §4.1.2). */
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import {
  createScimClient,
  expectError,
  expectStatus,
  idsOf,
  unique,
  urn,
  userBody,
} from "../scim-client.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));
const lenient = createScimClient(await freshConnection());

test("USER-01 CHAR-14 a User without userName is refused", async () => {
  const body = { schemas: [urn.user], displayName: "Nobody" };
  expectError(await client.post("/Users", body), 400, "invalidValue");
});

test("USER-02 USER-03 CHAR-11 POST-05 userName is unique in any case and returned as it was given", async () => {
  const userName = unique("Bob");
  const user = await client.newUser({ userName });
  expect(user.userName).toBe(userName);
  const twin = await client.post("/Users", userBody({ userName: userName.toUpperCase() }));
  expectError(twin, 409, "uniqueness");
  expect(twin.body.detail).toContain("userName");
  const found = await client.filter("/Users", `userName eq "${userName.toLowerCase()}"`);
  expect(idsOf(found)).toEqual([user.id]);
  expect(found.body.Resources[0]?.userName).toBe(userName);
});

test("USER-04 USER-05 USER-06 CHAR-02 CHAR-10 every attribute round-trips as it was sent", async () => {
  const attributes = {
    userName: unique("Full"),
    externalId: unique("Ext"),
    name: {
      formatted: "Ms. Ada K Lovelace, III",
      familyName: "Lovelace",
      givenName: "Ada",
      middleName: "King",
      honorificPrefix: "Ms.",
      honorificSuffix: "III",
    },
    displayName: "Ada Lovelace",
    nickName: "Ada",
    profileUrl: "https://example.com/ada",
    title: "Countess",
    userType: "Employee",
    preferredLanguage: "en-US,fr;q=0.5",
    locale: "en_US",
    timezone: "America/Los_Angeles",
    active: true,
    emails: [{ value: "Ada@EXAMPLE.com", type: "work", primary: true, display: "Ada" }],
    phoneNumbers: [{ value: "312-320-0500", type: "work" }],
    ims: [{ value: "adalovelace", type: "xmpp" }],
    photos: [{ value: "https://example.com/ada.jpg", type: "photo" }],
    addresses: [
      {
        type: "work",
        formatted: "1 Engine Way\nLondon",
        streetAddress: "1 Engine Way",
        locality: "London",
        region: "LND",
        postalCode: "SW1",
        country: "GB",
      },
    ],
    entitlements: [{ value: "gold" }],
    roles: [{ value: "analyst", type: "x", display: "Analyst", primary: false }],
    x509Certificates: [{ value: "YWJj" }],
  };
  const user = await client.newUser(attributes);
  expect(user).toMatchObject(attributes);
  expect((await client.get(`/Users/${user.id}`)).body).toEqual(user);
});

test("USER-07 USER-08 USER-13 USER-15 values that real directories hold are not judged", async () => {
  const user = await lenient.newUser({
    emails: [{ value: "a@EXAMPLE.com" }],
    phoneNumbers: [{ value: "call me" }],
    timezone: "somewhere",
    locale: "xx_yy_zz",
    addresses: [{ country: "Bermuda" }],
  });
  expect(user).toMatchObject({ timezone: "somewhere", addresses: [{ country: "Bermuda" }] });
});

test("USER-16 POST-06 CHAR-18 active is true unless said otherwise, and always returned", async () => {
  const user = await client.newUser();
  expect(user.active).toBe(true);
  const found = await client.filter("/Users", `id eq "${user.id}" and active eq true`);
  const cleared = await client.patch(`/Users/${user.id}`, [{ op: "remove", path: "active" }]);
  expect(cleared.body.active).toBe(true);
  expect(idsOf(found), "a default is filtered on like a sent value").toEqual([user.id]);
});

test("USER-17 GRP-03 groups of a User show the group, its URI, its name and how direct it is", async () => {
  const user = await client.newUser();
  const group = await client.newGroup({ members: [{ value: user.id }] });
  expect((await client.get(`/Users/${user.id}`)).body.groups).toEqual([
    {
      value: group.id,
      $ref: `${client.baseUrl}/Groups/${group.id}`,
      display: group.displayName,
      type: "direct",
    },
  ]);
});

test("USER-18 CHAR-01 POST-04 PUT-06 membership cannot be changed through the User", async () => {
  const group = await client.newGroup();
  const groups = [{ value: group.id }];
  const user = await client.newUser({ groups });
  expect(user).not.toHaveProperty("groups");
  const path = `/Users/${user.id}`;
  const put = await client.put(path, userBody({ userName: user.userName, groups }));
  expectStatus(put, 200);
  for (const operation of [
    { op: "add", path: "groups", value: groups },
    { op: "replace", path: "groups", value: groups },
    { op: "add", value: { groups } },
  ]) {
    expectError(await client.patch(path, [operation]), 400, "mutability");
  }
  expect((await client.get(path)).body).not.toHaveProperty("groups");
  expect((await client.get(`/Groups/${group.id}`)).body.members).toEqual([]);
});

test("USER-19 USER-20 USER-21 nested groups show as indirect, direct wins, cycles end", async () => {
  const user = await client.newUser();
  const inner = await client.newGroup({ members: [{ value: user.id }] });
  const outer = await client.newGroup({ members: [{ value: inner.id }] });
  const kinds = async () => {
    const { body } = await client.get(`/Users/${user.id}`);
    return Object.fromEntries((body.groups ?? []).map(({ value, type }) => [value, type]));
  };
  expect(await kinds()).toEqual({ [inner.id]: "direct", [outer.id]: "indirect" });
  const add = (group: string, value: string) =>
    client.patch(`/Groups/${group}`, [{ op: "add", path: "members", value: [{ value }] }]);
  expectStatus(await add(inner.id, outer.id), 200);
  expect(await kinds(), "a cycle").toEqual({ [inner.id]: "direct", [outer.id]: "indirect" });
  expectStatus(await add(outer.id, user.id), 200);
  expect(await kinds(), "direct wins").toEqual({ [inner.id]: "direct", [outer.id]: "direct" });
});

test("USER-22 FILT-44 Users can be found by their groups", async () => {
  const user = await client.newUser();
  const group = await client.newGroup({ members: [{ value: user.id }] });
  for (const filter of [
    `groups.value eq "${group.id}"`,
    `groups eq "${group.id}"`,
    `groups[value eq "${group.id}" and type eq "direct"]`,
    `groups.display eq "${group.displayName}"`,
  ]) {
    expect(idsOf(await client.filter("/Users", filter)), filter).toEqual([user.id]);
  }
});

test("USER-23 joining a group changes neither version nor lastModified of the User", async () => {
  const user = await client.newUser();
  await client.newGroup({ members: [{ value: user.id }] });
  expect((await client.get(`/Users/${user.id}`)).body.meta).toEqual(user.meta);
});

test("USER-24 a deactivated User stays readable, listed and a member", async () => {
  const user = await client.newUser();
  const group = await client.newGroup({ members: [{ value: user.id }] });
  const answer = await client.patch(`/Users/${user.id}`, [
    { op: "replace", value: { active: false } },
  ]);
  expectStatus(answer, 200);
  expect((await client.get(`/Users/${user.id}`)).body.active).toBe(false);
  expect(idsOf(await client.filter("/Users", `userName eq "${user.userName}"`))).toEqual([user.id]);
  expect((await client.get(`/Groups/${group.id}`)).body.members).toMatchObject([
    { value: user.id },
  ]);
});

test("PWD-01 PWD-07 CHAR-04 CHAR-06 PROJ-12 a password is accepted and never returned", async () => {
  const password = `s3cret-${unique("pw")}`;
  const created = await lenient.post("/Users", userBody({ password }));
  expectStatus(created, 201);
  const { id, userName } = created.body;
  const answers = [
    created,
    await lenient.get(`/Users/${id}?attributes=password`),
    await lenient.put(`/Users/${id}`, userBody({ userName, password })),
    await lenient.patch(`/Users/${id}`, [{ op: "replace", value: { password } }]),
    await lenient.patch(`/Users/${id}`, [{ op: "replace", path: "password", value: password }]),
    await lenient.get(`/Users/${id}`),
    await lenient.filter("/Users", `userName eq "${userName}"`, "&attributes=password,userName"),
  ];
  for (const answer of answers) {
    expectStatus(answer, 200, 201, 204);
    expect(answer.text).not.toContain(password);
    expect(answer.text.toLowerCase()).not.toContain('"password"');
  }
  const { body } = await lenient.get("/ServiceProviderConfig");
  expect(body["changePassword"]).toMatchObject({ supported: false });
});

test("PWD-04 PWD-08 ERR-18 a refused body does not echo the password", async () => {
  const password = unique("leak");
  const answer = await client.post("/Users", userBody({ password, name: 5 }));
  expectError(answer, 400, "invalidValue");
  expect(answer.text).not.toContain(password);
});

test("PWD-06 FILT-36 SORT-12 a password can be neither filtered nor sorted on", async () => {
  for (const filter of ['password eq "x"', 'password sw "a"', "password pr"]) {
    expectError(await client.filter("/Users", filter), 400, "invalidFilter");
  }
  expectError(await client.get("/Users?sortBy=password"), 400, "invalidValue");
});

test("USER-10 a photo is a URI", async () => {
  const body = userBody({ photos: [{ value: "not a uri" }] });
  expectError(await client.post("/Users", body), 400, "invalidValue");
});

test("USER-11 a country is two letters, unless reading is lenient", async () => {
  const body = (country: string) => userBody({ addresses: [{ type: "work", country }] });
  expectStatus(await client.post("/Users", body("DE")), 201);
  for (const country of ["USA", "Germany", "D", "D1"]) {
    expectError(await client.post("/Users", body(country)), 400, "invalidValue");
  }
  expectStatus(await lenient.post("/Users", body("Bermuda")), 201);
});

test("USER-12 TYPE-08 a certificate is one base64 text", async () => {
  const body = (value: string) => userBody({ x509Certificates: [{ value }] });
  expectStatus(await client.post("/Users", body("TUlJ")), 201);
  for (const value of ["AAAA==BBBB==", "TUlJ=TUlJ", "%%%"]) {
    expectError(await client.post("/Users", body(value)), 400, "invalidValue");
  }
});

test("USER-14 a locale is taken with a hyphen or an underscore, and kept as it is", async () => {
  for (const locale of ["en-US", "en_US"]) {
    expect((await client.newUser({ locale }))["locale"]).toBe(locale);
  }
});
