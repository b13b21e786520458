/** Accounts, members, access, domains, invitations, links and mails of the admin API over real HTTP. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { AdminClient } from "../../../../../test/admin-client.ts";
import { adminToken, createAdminClient } from "../../../../../test/admin-client.ts";
import type { TestRollcall } from "../../../../../test/compose-for-tests.ts";
import { composeForTests } from "../../../../../test/compose-for-tests.ts";
import type { Operation } from "../../admin-contract/operation.ts";
import { operations } from "../../admin-contract/operations.ts";
import type { Tenant } from "../../domain/tenant.ts";

const userSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
const txtRecords = new Map<string, readonly string[]>();

let rollcall: TestRollcall;
let origin = "";
let instance: AdminClient;
beforeAll(async () => {
  rollcall = await composeForTests({}, { resolveTxt: async (name) => txtRecords.get(name) ?? [] });
  origin = await rollcall.listen();
  instance = createAdminClient(origin, await adminToken(rollcall));
});
afterAll(() => rollcall.remove());

async function ok(client: AdminClient, method: string, path: string, body?: object) {
  const answer = await client(method, path, body === undefined ? {} : { body });
  expect([200, 201], JSON.stringify(answer.body)).toContain(answer.status);
  return answer.body;
}

/** Makes accounts of these names at a domain of their own; answers with their ids. */
async function newAccounts<Name extends string>(
  domain: string,
  ...names: readonly Name[]
): Promise<Readonly<Record<Name, string>>> {
  const made: [string, string][] = [];
  for (const name of names) {
    const email = `${name}@${domain}`;
    const body = { email, ref: `${domain}-${name}`, emailVerified: true, hasLogin: true };
    made.push([name, (await ok(instance, "POST", "/accounts", body)).id]);
  }
  // One entry for each name.
  return Object.fromEntries(made) as Record<Name, string>;
}

/** A tenant with a SCIM client and an admin client of its own. */
async function newTenant(slug: string, settings: object = {}) {
  const { token } = await rollcall.newTenant(slug);
  await ok(instance, "PATCH", `/tenants/${slug}/settings`, settings);
  const scim = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${origin}/scim/v2${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  };
  const push = async (userName: string, attributes: object = {}): Promise<string> => {
    const user = { schemas: [userSchema], userName, externalId: userName, ...attributes };
    const { status, body } = await scim("POST", "/Users", user);
    expect(status, JSON.stringify(body)).toBe(201);
    return body.id;
  };
  const admin = createAdminClient(origin, await adminToken(rollcall, slug));
  const tenant = await rollcall.store.tenants.bySlug(slug);
  // It was made above.
  return { scim, push, admin, tenant: tenant as Tenant, root: `/tenants/${slug}` };
}

async function pages(client: AdminClient, path: string, limit: number) {
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of JSON
  const items: any[] = [];
  let cursor = "";
  do {
    const body = await ok(client, "GET", `${path}?limit=${limit}${cursor}`);
    expect(body.items.length).toBeLessThanOrEqual(limit);
    items.push(...body.items);
    cursor = body.nextCursor === null ? "" : `&cursor=${body.nextCursor}`;
  } while (cursor !== "");
  return items;
}

