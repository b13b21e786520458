import { expect, test } from "vitest";
import type { JsonObject } from "../json.ts";
import { createTestProvider } from "../testing/test-provider.ts";

const userUri = "urn:ietf:params:scim:schemas:core:2.0:User";
const groupUri = "urn:ietf:params:scim:schemas:core:2.0:Group";

async function withUsers(count: number, strict = false) {
  const provider = createTestProvider({ settings: { strict } });
  for (let index = 1; index <= count; index++) {
    const body = { schemas: [userUri], userName: `User-${index}`, title: `t${index % 2}` };
    await provider.send("POST", "/Users", { body });
  }
  return provider;
}

test("nothing found is 200 with everything a client looks for", async () => {
  const { send } = await withUsers(1);
  const answer = await send("GET", "/Users?filter=userName+eq+%22nobody%22");
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({
    schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
    totalResults: 0,
    startIndex: 1,
    itemsPerPage: 0,
    Resources: [],
  });
  expect(answer.headers.get("ETag")).toBeNull();
});

test("pages", async () => {
  const { send } = await withUsers(5);
  const page = async (query: string) => {
    const { body } = await send("GET", `/Users?${query}`);
    const ids = JSON.stringify(body["Resources"]).match(/"id":"id-\d"/g)?.length ?? 0;
    return [body["totalResults"], body["startIndex"], body["itemsPerPage"], ids];
  };
  expect(await page("startIndex=2&count=2")).toEqual([5, 2, 2, 2]);
  expect(await page("startIndex=5&count=2")).toEqual([5, 5, 1, 1]);
  expect(await page("startIndex=-3&count=1")).toEqual([5, 1, 1, 1]);
  expect(await page("count=-1")).toEqual([5, 1, 0, 0]);
  expect(await page("startIndex=9999")).toEqual([5, 9999, 0, 0]);
  expect(await page("count=1000000")).toEqual([5, 1, 5, 5]);
});

test("a page has 100 resources unless asked for up to 1,000", async () => {
  const { send } = await withUsers(101);
  const size = async (query: string) => (await send("GET", `/Users${query}`)).body["itemsPerPage"];
  expect([await size(""), await size("?count=101")]).toEqual([100, 101]);
});

test("sort, filter and projection work together", async () => {
  const { send } = await withUsers(5);
  const { body } = await send(
    "GET",
    '/Users?filter=TITLE eq "T1"&sortBy=username&sortOrder=descending&attributes=userName',
  );
  expect(body["Resources"]).toEqual(
    ["5", "3", "1"].map((n) => ({ schemas: [userUri], id: `id-${n}`, userName: `User-${n}` })),
  );
});

test("a bare word is a value for lenient readers alone", async () => {
  const lenient = await withUsers(1);
  expect((await lenient.send("GET", "/Users?filter=userName Eq user-1")).body["totalResults"]).toBe(
    1,
  );
  const strict = await withUsers(1, true);
  const answer = await strict.send("GET", "/Users?filter=userName eq user-1");
  expect([answer.status, answer.body["scimType"]]).toEqual([400, "invalidFilter"]);
});

test.each([
  ["filter=", "invalidFilter"],
  ["filter=userName", "invalidFilter"],
  ['filter=password eq "x"', "invalidFilter"],
  ["count=abc", "invalidValue"],
  ["sortOrder=up", "invalidValue"],
  ["sortBy=nope", "invalidValue"],
  ["sortBy=password", "invalidValue"],
  ["sortBy=name", "invalidPath"],
  ["attributes=id&excludedAttributes=id", "invalidValue"],
])("%s is %s", async (query, scimType) => {
  const { send } = await withUsers(1);
  const answer = await send("GET", `/Users?${query}`);
  expect([answer.status, answer.body["scimType"]]).toEqual([400, scimType]);
});

test("parameters nobody knows are ignored", async () => {
  const { send } = await withUsers(2);
  const plain = await send("GET", "/Users");
  expect((await send("GET", "/Users?foo=bar&sortOrder=descending")).text).toBe(plain.text);
});

const searchUri = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/** A query by POST. */
async function searchOn(
  { send }: Awaited<ReturnType<typeof withUsers>>,
  path: string,
  message: JsonObject,
) {
  return send("POST", path, { body: { schemas: [searchUri], ...message } });
}

