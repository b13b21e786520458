import { expect, test } from "vitest";
import type { TestProviderOptions } from "../testing/test-provider.ts";
import { createTestProvider } from "../testing/test-provider.ts";

const userUri = "urn:ietf:params:scim:schemas:core:2.0:User";
const groupUri = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ann = { schemas: [userUri], userName: "ann", externalId: "x1", title: "Dr" };

/** A provider with ann (id-1), bea (id-2) and the group crew of both (id-3). */
async function filled(options: TestProviderOptions = {}) {
  const provider = createTestProvider(options);
  await provider.send("POST", "/Users", { body: ann });
  await provider.send("POST", "/Users", { body: { schemas: [userUri], userName: "bea" } });
  const members = [{ value: "id-1" }, { value: "id-2" }];
  const crew = { schemas: [groupUri], displayName: "crew", members };
  await provider.send("POST", "/Groups", { body: crew });
  return provider;
}

test("PUT replaces the attributes and answers 200 with everything", async () => {
  const { send, baseUrl } = await filled();
  const before = await send("GET", "/Users/id-1");
  const answer = await send("PUT", "/Users/id-1", {
    body: { ...ann, title: null, nickName: "an", id: "other", meta: { version: "x" }, groups: [] },
  });
  const { title: _, meta, ...rest } = before.body;
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({
    ...rest,
    nickName: "an",
    meta: { ...(meta as object), lastModified: "2025-06-15T00:00:04.000Z", version: 'W/"2"' },
  });
  expect(answer.body["groups"]).toEqual([expect.objectContaining({ value: "id-3" })]);
  expect(answer.headers.get("ETag")).toBe('W/"2"');
  expect(answer.headers.get("Location")).toBe(`${baseUrl}/Users/id-1`);
  expect(answer.headers.get("Content-Location")).toBe(`${baseUrl}/Users/id-1`);
});

test("what PUT leaves out is cleared, but for active, externalId and memberships", async () => {
  const { send } = await filled();
  await send("PUT", "/Users/id-1", { body: { ...ann, active: false } });
  const { body } = await send("PUT", "/Users/id-1", {
    body: { schemas: [userUri], userName: "ann" },
  });
  expect(body).toMatchObject({ active: false, externalId: "x1" });
  expect(body).toHaveProperty("groups");
  expect(body).not.toHaveProperty("title");
});

test("PUT without a difference changes nothing", async () => {
  const { send } = await filled();
  const before = await send("GET", "/Users/id-1");
  const answer = await send("PUT", "/Users/id-1", { body: before.body });
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual(before.body);
  const group = await send("GET", "/Groups/id-3");
  expect((await send("PUT", "/Groups/id-3", { body: group.body })).body).toEqual(group.body);
});

test("PUT never creates", async () => {
  const { send } = await filled();
  expect((await send("PUT", "/Users/nobody", { body: ann })).status).toBe(404);
  expect((await send("PUT", "/Users/id-3", { body: ann })).status).toBe(404);
  expect((await send("PUT", "/Users/nobody", { body: "{" })).body["scimType"]).toBe(
    "invalidSyntax",
  );
  expect((await send("PUT", "/Users/nobody", { body: {} })).status).toBe(404);
});

test("the userName or externalId of another is 409 and changes nothing", async () => {
  const { send } = await filled();
  const before = await send("GET", "/Users/id-2");
  for (const body of [
    { schemas: [userUri], userName: "ANN" },
    { schemas: [userUri], userName: "bea", externalId: "x1" },
  ]) {
    const answer = await send("PUT", "/Users/id-2", { body });
    expect([answer.status, answer.body["scimType"]]).toEqual([409, "uniqueness"]);
    expect(answer.body["detail"]).toMatch(/(userName|externalId).*id-1/);
    expect(answer.report.reason).toMatch(/constraint \w+, existing id-1/);
  }
  expect((await send("GET", "/Users/id-2")).text).toBe(before.text);
  const own = await send("PUT", "/Users/id-1", { body: { ...ann, userName: "ANN" } });
  expect([own.status, own.body["userName"]]).toEqual([200, "ANN"]);
});

test("the name of another group is 409 while the rule is on", async () => {
  const { send } = await filled();
  await send("POST", "/Groups", { body: { schemas: [groupUri], displayName: "team" } });
  const answer = await send("PUT", "/Groups/id-4", {
    body: { schemas: [groupUri], displayName: "CREW" },
  });
  expect([answer.status, answer.body["scimType"]]).toEqual([409, "uniqueness"]);
});

