/** Users and Groups read over the admin API: what they show, page by page, and who sees them. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AdminClient } from "../../../../../test/admin-client.ts";
import { adminToken, createAdminClient } from "../../../../../test/admin-client.ts";
import type { TestRollcall } from "../../../../../test/compose-for-tests.ts";
import { composeForTests } from "../../../../../test/compose-for-tests.ts";

const coreUrn = "urn:ietf:params:scim:schemas:core:2.0";
let rollcall: TestRollcall;
let origin = "";
let acme: AdminClient;
let globex: AdminClient;
let token = "";

beforeAll(async () => {
  rollcall = await composeForTests();
  origin = await rollcall.listen();
  ({ token } = await rollcall.newTenant("acme"));
  await rollcall.newTenant("globex");
  acme = createAdminClient(origin, await adminToken(rollcall, "acme"));
  globex = createAdminClient(origin, await adminToken(rollcall, "globex"));
});
afterAll(() => rollcall.remove());

async function scim(method: string, path: string, body?: object) {
  const response = await fetch(`${origin}/scim/v2${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return text === "" ? {} : JSON.parse(text);
}
const createUser = async (userName: string, more: object = {}): Promise<string> =>
  (await scim("POST", "/Users", { schemas: [`${coreUrn}:User`], userName, ...more })).id;
const createGroup = async (displayName: string, members: readonly string[]): Promise<string> =>
  (
    await scim("POST", "/Groups", {
      schemas: [`${coreUrn}:Group`],
      displayName,
      members: members.map((value) => ({ value })),
    })
  ).id;

const root = "/tenants/acme/connections/generic";

async function everything(client: AdminClient, path: string) {
  const items: { id: string }[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const query: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const { status, body } = await client("GET", `${path}?limit=2${query}`);
    expect(status).toBe(200);
    expect(body.items.length).toBeLessThanOrEqual(2);
    items.push(...body.items);
    cursor = body.nextCursor;
  }
  return items;
}

test("a User shows what the application needs, the account behind it included, and no password", async () => {
  const more = { externalId: "00u1", title: "Engineer", password: "t0p-secret" };
  const id = await createUser("ann@acme.example", more);
  const { body } = await acme("GET", `${root}/users/${id}`);
  expect(body).toEqual({
    id,
    externalId: "00u1",
    userName: "ann@acme.example",
    active: true,
    link: "linked",
    accountId: expect.any(String),
    revision: 1,
    created: expect.any(String),
    lastModified: expect.any(String),
    attributes: {
      userName: "ann@acme.example",
      externalId: "00u1",
      title: "Engineer",
      active: true,
    },
  });
  const feed = await acme("GET", "/events");
  const told = feed.body.items.find(({ type }: { type: string }) => type === "user.created");
  expect([body.accountId, body.revision]).toEqual([told.data.accountId, told.data.revision]);
  const off = { op: "replace", path: "active", value: false };
  await scim("PATCH", `/Users/${id}`, {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: [off],
  });
  const [listed] = (await acme("GET", `${root}/users`)).body.items;
  expect(listed).toMatchObject({ id, active: false, revision: 2 });
  await scim("DELETE", `/Users/${id}`);
  expect((await acme("GET", `${root}/users/${id}`)).status).toBe(404);
});

test("Users, Groups and members come page by page, each once, though others go meanwhile", async () => {
  const users: string[] = [];
  for (let index = 0; index < 5; index += 1) {
    users.push(await createUser(`user${index}@acme.example`));
  }
  const crew = await createGroup("crew", users);
  const rest = await createGroup("rest", []);
  const inner = await createGroup("inner", [crew]);
  expect((await everything(acme, `${root}/users`)).map(({ id }) => id)).toEqual(users);
  expect(await everything(acme, `${root}/groups`)).toMatchObject([
    { id: crew, displayName: "crew", externalId: null, revision: 1 },
    { id: rest, displayName: "rest" },
    { id: inner, displayName: "inner" },
  ]);
  expect((await acme("GET", `${root}/groups/${rest}`)).body.displayName).toBe("rest");
  const members = await everything(acme, `${root}/groups/${crew}/members`);
  expect(members.map(({ id }) => id)).toEqual(users);
  expect(members[0]).toEqual({
    id: users[0],
    resourceType: "User",
    display: "user0@acme.example",
  });
  const [innerMember] = await everything(acme, `${root}/groups/${inner}/members`);
  expect(innerMember).toMatchObject({ id: crew, resourceType: "Group" });
  const first = await acme("GET", `${root}/users?limit=2`);
  await scim("DELETE", `/Users/${users[0]}`);
  const second = await acme("GET", `${root}/users?limit=2&cursor=${first.body.nextCursor}`);
  expect(second.body.items.map(({ id }: { id: string }) => id)).toEqual(users.slice(2, 4));
});

test("what is of another tenant or another type is answered like what there is not", async () => {
  const user = await createUser("late@acme.example");
  const group = await createGroup("late", [user]);
  const paths = [
    `${root}/users/${group}`,
    `${root}/groups/${user}`,
    `${root}/groups/${user}/members`,
    `${root}/users/nobody`,
    "/tenants/acme/connections/nobody/users",
    "/tenants/acme/connections/nobody/groups",
  ];
  for (const path of paths) {
    expect((await acme("GET", path)).status, path).toBe(404);
  }
  for (const path of [
    `${root}/users`,
    `${root}/users/${user}`,
    `${root}/groups/${group}/members`,
  ]) {
    expect((await globex("GET", path)).status, path).toBe(404);
  }
  const foreign = await globex("GET", `/tenants/globex/connections/generic/groups/${group}`);
  expect(foreign.status).toBe(404);
  const { body } = await acme("GET", `${root}/users?limit=1`);
  const misplaced = await acme("GET", `${root}/groups?cursor=${body.nextCursor}`);
  expect(misplaced.status).toBe(400);
});