describe("accounts", () => {
  test("are made, read in every way, changed and listed page by page", async () => {
    const body = { email: "Ann@made.example", name: "Ann", preferredLanguage: "de", ref: "made/1" };
    const made = await instance("POST", "/accounts", { body });
    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      id: expect.any(String),
      ...body,
      emailVerified: false,
      hasLogin: false,
      created: expect.any(String),
      memberships: [],
    });
    const { id } = made.body;
    const ref = encodeURIComponent("made/1");
    for (const name of [id, `ref:${ref}`, "email:ann@MADE.example", `by-ref/${ref}`]) {
      expect(await ok(instance, "GET", `/accounts/${name}`)).toEqual(made.body);
    }
    const change = { email: "ann@new.example", name: null, hasLogin: true, ref: "made/2" };
    const changed = await ok(instance, "PATCH", `/accounts/${id}`, change);
    expect(changed).toEqual({ ...made.body, ...change });
    const verified = await ok(instance, "PATCH", `/accounts/${id}`, { emailVerified: true });
    expect(verified).toEqual({ ...changed, emailVerified: true });
    const moved = await ok(instance, "PATCH", `/accounts/${id}`, { email: "ann@third.example" });
    expect(moved.emailVerified).toBe(false);
    await newAccounts("paged.example", "ben", "cat");
    const ids = (await pages(instance, "/accounts", 2)).map((account) => account.id);
    expect(ids).toContain(id);
    expect(ids).toEqual([...new Set(ids)].toSorted());
    expect((await instance("GET", "/accounts/nobody")).status).toBe(404);
    expect((await instance("PATCH", "/accounts/nobody", { body: {} })).status).toBe(404);
  });

  test("what cannot be is refused by its part, what another account has is a conflict", async () => {
    const { ann, ben } = await newAccounts("taken.example", "ann", "ben");
    for (const [body, part] of [
      [{ email: "ann" }, "email"],
      [{ email: "ann@bad.example", name: " " }, "name"],
      [{ email: "ann@bad.example", preferredLanguage: "?" }, "preferredLanguage"],
      [{ email: "ann@bad.example", ref: "" }, "ref"],
      [{ email: "ann@bad.example", nope: 1 }, "nope"],
      [{}, "email"],
    ] as const) {
      const refused = await instance("POST", "/accounts", { body });
      expect([refused.status, refused.body.errors[0].path]).toEqual([400, part]);
    }
    const taken = await instance("POST", "/accounts", { body: { email: "ANN@taken.example" } });
    expect(taken.status).toBe(409);
    const ref = { body: { ref: "taken.example-ann" } };
    expect((await instance("PATCH", `/accounts/${ben}`, ref)).status).toBe(409);
    const bare = { body: { email: null, emailVerified: true } };
    expect((await instance("PATCH", `/accounts/${ann}`, bare)).status).toBe(400);
    expect((await instance("GET", "/accounts/%00")).status).toBe(404);
    expect((await instance("GET", "/tenants/default/mails?to=%00")).status).toBe(400);
    const cursor = Buffer.from('["accounts","\\u0000"]').toString("base64url");
    expect((await instance("GET", `/accounts?cursor=${cursor}`)).status).toBe(400);
  });

  test("an address that is verified first lets a sync attach no more than the person agrees to", async () => {
    const { root, push } = await newTenant("proving");
    const email = "ann@proving.example";
    const { body: made } = await instance("POST", "/accounts", { body: { email } });
    const user = await push(email);
    const linkOf = () => ok(instance, "GET", `${root}/links/generic/${user}`);
    expect((await linkOf()).state).toBe("linked");
    await ok(instance, "PATCH", `/accounts/${made.id}`, { emailVerified: true });
    expect(await linkOf()).toMatchObject({ state: "pending", reason: "invited" });
    const invitations = await ok(instance, "GET", `${root}/invitations`);
    expect(invitations.items).toEqual([expect.objectContaining({ email, state: "open" })]);
    const mails = await ok(instance, "GET", `${root}/mails?to=${email}`);
    expect(mails.items.map(({ kind }: { kind: string }) => kind).toSorted()).toEqual([
      "attached",
      "invitation",
    ]);
  });

  test("an upsert by ref makes, changes and leaves alone; it takes over only a vouched address", async () => {
    const path = "/accounts/by-ref/upsert-1";
    const made = await instance("PUT", path, { body: { email: "ann@upsert.example", name: "A" } });
    expect([made.status, made.body.ref]).toEqual([201, "upsert-1"]);
    const again = await instance("PUT", path, { body: { hasLogin: true } });
    expect([again.status, again.body]).toEqual([200, { ...made.body, hasLogin: true }]);
    await ok(instance, "POST", "/accounts", { email: "ben@upsert.example" });
    const other = "/accounts/by-ref/upsert-2";
    const wish = { email: "ben@upsert.example" };
    expect((await instance("PUT", other, { body: wish })).status).toBe(409);
    const vouched = await instance("PUT", other, { body: { ...wish, emailVerified: true } });
    expect([vouched.status, vouched.body.ref]).toEqual([200, "upsert-2"]);
    expect((await instance("PUT", "/accounts/by-ref/%20", { body: {} })).status).toBe(400);
  });

  test("a thousand are looked up at once, in the order they were asked for", async () => {
    const { ann, ben } = await newAccounts("lookup.example", "ann", "ben");
    const emails = Array.from({ length: 996 }, (_, index) => `p${index}@lookup.example`);
    const found = await ok(instance, "POST", "/accounts/lookup", {
      ids: [ben, "nobody"],
      refs: ["lookup.example-ann"],
      emails: ["ANN@lookup.example", ...emails],
    });
    expect(found.items).toHaveLength(1000);
    expect(
      found.items
        .slice(0, 5)
        .map(({ asked, account }: { asked: string; account: { id: string } | null }) => [
          asked,
          account?.id,
        ]),
    ).toEqual([
      [ben, ben],
      ["nobody", undefined],
      ["lookup.example-ann", ann],
      ["ANN@lookup.example", ann],
      ["p0@lookup.example", undefined],
    ]);
    const many = { ids: [ann], emails: [...emails, ...emails] };
    expect((await instance("POST", "/accounts/lookup", { body: many })).status).toBe(400);
    const tooMany = { refs: [ann], emails: [...emails, "a", "b", "c", "d"] };
    expect((await instance("POST", "/accounts/lookup", { body: tooMany })).status).toBe(400);
    for (const text of ['{"ids":["\\ud800"]}', '{"refs":["\\ud800"]}', '{"refs":["\\u0000"]}']) {
      expect((await instance("POST", "/accounts/lookup", { text })).status).toBe(400);
    }
  });

  test("are exported, and erased only when that is confirmed", async () => {
    const { root, push } = await newTenant("erasing");
    const { ann } = await newAccounts("erasing.example", "ann");
    const user = await push("ann@erasing.example", { title: "Dr" });
    const exported = await ok(instance, "GET", `/accounts/${ann}/export`);
    expect(exported).toMatchObject({
      account: { id: ann },
      tenants: [{ tenant: "erasing", users: [{ id: user, attributes: { title: "Dr" } }] }],
    });
    for (const query of ["", "?confirm=false"]) {
      const refused = await instance("DELETE", `/accounts/${ann}${query}`);
      expect([refused.status, refused.body.errors[0].path]).toEqual([400, "confirm"]);
    }
    const { ben } = await newAccounts("erasing.example", "ben");
    const members = `${root}/members`;
    await ok(instance, "POST", members, { accountId: ann, role: "owner" });
    const guarded = async () => {
      const { status, body } = await instance("DELETE", `/accounts/${ann}?confirm=true`);
      return [status, body.type, body.detail];
    };
    const nothing = expect.stringMatching(/^nothing is erased: .* tenant erasing.* first$/);
    const type = (name: string) => `urn:rollcall:problem:${name}`;
    expect(await guarded()).toEqual([409, type("last-owner"), nothing]);
    await ok(instance, "POST", members, { accountId: ben, role: "owner" });
    await ok(instance, "PUT", `${members}/${ann}/protection`);
    expect(await guarded()).toEqual([409, type("break-glass"), nothing]);
    expect((await ok(instance, "GET", `/accounts/${ann}`)).email).toBe("ann@erasing.example");
    await ok(instance, "DELETE", `${members}/${ann}/protection`);
    const events = async () =>
      JSON.stringify((await ok(instance, "GET", `${root}/events?limit=1000`)).items);
    expect(await events()).toContain("ann@erasing.example");
    expect(await ok(instance, "DELETE", `/accounts/${ann}?confirm=true`)).toEqual({
      erased: true,
      id: ann,
      tenants: ["erasing"],
      remainingUsers: [{ tenant: "erasing", connection: "generic", id: user }],
    });
    expect((await instance("GET", `/accounts/${ann}`)).status).toBe(404);
    expect((await instance("DELETE", `/accounts/${ann}?confirm=true`)).status).toBe(404);
    const link = await ok(instance, "GET", `${root}/links/generic/${user}`);
    expect(link).toMatchObject({ state: "none", reason: "erased", accountId: null });
    const left = await events();
    expect(left).toContain("account.deleted");
    expect(left).not.toMatch(/ann@erasing|"Dr"/);
    const mails = await ok(instance, "GET", `${root}/mails?to=ann@erasing.example`);
    expect(mails.items).toEqual([]);
  });
});

