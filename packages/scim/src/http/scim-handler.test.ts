import { expect, test } from "vitest";
import { ScimError } from "../errors.ts";
import { createStandardRegistry } from "../schema/standard-registry.ts";
import { createMemoryResourceStore } from "../testing/memory-resource-store.ts";
import type { TestAnswer } from "../testing/test-provider.ts";
import { createTestProvider } from "../testing/test-provider.ts";
import { scimRoutesOf } from "./scim-routes.ts";

const userUri = "urn:ietf:params:scim:schemas:core:2.0:User";
const ann = { schemas: [userUri], userName: "ann" };

function expectError(answer: TestAnswer, status: number, scimType?: string): void {
  expect(answer.status).toBe(status);
  expect(answer.body["schemas"]).toEqual(["urn:ietf:params:scim:api:messages:2.0:Error"]);
  expect(answer.body["status"]).toBe(String(status));
  expect(answer.body["scimType"]).toBe(scimType);
  expect(answer.body["detail"]).toMatch(/./);
  expect(answer.headers.get("Content-Type")).toMatch(/^application\/(scim\+)?json;charset=utf-8$/);
  expect(answer.headers.get("Cache-Control")).toBe("no-store");
}

test("every route answers every method with its answer or 405 and Allow", async () => {
  const { send, registry } = createTestProvider();
  for (const { template, methods } of scimRoutesOf(registry)) {
    const path = template.replace(/\{\w+\}/, "nobody");
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"] as const) {
      const answer = await send(method, path, method === "GET" ? {} : { body: "test" });
      expect(answer.report.pathTemplate).toBe(template);
      if (methods[method] === undefined) {
        expectError(answer, 405);
        expect(answer.headers.get("Allow")?.split(", ")).toEqual(
          expect.arrayContaining(Object.keys(methods)),
        );
      } else {
        expect(answer.headers.get("Allow")).toBeNull();
        expect([200, 400, 404, 501]).toContain(answer.status);
        expect(answer.report.defect).toBeUndefined();
      }
    }
  }
});

test.each(["TRACE_", "OPTIONS", "get", "PROPFIND"])("%s is no method here", async (method) => {
  const { send } = createTestProvider();
  const answer = await send(method, "/Users");
  if (method === "get") {
    // The Fetch standard writes the known methods in capitals.
    expect(answer.status).toBe(200);
  } else {
    expectError(answer, 405);
    expect(answer.headers.get("Access-Control-Allow-Origin")).toBeNull();
  }
});

test.each([
  ["/Me", "GET"],
  ["/Me", "DELETE"],
])("%s by %s is not offered", async (path, method) => {
  const { send } = createTestProvider();
  expectError(await send(method, path), 501);
});

test.each(["/Nope", "/Users/1/2", "/Users/%FF", "/Users.scim", "/v2/Users"])(
  "%s is 404",
  async (path) => {
    const { send } = createTestProvider();
    const answer = await send("GET", path);
    expectError(answer, 404);
    expect(answer.report.pathTemplate).toBe("/*");
  },
);

test("what is not below the base URL is 404", async () => {
  const { send } = createTestProvider();
  for (const path of ["/../../v1/Users", "/../v2x/Users", "/../../Users"]) {
    expectError(await send("GET", path), 404);
  }
});

test("a base URL without path works", async () => {
  const { send } = createTestProvider({ baseUrl: "https://scim.example" });
  const answer = await send("POST", "/Users", { body: ann });
  expect(answer.headers.get("Location")).toBe("https://scim.example/Users/id-1");
});

test("a slash at the end, another case and a bare ? or & make no difference", async () => {
  const { send } = createTestProvider();
  await send("POST", "/users/", { body: ann });
  for (const path of ["/USERS", "/Users/?", "/Users?&", "/Users/?filter=userName+pr&"]) {
    expect((await send("GET", path)).body["totalResults"]).toBe(1);
  }
  expect((await send("GET", "/users/id-1/")).status).toBe(200);
  expectError(await send("GET", "/Users/ID-1"), 404);
});

test("HEAD is GET without content", async () => {
  const { send } = createTestProvider();
  await send("POST", "/Users", { body: ann });
  const [head, get] = [await send("HEAD", "/Users/id-1"), await send("GET", "/Users/id-1")];
  expect(head.text).toBe("");
  expect([...head.headers]).toEqual([...get.headers]);
  const missing = await send("HEAD", "/Users/nobody");
  expect([missing.status, missing.text]).toEqual([404, ""]);
});