test("members that are left out stay or go by setting; null and [] always empty", async () => {
  const body = { schemas: [groupUri], displayName: "crew" };
  const keeping = await filled();
  expect((await keeping.send("PUT", "/Groups/id-3", { body })).body["members"]).toHaveLength(2);
  const clearing = await filled({ profile: "pocket-id" });
  expect((await clearing.send("PUT", "/Groups/id-3", { body })).body["members"]).toEqual([]);
  for (const members of [[], null]) {
    const { send } = await filled();
    const answer = await send("PUT", "/Groups/id-3", { body: { ...body, members } });
    expect(answer.body["members"]).toEqual([]);
  }
});

test("PUT replaces members exactly, in one revision with the rest", async () => {
  const { send } = await filled();
  const answer = await send("PUT", "/Groups/id-3", {
    body: { schemas: [groupUri], displayName: "team", members: [{ value: "id-2" }] },
  });
  expect(answer.body["members"]).toEqual([expect.objectContaining({ value: "id-2" })]);
  expect(answer.headers.get("ETag")).toBe('W/"2"');
});

test("projection applies to the answer and not to the version", async () => {
  const { send } = await filled();
  const answer = await send("PUT", "/Groups/id-3?excludedAttributes=members", {
    body: { schemas: [groupUri], displayName: "team" },
  });
  expect(answer.body).not.toHaveProperty("members");
  expect(answer.headers.get("ETag")).toBe('W/"2"');
  const only = await send("PUT", "/Users/id-1?attributes=userName", { body: ann });
  expect(Object.keys(only.body)).toEqual(["schemas", "id", "userName"]);
});

test("If-Match lets a write through or stops it with 412", async () => {
  const { send } = await filled();
  const put = (ifMatch: string, title: string) =>
    send("PUT", "/Users/id-1", { body: { ...ann, title }, headers: { "If-Match": ifMatch } });
  expect((await put('W/"1"', "a")).status).toBe(200);
  expect((await put('"2"', "b")).status).toBe(200);
  expect((await put('"x", W/"3"', "c")).status).toBe(200);
  expect((await put("*", "d")).status).toBe(200);
  for (const stale of ['W/"1"', '"x"', "abc", '""']) {
    const answer = await put(stale, "never");
    expect(answer.status).toBe(412);
    expect(answer.body["detail"]).toMatch(/version/);
  }
  const { body, headers } = await send("GET", "/Users/id-1");
  expect([body["title"], headers.get("ETag")]).toEqual(["d", 'W/"5"']);
});

test("If-Match on what is not there is 404, and 412 comes before what is wrong with the values", async () => {
  const { send } = await filled();
  const headers = { "If-Match": "*" };
  expect((await send("PUT", "/Users/nobody", { body: ann, headers })).status).toBe(404);
  const stale = { "If-Match": '"9"' };
  expect(
    (await send("PUT", "/Users/id-1", { body: { schemas: [userUri] }, headers: stale })).status,
  ).toBe(412);
});

test("of 20 PUTs for one version one is 200, the rest 412", async () => {
  const { send } = await filled();
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      send("PUT", "/Users/id-1", {
        body: { ...ann, title: `t${index}` },
        headers: { "If-Match": 'W/"1"' },
      }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(412)]);
  expect((await send("GET", "/Users/id-1")).headers.get("ETag")).toBe('W/"2"');
});

test.each([
  ["*", 412],
  ['W/"1"', 412],
  ['"x", "1"', 412],
  ['"x"', 200],
])("a write with If-None-Match %s is %d", async (tag, status) => {
  const { send } = await filled();
  const headers = { "If-None-Match": tag };
  const body = { ...ann, title: "new" };
  const operations = [{ op: "replace", path: "nickName", value: "new" }];
  expect((await send("PUT", "/Users/id-1", { body, headers })).status).toBe(status);
  const patch = { body: { Operations: operations }, headers };
  expect((await send("PATCH", "/Users/id-2", patch)).status).toBe(status);
  expect((await send("GET", "/Users/id-1")).body["title"]).toBe(status === 200 ? "new" : "Dr");
});

test("a DELETE that must not meet any version deletes nothing", async () => {
  const { send } = await filled();
  const { status } = await send("DELETE", "/Users/id-1", { headers: { "If-None-Match": "*" } });
  expect(status).toBe(412);
  expect((await send("GET", "/Users/id-1")).status).toBe(200);
});