describe("members", () => {
  test("are added, listed page by page, read, given another role and removed", async () => {
    const { root } = await newTenant("members");
    const { ann, ben, cat } = await newAccounts("members.example", "ann", "ben", "cat");
    const path = `${root}/members`;
    const row = { accountId: ann, email: "ann@members.example", role: "admin" };
    const rest = { link: "none", locks: [], effective: true };
    expect(await ok(instance, "POST", path, { accountId: ann, role: "admin" })).toEqual({
      ...row,
      ...rest,
      changed: true,
    });
    await ok(instance, "POST", path, { email: "BEN@members.example", role: "user" });
    await ok(instance, "POST", path, { ref: "members.example-cat", role: "viewer" });
    const listed = await pages(instance, path, 1);
    expect(listed.map(({ accountId }) => accountId)).toEqual([ann, ben, cat].toSorted());
    expect(await ok(instance, "GET", `${path}/${ann}`)).toEqual({ ...row, ...rest });
    const { memberships } = await ok(instance, "GET", `/accounts/${ann}`);
    expect(memberships).toEqual([{ tenant: "members", role: "admin", ...rest }]);
    const other = await ok(instance, "POST", path, { accountId: ann, role: "viewer" });
    expect([other.role, other.changed]).toEqual(["viewer", true]);
    expect(await ok(instance, "DELETE", `${path}/email:ann@members.example`)).toMatchObject({
      role: null,
      effective: false,
      changed: true,
    });
    expect((await instance("GET", `${path}/${ann}`)).status).toBe(404);
    expect((await instance("DELETE", `${path}/${ann}`)).status).toBe(404);
    for (const [body, status, part] of [
      [{ accountId: ann, role: "king" }, 400, "role"],
      [{ role: "admin" }, 400, "email"],
      [{ accountId: ann, ref: "x", role: "admin" }, 400, "email"],
      [{ accountId: "nobody", role: "admin" }, 404, undefined],
    ] as const) {
      const refused = await instance("POST", path, { body });
      expect([refused.status, refused.body.errors[0]?.path]).toEqual([status, part]);
    }
  });

  test("locks stand side by side and say why; a sync does not remove them", async () => {
    const { root, push, scim } = await newTenant("locking");
    const { ann } = await newAccounts("locking.example", "ann");
    const user = await push("ann@locking.example");
    const path = `${root}/members/${ann}`;
    const reason = "left a laptop on a train";
    await ok(instance, "POST", `${path}/locks`, { source: "admin", reason });
    const locked = await ok(instance, "POST", `${path}/locks`, { source: "security" });
    expect(locked).toMatchObject({ locks: ["admin", "security"], effective: false });
    await scim("PATCH", `/Users/${user}`, patch(false));
    await scim("PATCH", `/Users/${user}`, patch(true));
    const locks = await pages(instance, `${path}/locks`, 1);
    expect(locks).toEqual([
      { source: "admin", connection: null, reason, at: expect.any(String) },
      { source: "security", connection: null, reason: null, at: expect.any(String) },
    ]);
    expect(await ok(instance, "GET", `${path}/access`)).toEqual({
      tenant: "locking",
      accountId: ann,
      email: "ann@locking.example",
      state: "suspended",
      role: null,
      teams: [],
      grants: [
        {
          source: "default",
          sourceId: null,
          teamId: null,
          team: null,
          role: "user",
          effective: false,
          why: "suspended by admin, security",
        },
      ],
      locks: ["admin", "security"],
      link: "linked",
      whyNot: "suspended by admin, security",
    });
    await scim("PATCH", `/Users/${user}`, patch(false));
    expect((await ok(instance, "GET", `${path}/locks`)).items[1]).toMatchObject({
      source: "scim",
      connection: "generic",
    });
    expect((await instance("DELETE", `${path}/locks/scim`)).status).toBe(404);
    await scim("PATCH", `/Users/${user}`, patch(true));
    for (const source of ["admin", "security"]) {
      expect((await ok(instance, "DELETE", `${path}/locks/${source}`)).changed).toBe(true);
      expect((await ok(instance, "DELETE", `${path}/locks/${source}`)).changed).toBe(false);
    }
    expect(await ok(instance, "GET", `${path}/access`)).toMatchObject({
      state: "active",
      whyNot: null,
    });
    for (const body of [{ source: "scim" }, { source: "admin", reason: " " }, {}]) {
      expect((await instance("POST", `${path}/locks`, { body })).status).toBe(400);
    }
  });

  test("the last owner and a protected member are refused with a type of their own", async () => {
    const { root } = await newTenant("guarded");
    const { ann, ben } = await newAccounts("guarded.example", "ann", "ben");
    const path = `${root}/members`;
    const problem = (name: string) => [409, `urn:rollcall:problem:${name}`];
    const refused = async (method: string, at: string, body?: object) => {
      const answer = await instance(method, `${path}${at}`, body === undefined ? {} : { body });
      return [answer.status, answer.body.type];
    };
    await ok(instance, "POST", path, { accountId: ann, role: "owner" });
    expect(await refused("DELETE", `/${ann}`)).toEqual(problem("last-owner"));
    const demotion = { accountId: ann, role: "viewer" };
    expect(await refused("POST", "", demotion)).toEqual(problem("last-owner"));
    const lock = { source: "admin" };
    expect(await refused("POST", `/${ann}/locks`, lock)).toEqual(problem("last-owner"));
    await ok(instance, "POST", path, { accountId: ben, role: "owner" });
    expect((await ok(instance, "PUT", `${path}/${ben}/protection`)).changed).toBe(true);
    expect((await ok(instance, "PUT", `${path}/${ben}/protection`)).changed).toBe(false);
    expect(await refused("POST", `/${ben}/locks`, lock)).toEqual(problem("break-glass"));
    expect(await refused("DELETE", `/${ben}`)).toEqual(problem("break-glass"));
    await ok(instance, "DELETE", `${path}/${ben}/protection`);
    expect((await ok(instance, "POST", `${path}/${ben}/locks`, lock)).effective).toBe(false);
    expect((await ok(instance, "GET", `${path}/${ann}`)).role).toBe("owner");
  });

  test("each change has its audit entry, in the name of the credential and of the request", async () => {
    const { root, tenant } = await newTenant("audited");
    const { ann } = await newAccounts("audited.example", "ann");
    const added = await instance("POST", `${root}/members`, {
      body: { accountId: ann, role: "user" },
    });
    const [entry] = (await rollcall.store.auditLog.list(tenant.tenantId, { limit: 9 })).slice(-1);
    expect(entry).toMatchObject({
      action: "membership.add",
      actor: { kind: "admin" },
      requestId: added.headers.get("x-request-id"),
    });
  });
});

