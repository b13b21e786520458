import { expect, test } from "vitest";
import type { ClientSettings } from "../interop/client-profile.ts";
import type { TestProviderOptions } from "../testing/test-provider.ts";
import { createTestProvider } from "../testing/test-provider.ts";
import type { CreatePolicy } from "./create-policy.ts";

const userUri = "urn:ietf:params:scim:schemas:core:2.0:User";
const groupUri = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ann = { schemas: [userUri], userName: "Ann", externalId: "x1" };

/** A policy as small as one can be: adopt who has the same externalId, or the same name and no externalId yet. */
const adoptKnown: CreatePolicy = ({ byName, byExternalId, namePath, attributes }) => {
  const known = byExternalId ?? byName;
  if (known === undefined) {
    return { kind: "create" };
  }
  const otherName = byName !== undefined && byName.id !== known.id ? byName : undefined;
  const givesId =
    attributes["externalId"] !== undefined && known.attributes["externalId"] === undefined;
  return otherName === undefined && (byExternalId !== undefined || givesId)
    ? { kind: "adopt", existing: known }
    : { kind: "refuse", path: namePath ?? "externalId", existingId: (otherName ?? known).id };
};

function provider(settings: Partial<ClientSettings> = {}, options: TestProviderOptions = {}) {
  return createTestProvider({ createPolicy: adoptKnown, settings, ...options });
}

test("a new resource is 201 with all its headers and the whole representation", async () => {
  const { send, baseUrl } = createTestProvider();
  const answer = await send("POST", "/Users", {
    body: { id: "mine", meta: { created: "1999-01-01T00:00:00Z" }, groups: [], ...ann },
  });
  const location = `${baseUrl}/Users/id-1`;
  const time = "2025-06-15T00:00:01.000Z";
  expect(answer.status).toBe(201);
  expect(answer.body).toEqual({
    schemas: [userUri],
    id: "id-1",
    externalId: "x1",
    userName: "Ann",
    active: true,
    meta: { resourceType: "User", created: time, lastModified: time, location, version: 'W/"1"' },
  });
  expect(answer.headers.get("Location")).toBe(location);
  expect(answer.headers.get("Content-Location")).toBe(location);
  expect(answer.headers.get("ETag")).toBe('W/"1"');
  expect(answer.headers.get("X-Content-Type-Options")).toBe("nosniff");
  expect((await send("GET", "/Users/id-1")).body).toEqual(answer.body);
});

test("attributes and excludedAttributes shape the answer, not what is stored", async () => {
  const { send } = createTestProvider();
  const body = { ...ann, title: "Dr" };
  const only = await send("POST", "/Users?attributes=title", { body });
  expect(Object.keys(only.body)).toEqual(["schemas", "id", "title"]);
  const without = await send("POST", "/Users?excludedAttributes=title,meta,id", {
    body: { schemas: [userUri], userName: "bea", title: "Dr" },
  });
  expect(Object.keys(without.body)).toEqual(["schemas", "id", "userName", "active"]);
  expect((await send("GET", "/Users/id-2")).body["title"]).toBe("Dr");
  const both = await send("POST", "/Users?attributes=id&excludedAttributes=id", { body });
  expect([both.status, both.body["scimType"]]).toEqual([400, "invalidValue"]);
});

test("members come back with their names; unknown ones are skipped with a warning", async () => {
  const { send } = createTestProvider();
  await send("POST", "/Users", { body: ann });
  const members = [{ value: "id-1" }, { value: "nobody" }, { value: "a\nb" }];
  const answer = await send("POST", "/Groups", {
    body: { schemas: [groupUri], displayName: "crew", members },
  });
  expect(answer.body["members"]).toEqual([
    expect.objectContaining({ value: "id-1", type: "User", display: "Ann" }),
  ]);
  expect(answer.report.warnings).toEqual([
    "members: skipped 2 of the ids, which no other resource has: nobody, a\u{FFFD}b",
  ]);
  const empty = await send("POST", "/Groups", { body: { schemas: [groupUri], displayName: "g2" } });
  expect(empty.body["members"]).toEqual([]);
});

