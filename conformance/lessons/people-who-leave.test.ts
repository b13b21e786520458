/** People who leave: what deactivation and deletion do, and what they must not do. */
import { describe, expect, test } from "vitest";
import { expectError, expectStatus, idsOf, unique, userBody } from "../scim-client.ts";
import { clientOf, membersOf, valuesOf } from "./client-of.ts";

describe("people who leave", () => {
  test("a person who is deactivated or deleted in one tenant is untouched in every other", async () => {
    const one = await clientOf();
    const two = await clientOf();
    const body = userBody({ externalId: unique("ext"), emails: [{ value: "p@example.com" }] });
    const here = (await one.post("/Users", body)).body;
    const there = (await two.post("/Users", body)).body;
    await one.patch(`/Users/${here.id}`, [{ op: "replace", value: { active: false } }]);
    expectStatus(await one.delete(`/Users/${here.id}`), 204);
    expect((await two.get(`/Users/${there.id}`)).body).toEqual(there);
  });

  test("a deactivated person is still found by id, by name and in lists, and never 404", async () => {
    const client = await clientOf();
    const user = await client.newUser();
    await client.patch(`/Users/${user.id}`, [{ op: "replace", path: "active", value: false }]);
    expectStatus(await client.get(`/Users/${user.id}`), 200);
    expect(idsOf(await client.filter("/Users", `userName eq "${user.userName}"`))).toEqual([
      user.id,
    ]);
    expect(idsOf(await client.get("/Users"))).toEqual([user.id]);
  });

  test.each(["False", "false", "FALSE", false])(
    "active %j takes access away in every verb",
    async (active) => {
      const client = await clientOf("entra");
      const posted = await client.newUser({ active });
      expect(posted.active).toBe(false);
      const user = await client.newUser();
      for (const operation of [
        { op: "Replace", path: "active", value: active },
        { op: "replace", value: { active } },
        { op: "Add", path: "active", value: active },
      ]) {
        await client.patch(`/Users/${user.id}`, [{ op: "replace", path: "active", value: true }]);
        expectStatus(await client.patch(`/Users/${user.id}`, [operation]), 200);
        expect((await client.get(`/Users/${user.id}`)).body.active).toBe(false);
      }
      const put = userBody({ userName: user.userName, active });
      await client.patch(`/Users/${user.id}`, [{ op: "replace", path: "active", value: true }]);
      expect((await client.put(`/Users/${user.id}`, put)).body.active).toBe(false);
    },
  );

  test("a PUT that leaves active out does not bring anybody back", async () => {
    const client = await clientOf();
    const user = await client.newUser({ active: false });
    const put = await client.put(`/Users/${user.id}`, userBody({ userName: user.userName }));
    expect(put.body.active).toBe(false);
  });

  test("a deleted person can come back, is no conflict for ever and gets a new id", async () => {
    const client = await clientOf();
    const body = userBody({ externalId: unique("ext") });
    const first = (await client.post("/Users", body)).body;
    expectStatus(await client.delete(`/Users/${first.id}`), 204);
    const second = await client.post("/Users", body);
    expectStatus(second, 201);
    expect(second.body.id).not.toBe(first.id);
  });

  test("a deleted person is a member of nothing", async () => {
    const client = await clientOf();
    const user = await client.newUser();
    const groups = [
      await client.newGroup({ members: valuesOf(user) }),
      await client.newGroup({ members: valuesOf(user) }),
    ];
    await client.delete(`/Users/${user.id}`);
    for (const group of groups) {
      expect(await membersOf(client, group)).toEqual([]);
    }
  });

  test("an adopted person can be offboarded like any other", async () => {
    const client = await clientOf();
    const user = await client.newUser();
    const externalId = unique("ext");
    const adopted = await client.post("/Users", userBody({ userName: user.userName, externalId }));
    expectStatus(adopted, 200);
    const off = await client.patch(`/Users/${user.id}`, [
      { op: "replace", value: { active: false } },
    ]);
    expect(off.body.active).toBe(false);
    expectStatus(await client.delete(`/Users/${user.id}`), 204);
    expectError(await client.get(`/Users/${user.id}`), 404);
  });
});
