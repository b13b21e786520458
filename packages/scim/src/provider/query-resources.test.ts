import { expect, test } from "vitest";
import { createTestProvider } from "../testing/test-provider.ts";

const userUri = "urn:ietf:params:scim:schemas:core:2.0:User";

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

test("parameters nobody knows are ignored, cursor among them", async () => {
  const { send } = await withUsers(2);
  const plain = await send("GET", "/Users");
  expect((await send("GET", "/Users?foo=bar&cursor=abc&sortOrder=descending")).text).toBe(
    plain.text,
  );
});
