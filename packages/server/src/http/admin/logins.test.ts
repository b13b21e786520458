/** Logins over the admin API, with ID tokens of a real provider. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AdminClient } from "../../../../../test/admin-client.ts";
import { adminToken, createAdminClient } from "../../../../../test/admin-client.ts";
import type { TestRollcall } from "../../../../../test/compose-for-tests.ts";
import { composeForTests } from "../../../../../test/compose-for-tests.ts";
import type { IdentityProvider } from "../../../../../test/identity-provider.ts";
import { startIdentityProvider } from "../../../../../test/identity-provider.ts";

const clientId = "client-RS256";
let provider: IdentityProvider;
let rollcall: TestRollcall;
let origin = "";
let instance: AdminClient;

beforeAll(async () => {
  provider = await startIdentityProvider();
  rollcall = await composeForTests({ webhookAllow: ["127.0.0.0/8"] });
  origin = await rollcall.listen();
  instance = createAdminClient(origin, await adminToken(rollcall));
});
afterAll(async () => {
  await rollcall.remove();
  await provider.close();
});

/** A tenant whose people log in at the provider. */
async function newTenant(slug: string, settings: object = {}) {
  const { token } = await rollcall.newTenant(slug);
  const admin = createAdminClient(origin, await adminToken(rollcall, slug));
  const path = `/tenants/${slug}/oidc-connection`;
  const save = (body: object = {}) =>
    admin("PUT", path, { body: { issuer: provider.issuer, clientId, ...settings, ...body } });
  expect((await save()).status).toBe(200);
  const push = async (attributes: object): Promise<void> => {
    const response = await fetch(`${origin}/scim/v2/Users`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
      body: JSON.stringify({
        schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
        ...attributes,
      }),
    });
    expect(response.status).toBe(201);
  };
  const logIn = (body: object, client = admin) =>
    client("POST", "/logins", { body: { tenant: slug, ...body } });
  return { admin, path, save, push, logIn };
}

test("an OIDC connection is made, changed, read and removed; its secret is nowhere", async () => {
  const { admin, path, save } = await newTenant("made");
  expect((await admin("GET", path)).body).toEqual({
    issuer: provider.issuer,
    clientId,
    hasClientSecret: false,
    scopes: ["openid", "email", "profile"],
    groupsClaim: "groups",
    subjectClaim: "sub",
    mode: "scim",
    jit: "off",
    updatedAt: expect.any(String),
  });
  const withSecret = await save({ clientSecret: "very secret", mode: "login", jit: "any" });
  expect(withSecret.body).toMatchObject({ hasClientSecret: true, mode: "login", jit: "any" });
  // The same client keeps it, another one does not get it.
  expect((await save({})).body).toMatchObject({ hasClientSecret: true, mode: "scim" });
  expect((await save({ clientSecret: null })).body).toMatchObject({ hasClientSecret: false });
  await save({ clientSecret: "very secret" });
  expect((await save({ clientId: "another" })).body).toMatchObject({ hasClientSecret: false });
  const log = await admin("GET", "/tenants/made/audit-log");
  expect(JSON.stringify(log.body)).toContain("oidc-connection.save");
  expect(JSON.stringify(log.body)).not.toContain("very secret");
  expect((await admin("DELETE", path)).body).toEqual({ removed: true });
  for (const method of ["GET", "DELETE"]) {
    expect((await admin(method, path)).status).toBe(404);
  }
});

test.each([
  [{ issuer: "http://login.example" }, undefined],
  [{ issuer: "https://10.0.0.1" }, "issuer"],
  [{ issuer: "https://login.example/?a=b" }, "issuer"],
  [{ clientId: "" }, "clientId"],
  [{ jit: "any" }, "jit"],
  [{ scopes: ["email"] }, "scopes"],
  [{ mode: "both" }, "mode"],
  [{ secret: "x" }, "secret"],
])("an OIDC connection cannot be %j", async (wrong, path) => {
  const slug = `wrong-${JSON.stringify(wrong).length}-${Object.keys(wrong)[0]?.toLowerCase()}`;
  const { save } = await newTenant(slug);
  const { status, body } = await save(wrong);
  // Plain http is for what the operator allows: which hosts those are is known when connecting.
  expect(status).toBe(path === undefined ? 200 : 400);
  expect(Object(body).errors?.[0]?.path).toBe(path);
});

