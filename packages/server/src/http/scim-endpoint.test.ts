/** The id-injection matrix: another tenant's id answers exactly like a random one, wherever an id can appear. */
import { randomUUID } from "node:crypto";
import { createStandardRegistry, scimRoutesOf } from "@rollcall/scim";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestRollcall } from "../../../../test/compose-for-tests.ts";
import { composeForTests } from "../../../../test/compose-for-tests.ts";

const userUri = "urn:ietf:params:scim:schemas:core:2.0:User";
const groupUri = "urn:ietf:params:scim:schemas:core:2.0:Group";
const enterpriseUri = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const patchUri = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const searchUri = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
const base = "http://127.0.0.1/scim/v2";

interface Population {
  readonly token: string;
  readonly tenantId: string;
  readonly connectionId: string;
  readonly user: string;
  readonly group: string;
}
interface Attempt {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

let rollcall: TestRollcall;
let mine: Population;
let theirs: Population;
let sibling: Population;

beforeAll(async () => {
  rollcall = await composeForTests();
  mine = await populate("mine", await rollcall.newTenant("mine"));
  theirs = await populate("theirs", await rollcall.newTenant("theirs"));
  // A second connection of my own tenant is as foreign as another tenant (RFC 7644 §6).
  const tenant = await rollcall.store.tenants.bySlug("mine");
  if (tenant === undefined) {
    throw new Error("no tenant");
  }
  const wish = { tenant, profile: "generic", slug: "sibling", name: undefined } as const;
  const { tenantId, connectionId } = await rollcall.createConnection(wish);
  const scope = { tenantId, connectionId };
  sibling = await populate("sibling", { scope, token: await rollcall.newToken(scope) });
});
afterAll(() => rollcall.remove());

async function call(token: string, { method, path, body, headers = {} }: Omit<Attempt, "name">) {
  const response = await rollcall.fetch(
    new Request(`${base}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/scim+json",
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
  return { status: response.status, headers: response.headers, text: await response.text() };
}

async function populate(
  name: string,
  { scope, token }: Awaited<ReturnType<TestRollcall["newTenant"]>>,
): Promise<Population> {
  const make = async (path: string, body: unknown): Promise<string> => {
    const { status, text } = await call(token, { method: "POST", path, body });
    expect(status, text).toBe(201);
    return JSON.parse(text).id;
  };
  const user = await make("/Users", {
    schemas: [userUri],
    userName: `${name}@example.com`,
    externalId: `x-${name}`,
  });
  const group = await make("/Groups", {
    schemas: [groupUri],
    displayName: `Group of ${name}`,
    members: [{ value: user }],
  });
  return { token, ...scope, user, group };
}

/** Every place an id can appear, tried with one id. */
function attemptsWith(
  id: string,
  scope: { tenantId: string; connectionId: string },
): readonly Attempt[] {
  const user = { schemas: [userUri], userName: "someone@example.com" };
  const group = { schemas: [groupUri], displayName: "Somebody's" };
  const patch = (...operations: readonly unknown[]) => ({
    schemas: [patchUri],
    Operations: operations,
  });
  const member = { value: id };
  const inPaths = ["Users", "Groups"].flatMap((type): Attempt[] => {
    const body = type === "Users" ? user : group;
    const rename = patch({
      op: "replace",
      path: type === "Users" ? "title" : "displayName",
      value: "x",
    });
    return [
      { name: `get ${type}`, method: "GET", path: `/${type}/${id}` },
      { name: `head ${type}`, method: "HEAD", path: `/${type}/${id}` },
      { name: `put ${type}`, method: "PUT", path: `/${type}/${id}`, body },
      { name: `patch ${type}`, method: "PATCH", path: `/${type}/${id}`, body: rename },
      { name: `delete ${type}`, method: "DELETE", path: `/${type}/${id}` },
      { name: `get ${type} in capitals`, method: "GET", path: `/${type}/${id.toUpperCase()}` },
      { name: `filter ${type} by id`, method: "GET", path: filter(type, `id eq "${id}"`) },
      {
        name: `filter ${type} by part of id`,
        method: "GET",
        path: filter(type, `id ew "${id.slice(-12)}"`),
      },
      {
        name: `filter ${type} by location`,
        method: "GET",
        path: filter(type, `meta.location co "${id}"`),
      },
    ];
  });
  return [
    ...inPaths,
    { name: "me", method: "GET", path: `/Me?id=${id}` },
    { name: "filter by member", method: "GET", path: filter("Groups", `members.value eq "${id}"`) },
    {
      name: "filter by member path",
      method: "GET",
      path: filter("Groups", `members[value eq "${id}"]`),
    },
    { name: "filter by group", method: "GET", path: filter("Users", `groups.value eq "${id}"`) },
    {
      name: "filter by manager",
      method: "GET",
      path: filter("Users", `${enterpriseUri}:manager.value eq "${id}"`),
    },
    { name: "id in a body", method: "POST", path: "/Users", body: { ...user, id } },
    {
      name: "member in POST",
      method: "POST",
      path: "/Groups",
      body: { ...group, members: [member] },
    },
    {
      name: "member in PUT",
      method: "PUT",
      path: `/Groups/${mine.group}`,
      body: { ...group, members: [member] },
    },
    ...["add", "replace", "remove"].map((op) => ({
      name: `member in PATCH ${op}`,
      method: "PATCH",
      path: `/Groups/${mine.group}`,
      body: patch({ op, path: "members", value: [member] }),
    })),
    {
      name: "member in a value path",
      method: "PATCH",
      path: `/Groups/${mine.group}`,
      body: patch({ op: "remove", path: `members[value eq "${id}"]` }),
    },
    {
      name: "$ref of a member",
      method: "PATCH",
      path: `/Groups/${mine.group}`,
      body: patch({
        op: "add",
        path: "members",
        value: [{ value: id, $ref: `${base}/Users/${id}` }],
      }),
    },
    {
      name: "manager",
      method: "PATCH",
      path: `/Users/${mine.user}`,
      body: patch({ op: "add", path: `${enterpriseUri}:manager`, value: { value: id } }),
    },
    ...["", "/Users", "/Groups"].flatMap((endpoint) => [
      {
        name: `search ${endpoint} by id`,
        method: "POST",
        path: `${endpoint}/.search`,
        body: { schemas: [searchUri], filter: `id eq "${id}"` },
      },
      {
        name: `search ${endpoint} by location`,
        method: "POST",
        path: `${endpoint}/.search`,
        body: { schemas: [searchUri], filter: `meta.location co "${id}"` },
      },
      { name: `cursor ${endpoint}`, method: "GET", path: `${endpoint}?cursor=${id}` },
    ]),
    { name: "search members", method: "GET", path: filter("", `members.value eq "${id}"`) },
    {
      name: "bulk",
      method: "POST",
      path: "/Bulk",
      body: {
        schemas: ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        Operations: [
          ...["Users", "Groups"].flatMap((type) => [
            { method: "PUT", path: `/${type}/${id}`, data: type === "Users" ? user : group },
            {
              method: "PATCH",
              path: `/${type}/${id}`,
              data: patch({ op: "remove", path: "title" }),
            },
            { method: "DELETE", path: `/${type}/${id}` },
          ]),
          {
            method: "PATCH",
            path: `/Groups/${mine.group}`,
            data: patch({ op: "add", path: "members", value: [member] }),
          },
        ],
      },
    },
    {
      name: "tenant and connection in a body",
      method: "POST",
      path: "/Users",
      body: { ...user, ...scope, tenant: scope.tenantId, connection: scope.connectionId },
    },
    {
      name: "tenant and connection in query and headers",
      method: "GET",
      path: `/Users?tenantId=${scope.tenantId}&connectionId=${scope.connectionId}`,
      headers: { "x-tenant-id": scope.tenantId, "x-connection-id": scope.connectionId },
    },
    {
      name: "tenant in the path",
      method: "GET",
      path: `/${scope.tenantId}/Users`,
    },
  ];
}

function filter(type: string, text: string): string {
  return `/${type}?filter=${encodeURIComponent(text)}`;
}

/** Runs the attempts on a fresh population, each of which is undone, and answers with what a client sees. */
async function seen(id: string, scope: { tenantId: string; connectionId: string }) {
  const answers: Record<string, unknown> = {};
  for (const attempt of attemptsWith(id, scope)) {
    const answer = await call(mine.token, attempt);
    answers[attempt.name] = {
      status: answer.status,
      body: withoutIds(answer.text, id),
      headers: withoutIds(JSON.stringify([...answer.headers]), id),
    };
    await restore(answer);
  }
  return answers;
}

/** Undoes what an attempt made, so that the next one finds the same. */
async function restore(answer: { status: number; text: string }): Promise<void> {
  if (answer.status === 201) {
    const { id, meta } = JSON.parse(answer.text);
    await call(mine.token, { method: "DELETE", path: `/${meta.resourceType}s/${id}` });
  }
  const members = [{ value: mine.user }];
  const group = { schemas: [groupUri], displayName: "Group of mine", members };
  await call(mine.token, { method: "PUT", path: `/Groups/${mine.group}`, body: group });
  const user = { schemas: [userUri], userName: "mine@example.com", externalId: "x-mine" };
  await call(mine.token, { method: "PUT", path: `/Users/${mine.user}`, body: user });
}

/** Ids, times and versions differ from request to request; nothing else may. */
function withoutIds(text: string, id: string): string {
  return text
    .replaceAll(id, "THE-ID")
    .replaceAll(id.toUpperCase(), "THE-ID")
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, "AN-ID")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "A-TIME")
    .replace(/W\/\\*"\d+\\*"/g, "A-VERSION");
}

/** Everything a population shows to its own client. */
async function snapshot({ token }: Population): Promise<string> {
  const [users, groups] = [
    await call(token, { method: "GET", path: "/Users" }),
    await call(token, { method: "GET", path: "/Groups" }),
  ];
  return `${users.status} ${users.text} ${groups.status} ${groups.text}`;
}

test("the matrix has every method of every route that takes the id of a resource", () => {
  const scope = { tenantId: "t", connectionId: "c" };
  const attempted = new Set(
    attemptsWith("THE-ID", scope).map(
      ({ method, path }) => `${method} ${path.replace("THE-ID", "{id}")}`,
    ),
  );
  const routes = scimRoutesOf(createStandardRegistry()).filter(
    ({ template, resourceType }) => resourceType !== undefined && template.endsWith("/{id}"),
  );
  expect(routes.length).toBeGreaterThan(1);
  for (const { template, methods } of routes) {
    for (const method of Object.keys(methods)) {
      expect(attempted).toContain(`${method} ${template}`);
    }
  }
});

test("ids of another tenant, or of another connection, answer like random ones and change nothing there", async () => {
  const before = [await snapshot(theirs), await snapshot(sibling)];
  const nobody = { tenantId: randomUUID(), connectionId: randomUUID() };
  const random = await seen(randomUUID(), nobody);
  expect(Object.keys(random).length).toBeGreaterThan(30);
  for (const [whose, population] of Object.entries({ theirs, sibling })) {
    expect(await seen(population.user, population), `user of ${whose}`).toEqual(random);
    expect(await seen(population.group, population), `group of ${whose}`).toEqual(random);
    expect(await seen(population.connectionId, population), `connection of ${whose}`).toEqual(
      random,
    );
    expect(await seen(population.tenantId, population), `tenant of ${whose}`).toEqual(random);
  }
  expect([await snapshot(theirs), await snapshot(sibling)]).toEqual(before);
});

test("no population sees another one's resources in its lists", async () => {
  const lists = await Promise.all([mine, theirs, sibling].map(snapshot));
  const ids = [mine, theirs, sibling].map(({ user, group }) => [user, group]);
  for (const [index, list] of lists.entries()) {
    for (const [other, foreign] of ids.entries()) {
      for (const id of foreign) {
        expect(list.includes(id)).toBe(index === other);
      }
    }
  }
});

test("the same userName and externalId live in every population, and never conflict", async () => {
  const body = { schemas: [userUri], userName: "same@example.com", externalId: "same" };
  for (const { token } of [mine, theirs, sibling]) {
    expect((await call(token, { method: "POST", path: "/Users", body })).status).toBe(201);
  }
});