function patch(active: boolean): object {
  return {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: [{ op: "replace", path: "active", value: active }],
  };
}

describe("access", () => {
  test("a SCIM PATCH of active to false is followed at once by access refused", async () => {
    const { push, scim } = await newTenant("leaving-now");
    const { ann } = await newAccounts("leaving-now.example", "ann");
    const user = await push("ann@leaving-now.example");
    const at = `/access/leaving-now/${ann}`;
    for (let round = 0; round < 5; round += 1) {
      expect((await ok(instance, "GET", at)).state).toBe("active");
      expect((await scim("PATCH", `/Users/${user}`, patch(false))).status).toBeLessThan(300);
      expect(await ok(instance, "GET", at)).toMatchObject({ state: "suspended", role: null });
      await scim("PATCH", `/Users/${user}`, patch(true));
    }
    const { status } = await scim("DELETE", `/Users/${user}`);
    expect([status, (await ok(instance, "GET", at)).state]).toEqual([204, "none"]);
  });

  test("between the commit and the answer of SCIM access is refused already", async () => {
    const { push, scim, tenant } = await newTenant("before");
    const { ann } = await newAccounts("before.example", "ann");
    const user = await push("ann@before.example");
    const { resources } = rollcall.store;
    const seen: string[] = [];
    const record = resources.record;
    // What is asked between COMMIT and the answer.
    Object.assign(resources, {
      record: async (...given: Parameters<typeof record>) => {
        const outcome = await record(...given);
        seen.push((await ok(instance, "GET", `/access/${tenant.slug}/${ann}`)).state);
        return outcome;
      },
    });
    try {
      await scim("PATCH", `/Users/${user}`, patch(false));
    } finally {
      Object.assign(resources, { record });
    }
    expect(seen).toEqual(["suspended"]);
  });

  test("is told by id, ref and e-mail; nobody has none", async () => {
    const { root } = await newTenant("asked");
    const { ann } = await newAccounts("asked.example", "ann", "ben");
    await ok(instance, "POST", `${root}/members`, { accountId: ann, role: "owner" });
    for (const name of [ann, "ref:asked.example-ann", "email:ANN@asked.example"]) {
      expect(await ok(instance, "GET", `/access/asked/${name}`)).toMatchObject({
        accountId: ann,
        state: "active",
        role: "owner",
        whyNot: null,
      });
    }
    const stranger = await ok(instance, "GET", "/access/asked/ref:asked.example-ben");
    expect(stranger).toMatchObject({
      accountId: expect.any(String),
      email: "ben@asked.example",
      state: "none",
      whyNot: expect.stringContaining("no member"),
    });
    expect(await ok(instance, "GET", "/access/asked/nobody")).toEqual({
      tenant: "asked",
      accountId: null,
      email: null,
      state: "none",
      role: null,
      teams: [],
      grants: [],
      locks: [],
      link: "none",
      whyNot: "there is no such account",
    });
    expect((await instance("GET", `/access/nowhere/${ann}`)).status).toBe(404);
  });

  test("a thousand pairs are answered in order, in as many calls of the store as three", async () => {
    const { root } = await newTenant("bulk-one");
    await newTenant("bulk-two");
    const { ann } = await newAccounts("bulk.example", "ann");
    await ok(instance, "POST", `${root}/members`, { accountId: ann, role: "admin" });
    const checks = Array.from({ length: 1000 }, (_, index) => ({
      tenant: ["bulk-one", "bulk-two", "nowhere"][index % 3],
      account: index < 3 ? "email:ann@bulk.example" : `ref:nobody-${index}`,
    }));
    const few = await callsDuring(() =>
      ok(instance, "POST", "/access/check", { checks: checks.slice(0, 3) }),
    );
    const many = await callsDuring(() => ok(instance, "POST", "/access/check", { checks }));
    expect(few.calls).toBeGreaterThan(3);
    expect(many.calls).toBe(few.calls);
    const { items } = many.answer;
    expect(
      items.map(({ tenant, account }: (typeof checks)[number]) => ({ tenant, account })),
    ).toEqual(checks);
    expect(items.slice(0, 4)).toMatchObject([
      { accountId: ann, state: "active", role: "admin" },
      { accountId: ann, state: "none" },
      { accountId: null, state: "none", whyNot: "there is no such tenant" },
      { accountId: null, state: "none", whyNot: "there is no such account" },
    ]);
    const more = { checks: [...checks, checks[0]] };
    expect((await instance("POST", "/access/check", { body: more })).status).toBe(400);
    const tenants = Array.from({ length: 21 }, (_, index) => ({
      tenant: `t${index}`,
      account: "x",
    }));
    const refused = await instance("POST", "/access/check", { body: { checks: tenants } });
    expect([refused.status, refused.body.errors[0].path]).toEqual([400, "checks"]);
    expect((await ok(instance, "POST", "/access/check", { checks: [] })).items).toEqual([]);
  });
});