test("strict references refuse, naming the first ten ids, and do nothing", async () => {
  const { send } = createTestProvider({ settings: { strictReferences: true } });
  const members = Array.from({ length: 12 }, (_, index) => ({ value: `nobody-${index}` }));
  const answer = await send("POST", "/Groups", {
    body: { schemas: [groupUri], displayName: "crew", members },
  });
  expect([answer.status, answer.body["scimType"]]).toEqual([400, "invalidValue"]);
  expect(answer.body["detail"]).toMatch(/members: .*nobody-0, .*nobody-9 and 2 more/);
  expect((await send("GET", "/Groups")).body["totalResults"]).toBe(0);
});

test("a duplicate is 409, naming the attribute and who has it", async () => {
  const { send } = createTestProvider();
  await send("POST", "/Users", { body: ann });
  const byName = await send("POST", "/Users", {
    body: { schemas: [userUri], userName: "ANN", externalId: "x2" },
  });
  const byId = await send("POST", "/Users", { body: { ...ann, userName: "bea" } });
  expect([byName.status, byName.body["scimType"]]).toEqual([409, "uniqueness"]);
  expect(byName.body["detail"]).toMatch(/userName.*id-1/);
  expect(byId.body["detail"]).toMatch(/externalId.*id-1/);
  expect((await send("GET", "/Users")).body["totalResults"]).toBe(1);
});

test("the settings turn the rules off", async () => {
  const { send } = createTestProvider({
    settings: { uniqueExternalId: false, uniqueGroupNames: false },
  });
  await send("POST", "/Users", { body: ann });
  expect((await send("POST", "/Users", { body: { ...ann, userName: "bea" } })).status).toBe(201);
  const group = { schemas: [groupUri], displayName: "crew" };
  await send("POST", "/Groups", { body: group });
  expect((await send("POST", "/Groups", { body: group })).status).toBe(201);
});

test("of 20 identical POSTs one is 201, the others 409", async () => {
  const { send } = createTestProvider();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => send("POST", "/Users", { body: ann })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(19).fill(409)]);
  expect((await send("GET", "/Users")).body["totalResults"]).toBe(1);
});

test("of 20 identical POSTs that may adopt one is 201, the others 200, with one id", async () => {
  const { send } = provider();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => send("POST", "/Users", { body: ann })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 201]);
  expect(new Set(answers.map(({ body }) => body["id"])).size).toBe(1);
  expect(answers.every(({ body }) => JSON.stringify(body).includes('"W/\\"1\\""'))).toBe(true);
});

test("adopting without a difference changes nothing (row 7)", async () => {
  const { send } = provider();
  const created = await send("POST", "/Users", { body: ann });
  const adopted = await send("POST", "/Users", { body: ann });
  expect(adopted.status).toBe(200);
  expect(adopted.body).toEqual(created.body);
  expect(adopted.headers.get("Location")).toBe(created.headers.get("Location"));
});

test("adopting applies the body as PUT and renames (rows 7, 8)", async () => {
  const { send } = provider();
  await send("POST", "/Users", { body: { ...ann, title: "Dr", nickName: "an" } });
  const adopted = await send("POST", "/Users", {
    body: { ...ann, userName: "bea", nickName: "be" },
  });
  expect([adopted.status, adopted.headers.get("ETag")]).toEqual([200, 'W/"2"']);
  expect(adopted.body).toMatchObject({ id: "id-1", userName: "bea", nickName: "be" });
  expect(adopted.body).not.toHaveProperty("title");
  const old = await send("GET", '/Users?filter=userName eq "ann"');
  expect(old.body["totalResults"]).toBe(0);
});

test("adopting reactivates, unless the body says otherwise (row 7)", async () => {
  const { send } = provider();
  await send("POST", "/Users", { body: { ...ann, active: false } });
  const inactive = await send("POST", "/Users", { body: { ...ann, active: false } });
  expect([inactive.status, inactive.body["active"]]).toEqual([200, false]);
  const active = await send("POST", "/Users", { body: ann });
  expect([active.status, active.body["active"]]).toEqual([200, true]);
});

