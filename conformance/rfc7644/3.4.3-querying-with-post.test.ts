/** Queries by POST (RFC 7644 §3.4.3). */
import { expect, test } from "vitest";
import { administration, freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectError, expectStatus, idsOf, urn } from "../scim-client.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));
const users = await Promise.all(
  Array.from({ length: 5 }, (_, index) =>
    client.newUser({ displayName: `Smith ${index}`, title: index % 2 === 0 ? "even" : "odd" }),
  ),
);
const family = await client.newGroup({ displayName: "Smith Family" });

const search = (path: string, message: object) =>
  client.post(path, { schemas: [urn.searchRequest], ...message });

test("SRCH-01 SRCH-06 a type is searched at its own endpoint, with 200", async () => {
  const answer = await search("/Users/.search", { filter: 'displayName sw "smith"' });
  expect(answer.status).toBe(200);
  expect(answer.body.schemas).toEqual([urn.listResponse]);
  expect(idsOf(answer)).toEqual(users.map(({ id }) => id).toSorted());
  expect(answer.headers.get("location")).toBe(`${client.baseUrl}/Users/.search`);
});

test("SRCH-02 SRCH-09 everything is searched at the base URL", async () => {
  const answer = await search("/.search", { filter: 'displayName sw "smith"' });
  expect(idsOf(answer)).toEqual([...users, family].map(({ id }) => id).toSorted());
  const named = await search("/.search", { filter: `userName eq "${users[0]?.userName}"` });
  expect(idsOf(named)).toEqual([users[0]?.id]);
});

test("SRCH-03 a message of another kind is refused", async () => {
  for (const path of ["/.search", "/Users/.search"]) {
    for (const body of [{}, { schemas: [urn.patchOp] }, { schemas: urn.searchRequest }]) {
      expectError(await client.post(path, body), 400, "invalidSyntax");
    }
    expectError(await client.send("POST", path, "[]"), 400, "invalidSyntax");
  }
});

test("SRCH-04 PROJ-10 the message means what the URL means", async () => {
  for (const [query, message] of [
    ["", {}],
    ["?startIndex=2&count=2", { startIndex: 2, count: 2 }],
    ["?count=0", { count: 0 }],
    [
      "?filter=title+eq+%22even%22&sortBy=displayName&sortOrder=descending",
      { filter: 'title eq "even"', sortBy: "displayName", sortOrder: "descending" },
    ],
    ["?attributes=userName,name.familyName", { attributes: ["userName", "name.familyName"] }],
    ["?excludedAttributes=meta,title", { excludedAttributes: ["meta", "title"] }],
  ] as const) {
    for (const endpoint of ["/Users", ""]) {
      const get = await client.get(`${endpoint}${query}`);
      const post = await search(`${endpoint}/.search`, message);
      expectStatus(post, 200);
      expect(post.body).toEqual(get.body);
    }
  }
});

test("SRCH-05 numbers are integers, names come in arrays", async () => {
  for (const message of [
    { count: "10" },
    { count: 1.5 },
    { startIndex: "1" },
    { attributes: [1] },
    { sortOrder: "up" },
    { attributes: ["id"], excludedAttributes: ["id"] },
  ]) {
    expectError(await search("/Users/.search", message), 400, "invalidValue");
  }
  expectError(await search("/Users/.search", { filter: 1 }), 400, "invalidFilter");
  expectError(await search("/Users/.search", { filter: "" }), 400, "invalidFilter");
});

test("SRCH-07 SRCH-10 what stands in the URL, and what the message does not have, is ignored", async () => {
  const answer = await search("/Users/.search?count=1&filter=x", { count: 2, foo: 1 });
  expectStatus(answer, 200);
  expect(answer.body.Resources).toHaveLength(2);
});

test("SRCH-08 only POST, and only where resources are", async () => {
  for (const path of ["/Users/.search", "/.search"]) {
    const answer = await client.get(path);
    expectError(answer, 405);
    expect(answer.headers.get("allow")).toBe("POST");
  }
  for (const path of ["/Schemas/.search", "/ResourceTypes/.search"]) {
    const answer = await search(path, {});
    expectError(answer, answer.status);
    expect([404, 405]).toContain(answer.status);
  }
});

test.runIf(administration)("AUTH-04 SRCH-01 whoever may only read may search", async () => {
  const target = await freshConnection({ scopes: ["scim:read"] });
  const reader = createScimClient(target);
  for (const path of ["/.search", "/Users/.search", "/users/.SEARCH/"]) {
    expectStatus(await reader.post(path, { schemas: [urn.searchRequest] }), 200);
  }
  const writer = createScimClient(await freshConnection({ scopes: ["scim:write"] }));
  expectError(await writer.post("/.search", { schemas: [urn.searchRequest] }), 403);
});