/** Counts what is asked of the store about tenants, accounts and memberships meanwhile. */
async function callsDuring<Answer>(work: () => Promise<Answer>) {
  const { tenants, accounts, memberships } = rollcall.store;
  let calls = 0;
  const restore = [tenants, accounts, memberships].map((table: object) => {
    const own: Readonly<Record<string, (...given: readonly unknown[]) => unknown>> = { ...table };
    for (const [name, call] of Object.entries(own)) {
      Object.assign(table, {
        [name]: (...given: readonly unknown[]) => {
          calls += 1;
          return call(...given);
        },
      });
    }
    return () => Object.assign(table, own);
  });
  try {
    const answer = await work();
    return { calls, answer };
  } finally {
    for (const undo of restore) {
      undo();
    }
  }
}

describe("domains", () => {
  test("are added, verified by the DNS, asserted, shared and removed", async () => {
    const { root, admin } = await newTenant("naming");
    const path = `${root}/domains`;
    const added = await ok(admin, "POST", path, { domain: "Named.Example" });
    expect(added).toEqual({
      domain: "named.example",
      verified: false,
      method: null,
      verifiedAt: null,
      record: "_rollcall.named.example",
      challenge: expect.stringMatching(/^rollcall-domain-verification=/),
      createdAt: expect.any(String),
    });
    expect(await ok(admin, "POST", path, { domain: "named.example" })).toEqual(added);
    const early = await admin("POST", `${path}/named.example/verify`, { body: {} });
    expect([early.status, early.body.detail]).toEqual([
      409,
      expect.stringContaining(added.challenge),
    ]);
    txtRecords.set(added.record, [added.challenge]);
    const verified = await ok(admin, "POST", `${path}/named.example/verify`, {});
    expect(verified).toMatchObject({ verified: true, method: "dns" });
    await ok(admin, "POST", path, { domain: "a.example" });
    expect((await pages(admin, path, 1)).map(({ domain }) => domain)).toEqual([
      "a.example",
      "named.example",
    ]);
    const sharing = await newTenant("sharing");
    const assertion = `${sharing.root}/domains/named.example/assert`;
    expect((await instance("POST", assertion, { body: {} })).status).toBe(409);
    expect(await ok(instance, "POST", assertion, { shared: true })).toMatchObject({
      verified: true,
      method: "asserted",
    });
    const inside = await ok(instance, "POST", `${path}/corp/assert`, {});
    expect(inside.domain).toBe("corp");
    expect(await ok(admin, "DELETE", `${path}/corp`)).toEqual({ removed: true, domain: "corp" });
    expect((await admin("DELETE", `${path}/corp`)).status).toBe(404);
    expect((await admin("POST", `${path}/b.example/verify`, { body: {} })).status).toBe(404);
    expect((await admin("POST", path, { body: { domain: "com" } })).status).toBe(400);
  });

  test("a credential of the tenant asserts nothing and shares nothing", async () => {
    const { root, admin, tenant } = await newTenant("modest");
    await ok(admin, "POST", `${root}/domains`, { domain: "modest.example" });
    const path = `${root}/domains/modest.example`;
    const before = await rollcall.store.domains.list(tenant.tenantId);
    expect((await admin("POST", `${path}/assert`, { body: {} })).status).toBe(403);
    txtRecords.set(
      "modest.example",
      before.map(({ challenge }) => challenge),
    );
    const shared = await admin("POST", `${path}/verify`, { body: { shared: true } });
    expect(shared.status).toBe(403);
    expect(await rollcall.store.domains.list(tenant.tenantId)).toEqual(before);
  });
});

