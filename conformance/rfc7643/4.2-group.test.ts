/** The Group resource and its members (RFC 7643 §4.2). */
import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import type { Representation } from "../scim-client.ts";
import {
  createScimClient,
  expectError,
  expectStatus,
  groupBody,
  idsOf,
  urn,
} from "../scim-client.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));
const lenient = createScimClient(await freshConnection());
const referential = createScimClient(
  await freshConnection({ settings: { strict: true, strictReferences: true } }),
);
const repeating = createScimClient(
  await freshConnection({ settings: { uniqueGroupNames: false } }),
);

/** The ids of a group's members, read anew. */
async function membersOf({ id }: Representation, of = client): Promise<readonly unknown[]> {
  const { body } = await of.get(`/Groups/${id}`);
  return (body.members ?? []).map(({ value }) => value).toSorted();
}

/** Ids of new users. */
async function newUserIds(count: number, of = client): Promise<readonly string[]> {
  const users = await Promise.all(Array.from({ length: count }, () => of.newUser()));
  return users.map(({ id }) => id).toSorted();
}

test("GRP-01 CHAR-14 a Group without displayName is refused", async () => {
  expectError(await client.post("/Groups", { schemas: [urn.group] }), 400, "invalidValue");
  expectError(await client.post("/Groups", groupBody({ displayName: "" })), 400, "invalidValue");
});

test("GRP-02 group names are unique in any case unless the connection allows twins", async () => {
  const group = await client.newGroup();
  const displayName = String(group.displayName).toUpperCase();
  const twin = await client.post("/Groups", groupBody({ displayName }));
  expectError(twin, 409, "uniqueness");
  expect(twin.body.detail).toContain("displayName");
  const first = await repeating.newGroup();
  const second = await repeating.newGroup({ displayName: first.displayName });
  expect(second.id).not.toBe(first.id);
});

test("GRP-03 GRP-04 GRP-07 a member shows what the server knows of it, not what the client said", async () => {
  const user = await client.newUser({ displayName: "Grace" });
  const group = await client.newGroup({
    members: [{ value: user.id, display: "Forged", type: "Group", $ref: "https://evil.example/" }],
  });
  const { body } = await client.get(`/Groups/${group.id}`);
  expect(body.members).toEqual([
    {
      value: user.id,
      $ref: `${client.baseUrl}/Users/${user.id}`,
      display: "Grace",
      type: "User",
    },
  ]);
});

test("GRP-05 PATCH-65 CHAR-17 what a member is cannot be changed, only added or removed", async () => {
  const [member = "", other = ""] = await newUserIds(2);
  const group = await client.newGroup({ members: [{ value: member }] });
  for (const operation of [
    { op: "replace", path: `members[value eq "${member}"].value`, value: other },
    { op: "remove", path: `members[value eq "${member}"].value` },
  ]) {
    expectError(await client.patch(`/Groups/${group.id}`, [operation]), 400, "mutability");
  }
  expect(await membersOf(group)).toEqual([member]);
});

test("GRP-06 a Group may be a member of a Group", async () => {
  const inner = await client.newGroup();
  const outer = await client.newGroup({ members: [{ value: inner.id, type: "Group" }] });
  expect((await client.get(`/Groups/${outer.id}`)).body.members).toMatchObject([
    { value: inner.id, type: "Group", $ref: `${client.baseUrl}/Groups/${inner.id}` },
  ]);
});

test("GRP-08 TYPE-13 an unknown member is skipped, or refused with strictReferences", async () => {
  const members = [{ value: randomUUID() }, { value: "no-such" }];
  const skipped = await client.newGroup({ members });
  expect(await membersOf(skipped)).toEqual([]);
  const body = groupBody({ members });
  expectError(await referential.post("/Groups", body), 400, "invalidValue");
  const named = await referential.filter("/Groups", `displayName eq "${body["displayName"]}"`);
  expect(idsOf(named)).toEqual([]);
  const group = await referential.newGroup();
  const operation = { op: "add", path: "members", value: members };
  expectError(await referential.patch(`/Groups/${group.id}`, [operation]), 400, "invalidValue");
  expect((await referential.get(`/Groups/${group.id}`)).body).toEqual(group);
});

