/** The tokens of the admin API, made by the admin API over real HTTP. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AdminClient } from "../../../../../test/admin-client.ts";
import { adminToken, createAdminClient } from "../../../../../test/admin-client.ts";
import type { TestRollcall } from "../../../../../test/compose-for-tests.ts";
import { composeForTests } from "../../../../../test/compose-for-tests.ts";
import { instanceAuditId } from "../../domain/admin-credential.ts";

const hourMs = 3_600_000;
const path = "/admin-credentials";

let rollcall: TestRollcall;
let origin = "";
let instance: AdminClient;
let acme: AdminClient;
beforeAll(async () => {
  rollcall = await composeForTests();
  origin = await rollcall.listen();
  await rollcall.newTenant("acme");
  await rollcall.newTenant("globex");
  instance = clientWith(await adminToken(rollcall));
  acme = clientWith(await adminToken(rollcall, "acme"));
});
afterAll(() => rollcall.remove());

function clientWith(token: string): AdminClient {
  return createAdminClient(origin, token);
}

async function statusOf(token: string, where: string) {
  const response = await fetch(`${origin}/api/v1${where}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  await response.text();
  return response.status;
}

async function auditOf(slug: string | undefined, target: string) {
  const tenant = slug === undefined ? undefined : await rollcall.store.tenants.bySlug(slug);
  return await rollcall.store.auditLog.list(tenant?.tenantId ?? instanceAuditId, {
    targetId: target,
    limit: 100,
  });
}

test("a token is shown once, works, is listed without it, and is revoked; its log tells who", async () => {
  for (const [slug, opened, closed] of [
    [null, ["/tenants", "/audit-log"], []],
    ["acme", ["/tenants/acme"], ["/tenants/globex", "/audit-log"]],
  ] as const) {
    const made = await instance("POST", path, {
      body: { tenant: slug, name: "ops", expires: "30d" },
    });
    expect(made.status).toBe(201);
    const { token, ...kept } = made.body;
    expect(token).toMatch(/^rollcall_admin_/);
    expect(kept).toMatchObject({
      name: "ops",
      tenant: slug,
      scope: slug === null ? "instance" : "tenant",
      state: "active",
      creator: expect.stringMatching(/^admin:/),
    });
    for (const where of opened) {
      expect(await statusOf(token, where), where).toBe(200);
    }
    for (const where of closed) {
      expect([403, 404], where).toContain(await statusOf(token, where));
    }
    const { body: list } = await instance("GET", `${path}?limit=1000`);
    expect(list.items).toContainEqual(expect.objectContaining({ credentialId: kept.credentialId }));
    expect(JSON.stringify(list)).not.toContain(token);
    const again = { tenant: slug, name: "ops" };
    expect((await instance("POST", path, { body: again })).status).toBe(409);
    const revoked = await instance("DELETE", `${path}/${kept.credentialId}`);
    expect([revoked.status, revoked.body.state]).toEqual([200, "revoked"]);
    expect(await statusOf(token, opened[0])).toBe(401);
    const repeated = await instance("DELETE", `${path}/${kept.credentialId}`);
    expect(repeated.body).toEqual(revoked.body);
    const entries = await auditOf(slug ?? undefined, kept.credentialId);
    expect(entries.map(({ action, actor }) => [action, actor.kind])).toEqual([
      ["admin-credential.create", "admin"],
      ["admin-credential.revoke", "admin"],
    ]);
    expect(JSON.stringify(entries)).not.toContain(token.split("_")[3]);
  }
});

test("rotate: both tokens work for a while, then the new one alone; one may replace itself", async () => {
  const { body: old } = await instance("POST", path, { body: { tenant: "acme", name: "turn" } });
  const own = clientWith(old.token);
  const rotated = await own("POST", `${path}/${old.credentialId}/rotate`, {
    body: { overlapHours: 2, expires: "90d" },
  });
  expect(rotated.status).toBe(201);
  expect(rotated.body).toMatchObject({ name: "turn", tenant: "acme", scope: "tenant" });
  const both = async () => [
    await statusOf(old.token, "/tenants/acme"),
    await statusOf(rotated.body.token, "/tenants/acme"),
  ];
  expect(await both()).toEqual([200, 200]);
  rollcall.clock.aheadMs = 2 * hourMs + 5000;
  expect(await both()).toEqual([401, 200]);
  expect((await acme("POST", `${path}/${old.credentialId}/rotate`, { body: {} })).status).toBe(409);
  rollcall.clock.aheadMs = 0;
  const actions = (await auditOf("acme", old.credentialId)).map(({ action }) => action);
  expect(actions).toEqual(["admin-credential.create", "admin-credential.update"]);
});

test("a token of one tenant gives, sees and ends no more than it has", async () => {
  const ofInstance = (await instance("POST", path, { body: { name: "root" } })).body;
  const ofGlobex = (await instance("POST", path, { body: { tenant: "globex", name: "g" } })).body;
  const { body: made } = await acme("POST", path, { body: { name: "root" } });
  expect(made).toMatchObject({ scope: "tenant", tenant: "acme", name: "root" });
  expect(await statusOf(made.token, "/tenants/globex")).toBe(404);
  expect((await acme("POST", path, { body: { tenant: null } })).status).toBe(403);
  const foreign = await acme("POST", path, { body: { tenant: "globex", name: "g" } });
  const unknown = await acme("POST", path, { body: { tenant: "nobody", name: "g" } });
  const { instance: _, ...answer } = unknown.body;
  expect(foreign).toMatchObject({ status: 404, body: answer });
  const { body: list } = await acme("GET", path);
  expect(new Set(list.items.map(({ tenant }: { tenant: string }) => tenant))).toEqual(
    new Set(["acme"]),
  );
  for (const { credentialId, token } of [ofInstance, ofGlobex]) {
    expect((await acme("DELETE", `${path}/${credentialId}`)).status).toBe(404);
    expect((await acme("POST", `${path}/${credentialId}/rotate`, { body: {} })).status).toBe(404);
    expect([200, 404]).toContain(await statusOf(token, "/tenants/globex"));
  }
  expect(await statusOf(ofInstance.token, "/tenants")).toBe(200);
});

test("a repeated POST with its key shows the token again, and makes no second one", async () => {
  const request = { body: { name: "once" }, headers: { "idempotency-key": "once" } };
  const first = await instance("POST", path, request);
  const second = await instance("POST", path, request);
  expect(second.body).toEqual(first.body);
  const { body: list } = await instance("GET", `${path}?limit=1000`);
  const called = list.items.filter(({ name }: { name: string }) => name === "once");
  expect(called).toHaveLength(1);
});

test.each([
  [{ expires: "3d" }, "expires"],
  [{ scopes: ["scim:read"] }, "scopes"],
  [{ tenant: 7 }, "tenant"],
])("%j is refused at %s", async (body, part) => {
  const refused = await instance("POST", path, { body });
  expect([refused.status, refused.body.errors[0].path]).toEqual([400, part]);
});
