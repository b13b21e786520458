import { expect, test } from "vitest";
import type { JsonValue } from "../json.ts";
import { createStandardRegistry } from "../schema/standard-registry.ts";
import { createMemoryResourceStore } from "../testing/memory-resource-store.ts";
import type { TestProvider, TestProviderOptions } from "../testing/test-provider.ts";
import { createTestProvider } from "../testing/test-provider.ts";
import type { ResourceStore } from "./resource-store.ts";

const userUri = "urn:ietf:params:scim:schemas:core:2.0:User";
const groupUri = "urn:ietf:params:scim:schemas:core:2.0:Group";
const patchUri = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

function patchOp(...operations: readonly JsonValue[]) {
  return { schemas: [patchUri], Operations: operations };
}

const rename = patchOp({ op: "replace", path: "displayName", value: "team" });

async function createUsers({ send }: TestProvider, count: number): Promise<void> {
  for (let index = 1; index <= count; index++) {
    await send("POST", "/Users", { body: { schemas: [userUri], userName: `user-${index}` } });
  }
}

/** A provider with users id-1 to id-COUNT and a group of them all. */
async function withGroup(count: number, options: TestProviderOptions = {}) {
  const provider = createTestProvider(options);
  await createUsers(provider, count);
  const members = Array.from({ length: count }, (_, index) => ({ value: `id-${index + 1}` }));
  const body = { schemas: [groupUri], displayName: "crew", members };
  const created = await provider.send("POST", "/Groups?attributes=id", { body });
  return { ...provider, group: `/Groups/${String(created.body["id"])}` };
}

/** A store that counts how often members were loaded. */
function countingStore() {
  const registry = createStandardRegistry();
  const store = createMemoryResourceStore(registry);
  const counted = { loads: 0 };
  const counting: ResourceStore = {
    ...store,
    read: (type, id, relations) => {
      counted.loads += relations.includes("members") ? 1 : 0;
      return store.read(type, id, relations);
    },
  };
  return { registry, store: counting, counted };
}

test("PATCH answers 200 with the resource, groups of the user included", async () => {
  const { send, baseUrl } = await withGroup(1);
  const answer = await send("PATCH", "/Users/id-1", {
    body: patchOp({ op: "Replace", path: "title", value: "Dr" }),
  });
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({ title: "Dr", groups: [{ value: "id-2", display: "crew" }] });
  expect(answer.headers.get("ETag")).toBe('W/"2"');
  expect(answer.headers.get("Content-Location")).toBe(`${baseUrl}/Users/id-1`);
  expect((await send("GET", "/Users/id-1")).body).toEqual(answer.body);
});

test("PATCH without a difference changes nothing", async () => {
  const { send, group } = await withGroup(2);
  const before = await send("GET", group);
  const answer = await send("PATCH", group, {
    body: patchOp(
      { op: "add", path: "members", value: [{ value: "id-1" }] },
      { op: "replace", value: { displayName: "crew" } },
    ),
  });
  expect([answer.status, answer.body]).toEqual([200, before.body]);
});

test("all or nothing", async () => {
  const { send } = await withGroup(1);
  const before = await send("GET", "/Users/id-1");
  const answer = await send("PATCH", "/Users/id-1", {
    body: patchOp(
      { op: "replace", path: "title", value: "Dr" },
      { op: "replace", path: "id", value: "x" },
    ),
  });
  expect([answer.status, answer.body["scimType"]]).toEqual([400, "mutability"]);
  expect((await send("GET", "/Users/id-1")).text).toBe(before.text);
});

test("what is required cannot be taken away, and a name of another not be taken", async () => {
  const { send, group } = await withGroup(2);
  await send("POST", "/Groups", { body: { schemas: [groupUri], displayName: "team" } });
  const gone = await send("PATCH", "/Users/id-1", {
    body: patchOp({ op: "remove", path: "userName" }),
  });
  expect(gone.status).toBe(400);
  const taken = await send("PATCH", "/Users/id-1", {
    body: patchOp({ op: "replace", path: "userName", value: "USER-2" }),
  });
  expect([taken.status, taken.body["scimType"]]).toEqual([409, "uniqueness"]);
  expect(taken.body["detail"]).toMatch(/userName.*id-2/);
  expect((await send("PATCH", group, { body: rename })).status).toBe(409);
});