describe("invitations, links and mails", () => {
  test("are listed page by page, the latest first, without losing any of one moment", async () => {
    const { root, push, admin } = await newTenant("inviting", { attachPolicy: "invite" });
    const names = ["ann", "ben", "cat", "dan", "eve"] as const;
    const accounts = await newAccounts("inviting.example", ...names);
    const users = await Promise.all(names.map((name) => push(`${name}@inviting.example`)));
    const all = (await ok(admin, "GET", `${root}/invitations`)).items;
    expect(all[0]).toEqual({
      id: expect.any(String),
      accountId: expect.any(String),
      email: expect.stringContaining("@inviting.example"),
      state: "open",
      connection: "generic",
      resourceId: expect.any(String),
      createdAt: expect.any(String),
      expiresAt: expect.any(String),
      settledAt: null,
    });
    const times = all.map(({ createdAt }: { createdAt: string }) => createdAt);
    expect(times).toEqual(times.toSorted().toReversed());
    expect(await pages(admin, `${root}/invitations`, 2)).toEqual(all);
    expect(all.map(({ resourceId }: { resourceId: string }) => resourceId).toSorted()).toEqual(
      users.toSorted(),
    );
    const mails = await pages(admin, `${root}/mails`, 2);
    expect(mails).toHaveLength(5);
    expect(mails[0]).toEqual({
      id: expect.any(String),
      to: expect.stringContaining("@inviting.example"),
      kind: "invitation",
      tenant: "inviting",
      subject: expect.stringContaining("inviting"),
      createdAt: expect.any(String),
      sentAt: null,
    });
    const toAnn = await ok(admin, "GET", `${root}/mails?to=ANN@inviting.example`);
    expect(toAnn.items.map(({ to }: { to: string }) => to)).toEqual(["ann@inviting.example"]);
    expect(await ok(admin, "GET", `${root}/links/generic/${users[0]}`)).toEqual({
      connection: "generic",
      userId: users[0],
      state: "pending",
      reason: "invited",
      accountId: accounts.ann,
      active: true,
      role: null,
    });
    rollcall.clock.aheadMs = 15 * 86_400_000;
    const late = await ok(instance, "GET", `${root}/invitations?limit=1`);
    rollcall.clock.aheadMs = 0;
    expect(late.items[0].state).toBe("expired");
  });

  test("invitations of the very same time are each on one page", async () => {
    const { root, push, admin } = await newTenant("moment", { attachPolicy: "invite" });
    const names = ["ann", "ben", "cat", "dan", "eve"] as const;
    await newAccounts("moment.example", ...names);
    // The clock stands still; timers go on.
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      for (const name of names) {
        await push(`${name}@moment.example`);
      }
    } finally {
      vi.useRealTimers();
    }
    const all = await pages(admin, `${root}/invitations`, 2);
    expect(new Set(all.map(({ createdAt }) => createdAt)).size).toBe(1);
    expect(all.map(({ email }) => email.split("@")[0]).toSorted()).toEqual(names);
  });

  test("are sent anew to who has left, in place of what is open, and revoked", async () => {
    const { root, push, admin, tenant } = await newTenant("returning");
    const { ann } = await newAccounts("returning.example", "ann");
    const user = await push("ann@returning.example");
    const path = `${root}/invitations`;
    const person = { accountId: ann };
    const linked = await admin("POST", path, { body: person });
    expect([linked.status, linked.body.detail]).toEqual([409, expect.stringContaining("linked")]);
    const { tenantId } = tenant;
    const token = rollcall.mailLinks.leaveLink({ tenantId, accountId: ann as never });
    const actions = rollcall.people.personActions;
    expect(await actions.leave(token.split("/").at(-1) ?? "")).toBe("left");

    const first = await admin("POST", path, { body: person });
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({
      accountId: ann,
      email: "ann@returning.example",
      state: "open",
      connection: "generic",
      resourceId: user,
    });
    expect(await ok(admin, "GET", `${root}/members/${ann}`)).toMatchObject({ link: "pending" });
    const body = { ref: "returning.example-ann", connection: "generic" };
    const second = (await admin("POST", path, { body })).body;
    const states = async () =>
      (await ok(admin, "GET", path)).items.map(({ id, state }: { id: string; state: string }) => [
        id,
        state,
      ]);
    expect((await states()).toSorted()).toEqual(
      [
        [second.id, "open"],
        [first.body.id, "revoked"],
      ].toSorted(),
    );
    const mails = await ok(admin, "GET", `${root}/mails`);
    const invited = mails.items.filter(({ kind }: { kind: string }) => kind === "invitation");
    expect(invited).toHaveLength(2);

    const revoked = await ok(admin, "DELETE", `${path}/${second.id}`);
    expect(revoked).toMatchObject({
      id: second.id,
      state: "revoked",
      settledAt: expect.any(String),
    });
    expect((await admin("DELETE", `${path}/${second.id}`)).status).toBe(409);
    expect((await admin("DELETE", `${path}/nothing`)).status).toBe(404);
    const third = (await admin("POST", path, { body: person })).body;
    const invitationToken = rollcall.mailLinks.invitationToken({
      tenantId,
      invitationId: third.id,
    });
    expect(await actions.accept(invitationToken)).toBe(true);
    expect(await ok(admin, "GET", `${root}/members/${ann}`)).toMatchObject({
      link: "linked",
      effective: true,
    });
    expect((await rollcall.store.memberships.read(tenantId, ann as never))?.hasDeclined).toBe(
      false,
    );
    const log = await ok(admin, "GET", `${root}/audit-log?action=invitation.`);
    expect(log.items.map(({ action }: { action: string }) => action)).toEqual([
      "invitation.accept",
      "invitation.send",
      "invitation.revoke",
      "invitation.send",
      "invitation.send",
    ]);
  });

  test("are refused where there is no active User to agree to", async () => {
    const { root, push, admin, scim } = await newTenant("refusing", { attachPolicy: "invite" });
    const { ann, ben } = await newAccounts("refusing.example", "ann", "ben");
    const path = `${root}/invitations`;
    const user = await push("ann@refusing.example");
    const inactive = { schemas: [userSchema], userName: "ann@refusing.example", active: false };
    expect((await scim("PUT", `/Users/${user}`, inactive)).status).toBe(200);
    for (const [client, body, status, detail] of [
      [instance, { accountId: ann }, 409, "inactive"],
      [instance, { accountId: ben }, 409, "no User of an identity provider"],
      [admin, { accountId: ben }, 404, "no such account"],
      [admin, { accountId: "nobody" }, 404, "no such account"],
      [admin, { accountId: ann, connection: "nope" }, 400, "connection"],
      [admin, {}, 400, "email"],
    ] as const) {
      const refused = await client("POST", path, { body });
      expect([refused.status, refused.body.detail]).toEqual([
        status,
        expect.stringContaining(detail),
      ]);
    }
    expect((await ok(admin, "GET", path)).items).toHaveLength(1);
  });

  test("a mail is read with its links by the instance, and by no tenant", async () => {
    const { root, push, admin } = await newTenant("reading", { attachPolicy: "invite" });
    await newAccounts("reading.example", "ann");
    await push("ann@reading.example");
    const [mail] = (await ok(admin, "GET", `${root}/mails`)).items;
    const read = await ok(instance, "GET", `${root}/mails/${mail.id}`);
    expect(read).toMatchObject({ ...mail, language: "en", attempts: 0, lastError: null });
    expect(read.text).toContain("/invitations/");
    expect(read.html).toContain("/invitations/");
    // Whoever reads the link accepts for the person.
    expect((await admin("GET", `${root}/mails/${mail.id}`)).status).toBe(403);
    expect((await instance("GET", `${root}/mails/nothing`)).status).toBe(404);
    await newTenant("elsewhere");
    expect((await instance("GET", `/tenants/elsewhere/mails/${mail.id}`)).status).toBe(404);
  });

  test("the link of a User is told with its reason, and nothing of it over SCIM", async () => {
    const { root, push, scim } = await newTenant("linking");
    const { ann } = await newAccounts("linking.example", "ann");
    const [first, second, dormant] = [
      await push("ann@linking.example"),
      await push("ann2", { emails: [{ value: "ann@linking.example", primary: true }] }),
      await push("ben@linking.example", { active: false }),
    ];
    const link = (user: string) => ok(instance, "GET", `${root}/links/generic/${user}`);
    expect(await link(first)).toMatchObject({ state: "linked", reason: null, accountId: ann });
    expect(await link(second)).toMatchObject({ state: "none", reason: "taken", accountId: null });
    expect(await link(dormant)).toMatchObject({ state: "none", reason: "inactive", active: false });
    await ok(instance, "PATCH", `${root}/settings`, { accounts: false });
    const plain = await push("cat@linking.example");
    expect(await link(plain)).toMatchObject({ state: "none", reason: "directory-only" });
    for (const user of [first, second, dormant, plain]) {
      const { body } = await scim("GET", `/Users/${user}`);
      expect(JSON.stringify(body)).not.toMatch(/"(link|reason)"|taken|directory-only/);
    }
    for (const path of ["generic/nobody", `nope/${first}`]) {
      expect((await instance("GET", `${root}/links/${path}`)).status).toBe(404);
    }
  });
});