test("adopting by name sets the externalId (row 9)", async () => {
  const { send } = provider();
  await send("POST", "/Users", { body: { schemas: [userUri], userName: "ann" } });
  const adopted = await send("POST", "/Users", { body: ann });
  expect([adopted.status, adopted.body["id"], adopted.body["externalId"]]).toEqual([
    200,
    "id-1",
    "x1",
  ]);
});

test.each([
  ["another externalId (row 10)", { externalId: "x9", userName: "ann" }],
  ["no externalId (row 12)", { userName: "ann" }],
  ["two resources (row 11)", { externalId: "x1", userName: "bea" }],
])("%s is 409 and changes nothing", async (_, body) => {
  const { send } = provider();
  await send("POST", "/Users", { body: ann });
  await send("POST", "/Users", { body: { schemas: [userUri], userName: "bea", externalId: "x2" } });
  const before = await send("GET", "/Users");
  const refused = await send("POST", "/Users", { body: { schemas: [userUri], ...body } });
  expect([refused.status, refused.body["scimType"]]).toEqual([409, "uniqueness"]);
  expect((await send("GET", "/Users")).text).toBe(before.text);
});

test("a deleted resource is no duplicate (row 13)", async () => {
  const { send } = provider();
  await send("POST", "/Users", { body: ann });
  await send("DELETE", "/Users/id-1");
  const again = await send("POST", "/Users", { body: ann });
  expect(again.status).toBe(201);
  expect(again.body["id"]).not.toBe("id-1");
});

test("adopting a group leaves its members alone unless the body has some (§5)", async () => {
  const { send } = provider();
  for (const userName of ["ann", "bea"]) {
    await send("POST", "/Users", { body: { schemas: [userUri], userName } });
  }
  const group = { schemas: [groupUri], displayName: "crew", externalId: "g1" };
  await send("POST", "/Groups", { body: { ...group, members: [{ value: "id-1" }] } });
  const valuesOf = (body: object) =>
    JSON.stringify(body)
      .match(/"value":"id-\d"/g)
      ?.join();
  const renamed = await send("POST", "/Groups", { body: { ...group, displayName: "team" } });
  expect([renamed.status, renamed.body["displayName"], valuesOf(renamed.body)]).toEqual([
    200,
    "team",
    '"value":"id-1"',
  ]);
  const replaced = await send("POST", "/Groups", {
    body: { ...group, members: [{ value: "id-2" }] },
  });
  expect(valuesOf(replaced.body)).toBe('"value":"id-2"');
  const emptied = await send("POST", "/Groups", { body: { ...group, members: [] } });
  expect(emptied.body["members"]).toEqual([]);
});

test("putWithoutMembers is about PUT, not about adopting", async () => {
  const { send } = provider({ putWithoutMembers: "clear" });
  await send("POST", "/Users", { body: ann });
  const group = { schemas: [groupUri], displayName: "crew", externalId: "g1" };
  await send("POST", "/Groups", { body: { ...group, members: [{ value: "id-1" }] } });
  expect((await send("POST", "/Groups", { body: group })).body["members"]).toHaveLength(1);
});

test("the profile's rewrites come before everything", async () => {
  const { send } = createTestProvider({ profile: "entra" });
  const misspelt = "urn:ietf:params:scim:schemas:extension:enterprise:2.0User";
  const { body } = await send("POST", "/Users", {
    body: { schemas: [userUri, misspelt], userName: "ann", [misspelt]: { department: "Ops" } },
  });
  expect(body["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]).toEqual({
    department: "Ops",
  });
});

test("what is dropped is told as a warning without values", async () => {
  const { send } = createTestProvider();
  const { status, report, text } = await send("POST", "/Users", {
    body: { ...ann, password: "hunter2", shoeSize: 43 },
  });
  expect(status).toBe(201);
  expect(report.warnings.join()).toMatch(/password/);
  expect(report.warnings.join()).toMatch(/shoeSize/);
  expect(report.warnings.join() + text).not.toMatch(/hunter2|43/);
});