test("unknown resources are 404, broken messages 400", async () => {
  const { send, group } = await withGroup(1);
  expect((await send("PATCH", "/Users/nobody", { body: rename })).status).toBe(404);
  for (const body of [{}, { schemas: [patchUri] }, patchOp({ op: "jump" })]) {
    const answer = await send("PATCH", group, { body });
    expect(answer.status).toBe(400);
    expect(answer.report.defect).toBeUndefined();
  }
});

test("ignored operations are told as warnings", async () => {
  const { send } = await withGroup(1);
  const { status, report } = await send("PATCH", "/Users/id-1", {
    body: patchOp({ op: "replace", value: { password: "hunter2" } }),
  });
  expect(status).toBe(200);
  expect(report.warnings.join()).toMatch(/^operation 1: .*password/);
  expect(report.warnings.join()).not.toMatch(/hunter2/);
});

test("unknown members are skipped with a warning, or refused", async () => {
  const add = patchOp({ op: "add", path: "members", value: [{ value: "nobody" }] });
  const lenient = await withGroup(1);
  const skipped = await lenient.send("PATCH", lenient.group, { body: add });
  expect(skipped.headers.get("ETag")).toBe('W/"1"');
  expect(skipped.report.warnings.join()).toMatch(/members: skipped 1 .*nobody/);
  const strict = await withGroup(1, { settings: { strictReferences: true } });
  const refused = await strict.send("PATCH", strict.group, { body: add });
  expect([refused.status, refused.body["scimType"]]).toEqual([400, "invalidValue"]);
  expect(refused.body["detail"]).toMatch(/members.*nobody/);
});

test("projection: who names attributes gets them, and no members are loaded for others", async () => {
  const { counted, ...options } = countingStore();
  const { send, group } = await withGroup(2, { ...options, profile: "entra" });
  counted.loads = 0;
  const without = await send("PATCH", `${group}?excludedAttributes=members`, { body: rename });
  expect([without.status, without.body["displayName"]]).toEqual([200, "team"]);
  const only = await send("PATCH", `${group}?attributes=displayName`, { body: rename });
  expect(Object.keys(only.body)).toEqual(["schemas", "id", "displayName"]);
  expect(counted.loads).toBe(0);
  const members = await send("PATCH", `${group}?attributes=members`, { body: rename });
  expect(members.body["members"]).toHaveLength(2);
  expect(counted.loads).toBe(1);
});

test("a group of up to 1,000 answers 200, a larger one 204 without its members being loaded", async () => {
  const { counted, ...options } = countingStore();
  const { send, group } = await withGroup(1001, options);
  counted.loads = 0;
  const renamed = await send("PATCH", group, { body: rename });
  expect([renamed.status, renamed.text, renamed.headers.get("ETag")]).toEqual([204, "", 'W/"2"']);
  expect(renamed.headers.get("Content-Type")).toBeNull();
  expect(counted.loads).toBe(0);
  const smaller = await send("PATCH", group, {
    body: patchOp({ op: "remove", path: 'members[value eq "id-7"]' }),
  });
  expect(smaller.status).toBe(200);
  expect(smaller.body["members"]).toHaveLength(1000);
});

test("the setting decides how a PATCH of a group answers, never of a user", async () => {
  const never = await withGroup(1, { settings: { groupPatchAnswer: "204" } });
  expect((await never.send("PATCH", never.group, { body: rename })).status).toBe(204);
  const title = patchOp({ op: "add", path: "title", value: "Dr" });
  expect((await never.send("PATCH", "/Users/id-1", { body: title })).status).toBe(200);
  const always = await withGroup(1001, { settings: { groupPatchAnswer: "200" } });
  const answer = await always.send("PATCH", always.group, { body: rename });
  expect([answer.status, Array.isArray(answer.body["members"])]).toEqual([200, true]);
});