test("an ID token lets in whom a sync has linked, with groups, and says what they may do", async () => {
  const { admin, push, logIn } = await newTenant("acme");
  await push({ userName: "ann@acme.example", externalId: "ann-acme" });
  const mapping = { pattern: "Staff", tenant: true, role: "admin" };
  expect((await admin("POST", "/tenants/acme/mappings", { body: mapping })).status).toBe(201);
  const idToken = await provider.signIn(
    "ann-acme",
    { groups: ["Staff"], name: "Ann" },
    { nonce: "n" },
  );
  const { status, body } = await logIn({ idToken, nonce: "n" });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    allowed: true,
    tenant: "acme",
    account: { email: "ann@acme.example", ref: null, isNew: false },
    joined: false,
    access: { state: "active", role: "admin", locks: [] },
    whyNot: null,
    warnings: [],
  });
  const { access, account } = Object(body);
  expect(access.grants).toContainEqual(
    expect.objectContaining({ source: "login", role: "admin", effective: true }),
  );
  const read = await admin("GET", `/access/acme/${account.id}`);
  expect(Object(read.body).role).toBe("admin");
  const overage = await provider.signIn("ann-acme", {
    _claim_names: { groups: "src1" },
    _claim_sources: { src1: { endpoint: "https://graph.example" } },
  });
  const kept = await logIn({ idToken: overage });
  expect(kept.body).toMatchObject({
    access: { role: "admin" },
    warnings: [expect.stringMatching(/too many groups/)],
  });
  const without = await logIn({ idToken: await provider.signIn("ann-acme") });
  expect(without.body).toMatchObject({ access: { role: "user" }, warnings: [] });
});

test("whoever may not come in is answered 403 with a reason, and nothing else", async () => {
  const { admin, logIn } = await newTenant("strict");
  await instance("POST", "/accounts", {
    body: { email: "elsewhere@acme.example", emailVerified: true },
  });
  const refusals = [];
  for (const email of ["elsewhere@acme.example", "nobody@acme.example"]) {
    const idToken = await provider.signIn(email, { email, email_verified: true });
    const { status, body } = await logIn({ idToken });
    const { instance: _, ...told } = Object(body);
    refusals.push({ status, told });
  }
  const [first, second] = refusals;
  expect(first).toEqual(second);
  expect(first?.status).toBe(403);
  expect(first?.told).toMatchObject({
    type: "urn:rollcall:problem:login-refused",
    whyNot: "not-provisioned",
  });
  const log = await admin("GET", "/tenants/strict/audit-log?action=login.refuse");
  expect(Object(log.body).items).toHaveLength(2);
});

test("a token that is not good is refused with the reason; a provider that is away is told apart", async () => {
  const { save, logIn, admin } = await newTenant("tokens", { mode: "login", jit: "any" });
  const refused = await logIn({ idToken: "no token" });
  expect([refused.status, Object(refused.body).whyNot]).toEqual([403, "invalid-token"]);
  expect(Object(refused.body).detail).toMatch(/no signed token/);
  const idToken = await provider.signIn("bea");
  expect((await logIn({ idToken, nonce: "n" })).status).toBe(403);
  expect((await logIn({ idToken })).status).toBe(200);
  await save({ issuer: "http://127.0.0.1:9" });
  const away = await logIn({ idToken });
  expect([away.status, away.headers.get("retry-after")]).toEqual([503, "5"]);
  await admin("DELETE", "/tenants/tokens/oidc-connection");
  expect((await logIn({ idToken })).status).toBe(409);
  const log = await admin("GET", "/tenants/tokens/audit-log?action=login.refuse");
  expect(Object(log.body).items).toHaveLength(2);
  expect(JSON.stringify(log.body)).not.toContain(idToken);
});

test("an application asserts a login that it has verified itself", async () => {
  const { push, logIn } = await newTenant("saml");
  await push({ userName: "cid@acme.example" });
  const asserted = { subject: "cid", email: "cid@acme.example", emailVerified: true, groups: [] };
  expect((await logIn({ asserted })).body).toMatchObject({ allowed: true });
  expect((await logIn({ asserted: { subject: "cid" } })).body).toMatchObject({ allowed: true });
  for (const wrong of [
    {},
    { asserted, idToken: "x" },
    { asserted, nonce: "n" },
    { asserted: { ...asserted, subject: "" } },
    { asserted: { ...asserted, email: "cid" } },
    { asserted: { ...asserted, groups: ["a".repeat(257)] } },
    { asserted: { ...asserted, groups: Array.from({ length: 1001 }, (_, index) => `g${index}`) } },
    { asserted: { ...asserted, role: "owner" } },
  ]) {
    expect((await logIn(wrong)).status, JSON.stringify(wrong).slice(0, 80)).toBe(400);
  }
  const most = Array.from({ length: 1000 }, (_, index) => `g${index}`);
  expect((await logIn({ asserted: { ...asserted, groups: most } })).status).toBe(200);
});

test("a credential of one tenant lets nobody into another, which is as if it were not there", async () => {
  const one = await newTenant("one", { mode: "login", jit: "any" });
  const two = await newTenant("two");
  const asserted = { subject: "dan" };
  const other = await one.logIn({ asserted }, two.admin);
  const none = await two.logIn({ asserted, tenant: "none" });
  expect([other.status, none.status]).toEqual([404, 404]);
  expect(Object(other.body).detail).toBe(Object(none.body).detail);
  expect((await two.admin("GET", one.path)).status).toBe(404);
  expect((await one.logIn({ asserted }, instance)).status).toBe(200);
});