test("a Content-Type on requests without body is ignored, and a body on DELETE too", async () => {
  const { send } = createTestProvider();
  await send("POST", "/Users", { body: ann });
  const headers = { "Content-Type": "text/xml" };
  expect((await send("GET", "/Users/id-1", { headers })).status).toBe(200);
  expect((await send("DELETE", "/Users/id-1", { headers, body: "not JSON" })).status).toBe(204);
});

test("the media type is scim+json, or json for those who take nothing else", async () => {
  const { send } = createTestProvider();
  const typeFor = async (path: string, accept: string) =>
    (await send("GET", path, { headers: { Accept: accept } })).headers.get("Content-Type");
  for (const path of ["/Users", "/Nope"]) {
    expect(await typeFor(path, "application/json")).toBe("application/json;charset=utf-8");
    expect(await typeFor(path, "*/*")).toBe("application/scim+json;charset=utf-8");
  }
});

test("an Accept that nothing satisfies is 406, and nothing is done", async () => {
  const { send } = createTestProvider();
  const headers = { Accept: "text/html" };
  expectError(await send("POST", "/Users", { body: ann, headers }), 406);
  expect((await send("GET", "/Users")).body["totalResults"]).toBe(0);
  await send("POST", "/Users", { body: ann });
  expect((await send("DELETE", "/Users/id-1", { headers })).status).toBe(204);
});

test("what is wrong with the path or the method comes before what is wrong with the body", async () => {
  const { send } = createTestProvider();
  const wrong = { body: "{", headers: { "Content-Type": "text/xml", Accept: "text/html" } };
  expectError(await send("POST", "/Nope", wrong), 404);
  expectError(await send("PUT", "/Users", wrong), 405);
  expectError(await send("POST", "/Users", wrong), 406);
  const headers = { "Content-Type": "text/xml" };
  expectError(await send("POST", "/Users", { body: "{", headers }), 415);
  expectError(await send("POST", "/Users", { body: "{" }), 400, "invalidSyntax");
});

test("a failure inside is a 500 that tells the client nothing and the report everything", async () => {
  const registry = createStandardRegistry();
  const failure = new Error("secret: table users is on fire");
  const store = {
    ...createMemoryResourceStore(registry),
    read: async () => {
      throw failure;
    },
  };
  const { send } = createTestProvider({ registry, store });
  const answer = await send("GET", "/Users/1");
  expectError(answer, 500);
  expect(answer.text).not.toMatch(/secret|fire|Error:/);
  expect(answer.report).toMatchObject({ defect: failure, pathTemplate: "/Users/{id}" });
});

test("a store that is away is 503 with its headers", async () => {
  const registry = createStandardRegistry();
  const store = {
    ...createMemoryResourceStore(registry),
    query: async () => {
      throw new ScimError(503, "The database is away.", { headers: { "Retry-After": "5" } });
    },
  };
  const { send } = createTestProvider({ registry, store });
  const answer = await send("GET", "/Users");
  expectError(answer, 503);
  expect(answer.headers.get("Retry-After")).toBe("5");
  expect(answer.report.defect).toBeUndefined();
});

test("the report names the route, the refusal and its reason, and no id", async () => {
  const { send } = createTestProvider();
  await send("POST", "/Users", { body: ann });
  const { report } = await send("POST", "/Users", { body: { ...ann, userName: "ANN" } });
  expect(report).toEqual({
    pathTemplate: "/Users",
    scimType: "uniqueness",
    reason: expect.stringMatching(/userName.*id-1.*\(constraint userName, existing id-1\)/),
    warnings: [],
    defect: undefined,
  });
});

const hostile: readonly (readonly [string, string])[] = [
  ["broken", '{"userName": tre,'],
  ["cut off", '{"userName":"x'],
  ["a list", "[]"],
  ["empty", ""],
  ["two of one name", `{"schemas":["${userUri}"],"userName":"a","userName":"b"}`],
  ["two of one name in another case", `{"schemas":["${userUri}"],"userName":"a","USERNAME":"b"}`],
  ["10,000 levels deep", `{"a":${"[".repeat(10_000)}${"]".repeat(10_000)}}`],
  ["a NUL", `{"schemas":["${userUri}"],"userName":"a\\u0000b"}`],
  ["half a character", `{"schemas":["${userUri}"],"userName":"a\\ud800"}`],
  ["a number as userName", `{"schemas":["${userUri}"],"userName":7}`],
  ["a number as externalId", `{"schemas":["${userUri}"],"userName":"a","externalId":7}`],
  ["an object as active", `{"schemas":["${userUri}"],"userName":"a","active":{}}`],
  ["a blank userName", `{"schemas":["${userUri}"],"userName":" "}`],
  ["no userName", `{"schemas":["${userUri}"]}`],
  ["control characters in userName", `{"schemas":["${userUri}"],"userName":"a\\u0007"}`],
];