test("a query by POST answers as one by GET does", async () => {
  const provider = await withUsers(5, true);
  for (const [query, message] of [
    ["", {}],
    ["?startIndex=2&count=2", { startIndex: 2, count: 2 }],
    ["?count=-1", { count: -1 }],
    [
      '?filter=title eq "t1"&sortBy=userName&sortOrder=descending',
      {
        filter: 'title eq "t1"',
        sortBy: "userName",
        sortOrder: "descending",
      },
    ],
    ["?attributes=userName,title", { attributes: ["userName", "title"] }],
    ["?excludedAttributes=meta", { excludedAttributes: ["meta"], attributes: null }],
  ] as const) {
    const get = await provider.send("GET", `/Users${query}`);
    const post = await searchOn(provider, "/Users/.search", { unknown: 1, ...message });
    expect([post.status, post.text]).toEqual([200, get.text]);
  }
});

test("parameters in the URL of a query by POST have no effect, and are told", async () => {
  const provider = await withUsers(2);
  const { body, report } = await searchOn(provider, "/Users/.search?count=1&foo=1", { count: 2 });
  expect(body["itemsPerPage"]).toBe(2);
  expect(report.warnings).toEqual([
    "query parameters without effect here were ignored: count, foo",
  ]);
});

test.each<[JsonObject, string]>([
  [{ schemas: ["urn:x"] }, "invalidSyntax"],
  [{ filter: "" }, "invalidFilter"],
  [{ filter: 5 }, "invalidFilter"],
  [{ count: "10" }, "invalidValue"],
  [{ count: 1.5 }, "invalidValue"],
  [{ startIndex: true }, "invalidValue"],
  [{ sortBy: ["userName"] }, "invalidValue"],
  [{ sortOrder: "up" }, "invalidValue"],
  [{ attributes: [1] }, "invalidValue"],
  [{ attributes: { a: 1 } }, "invalidValue"],
  [{ attributes: ["id"], excludedAttributes: ["id"] }, "invalidValue"],
  [{ cursor: 1 }, "invalidCursor"],
  [{ cursor: "", count: "1" }, "invalidCount"],
  [{ cursor: "", startIndex: 1 }, "invalidValue"],
])("a query by POST with %j is %s", async (message, scimType) => {
  const answer = await searchOn(await withUsers(1, true), "/Users/.search", message);
  expect([answer.status, answer.body["scimType"]]).toEqual([400, scimType]);
});

test("the base URL has the resources of all types, each shown as what it is", async () => {
  const provider = await withUsers(2);
  const body = { schemas: [groupUri], displayName: "crew", members: [{ value: "id-1" }] };
  await provider.send("POST", "/Groups", { body });
  const all = await provider.send("GET", "/?attributes=userName,displayName,members.value");
  expect(all.body).toMatchObject({ totalResults: 3, startIndex: 1, itemsPerPage: 3 });
  expect(all.body["Resources"]).toEqual([
    { schemas: [userUri], id: "id-1", userName: "User-1" },
    { schemas: [userUri], id: "id-2", userName: "User-2" },
    { schemas: [groupUri], id: "id-3", displayName: "crew", members: [{ value: "id-1" }] },
  ]);
  const found = async (message: JsonObject) => {
    const answer = await searchOn(provider, "/.search", message);
    return [answer.body["totalResults"], answer.text.match(/"id":"[^"]*"/g)?.join() ?? ""];
  };
  expect(await found({ filter: "userName pr" })).toEqual([2, '"id":"id-1","id":"id-2"']);
  expect(await found({ filter: 'meta.resourceType eq "Group"' })).toEqual([1, '"id":"id-3"']);
  expect(await found({ filter: 'meta.resourceType eq "None"' })).toEqual([0, ""]);
  expect(await found({ filter: 'nope eq "x"' })).toEqual([0, ""]);
  expect(await found({ filter: 'title eq "t1" or displayName pr' })).toEqual([
    2,
    '"id":"id-1","id":"id-3"',
  ]);
  expect(await found({ sortBy: "userName", sortOrder: "descending", count: 1 })).toEqual([
    3,
    '"id":"id-3"',
  ]);
  expect((await provider.send("GET", "")).text).toBe((await provider.send("GET", "/")).text);
});

test.each([
  ["filter=active gt true", "invalidFilter"],
  ['filter=password eq "x"', "invalidFilter"],
  ['filter=name eq "x"', "invalidFilter"],
  ["sortBy=nope", "invalidValue"],
  ["sortBy=password", "invalidValue"],
])("at the base URL %s is %s", async (query, scimType) => {
  const answer = await (await withUsers(1)).send("GET", `/?${query}`);
  expect([answer.status, answer.body["scimType"]]).toEqual([400, scimType]);
});

test("a query that no type can answer asks no store", async () => {
  let asked = 0;
  const { store, registry } = createTestProvider();
  const { send } = createTestProvider({
    registry,
    store: {
      ...store,
      query: (query) => {
        asked += 1;
        return store.query(query);
      },
    },
  });
  const answer = await send("GET", '/Users?filter=meta.resourceType eq "Group"');
  expect([answer.body["totalResults"], asked]).toEqual([0, 0]);
});
