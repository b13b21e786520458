/** Staged roll-outs, removal of connections and previews of settings and groups over real HTTP, with a SCIM client that pushes. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { adminToken, createAdminClient } from "../../../../../test/admin-client.ts";
import type { TestRollcall } from "../../../../../test/compose-for-tests.ts";
import { composeForTests } from "../../../../../test/compose-for-tests.ts";

let rollcall: TestRollcall;
let origin = "";
beforeAll(async () => {
  rollcall = await composeForTests();
  origin = await rollcall.listen();
});
afterAll(() => rollcall.remove());

/** A tenant with an admin client, and SCIM clients for its connections. */
async function newTenant(slug: string) {
  await rollcall.newTenant(slug);
  const admin = createAdminClient(origin, await adminToken(rollcall, slug));
  const root = `/tenants/${slug}`;
  const ok = async (method: string, path: string, body?: object) => {
    const answer = await admin(method, `${root}${path}`, body === undefined ? {} : { body });
    expect([200, 201], JSON.stringify(answer.body)).toContain(answer.status);
    return answer.body;
  };
  const clientOf = async (connection: string) => {
    const { token } = await ok("POST", `/connections/${connection}/credentials`, {});
    const send = async (method: string, path: string, body?: object) => {
      const response = await fetch(`${origin}/scim/v2${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
    };
    const user = async (name: string, domain = slug): Promise<string> => {
      const schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
      const made = await send("POST", "/Users", { schemas, userName: `${name}@${domain}.example` });
      expect(made.status, JSON.stringify(made.body)).toBe(201);
      return made.body.id;
    };
    const group = async (displayName: string, ...members: readonly string[]): Promise<string> => {
      const schemas = ["urn:ietf:params:scim:schemas:core:2.0:Group"];
      const values = members.map((value) => ({ value }));
      const made = await send("POST", "/Groups", { schemas, displayName, members: values });
      expect(made.status).toBe(201);
      return made.body.id;
    };
    return { send, user, group };
  };
  const access = async () =>
    (await ok("GET", "/access")).items.map(
      ({ email, target, role }: Record<string, string>) => `${email} ${target} ${role}`,
    );
  return { admin, root, ok, clientOf, access };
}

test("a connection is staged, looked at and activated", async () => {
  const { admin, root, ok, clientOf, access } = await newTenant("rollout");
  const made = await ok("POST", "/connections", { slug: "entra", profile: "entra", staged: true });
  expect(made.staged).toBe(true);
  await ok("POST", "/teams", { name: "Design" });
  await ok("POST", "/mappings", { group: "designers", team: "Design", role: "editor" });
  const { user, group, send } = await clientOf("entra");
  const ann = await user("ann");
  await user("bea");
  await group("designers", ann);
  expect((await send("GET", `/Users/${ann}`)).status).toBe(200);
  expect(await access()).toEqual([]);
  const link = await ok("GET", `/links/entra/${ann}`);
  expect([link.state, link.reason]).toEqual(["none", "staged"]);
  const at = "/connections/entra/activate";
  const preview = await ok("POST", `${at}/preview`);
  expect(preview).toMatchObject({ attached: 2, mails: 0, pending: [], refused: [], left: 0 });
  expect(preview.joins).toEqual([
    { accountId: null, email: "ann@rollout.example", target: "team:Design", role: "editor" },
    { accountId: null, email: "bea@rollout.example", target: "tenant", role: "user" },
  ]);
  expect(preview.counts.byTarget).toEqual({
    "team:Design": { joins: 1, losses: 0, changes: 0 },
    tenant: { joins: 1, losses: 0, changes: 0 },
  });
  expect(await access()).toEqual([]);
  expect((await ok("GET", "/connections/entra")).staged).toBe(true);
  const outcome = await ok("POST", at);
  expect(outcome).toEqual({ attached: 2, pending: 0, refused: 0, left: 0 });
  expect((await access()).toSorted()).toEqual([
    "ann@rollout.example team:Design editor",
    "bea@rollout.example tenant user",
  ]);
  expect(await ok("POST", at)).toEqual({ attached: 0, pending: 0, refused: 0, left: 0 });
  const live = await admin("POST", `${root}/connections/entra/stage`);
  expect([live.status, live.body.detail]).toEqual([409, expect.stringContaining("is live")]);
  expect((await admin("POST", `${root}/connections/nope/stage`)).status).toBe(404);
  await ok("POST", "/connections", { slug: "later" });
  expect((await ok("POST", "/connections/later/stage")).staged).toBe(true);
  const entries = (await ok("GET", "/audit-log?action=user.attach")).items;
  expect(entries).toHaveLength(2);
});

test("a connection is removed as its preview has shown, and its token works no longer", async () => {
  const { admin, root, ok, clientOf, access } = await newTenant("removal");
  await ok("POST", "/connections", { slug: "old" });
  const { user, group, send } = await clientOf("old");
  const ann = await user("ann");
  await group("designers", ann);
  await ok("POST", "/mappings", { group: "designers", tenant: true, role: "admin" });
  expect(await access()).toEqual(["ann@removal.example tenant admin"]);
  const at = "/connections/old";
  const preview = await ok("POST", `${at}/removal/preview`);
  expect(preview).toMatchObject({
    losses: [{ email: "ann@removal.example", target: "tenant", role: "admin" }],
    removed: { resources: { Group: 1, User: 1 }, memberships: 1, credentials: 1, mappings: 0 },
  });
  expect(await access()).toHaveLength(1);
  await user("bea");
  const query = `?previewToken=${encodeURIComponent(preview.token)}`;
  const moved = await admin("DELETE", `${root}${at}${query}`);
  expect([moved.status, moved.body.type]).toEqual([409, "urn:rollcall:problem:facts-moved"]);
  const again = await ok("POST", `${at}/removal/preview`);
  const outcome = await ok("DELETE", `${at}?previewToken=${encodeURIComponent(again.token)}`);
  expect(outcome).toEqual({ connection: "old", removed: again.removed, counts: again.counts });
  expect(await access()).toEqual([]);
  expect((await admin("GET", `${root}${at}`)).status).toBe(404);
  expect((await admin("DELETE", `${root}${at}`)).status).toBe(404);
  const after = await send("GET", `/Users/${ann}`);
  expect([401, 404]).toContain(after.status);
  await ok("POST", "/connections", { slug: "old" });
});

test("the end of a group can be asked about", async () => {
  const { admin, root, ok, clientOf, access } = await newTenant("group-end");
  await ok("POST", "/connections", { slug: "idp" });
  const { user, group, send } = await clientOf("idp");
  const id = await group("designers", await user("ann"));
  await ok("POST", "/mappings", { group: "designers", tenant: true, role: "admin" });
  const at = `/connections/idp/groups/${id}/removal/preview`;
  const preview = await ok("POST", at);
  expect(preview.changes).toEqual([
    {
      accountId: expect.any(String),
      email: "ann@group-end.example",
      target: "tenant",
      from: "admin",
      to: "user",
    },
  ]);
  expect(await access()).toEqual(["ann@group-end.example tenant admin"]);
  expect((await send("DELETE", `/Groups/${id}`)).status).toBe(204);
  expect(await access()).toEqual(["ann@group-end.example tenant user"]);
  expect((await admin("POST", `${root}${at}`)).status).toBe(404);
});

test("settings are asked about, and saved as was shown; another policy attaches whom it lets in", async () => {
  const { admin, root, ok, clientOf, access } = await newTenant("settings-first");
  await ok("POST", "/connections", { slug: "idp", staged: true });
  const { user } = await clientOf("idp");
  await ok("PATCH", "/settings", { attachPolicy: "verified-only" });
  const ann = await user("ann");
  expect(await ok("POST", "/connections/idp/activate/preview")).toMatchObject({
    attached: 0,
    refused: [{ id: ann, userName: "ann@settings-first.example", reason: "policy" }],
  });
  expect(await ok("POST", "/connections/idp/activate")).toMatchObject({ refused: 1, left: 0 });
  expect(await access()).toEqual([]);
  const change = { attachPolicy: "attach", defaultRole: "viewer" };
  const preview = await ok("POST", "/settings/preview", change);
  expect(preview).toMatchObject({
    attached: 1,
    joins: [{ email: "ann@settings-first.example", target: "tenant", role: "viewer" }],
    refused: [],
  });
  expect((await ok("GET", "/settings")).settings.defaultRole).toBe("user");
  const query = `?previewToken=${encodeURIComponent(preview.token)}`;
  const other = await admin("PATCH", `${root}/settings${query}`, {
    body: { defaultRole: "admin" },
  });
  expect([other.status, other.body.type]).toEqual([409, "urn:rollcall:problem:facts-moved"]);
  await ok("PATCH", `/settings${query}`, change);
  expect(await access()).toEqual(["ann@settings-first.example tenant viewer"]);
  const back = await ok("POST", "/settings/preview", { defaultRole: null });
  expect(back.changes).toMatchObject([{ from: "viewer", to: "user" }]);
  const wrong = await admin("POST", `${root}/settings/preview`, { body: { defaultRole: "owner" } });
  expect(wrong.status).toBe(400);
});
