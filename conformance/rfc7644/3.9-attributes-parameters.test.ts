/** Projection with attributes and excludedAttributes (RFC 7644 §3.4.2.5, §3.9, §3.10). */
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectError, expectStatus, urn, userBody } from "../scim-client.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));
const user = await client.newUser({
  schemas: [urn.user, urn.enterprise],
  name: { givenName: "Ada", familyName: "Lovelace" },
  title: "Countess",
  emails: [{ value: "a@example.com", type: "work" }],
  [urn.enterprise]: { department: "Tours", division: "Park" },
});
const path = `/Users/${user.id}`;
/** The representation under a query. */
const read = async (query: string) => {
  const answer = await client.get(`${path}?${query}`);
  expectStatus(answer, 200);
  return answer.body;
};

test("PROJ-01 PROJ-02 CHAR-07 attributes gives what was named and the minimum, on every operation", async () => {
  const minimum = ["id", "schemas", "userName"];
  const { userName } = user;
  const answers = [
    await client.get(`${path}?attributes=userName`),
    await client.put(`${path}?attributes=userName`, userBody({ ...user, userName })),
    await client.patch(`${path}?attributes=userName`, [
      { op: "replace", path: "nickName", value: "x" },
    ]),
    await client.post("/Users?attributes=userName", userBody()),
  ];
  for (const { body } of answers) {
    expect(Object.keys(body).toSorted()).toEqual(minimum);
  }
  const list = await client.filter("/Users", `id eq "${user.id}"`, "&attributes=userName");
  expect(Object.keys(list.body.Resources[0] ?? {}).toSorted()).toEqual(minimum);
});

test("PROJ-03 a named sub-attribute comes alone", async () => {
  expect((await read("attributes=name.givenName"))["name"]).toEqual({ givenName: "Ada" });
  expect((await read("attributes=emails.value")).emails).toEqual([{ value: "a@example.com" }]);
});

test("PROJ-04 a named complex attribute comes whole", async () => {
  expect((await read("attributes=name")).name).toEqual(user.name);
});

test("PROJ-05 CHAR-07 excludedAttributes leaves out what was named and nothing else", async () => {
  const body = await read("excludedAttributes=emails,name.familyName");
  expect(body).not.toHaveProperty("emails");
  expect(body.name).toEqual({ givenName: "Ada" });
  expect(body).toMatchObject({ title: "Countess", [urn.enterprise]: { department: "Tours" } });
});

test("PROJ-06 CHAR-05 what is always returned cannot be excluded", async () => {
  const body = await read("excludedAttributes=id,schemas,userName");
  expect(body).toMatchObject({ id: user.id, schemas: user.schemas });
  expect(body).not.toHaveProperty("userName");
});

test("PROJ-07 NAME-03 NAME-04 NAME-05 names may be qualified and in any case", async () => {
  for (const name of [
    `${urn.enterprise}:department`,
    `${urn.enterprise.toUpperCase()}:DEPARTMENT`,
  ]) {
    const body = await read(`attributes=${name}`);
    expect(body[urn.enterprise]).toEqual({ department: "Tours" });
    expect(body).not.toHaveProperty("userName");
  }
  const core = await read(`attributes=${urn.user}:name.givenName`);
  expect(core.name).toEqual({ givenName: "Ada" });
  expect((await read("attributes=NAME.GivenName")).name).toEqual({ givenName: "Ada" });
  const excluded = await read(`excludedAttributes=${urn.enterprise}:division`);
  expect(excluded[urn.enterprise]).toEqual({ department: "Tours" });
});

test("PROJ-08 both at once are refused", async () => {
  const answer = await client.get(`${path}?attributes=userName&excludedAttributes=emails`);
  expectError(answer, 400, "invalidValue");
});

test("PROJ-09 names are separated by commas, with or without blanks, and repeated parameters add up", async () => {
  const keys = ["id", "name", "schemas", "title"];
  for (const query of [
    "attributes=title,name",
    "attributes=title,+name",
    "attributes=title&attributes=name",
  ]) {
    expect(Object.keys(await read(query)).toSorted(), query).toEqual(keys);
  }
});

test("PROJ-11 PROJ-15 unknown names are ignored; an empty list is none; meta can be asked for in part", async () => {
  expect(Object.keys(await read("attributes=nope")).toSorted()).toEqual(["id", "schemas"]);
  expect(Object.keys(await read("attributes="))).toContain("userName");
  expect((await read("attributes=meta.location")).meta).toEqual({ location: user.meta.location });
});

test("PROJ-13 PATCH-10 PATCH with attributes answers 200 with a body, for groups too", async () => {
  const group = await client.newGroup({ members: [{ value: user.id }] });
  const answer = await client.patch(`/Groups/${group.id}?attributes=displayName`, [
    { op: "replace", path: "displayName", value: `renamed-${group.id}` },
  ]);
  expectStatus(answer, 200);
  expect(Object.keys(answer.body).toSorted()).toEqual(["displayName", "id", "schemas"]);
});

test("PROJ-14 ETAG-12 projection changes neither the ETag nor what matches", async () => {
  const whole = await client.get(path);
  const part = await client.get(`${path}?attributes=title`);
  expect(part.headers.get("etag")).toBe(whole.headers.get("etag"));
  const list = await client.filter("/Users", 'title eq "countess"', "&attributes=userName");
  expect(list.body.totalResults).toBe(1);
  expect(list.body.Resources[0]).not.toHaveProperty("title");
});

test("PROJ-15 members and groups can be asked for by name", async () => {
  const group = await client.newGroup({ members: [{ value: user.id }] });
  const { body } = await client.get(`/Groups/${group.id}?attributes=members`);
  expect(body.members).toMatchObject([{ value: user.id }]);
  expect(body).not.toHaveProperty("displayName");
  expect((await read("attributes=groups")).groups).toContainEqual(
    expect.objectContaining({ value: group.id }),
  );
});

test("PROJ-17 a value filter in attributes does no harm", async () => {
  const body = await read(`attributes=${encodeURIComponent('emails[type eq "work"]')}`);
  expect(body.emails).toMatchObject([{ value: "a@example.com" }]);
});

test("PUT-17 PUT honours excludedAttributes", async () => {
  const other = await client.newUser({ title: "x" });
  const put = await client.put(
    `/Users/${other.id}?excludedAttributes=title`,
    userBody({ userName: other.userName, title: "y" }),
  );
  expectStatus(put, 200);
  expect(put.body).not.toHaveProperty("title");
  expect((await client.get(`/Users/${other.id}`)).body.title).toBe("y");
});