test.each(hostile)("POST and PUT with %s are 400 and do nothing", async (_, body) => {
  const { send } = createTestProvider();
  await send("POST", "/Users", { body: ann });
  const before = await send("GET", "/Users");
  for (const [method, path] of [
    ["POST", "/Users"],
    ["PUT", "/Users/id-1"],
  ] as const) {
    const answer = await send(method, path, { body });
    expect(answer.status).toBe(400);
    expectError(answer, 400, String(answer.body["scimType"]));
    expect(["invalidSyntax", "invalidValue"]).toContain(answer.body["scimType"]);
    expect(answer.report.defect).toBeUndefined();
  }
  expect((await send("GET", "/Users")).text).toBe(before.text);
});

test("names like __proto__ and constructor are data that no schema knows", async () => {
  const { send } = createTestProvider();
  const body = `{"schemas":["${userUri}"],"userName":"a","__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}`;
  const answer = await send("POST", "/Users", { body });
  expect(answer.status).toBe(201);
  expect(Object.hasOwn(answer.body, "__proto__")).toBe(false);
  expect("admin" in {}).toBe(false);
  expectError(await send("GET", "/Users?filter=constructor+pr"), 400, "invalidFilter");
  expectError(await send("GET", "/Users?sortBy=constructor"), 400, "invalidValue");
});

test.each([
  ["a filter of a megabyte", `userName eq "${"x".repeat(1_000_000)}"`],
  ["10,000 brackets", `${"(".repeat(10_000)}userName pr${")".repeat(10_000)}`],
  ["10,000 nots", `${"not (".repeat(10_000)}userName pr${")".repeat(10_000)}`],
  ["1,000 terms", Array.from({ length: 1000 }, () => "userName pr").join(" or ")],
  ["an unknown operator", 'userName regex "a"'],
  ["an unknown attribute", 'nope eq "a"'],
  ["nothing to compare", "userName eq"],
])("%s is invalidFilter", async (_, filter) => {
  const { send } = createTestProvider();
  expectError(
    await send("GET", `/Users?filter=${encodeURIComponent(filter)}`),
    400,
    "invalidFilter",
  );
});

test("a body over the limit is 413, naming the limit", async () => {
  const { send } = createTestProvider();
  const body = JSON.stringify({ ...ann, title: "x".repeat(1_048_576) });
  const answer = await send("POST", "/Users", { body });
  expectError(answer, 413);
  expect(answer.body["detail"]).toMatch(/1048576/);
  const group = { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName: "g" };
  const large = {
    ...group,
    members: Array.from({ length: 30_000 }, (_, i) => ({ value: `${i}`.repeat(9) })),
  };
  expect(JSON.stringify(large).length).toBeGreaterThan(1_048_576);
  expect((await send("POST", "/Groups", { body: large })).status).toBe(201);
});

test("whoever prefers a minimal answer gets no content, and all else", async () => {
  const { send } = createTestProvider();
  const headers = { Prefer: "return=minimal" };
  const post = await send("POST", "/Users", { body: ann, headers });
  expect([post.status, post.text]).toEqual([201, ""]);
  expect(post.headers.get("Location")).toMatch(/\/Users\/id-1$/);
  expect(post.headers.get("ETag")).toBe('W/"1"');
  expect(post.headers.get("Preference-Applied")).toBe("return=minimal");
  const body = { ...ann, title: "Dr" };
  const put = await send("PUT", "/Users/id-1", { body, headers });
  expect([put.status, put.text, put.headers.get("ETag")]).toEqual([204, "", 'W/"2"']);
  expect(put.headers.get("Location")).toBeNull();
  const named = await send("PUT", "/Users/id-1?attributes=title", { body, headers });
  expect([named.status, named.body["title"]]).toEqual([200, "Dr"]);
  expect(named.headers.get("Preference-Applied")).toBeNull();
  const refused = await send("POST", "/Users", { body: ann, headers });
  expectError(refused, 409, "uniqueness");
});

test("a search by POST says what was searched", async () => {
  const { send, baseUrl } = createTestProvider();
  for (const path of ["/.search", "/Users/.search"]) {
    const answer = await send("POST", path, { body: {} });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Location")).toBe(`${baseUrl}${path}`);
    expect(answer.headers.get("Content-Location")).toBeNull();
    expectError(await send("GET", path), 405);
  }
  expectError(await send("POST", "/Schemas/.search", { body: {} }), 405);
});