test("GRP-09 PATCH-46 adding a present member is a success that changes nothing", async () => {
  const [member] = await newUserIds(1);
  const group = await client.newGroup({ members: [{ value: member }] });
  const before = (await client.get(`/Groups/${group.id}`)).body;
  const operation = { op: "add", path: "members", value: [{ value: member }] };
  expectStatus(await client.patch(`/Groups/${group.id}`, [operation]), 200, 204);
  expect((await client.get(`/Groups/${group.id}`)).body).toEqual(before);
});

test("GRP-10 removing an absent member is a success that changes nothing", async () => {
  const [member, absent] = await newUserIds(2);
  const group = await client.newGroup({ members: [{ value: member }] });
  const before = (await client.get(`/Groups/${group.id}`)).body;
  const operation = { op: "remove", path: `members[value eq "${absent}"]` };
  expectStatus(await client.patch(`/Groups/${group.id}`, [operation]), 200, 204);
  expect((await client.get(`/Groups/${group.id}`)).body).toEqual(before);
});

test("GRP-11 PATCH-62 removing members without a value removes all, the members stay Users", async () => {
  const ids = await newUserIds(3);
  const group = await client.newGroup({ members: ids.map((value) => ({ value })) });
  const operation = { op: "remove", path: "members" };
  expectStatus(await client.patch(`/Groups/${group.id}`, [operation]), 200, 204);
  const { body } = await client.get(`/Groups/${group.id}`);
  expect(body.members, "an empty group shows an empty list").toEqual([]);
  expectStatus(await client.get(`/Users/${ids[0]}`), 200);
});

test.each([
  ["a list of objects", (id: string) => [{ value: id }]],
  ["a list with $ref", (id: string) => [{ $ref: null, value: id }]],
  ["one object", (id: string) => ({ value: id })],
  ["a list of ids", (id: string) => [id]],
])("GRP-12 PATCH-68 removing members with %s removes only those", async (_, listed) => {
  const [first = "", ...rest] = await newUserIds(3, lenient);
  const group = await lenient.newGroup({ members: [first, ...rest].map((value) => ({ value })) });
  const operation = { op: "remove", path: "members", value: listed(first) };
  expectStatus(await lenient.patch(`/Groups/${group.id}`, [operation]), 200, 204);
  expect(await membersOf(group, lenient)).toEqual(rest);
});

test("GRP-12 removing members with an empty list removes nobody", async () => {
  const ids = await newUserIds(2, lenient);
  const group = await lenient.newGroup({ members: ids.map((value) => ({ value })) });
  const operation = { op: "remove", path: "members", value: [] };
  expectStatus(await lenient.patch(`/Groups/${group.id}`, [operation]), 200, 204);
  expect(await membersOf(group, lenient)).toEqual(ids);
});

test("GRP-13 a deleted User is no member any more, and the version of the group moves", async () => {
  const [gone, stays] = await newUserIds(2);
  const group = await client.newGroup({ members: [{ value: gone }, { value: stays }] });
  expectStatus(await client.delete(`/Users/${gone}`), 204);
  const { body } = await client.get(`/Groups/${group.id}`);
  expect(body.members).toMatchObject([{ value: stays }]);
  expect(body.meta.version).not.toBe(group.meta.version);
});

test("GRP-14 groups may contain each other; a group is never its own member", async () => {
  const one = await client.newGroup();
  const two = await client.newGroup({ members: [{ value: one.id }] });
  const add = (group: Representation, member: Representation) =>
    client.patch(`/Groups/${group.id}`, [
      { op: "add", path: "members", value: [{ value: member.id }] },
    ]);
  expectStatus(await add(one, two), 200);
  expect(await membersOf(one)).toEqual([two.id]);
  expectStatus(await add(one, one), 200, 204, 400);
  expect(await membersOf(one)).toEqual([two.id]);
});

test("GRP-15 FILT-44 Groups can be found by name, externalId and member", async () => {
  const [member] = await newUserIds(1);
  const externalId = randomUUID();
  const group = await client.newGroup({ externalId, members: [{ value: member }] });
  await client.newGroup();
  for (const filter of [
    `displayName eq "${String(group.displayName).toUpperCase()}"`,
    `externalId eq "${externalId}"`,
    `members.value eq "${member}"`,
    `members eq "${member}"`,
    `members[value eq "${member}"]`,
    `id eq "${group.id}" and members eq "${member}"`,
    `members.$ref ew "/Users/${member}"`,
  ]) {
    expect(idsOf(await client.filter("/Groups", filter)), filter).toEqual([group.id]);
  }
  const none = await client.filter("/Groups", `members.value eq "${randomUUID()}"`);
  expect(idsOf(none)).toEqual([]);
});

