import { expect, test } from "vitest";
import { createTestProvider } from "../testing/test-provider.ts";

const userUri = "urn:ietf:params:scim:schemas:core:2.0:User";

async function withAnn() {
  const provider = createTestProvider();
  const body = { schemas: [userUri], userName: "ann", emails: [{ value: "a@x.example" }] };
  await provider.send("POST", "/Users", { body });
  return provider;
}

test("GET answers 200 with the headers of the resource", async () => {
  const { send, baseUrl } = await withAnn();
  const { status, headers, body } = await send("GET", "/Users/id-1");
  const location = `${baseUrl}/Users/id-1`;
  expect(status).toBe(200);
  expect([headers.get("Location"), headers.get("Content-Location")]).toEqual([location, location]);
  expect(body["meta"]).toMatchObject({ location, version: headers.get("ETag") });
});

test("an unknown id, one of another type and a traversal are 404", async () => {
  const { send } = await withAnn();
  for (const path of ["/Users/nobody", "/Groups/id-1", "/Users/..%2F..", "/Users/%2e%2e%2fx"]) {
    const { status, body } = await send("GET", path);
    expect([path, status, body["status"]]).toEqual([path, 404, "404"]);
  }
});

test("filter, sort and page parameters are ignored on one resource", async () => {
  const { send } = await withAnn();
  expect((await send("GET", "/Users/id-1?filter=(&sortBy=nope&count=x")).status).toBe(200);
});

test("attributes and excludedAttributes", async () => {
  const { send } = await withAnn();
  const keys = async (query: string) =>
    Object.keys((await send("GET", `/Users/id-1?${query}`)).body);
  expect(await keys("attributes=userName, emails")).toEqual([
    "schemas",
    "id",
    "userName",
    "emails",
  ]);
  expect(await keys("attributes=userName&attributes=emails")).toHaveLength(4);
  expect(await keys("attributes=nope")).toEqual(["schemas", "id"]);
  expect(await keys("excludedAttributes=id,emails,meta")).toEqual([
    "schemas",
    "id",
    "userName",
    "active",
  ]);
  expect(await keys("attributes=")).toHaveLength(6);
  expect((await send("GET", "/Users/id-1?attributes=id&excludedAttributes=id")).status).toBe(400);
});

test("If-Match and If-None-Match: 304 for the version the client has", async () => {
  const { send } = await withAnn();
  const statusFor = async (tag: string) => {
    const answer = await send("GET", "/Users/id-1", { headers: { "If-None-Match": tag } });
    return [answer.status, answer.text === "", answer.headers.get("ETag")];
  };
  for (const tag of ['W/"1"', '"1"', '"x", W/"1"', "*"]) {
    expect(await statusFor(tag)).toEqual([304, true, 'W/"1"']);
  }
  for (const tag of ['"x"', "1", 'W/"2"']) {
    expect(await statusFor(tag)).toEqual([200, false, 'W/"1"']);
  }
  const headers = { "If-None-Match": "*" };
  expect((await send("GET", "/Users/nobody", { headers })).status).toBe(404);
});

test("the version is the same for every projection", async () => {
  const { send } = await withAnn();
  const tags = ["", "?attributes=userName", "?excludedAttributes=emails"].map(async (query) =>
    (await send("GET", `/Users/id-1${query}`)).headers.get("ETag"),
  );
  expect(new Set(await Promise.all(tags)).size).toBe(1);
});
