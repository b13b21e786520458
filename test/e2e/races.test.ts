/** Races over HTTP against a real process: what must happen exactly once (RFC 7644 §3.3, §3.14). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { countRows, findBrokenInvariants } from "./invariants.ts";
import type { RollcallProcess } from "./rollcall-process.ts";
import { makeDataFolder, rollcall, serve } from "./rollcall-process.ts";

const folder = makeDataFolder();
let server: RollcallProcess;

beforeAll(async () => {
  server = await serve(folder.path);
});

afterAll(async () => {
  await server.stop();
  folder.remove();
});

async function freshConnection(name: string): Promise<string> {
  await rollcall("connection", "create", "default", "--slug", name, "--data", folder.path);
  return rollcall("token", "create", `default/${name}`, "--data", folder.path);
}

async function call(
  token: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  const response = await fetch(`${server.baseUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/scim+json",
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    etag: response.headers.get("etag") ?? "",
    body: text === "" ? undefined : JSON.parse(text),
  };
}

function tally(statuses: readonly number[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const status of statuses) {
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

const user = (extra: object) => ({
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
  ...extra,
});
const patchOp = (...operations: readonly unknown[]) => ({
  schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
  Operations: operations,
});

test("64 identical POSTs without externalId: one 201, 63 × 409, one row, one audit entry, one event", async () => {
  for (const round of [1, 2, 3]) {
    const token = await freshConnection(`race-a${round}`);
    const before = countRows(folder.path);
    const answers = await Promise.all(
      Array.from({ length: 64 }, () => call(token, "POST", "/Users", user({ userName: "Ada" }))),
    );
    expect(tally(answers.map(({ status }) => status))).toEqual({ 201: 1, 409: 63 });
    const refused = answers.filter(({ status }) => status === 409);
    expect(refused.every(({ body }) => body.scimType === "uniqueness")).toBe(true);
    const after = countRows(folder.path);
    expect(after.resources - before.resources).toBe(1);
    expect(after.auditEntries - before.auditEntries).toBe(1);
    expect(after.outboxEvents - before.outboxEvents).toBe(1);
  }
});

test("64 identical POSTs with the same externalId: one 201, 63 × 200 with the same id, and nothing twice", async () => {
  const token = await freshConnection("race-b");
  const before = countRows(folder.path);
  const answers = await Promise.all(
    Array.from({ length: 64 }, () =>
      call(token, "POST", "/Users", user({ userName: "Ada", externalId: "x-1" })),
    ),
  );
  expect(tally(answers.map(({ status }) => status))).toEqual({ 200: 63, 201: 1 });
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  const after = countRows(folder.path);
  expect(after.resources - before.resources).toBe(1);
  expect(after.auditEntries - before.auditEntries).toBe(1);
  expect(after.outboxEvents - before.outboxEvents).toBe(1);
});

test("20 PUTs with one version: one 200, 19 × 412", async () => {
  const token = await freshConnection("race-c");
  const { body, etag } = await call(token, "POST", "/Users", user({ userName: "ada" }));
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      call(token, "PUT", `/Users/${body.id}`, user({ userName: "ada", title: `t${index}` }), {
        "if-match": etag,
      }),
    ),
  );
  expect(tally(answers.map(({ status }) => status))).toEqual({ 200: 1, 412: 19 });
});

test("64 PATCHes of one user at once are all applied: no 503, no lost value", async () => {
  const token = await freshConnection("race-f");
  const { body } = await call(token, "POST", "/Users", user({ userName: "ada" }));
  const answers = await Promise.all(
    Array.from({ length: 64 }, (_, index) =>
      call(
        token,
        "PATCH",
        `/Users/${body.id}`,
        patchOp({ op: "add", path: "emails", value: [{ value: `${index}@example.com` }] }),
      ),
    ),
  );
  expect(tally(answers.map(({ status }) => status))).toEqual({ 200: 64 });
  const after = await call(token, "GET", `/Users/${body.id}`);
  expect(after.body.emails).toHaveLength(64);
  expect(after.etag).toBe('W/"65"');
});

test("50 PATCHes that add one member each to one group at once: 50 members, none lost", async () => {
  const token = await freshConnection("race-d");
  const people = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      call(token, "POST", "/Users", user({ userName: `p${index}` })),
    ),
  );
  const group = await call(token, "POST", "/Groups", {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
    displayName: "Staff",
  });
  const answers = await Promise.all(
    people.map(({ body }) =>
      call(
        token,
        "PATCH",
        `/Groups/${group.body.id}`,
        patchOp({ op: "add", path: "members", value: [{ value: body.id }] }),
      ),
    ),
  );
  expect(tally(answers.map(({ status }) => status))).toEqual({ 200: 50 });
  const after = await call(token, "GET", `/Groups/${group.body.id}`);
  expect(after.body.members).toHaveLength(50);
});

test("a rename and a create race for one name: one of them wins, the other gets 409", async () => {
  const token = await freshConnection("race-e");
  const { body } = await call(token, "POST", "/Users", user({ userName: "old" }));
  const [renamed, created] = await Promise.all([
    call(
      token,
      "PATCH",
      `/Users/${body.id}`,
      patchOp({ op: "replace", path: "userName", value: "new" }),
    ),
    call(token, "POST", "/Users", user({ userName: "NEW" })),
  ]);
  expect([
    [200, 409],
    [409, 201],
  ]).toContainEqual([renamed.status, created.status]);
});

test("after all races the invariants hold", () => {
  expect(findBrokenInvariants(folder.path)).toEqual([]);
});