test("who prefers a minimal answer gets 204, unless attributes are named", async () => {
  const { send } = await withGroup(1);
  const body = patchOp({ op: "add", path: "title", value: "Dr" });
  const headers = { Prefer: "respond-async, return=minimal" };
  const minimal = await send("PATCH", "/Users/id-1", { body, headers });
  expect([minimal.status, minimal.headers.get("Preference-Applied")]).toEqual([
    204,
    "return=minimal",
  ]);
  expect(minimal.headers.get("ETag")).toBe('W/"2"');
  const named = await send("PATCH", "/Users/id-1?attributes=title", { body, headers });
  expect([named.status, named.headers.get("Preference-Applied")]).toEqual([200, null]);
});

test("If-Match guards PATCH", async () => {
  const { send, group } = await withGroup(2);
  const patch = (ifMatch: string, id: string) =>
    send("PATCH", group, {
      body: patchOp({ op: "remove", path: `members[value eq "${id}"]` }),
      headers: { "If-Match": ifMatch },
    });
  expect((await patch('W/"1"', "id-1")).status).toBe(200);
  expect((await patch('W/"1"', "id-2")).status).toBe(412);
  expect((await send("GET", group)).body["members"]).toHaveLength(1);
});

test("of 30 PATCHes for one version one is 200, the rest 412", async () => {
  const { send } = await withGroup(1);
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      send("PATCH", "/Users/id-1", {
        body: patchOp({ op: "add", path: "title", value: `t${index}` }),
        headers: { "If-Match": 'W/"1"' },
      }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(29).fill(412)]);
});

test("30 clients add one member each at the same time, and none is lost", async () => {
  const provider = createTestProvider();
  await createUsers(provider, 30);
  const body = { schemas: [groupUri], displayName: "crew" };
  await provider.send("POST", "/Groups", { body });
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      provider.send("PATCH", "/Groups/id-31", {
        body: patchOp(
          // Okta sends the name with every membership (okta.json, group-rename-with-id-in-value).
          { op: "replace", value: { id: "id-31", displayName: "crew" } },
          { op: "add", path: "members", value: [{ value: `id-${index + 1}` }] },
        ),
      }),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(200));
  const { body: group, headers } = await provider.send("GET", "/Groups/id-31");
  expect(group["members"]).toHaveLength(30);
  expect(headers.get("ETag")).toBe('W/"31"');
});

test("a change of attributes that others overtake is decided again", async () => {
  const { send } = await withGroup(1);
  const answers = await Promise.all(
    ["title", "nickName", "locale"].map((path) =>
      send("PATCH", "/Users/id-1", { body: patchOp({ op: "add", path, value: "en" }) }),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect((await send("GET", "/Users/id-1")).body).toMatchObject({
    title: "en",
    nickName: "en",
    locale: "en",
  });
});

test("an answer after somebody else's rename shows the name there is", async () => {
  const { registry, store } = countingStore();
  const rival = createTestProvider({ registry, store });
  let raced = false;
  const racing: ResourceStore = {
    ...store,
    commit: async (change, options) => {
      if (change.kind === "update" && !raced) {
        raced = true;
        await rival.send("PATCH", "/Groups/id-2", { body: rename });
      }
      return store.commit(change, options);
    },
  };
  const { send, group } = await withGroup(1, { registry, store: racing });
  const answer = await send("PATCH", `${group}?excludedAttributes=members`, {
    body: patchOp({ op: "remove", path: "members" }),
  });
  expect([answer.status, answer.body["displayName"]]).toEqual([200, "team"]);
  expect(answer.headers.get("ETag")).toBe('W/"3"');
});

test("unassigning active changes nothing for somebody who was switched off", async () => {
  const { send } = createTestProvider();
  const body = { schemas: [userUri], userName: "a", active: false };
  await send("POST", "/Users", { body });
  for (const operation of [
    { op: "replace", path: "active", value: null },
    { op: "remove", path: "active" },
    { op: "replace", value: { active: null } },
  ]) {
    const answer = await send("PATCH", "/Users/id-1", { body: patchOp(operation) });
    expect(answer.body["active"]).toBe(false);
    expect(answer.report.warnings).toEqual(["active cannot be unassigned; it keeps its value"]);
    expect(answer.headers.get("ETag")).toBe('W/"1"');
  }
});
