import { expect, test } from "vitest";
import { ScimError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { createStandardRegistry } from "../schema/standard-registry.ts";
import { createMemoryResourceStore } from "../testing/memory-resource-store.ts";
import type { TestProvider, TestProviderOptions } from "../testing/test-provider.ts";
import { createTestProvider } from "../testing/test-provider.ts";
import type { ResourceStore } from "./resource-store.ts";

const schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"];
const userUri = "urn:ietf:params:scim:schemas:core:2.0:User";
const groupUri = "urn:ietf:params:scim:schemas:core:2.0:Group";
const enterpriseUri = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const errorUri = "urn:ietf:params:scim:api:messages:2.0:Error";
const baseUrl = "https://scim.example/scim/v2";

const postUser = (bulkId: string, userName: string, more: JsonObject = {}) => ({
  method: "POST",
  path: "/Users",
  bulkId,
  data: { schemas: [userUri], userName, ...more },
});
const postGroup = (bulkId: string, ...members: readonly string[]) => ({
  method: "POST",
  path: "/Groups",
  bulkId,
  data: {
    schemas: [groupUri],
    displayName: `group ${bulkId}`,
    members: members.map((value) => ({ value })),
  },
});

/** What came of one operation, as tests look at it. */
interface Shown extends JsonObject {
  readonly method: string;
  readonly status: string;
  readonly location: string;
  readonly version: string;
  readonly bulkId: string;
  readonly response: JsonObject;
}

function bulkOn({ send }: Pick<TestProvider, "send">) {
  return async (operations: readonly JsonObject[], more: JsonObject = {}) => {
    const body = { schemas, Operations: operations, ...more };
    const answer = await send("POST", "/Bulk", { body });
    const results = (answer.body["Operations"] ?? []) as unknown as readonly Shown[];
    return { answer, results, statuses: results.map(({ status }) => status) };
  };
}

function provider(options: TestProviderOptions = {}) {
  const made = createTestProvider({ settings: { strict: true }, ...options });
  return { ...made, bulk: bulkOn(made) };
}

async function membersOf({ send }: TestProvider, id: string): Promise<readonly unknown[]> {
  const { body } = await send("GET", `/Groups/${id}`);
  return (body["members"] as readonly JsonObject[]).map(({ value }) => value);
}

test("each operation answers with method, status, location and version, and with nothing else", async () => {
  const { send, bulk } = provider();
  await send("POST", "/Users", { body: { schemas: [userUri], userName: "old" } });
  const { answer, results } = await bulk([
    postUser("a", "ann"),
    { method: "PUT", path: "/Users/id-1", data: { schemas: [userUri], userName: "older" } },
    {
      method: "PATCH",
      path: "/Users/id-1",
      data: {
        schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        Operations: [{ op: "add", path: "title", value: "Dr" }],
      },
    },
    { method: "DELETE", path: "/Users/id-1" },
  ]);
  expect(answer.status).toBe(200);
  expect(answer.body["schemas"]).toEqual(["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]);
  expect(results).toEqual([
    {
      method: "POST",
      bulkId: "a",
      location: `${baseUrl}/Users/id-2`,
      version: 'W/"1"',
      status: "201",
    },
    { method: "PUT", location: `${baseUrl}/Users/id-1`, version: 'W/"2"', status: "200" },
    { method: "PATCH", location: `${baseUrl}/Users/id-1`, version: 'W/"3"', status: "200" },
    { method: "DELETE", location: `${baseUrl}/Users/id-1`, status: "204" },
  ]);
  expect(answer.report.reason).toBe("bulk of 4: 4 done, 0 failed");
  expect(answer.report.pathTemplate).toBe("/Bulk");
});

test("a failed operation answers with its error and leaves the others alone", async () => {
  const { send, bulk } = provider();
  const { answer, results, statuses } = await bulk([
    postUser("a", "ann"),
    postUser("b", "ANN"),
    { method: "DELETE", path: "/Users/nobody" },
    { method: "GET", path: "/Users/id-1" },
    { method: "PUT", path: "/Nope/1", data: {} },
    postUser("c", "cleo"),
  ]);
  expect(statuses).toEqual(["201", "409", "404", "400", "404", "201"]);
  expect(results[1]).toEqual({
    method: "POST",
    bulkId: "b",
    status: "409",
    response: {
      schemas: [errorUri],
      status: "409",
      scimType: "uniqueness",
      detail: expect.stringContaining("userName"),
    },
  });
  expect(results[2]).toMatchObject({ location: `${baseUrl}/Users/nobody` });
  expect((await send("GET", "/Users")).body["totalResults"]).toBe(2);
  expect(answer.report.reason).toBe("bulk of 6: 2 done, 4 failed");
  expect(answer.report.warnings).toContainEqual(
    expect.stringMatching(/^Operations\[1\]: 409 uniqueness: userName is not unique.*constraint/),
  );
});

test.each([
  [{ method: "POST", path: "/Users/id-1", bulkId: "x", data: {} }, "400"],
  [{ method: "PUT", path: "/Users", data: {} }, "400"],
  [{ method: "POST", path: "/Bulk", bulkId: "x", data: {} }, "400"],
  [{ method: "POST", path: "/Users/.search", bulkId: "x", data: {} }, "400"],
  [{ method: "PATCH", path: "/Me", data: {} }, "400"],
  [{ method: "DELETE", path: "/Schemas/urn:x" }, "400"],
  [{ method: "DELETE", path: "/" }, "400"],
  [{ method: "DELETE", path: "Users/id-1" }, "204"],
  [{ method: "DELETE", path: "/v2/users/id-1/" }, "204"],
  [{ method: "DELETE", path: "/v3/Users/id-1" }, "404"],
] as const)("%j: %s", async (operation, status) => {
  const { send, bulk } = provider();
  await send("POST", "/Users", { body: { schemas: [userUri], userName: "ann" } });
  expect((await bulk([operation])).statuses).toEqual([status]);
});

test("failOnErrors ends the job, and what was done stays", async () => {
  const { send, bulk } = provider();
  const operations = [
    postUser("a", "ann"),
    postUser("b", "ann"),
    postUser("c", "cleo"),
    postUser("d", "cleo"),
    postUser("e", "emil"),
  ];
  const { answer, statuses } = await bulk(operations, { failOnErrors: 2 });
  expect(statuses).toEqual(["201", "409", "201", "409"]);
  expect(answer.report.reason).toBe("bulk of 5: 2 done, 2 failed, 1 not begun");
  expect((await send("GET", "/Users")).body["totalResults"]).toBe(2);
  expect((await bulk(operations, { failOnErrors: 0 })).statuses).toEqual(["409"]);
});

test("a version guards the operation as If-Match does", async () => {
  const { send, bulk } = provider();
  await send("POST", "/Users", { body: { schemas: [userUri], userName: "ann" } });
  const put = (version: string, userName: string) => ({
    method: "PUT",
    path: "/Users/id-1",
    version,
    data: { schemas: [userUri], userName },
  });
  const { statuses } = await bulk([
    put('W/"7"', "bea"),
    put('W/"1"', "cleo"),
    { method: "DELETE", path: "/Users/id-1", version: 'W/"1"' },
  ]);
  expect(statuses).toEqual(["412", "200", "412"]);
  expect((await send("GET", "/Users/id-1")).body["userName"]).toBe("cleo");
});

test("references back and ahead lead to what was created, in one write each", async () => {
  const test = provider();
  const { results, statuses } = await test.bulk([
    postGroup("g", "bulkId:a", "bulkId:b"),
    postUser("a", "ann"),
    postUser("b", "bea", {
      schemas: [userUri, enterpriseUri],
      [enterpriseUri]: { manager: { value: "bulkId:a" } },
    }),
    {
      method: "PATCH",
      path: "/Users/bulkId:b",
      data: {
        schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        Operations: [{ op: "add", path: "title", value: "Dr" }],
      },
    },
  ]);
  expect(statuses).toEqual(["201", "201", "201", "200"]);
  expect(results.map(({ version }) => version)).toEqual(['W/"1"', 'W/"1"', 'W/"1"', 'W/"2"']);
  expect(results.map(({ bulkId }) => bulkId)).toEqual(["g", "a", "b", undefined]);
  const idOf = (index: number) => results[index]?.location.split("/").at(-1) ?? "";
  expect(await membersOf(test, idOf(0))).toEqual([idOf(1), idOf(2)]);
  const bea = (await test.send("GET", `/Users/${idOf(2)}`)).body;
  expect(bea).toMatchObject({ [enterpriseUri]: { manager: { value: idOf(1) } }, title: "Dr" });
  expect(results[3]?.location).toBe(results[2]?.location);
});

test("references in a circle are set as soon as both ends are there", async () => {
  const test = provider();
  const { results, statuses } = await test.bulk([
    postGroup("a", "bulkId:b"),
    postGroup("b", "bulkId:a"),
    postUser("u", "ann", {
      schemas: [userUri, enterpriseUri],
      [enterpriseUri]: { department: "D", manager: { value: "bulkId:u" } },
    }),
  ]);
  expect(statuses).toEqual(["201", "201", "201"]);
  const [a, b, u] = results.map(({ location }) => location.split("/").at(-1) ?? "");
  expect(await membersOf(test, a ?? "")).toEqual([b]);
  expect(await membersOf(test, b ?? "")).toEqual([a]);
  expect((await test.send("GET", `/Users/${u}`)).body[enterpriseUri]).toMatchObject({
    department: "D",
    manager: { value: u },
  });
  expect(results.map(({ version }) => version)).toEqual(['W/"2"', 'W/"1"', 'W/"2"']);
  const version = (await test.send("GET", `/Groups/${a}`)).headers.get("ETag");
  expect(version).toBe('W/"2"');
});

test("an unknown bulkId is an invalid value, one of a failed operation a conflict; neither writes anything", async () => {
  const { send, bulk } = provider();
  const { results, statuses } = await bulk([
    postGroup("g", "bulkId:nobody"),
    postUser("a", "ann"),
    postUser("b", "ann"),
    postGroup("h", "bulkId:b"),
    postGroup("i", "bulkId:h"),
    { method: "DELETE", path: "/Users/bulkId:nobody" },
  ]);
  expect(statuses).toEqual(["400", "201", "409", "409", "409", "400"]);
  expect(results[0]?.response).toMatchObject({ scimType: "invalidValue" });
  expect(results[3]?.response["scimType"]).toBeUndefined();
  expect((await send("GET", "/Groups")).body["totalResults"]).toBe(0);
});

test("what waits for a circle that breaks is there without its reference, and says so", async () => {
  const test = provider();
  const { answer, results, statuses } = await test.bulk([
    postGroup("a", "bulkId:b"),
    {
      ...postGroup("b", "bulkId:a"),
      data: { schemas: [groupUri], members: [{ value: "bulkId:a" }] },
    },
    postUser("u", "ann"),
  ]);
  expect(statuses).toEqual(["409", "400", "201"]);
  expect(results[0]).toMatchObject({
    location: `${baseUrl}/Groups/id-2`,
    version: 'W/"1"',
    response: { status: "409", detail: expect.stringContaining("without its references") },
  });
  expect(await membersOf(test, "id-2")).toEqual([]);
  expect(answer.report.reason).toBe("bulk of 3: 1 done, 2 failed");
});

test("a circle that failOnErrors cuts says what is missing too", async () => {
  const { bulk } = provider();
  const { statuses } = await bulk(
    [postGroup("a", "bulkId:b"), postGroup("b", "bulkId:a", "bulkId:nobody")],
    { failOnErrors: 1 },
  );
  expect(statuses).toEqual(["409", "400"]);
});

test("a POST that adopts gives its id to those who refer to it", async () => {
  const adopting = provider({
    createPolicy: ({ byName }) =>
      byName === undefined ? { kind: "create" } : { kind: "adopt", existing: byName },
  });
  await adopting.send("POST", "/Users", { body: { schemas: [userUri], userName: "ann" } });
  const { statuses } = await adopting.bulk([postUser("a", "ann"), postGroup("g", "bulkId:a")]);
  expect(statuses).toEqual(["200", "201"]);
  expect(await membersOf(adopting, "id-3")).toEqual(["id-1"]);
});

test("warnings say which operation they are about", async () => {
  const { bulk } = provider({ settings: { strict: false } });
  const { answer } = await bulk([postUser("a", "ann"), postUser("b", "bea", { shoeSize: 42 })]);
  expect(answer.report.warnings).toEqual([expect.stringMatching(/^Operations\[1\]: .*shoeSize/)]);
});

test("what there is no time for is not begun, and says so", async () => {
  const made = createTestProvider({ settings: { strict: true } });
  let begun = 0;
  const { store, registry } = made;
  const counting: ResourceStore = {
    ...store,
    commit: (...given) => {
      begun += 1;
      return store.commit(...given);
    },
  };
  const hurried = createTestProvider({ store: counting, registry, isTimeUp: () => begun >= 2 });
  const { answer, results, statuses } = await bulkOn(hurried)([
    postUser("a", "ann"),
    postUser("b", "bea"),
    postUser("c", "cleo"),
    { method: "DELETE", path: "/Users/id-1" },
  ]);
  expect(statuses).toEqual(["201", "201", "503", "503"]);
  expect(results[3]?.response["detail"]).toContain("send it again");
  expect(answer.report.reason).toBe("bulk of 4: 2 done, 2 failed");
  expect(begun).toBe(2);
});

test("a job of which nothing could be done because the service is away is 503", async () => {
  const away = () =>
    Promise.reject(new ScimError(503, "Try again.", { headers: { "Retry-After": "5" } }));
  const store: ResourceStore = {
    ...createMemoryResourceStore(createStandardRegistry()),
    read: away,
    readByKeys: away,
  };
  const { bulk } = provider({ store });
  const gone = { method: "DELETE", path: "/Users/1" };
  const { answer } = await bulk([postUser("a", "ann"), gone]);
  expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "5"]);
  expect((await bulk([gone, { method: "GET", path: "/x" }])).statuses).toEqual(["503", "400"]);
});

test("a defect fails one operation, is told to the log, and not to the client", async () => {
  const store = createMemoryResourceStore(createStandardRegistry());
  const broken: ResourceStore = {
    ...store,
    read: () => Promise.reject(new RangeError("the secret cause")),
  };
  const { bulk } = provider({ store: broken });
  const { answer, statuses } = await bulk([
    { method: "DELETE", path: "/Users/1" },
    postUser("a", "ann"),
  ]);
  expect(statuses).toEqual(["500", "201"]);
  expect(answer.text).not.toContain("secret");
  expect(answer.report.defect).toBeInstanceOf(RangeError);
});

test("a body over the limit is 413 and names the limit, and so is one operation too many", async () => {
  const { send, bulk } = provider();
  const long = { schemas, Operations: [postUser("a", "x".repeat(4_194_304))] };
  const answer = await send("POST", "/Bulk", { body: long });
  expect(answer.status).toBe(413);
  expect(answer.body["detail"]).toContain("maxPayloadSize");
  const many = Array.from({ length: 1001 }, () => ({ method: "DELETE", path: "/Users/1" }));
  expect((await bulk(many)).answer).toMatchObject({
    status: 413,
    body: { detail: expect.stringContaining("maxOperations") },
  });
  // A User may be no longer in a job than on its own.
  const { statuses } = await bulk([postUser("a", "ann", { title: "x".repeat(1_048_576) })]);
  expect(statuses).toEqual(["413"]);
});
