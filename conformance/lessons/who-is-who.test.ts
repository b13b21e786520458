/** Who is who: uniqueness, renames and populations that never mix. */
import { describe, expect, test } from "vitest";
import { expectError, expectStatus, groupBody, idsOf, unique, userBody } from "../scim-client.ts";
import { clientOf } from "./client-of.ts";

describe("who is who", () => {
  test("one userName with another e-mail is a conflict; another userName with one e-mail is not", async () => {
    const client = await clientOf();
    const emails = [{ value: "shared@example.com", primary: true }];
    const user = await client.newUser({ emails });
    const other = userBody({ userName: user.userName, emails: [{ value: "other@example.com" }] });
    expectError(await client.post("/Users", other), 409, "uniqueness");
    await client.newUser({ emails });
  });

  test("the details of a conflict tell userName from externalId", async () => {
    const client = await clientOf();
    const one = await client.newUser({ externalId: unique("ext") });
    const two = await client.newUser({ externalId: unique("ext") });
    const patch = (path: string, value: unknown) =>
      client.patch(`/Users/${two.id}`, [{ op: "replace", path, value }]);
    const byName = await patch("userName", one.userName);
    const byExternalId = await patch("externalId", one.externalId);
    expectError(byName, 409, "uniqueness");
    expectError(byExternalId, 409, "uniqueness");
    expect(byName.body.detail).toContain("userName");
    expect(byName.body.detail).not.toContain("externalId");
    expect(byExternalId.body.detail).toContain("externalId");
  });

  test.each([
    ["Users", "userName", "PUT"],
    ["Users", "userName", "PATCH"],
    ["Groups", "displayName", "PUT"],
    ["Groups", "displayName", "PATCH"],
  ] as const)(
    "after a rename in %s of %s by %s the old name is free and finds nothing",
    async (type, path, method) => {
      const client = await clientOf();
      const make = (name: unknown) =>
        type === "Users" ? userBody({ userName: name }) : groupBody({ displayName: name });
      const create = async (name: unknown) => client.post(`/${type}`, make(name));
      const oldName = unique("old");
      const newName = unique("new");
      const { id } = (await create(oldName)).body;
      const renamed =
        method === "PUT"
          ? await client.put(`/${type}/${id}`, make(newName))
          : await client.patch(`/${type}/${id}`, [{ op: "replace", path, value: newName }]);
      expectStatus(renamed, 200);
      const find = async (name: string) =>
        idsOf(await client.filter(`/${type}`, `${path} eq "${name.toUpperCase()}"`));
      expect(await find(oldName)).toEqual([]);
      expect(await find(newName)).toEqual([id]);
      expectError(await create(newName.toUpperCase()), 409, "uniqueness");
      expectStatus(await create(oldName), 201);
    },
  );

  test("externalId is kept and can be asked for", async () => {
    const client = await clientOf();
    const externalId = unique("ext");
    const user = await client.newUser({ externalId });
    expect((await client.get(`/Users/${user.id}`)).body.externalId).toBe(externalId);
    expect(idsOf(await client.filter("/Users", `externalId eq "${externalId}"`))).toEqual([
      user.id,
    ]);
  });

  test("the requests of two tenants at once never mix", async () => {
    const clients = [await clientOf(), await clientOf()];
    const made = await Promise.all(
      clients.map((client) =>
        Promise.all(Array.from({ length: 20 }, async () => (await client.newUser()).id)),
      ),
    );
    for (const [index, client] of clients.entries()) {
      expect(idsOf(await client.get("/Users?count=100"))).toEqual(made[index]?.toSorted());
    }
  });
});
