/** Groups: members in every form clients send them, moves and renames. */
import { describe, expect, test } from "vitest";
import type { Representation } from "../scim-client.ts";
import { expectStatus, groupBody, unique } from "../scim-client.ts";
import { clientOf, ids, membersOf, valuesOf } from "./client-of.ts";

describe("groups", () => {
  test("members on POST, PUT and every PATCH take effect, in any case of the verb", async () => {
    const client = await clientOf();
    const [a, b, c] = [await client.newUser(), await client.newUser(), await client.newUser()];
    const group = await client.newGroup({ members: valuesOf(a) });
    expect(await membersOf(client, group)).toEqual([a.id]);
    const path = `/Groups/${group.id}`;
    const steps: readonly (readonly [object, readonly Representation[]])[] = [
      [{ op: "Add", path: "members", value: valuesOf(b) }, [a, b]],
      [{ op: "add", value: { members: valuesOf(c) } }, [a, b, c]],
      [{ op: "Remove", path: "members", value: valuesOf(a) }, [b, c]],
      [{ op: "remove", path: `members[value eq "${b.id}"]` }, [c]],
      [{ op: "Replace", path: "members", value: valuesOf(a, b) }, [a, b]],
      [{ op: "replace", value: { members: valuesOf(b, c) } }, [b, c]],
      [{ op: "remove", path: "members" }, []],
    ];
    for (const [operation, expected] of steps) {
      expectStatus(await client.patch(path, [operation]), 200);
      expect(await membersOf(client, group), JSON.stringify(operation)).toEqual(ids(...expected));
    }
    await client.put(path, groupBody({ displayName: group.displayName, members: valuesOf(a) }));
    expect(await membersOf(client, group)).toEqual([a.id]);
    await client.put(path, groupBody({ displayName: group.displayName, members: [] }));
    expect(await membersOf(client, group), "PUT [] removes the last one").toEqual([]);
  });

  test("a move between groups works in either order, and a replacement touches only those left out", async () => {
    const client = await clientOf();
    const [a, b, c] = [await client.newUser(), await client.newUser(), await client.newUser()];
    const admins = await client.newGroup({ members: valuesOf(a, b) });
    const viewers = await client.newGroup();
    const add = (group: Representation, user: Representation) =>
      client.patch(`/Groups/${group.id}`, [{ op: "add", path: "members", value: valuesOf(user) }]);
    const remove = (group: Representation, user: Representation) =>
      client.patch(`/Groups/${group.id}`, [
        { op: "remove", path: "members", value: valuesOf(user) },
      ]);
    await add(viewers, a);
    await remove(admins, a);
    await remove(admins, b);
    await add(viewers, b);
    await remove(admins, c);
    expect(await membersOf(client, admins)).toEqual([]);
    expect(await membersOf(client, viewers)).toEqual(ids(a, b));
    const replacement = { op: "replace", path: "members", value: valuesOf(b, c) };
    await client.patch(`/Groups/${viewers.id}`, [replacement]);
    expect(await membersOf(client, viewers)).toEqual(ids(b, c));
  });

  test("a rename, even one that repeats the id, changes no membership", async () => {
    const client = await clientOf("okta");
    const user = await client.newUser();
    const group = await client.newGroup({ members: valuesOf(user) });
    const displayName = unique("renamed");
    await client.patch(`/Groups/${group.id}`, [
      { op: "replace", value: { id: group.id, displayName } },
    ]);
    expect(await membersOf(client, group)).toEqual([user.id]);
    expect((await client.get(`/Groups/${group.id}`)).body.displayName).toBe(displayName);
  });

  test("operations on members are applied in their order", async () => {
    const client = await clientOf();
    const [a, b] = [await client.newUser(), await client.newUser()];
    const group = await client.newGroup({ members: valuesOf(a) });
    const add = (user: Representation) => ({ op: "add", path: "members", value: valuesOf(user) });
    const removeAll = { op: "remove", path: "members" };
    await client.patch(`/Groups/${group.id}`, [add(b), removeAll]);
    expect(await membersOf(client, group)).toEqual([]);
    await client.patch(`/Groups/${group.id}`, [removeAll, add(b), add(a), removeAll, add(a)]);
    expect(await membersOf(client, group)).toEqual([a.id]);
  });

  test("unknown members are skipped and the others are added", async () => {
    const client = await clientOf();
    const user = await client.newUser();
    const group = await client.newGroup({ members: [{ value: "nobody" }, ...valuesOf(user)] });
    expect(await membersOf(client, group)).toEqual([user.id]);
  });

  test("the members of a large group can be left out of every answer", async () => {
    const client = await clientOf();
    const user = await client.newUser();
    const group = await client.newGroup({ members: valuesOf(user) });
    const path = `/Groups/${group.id}?excludedAttributes=members`;
    const operation = { op: "replace", path: "displayName", value: unique("g") };
    for (const answer of [await client.get(path), await client.patch(path, [operation])]) {
      expect(answer.body).not.toHaveProperty("members");
    }
  });
});
