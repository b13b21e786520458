/** A connector that is deleted and made again at the identity provider converges without loss. */
import { describe, expect, test } from "vitest";
import { expectStatus, groupBody, unique, userBody } from "../scim-client.ts";
import { clientOf, ids, membersOf, valuesOf } from "./client-of.ts";

describe("a connector that was deleted and made again", () => {
  test.each(["generic", "authentik", "jumpcloud", "keycloak", "onelogin"] as const)(
    "%s: everybody is posted again and nothing changes but what is new",
    async (profile) => {
      const client = await clientOf(profile);
      const bodies = Array.from({ length: 5 }, () => userBody({ externalId: unique("ext") }));
      const users = await Promise.all(
        bodies.map(async (body) => (await client.post("/Users", body)).body),
      );
      const group = await client.newGroup({
        externalId: unique("ext"),
        members: valuesOf(...users),
      });
      for (const [index, body] of bodies.entries()) {
        const again = await client.post("/Users", { ...body, title: "new" });
        expectStatus(again, 200);
        expect(again.body).toMatchObject({ id: users[index]?.id, title: "new" });
        expect(again.headers.get("location")).toBe(again.body.meta.location);
      }
      const { displayName, externalId } = group;
      const regrouped = await client.post("/Groups", groupBody({ displayName, externalId }));
      expectStatus(regrouped, 200);
      expect(regrouped.body.id).toBe(group.id);
      expect(await membersOf(client, group)).toEqual(ids(...users));
      const [first] = users;
      const put = await client.put(`/Users/${first?.id}`, { ...bodies[0], title: "newer" });
      expectStatus(put, 200);
      expect((await client.get("/Users?count=0")).body.totalResults).toBe(users.length);
      expect((await client.get("/Groups?count=0")).body.totalResults).toBe(1);
    },
  );

  test("neither PUT nor adoption without members empties a group", async () => {
    const client = await clientOf();
    const user = await client.newUser();
    const group = await client.newGroup({ externalId: unique("ext"), members: valuesOf(user) });
    const { displayName, externalId } = group;
    await client.put(`/Groups/${group.id}`, groupBody({ displayName, externalId }));
    await client.post("/Groups", groupBody({ displayName, externalId }));
    expect(await membersOf(client, group)).toEqual([user.id]);
  });
});