describe("a credential of one tenant", () => {
  test("sees the accounts of its members alone, with its own membership alone", async () => {
    const own = await newTenant("own");
    const foreign = await newTenant("foreign");
    const { ann, ben } = await newAccounts("seen.example", "ann", "ben");
    await ok(instance, "POST", `${own.root}/members`, { accountId: ann, role: "admin" });
    await ok(instance, "POST", `${foreign.root}/members`, { accountId: ann, role: "owner" });
    await ok(instance, "POST", `${foreign.root}/members`, { accountId: ben, role: "owner" });
    const { memberships, ...account } = await ok(own.admin, "GET", `/accounts/${ann}`);
    expect(memberships.map(({ tenant }: { tenant: string }) => tenant)).toEqual(["own"]);
    expect(await pages(own.admin, "/accounts", 1)).toEqual([account]);
    expect(await ok(own.admin, "GET", "/accounts/by-ref/seen.example-ann")).toMatchObject(account);
  });

  test("gets the same answer about a foreign account as about nobody, whatever it asks or wants", async () => {
    const own = await newTenant("curious");
    const foreign = await newTenant("private");
    const { ann, ben } = await newAccounts("private.example", "ann", "ben");
    await ok(instance, "POST", `${foreign.root}/members`, { accountId: ann, role: "owner" });
    await ok(instance, "POST", `${own.root}/members`, { accountId: ben, role: "owner" });
    const before = await rollcall.store.memberships.read(own.tenant.tenantId, ann as never);
    const names: readonly (readonly [string, string])[] = [
      [ann, ann.replace(/.$/, ann.endsWith("0") ? "1" : "0")],
      ["ref:private.example-ann", "ref:private.example-eve"],
      ["email:ann@private.example", "email:eve@private.example"],
    ];
    const inTenant = operations.filter(
      ({ path, scope }) => path.includes("{account}") && scope === "tenant",
    );
    expect(inTenant.length).toBeGreaterThan(8);
    const questions = inTenant.flatMap((operation) => names.map((pair) => ({ operation, pair })));
    for (const { operation, pair } of questions) {
      const answers = pair.map((name) => asked(own.admin, operation, name));
      expectAlike(await Promise.all(answers), `${operation.method} ${operation.path}`);
    }
    for (const key of ["accountId", "ref", "email"] as const) {
      const [known = "", unknown = ""] = names[["accountId", "ref", "email"].indexOf(key)] ?? [];
      const body = (name: string) => ({
        body: { [key]: name.replace(/^(ref|email):/, ""), role: "user" },
      });
      expectAlike(
        [
          await own.admin("POST", `${own.root}/members`, body(known)),
          await own.admin("POST", `${own.root}/members`, body(unknown)),
        ],
        `adding by ${key}`,
      );
      const named = (name: string) => ({ body: { [key]: name.replace(/^(ref|email):/, "") } });
      expectAlike(
        [
          await own.admin("POST", `${own.root}/invitations`, named(known)),
          await own.admin("POST", `${own.root}/invitations`, named(unknown)),
        ],
        `inviting by ${key}`,
      );
    }
    const looked = await ok(own.admin, "POST", "/accounts/lookup", {
      ids: [ann, ben],
      refs: ["private.example-ann"],
      emails: ["ann@private.example"],
    });
    expect(looked.items.map(({ account }: { account: object | null }) => account === null)).toEqual(
      [true, false, true, true],
    );
    expect(await rollcall.store.memberships.read(own.tenant.tenantId, ann as never)).toEqual(
      before,
    );
    const { items } = await ok(own.admin, "POST", "/access/check", {
      checks: [
        { tenant: "curious", account: ann },
        { tenant: "curious", account: "nobody" },
        { tenant: "private", account: ann },
        { tenant: "nowhere", account: ann },
        { tenant: "curious", account: ben },
      ],
    });
    const [foreignAccount, nobody, foreignTenant, noTenant, known] = items;
    expect({ ...foreignAccount, account: "nobody" }).toEqual(nobody);
    expect({ ...foreignTenant, tenant: "nowhere" }).toEqual(noTenant);
    expect(known.state).toBe("active");
  });

  test("keeps an owner whatever it sets", async () => {
    const roleMapping = { boss: "owner" };
    const { root, admin, push } = await newTenant("crowned", { roleMapping });
    await push("ann@crowned.example", { roles: [{ value: "boss" }] });
    for (const body of [{ roleMapping: null }, { roles: ["head", "owner", "member"] }]) {
      const refused = await admin("PATCH", `${root}/settings`, { body });
      expect([refused.status, refused.body.type]).toEqual([409, "urn:rollcall:problem:last-owner"]);
      expect(refused.body.detail).toContain("ann@crowned.example");
    }
    expect((await ok(admin, "GET", `${root}/settings`)).changedSettings).toEqual({ roleMapping });
    const [ann] = await pages(admin, `${root}/members`, 9);
    expect(ann).toMatchObject({ role: "owner", effective: true });
    await ok(admin, "PATCH", `${root}/settings`, { defaultRole: "viewer" });
  });

  test("learns no new address of people whom it has invited or who have left, and cannot make them members", async () => {
    const { root, admin, push } = await newTenant("waiting", { attachPolicy: "invite" });
    const { ann } = await newAccounts("waiting.example", "ann");
    await push("ann@waiting.example");
    await ok(instance, "PATCH", `/accounts/${ann}`, { email: "secret@waiting.example" });
    const [row] = await pages(admin, `${root}/members`, 9);
    expect(row).toMatchObject({ accountId: ann, email: null, link: "pending", effective: false });
    expect(await ok(admin, "GET", `/access/waiting/${ann}`)).toMatchObject({ email: null });
    expect((await admin("GET", `/accounts/${ann}`)).status).toBe(404);
    const body = { accountId: ann, role: "owner" };
    expect((await admin("POST", `${root}/members`, { body })).status).toBe(404);
    const locked = await ok(admin, "POST", `${root}/members/${ann}/locks`, { source: "admin" });
    expect(locked).toMatchObject({ email: null, locks: ["admin"] });
    expect(await pages(admin, "/accounts", 9)).toEqual([]);
    const invitation = await admin("POST", `${root}/invitations`, { body: { accountId: ann } });
    expect([invitation.status, invitation.body.email]).toEqual([201, null]);
    const lists = ["invitations", "mails"].map((list) => pages(admin, `${root}/${list}`, 9));
    expect(JSON.stringify(await Promise.all(lists))).not.toContain("secret@");
    const [shown] = await pages(instance, `${root}/members`, 9);
    expect(shown.email).toBe("secret@waiting.example");
    const [sent] = await pages(instance, `${root}/invitations`, 9);
    expect(sent.email).toBe("secret@waiting.example");
  });
});

/** Asks about an account in the tenant `curious`. */
function asked(client: AdminClient, { method, path }: Operation, account: string) {
  const at = path
    .replace("{tenant}", "curious")
    .replace("{account}", account)
    .replace("{source}", "admin")
    .replace("{target}", "tenant");
  const body = path.endsWith("/locks")
    ? { source: "admin" }
    : path.endsWith("/{target}")
      ? { role: "user" }
      : {};
  return client(method, at, ["POST", "PATCH", "PUT"].includes(method) ? { body } : {});
}

function expectAlike(answers: readonly Awaited<ReturnType<AdminClient>>[], what: string): void {
  const [one, other] = answers.map(({ status, headers, body: { instance: _, ...body } }) => ({
    status,
    body,
    length: headers.get("content-length"),
  }));
  expect(one, what).toEqual(other);
}