test("GRP-16 PROJ-05 members are left out where they are excluded, in one and in a list", async () => {
  const [member] = await newUserIds(1);
  const group = await client.newGroup({ members: [{ value: member }] });
  const one = await client.get(`/Groups/${group.id}?excludedAttributes=members`);
  const list = await client.filter(
    "/Groups",
    `displayName eq "${group.displayName}"`,
    "&excludedAttributes=members",
  );
  for (const body of [one.body, list.body.Resources[0]]) {
    expect(body?.id).toBe(group.id);
    expect(body).not.toHaveProperty("members");
  }
});

test("GRP-17 one operation adds a thousand members", async () => {
  const ids: string[] = [];
  for (let round = 0; round < 5; round++) {
    ids.push(...(await newUserIds(200)));
  }
  const group = await client.newGroup();
  const value = ids.map((id) => ({ value: id }));
  const answer = await client.patch(`/Groups/${group.id}`, [{ op: "add", path: "members", value }]);
  expectStatus(answer, 200, 204);
  expect(await membersOf(group)).toEqual(ids.toSorted());
});

test("GRP-18 PATCH-51 a rename that repeats the id in the value renames", async () => {
  const group = await client.newGroup();
  const displayName = `renamed-${group.id}`;
  const answer = await client.patch(`/Groups/${group.id}`, [
    { op: "replace", value: { id: group.id, displayName } },
  ]);
  expectStatus(answer, 200);
  expect((await client.get(`/Groups/${group.id}`)).body).toMatchObject({
    id: group.id,
    displayName,
  });
});

test("GRP-19 CHAR-15 a member that names nobody is skipped, or refused with strictReferences", async () => {
  const members = [{ display: "x" }];
  const body = groupBody({ members });
  expectError(await referential.post("/Groups", body), 400, "invalidValue");
});

test("GRP-20 GRP-21 a bare id is a member; an id of another tenant is like an unknown one", async () => {
  const [member = ""] = await newUserIds(1, lenient);
  const foreign = await client.newUser();
  const group = await lenient.newGroup();
  for (const value of [member, [member, foreign.id]]) {
    const operation = { op: "add", path: "members", value };
    expectStatus(await lenient.patch(`/Groups/${group.id}`, [operation]), 200, 204);
  }
  expect(await membersOf(group, lenient)).toEqual([member]);
  const refused = async (value: string) =>
    (
      await referential.post("/Groups", groupBody({ members: [{ value }] }))
    ).body.detail?.replaceAll(value, "ID");
  expect(await refused(foreign.id)).toBe(await refused(randomUUID()));
});

test("PUT-18 PUT replaces the members exactly; without members it keeps them; [] empties", async () => {
  const ids = await newUserIds(3);
  const group = await client.newGroup({ members: ids.map((value) => ({ value })) });
  const put = (members?: readonly { value: string }[]) =>
    client.put(
      `/Groups/${group.id}`,
      groupBody({ displayName: group.displayName, ...(members && { members }) }),
    );
  const two = ids.slice(0, 2);
  expectStatus(await put(two.map((value) => ({ value }))), 200);
  expect(await membersOf(group)).toEqual(two);
  expectStatus(await put(), 200);
  expect(await membersOf(group)).toEqual(two);
  expectStatus(await put([]), 200);
  expect(await membersOf(group)).toEqual([]);
});

test("GRP-02 a rename to a taken group name is a conflict and changes nothing", async () => {
  const one = await client.newGroup();
  const two = await client.newGroup();
  const { displayName } = one;
  const patch = [{ op: "replace", path: "displayName", value: displayName }];
  expectError(await client.patch(`/Groups/${two.id}`, patch), 409, "uniqueness");
  expectError(await client.put(`/Groups/${two.id}`, groupBody({ displayName })), 409, "uniqueness");
  expect((await client.get(`/Groups/${two.id}`)).body).toEqual(two);
});
