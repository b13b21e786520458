/** Queries of one resource, of a type and of everything (RFC 7644 §3.4.2.1). */
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import type { ScimClient } from "../scim-client.ts";
import { createScimClient, expectError, expectStatus, idsOf, urn } from "../scim-client.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));
const ann = await client.newUser({ displayName: "Ann", title: "Eng" });
const bea = await client.newUser();
const crew = await client.newGroup({ displayName: "Ann", members: [{ value: ann.id }] });

/** Queries the base URL, in both of its spellings. */
async function found(filter: string, at: ScimClient = client): Promise<readonly string[]> {
  const query = `?filter=${encodeURIComponent(filter)}`;
  const answer = await at.get(`/${query}`);
  expect((await at.get(query)).text).toBe(answer.text);
  return idsOf(answer);
}

test("LIST-08 LIST-11 the base URL has the resources of all types and nothing else", async () => {
  const answer = await client.get("/");
  expect(answer.body.schemas).toEqual([urn.listResponse]);
  expect(idsOf(answer)).toEqual([ann.id, bea.id, crew.id].toSorted());
  expect(answer.body.totalResults).toBe(3);
  const types = answer.body.Resources.map(({ meta }) => meta.resourceType);
  expect(new Set(types)).toEqual(new Set(["User", "Group"]));
  for (const resource of answer.body.Resources) {
    expect((await client.get(resource.meta.location.slice(client.baseUrl.length))).body).toEqual(
      resource,
    );
  }
  expectError(await client.post("/", {}), 405);
});

test("LIST-08 RES-31 meta.resourceType restricts them", async () => {
  expect(await found('meta.resourceType eq "User"')).toEqual([ann.id, bea.id].toSorted());
  expect(
    await found('(meta.resourceType eq "User") or (meta.resourceType eq "Group")'),
  ).toHaveLength(3);
  expect(await found('meta.resourceType eq "Group" and displayName eq "ann"')).toEqual([crew.id]);
});

test("LIST-09 an attribute that a type does not have counts as having no value", async () => {
  expect(await found("userName pr")).toEqual([ann.id, bea.id].toSorted());
  expect(await found('displayName eq "ANN"')).toEqual([ann.id, crew.id].toSorted());
  expect(await found('title eq "eng" or members.value pr')).toEqual([ann.id, crew.id].toSorted());
  expect(await found("not (userName pr)")).toEqual([crew.id]);
  expect(await found('userName ne "x"')).toHaveLength(3);
  expect(await found('nobodyHasThis eq "x"')).toEqual([]);
  expectError(await client.filter("/Users", 'members.value eq "x"'), 400, "invalidFilter");
});

test("FILT-08 FILT-16 FILT-36 what is no filter for a type that has the attribute is none here", async () => {
  for (const filter of ["active gt true", 'password eq "x"', 'name eq "x"', "userName eq"]) {
    const answer = await client.get(`/?filter=${encodeURIComponent(filter)}`);
    expectError(answer, 400, "invalidFilter");
  }
});

test("SORT-02 SORT-05 SORT-09 all types are sorted together, those without a value last", async () => {
  const byUserName = await client.get("/?sortBy=userName");
  expect(byUserName.body.Resources.at(-1)?.id).toBe(crew.id);
  const down = await client.get("/?sortBy=userName&sortOrder=descending");
  expect(down.body.Resources[0]?.id).toBe(crew.id);
  const byName = await client.get("/?sortBy=displayName&attributes=displayName");
  expect(byName.body.Resources.map(({ displayName }) => displayName)).toEqual([
    "Ann",
    "Ann",
    undefined,
  ]);
  expectError(await client.get("/?sortBy=nobodyHasThis"), 400, "invalidValue");
});

test("PAGE-01 PAGE-11 pages go across the types", async () => {
  const all = (await client.get("/")).body.Resources.map(({ id }) => id);
  const paged: string[] = [];
  for (let startIndex = 1; startIndex <= 4; startIndex++) {
    const { body } = await client.get(`/?startIndex=${startIndex}&count=1`);
    expect(body).toMatchObject({ totalResults: 3, startIndex });
    paged.push(...body.Resources.map(({ id }) => id));
  }
  expect(paged).toEqual(all);
});

test("PROJ-01 PROJ-11 each resource shows what it has of what was named", async () => {
  const { body } = await client.get("/?attributes=userName,members.value");
  for (const resource of body.Resources) {
    const own = resource.id === crew.id ? "members" : "userName";
    expect(Object.keys(resource).toSorted()).toEqual(["id", "schemas", own].toSorted());
  }
});

test("GET-06 a filter on one resource is ignored", async () => {
  const answer = await client.filter(`/Users/${ann.id}`, 'userName eq "nobody"');
  expectStatus(answer, 200);
  expect(answer.body).toEqual((await client.get(`/Users/${ann.id}`)).body);
});

test("TEN-03 LIST-07 whoever has another population sees nothing of this one", async () => {
  const other = createScimClient(await freshConnection());
  if (other.baseUrl === client.baseUrl && (await other.get("/Users")).body.totalResults > 0) {
    // A foreign service provider has one population for all tests.
    return;
  }
  expect(await found("id pr", other)).toEqual([]);
});
