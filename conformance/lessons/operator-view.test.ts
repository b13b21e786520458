/** What an operator can see: tokens, the request log, audit entries and events. */
import { describe, expect, test } from "vitest";
import { administration, freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectError, expectStatus, userBody } from "../scim-client.ts";

describe.runIf(administration)("what an operator can see", () => {
  test("many tokens of one connection work at once, one is revoked alone, a changed one never works", async () => {
    const target = await freshConnection();
    const second = String(await administration?.newToken(target));
    const get = (token: string) => createScimClient({ ...target, token }).get("/Users");
    expectStatus(await get(second), 200);
    expectError(await get(`${second.slice(0, -1)}${second.endsWith("0") ? "1" : "0"}`), 401);
    await administration?.revoke(target);
    expectError(await get(String(target.token)), 401);
    expectStatus(await get(second), 200);
  });

  test("a disabled connection refuses everything and loses nothing", async () => {
    const target = await freshConnection();
    const client = createScimClient(target);
    const user = await client.newUser();
    await administration?.disable(target, true);
    expectError(await client.get(`/Users/${user.id}`), 403);
    expectError(await client.post("/Users", userBody()), 403);
    await administration?.disable(target, false);
    expect((await client.get(`/Users/${user.id}`)).body).toEqual(user);
  });

  test("every 409 and 400 is explained in the request log: attribute and both ids, nothing personal", async () => {
    const target = await freshConnection();
    const client = createScimClient(target);
    const one = await client.newUser({ emails: [{ value: "secret@example.com" }] });
    const two = await client.newUser();
    await client.patch(`/Users/${two.id}`, [
      { op: "replace", path: "userName", value: one.userName },
    ]);
    await client.post("/Users", userBody({ emails: 5, userName: "private-name" }));
    const entries = (await administration?.requests(target, 4)) ?? [];
    const conflict = entries.find(({ status }) => status === 409);
    expect(conflict?.pathTemplate).toMatch(/\/Users\/\{id\}$/);
    expect(conflict?.scimType).toBe("uniqueness");
    for (const part of ["userName", one.id, two.id]) {
      expect(conflict?.reason).toContain(part);
    }
    const invalid = entries.find(({ status }) => status === 400);
    expect(invalid?.reason).toContain("emails");
    const text = JSON.stringify(entries);
    for (const personal of [String(one.userName), "secret@example.com", "private-name"]) {
      expect(text).not.toContain(personal);
    }
    expect(text).not.toContain(String(target.token));
  });

  test("nothing is ignored in silence: what was dropped stands in the request log, without values", async () => {
    const target = await freshConnection();
    const client = createScimClient(target);
    const user = await client.newUser({ password: "hunter2", costcentre: "C-1" });
    await client.newGroup({ members: [{ value: "nobody" }] });
    await client.patch(`/Users/${user.id}`, [
      { op: "add", path: "favouriteColour", value: "green" },
    ]);
    const entries = (await administration?.requests(target, 3)) ?? [];
    const warnings = entries.map((entry) => entry.warnings.join(" "));
    expect(warnings[0]).toContain("password");
    expect(warnings[0]).toContain("costcentre");
    expect(warnings[1]).toContain("members");
    expect(warnings[2]).toContain("favouriteColour");
    expect(warnings.join()).not.toMatch(/hunter2|C-1|green/);
  });

  test("every change leaves one audit entry and its events, and what changed nothing leaves none", async () => {
    const target = await freshConnection();
    const client = createScimClient(target);
    const user = await client.newUser();
    const path = `/Users/${user.id}`;
    await client.patch(path, [{ op: "replace", path: "title", value: "T" }]);
    await client.patch(path, [{ op: "replace", path: "title", value: "T" }]);
    await client.put(path, userBody({ userName: user.userName, title: "T" }));
    expectError(await client.patch(path, [{ op: "remove", path: "userName" }]), 400, "mutability");
    await client.patch(path, [{ op: "replace", value: { active: false } }]);
    await client.patch(path, [{ op: "replace", value: { active: true } }]);
    await client.delete(path);
    const audits = (await administration?.audits(target, user.id)) ?? [];
    expect(audits).toHaveLength(5);
    expect(audits[0]?.action).toBe("user.create");
    expect(audits.at(-1)?.action).toBe("user.delete");
    const deletion = audits.at(-1);
    expect(deletion?.target, "a copy, since the person is gone").toMatchObject({
      id: user.id,
      name: user.userName,
    });
    const events = (await administration?.events(target, user.id)) ?? [];
    const types = events.map(({ type }) => type).filter((type) => type !== "sessions.revoke");
    expect(types).toEqual([
      "user.created",
      "user.updated",
      "user.deactivated",
      "user.reactivated",
      "user.deleted",
    ]);
    expect(events.some(({ type }) => type === "sessions.revoke")).toBe(true);
  });

  test("a refused create leaves nothing: no resource, no audit entry, no event", async () => {
    const target = await freshConnection();
    const client = createScimClient(target);
    const user = await client.newUser();
    expectError(
      await client.post("/Users", userBody({ userName: user.userName })),
      409,
      "uniqueness",
    );
    expectError(await client.post("/Users", userBody({ emails: 5 })), 400, "invalidValue");
    expect((await administration?.audits(target, user.id))?.length).toBe(1);
    expect((await client.get("/Users?count=0")).body.totalResults).toBe(1);
  });
});
