/** The admin API over real HTTP; every answer is held against the served OpenAPI document. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AdminClient } from "../../../../../test/admin-client.ts";
import { adminToken, createAdminClient } from "../../../../../test/admin-client.ts";
import type { TestRollcall } from "../../../../../test/compose-for-tests.ts";
import { composeForTests } from "../../../../../test/compose-for-tests.ts";
import { operations, parametersOf } from "../../admin-contract/operations.ts";

const hourMs = 3_600_000;

let rollcall: TestRollcall;
let origin = "";
let instance: AdminClient;
let acme: AdminClient;
let instanceToken = "";
let acmeToken = "";
beforeAll(async () => {
  rollcall = await composeForTests();
  origin = await rollcall.listen();
  await rollcall.newTenant("acme");
  await rollcall.newTenant("globex");
  instanceToken = await adminToken(rollcall);
  acmeToken = await adminToken(rollcall, "acme");
  instance = createAdminClient(origin, instanceToken);
  acme = createAdminClient(origin, acmeToken);
});
afterAll(() => rollcall.remove());

async function auditOf(slug: string) {
  const tenant = await rollcall.store.tenants.bySlug(slug);
  return tenant === undefined
    ? []
    : await rollcall.store.auditLog.list(tenant.tenantId, { limit: 1000 });
}

async function scim(token: string, method: string, path: string, body?: object) {
  const response = await fetch(`${origin}/scim/v2${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  await response.text();
  return response.status;
}

describe("the OpenAPI document", () => {
  test("is OpenAPI 3.1, has every operation of the table, and every reference in it leads somewhere", async () => {
    const { status, body } = await acme("GET", "/openapi.json");
    expect(status).toBe(200);
    expect(body.openapi).toBe("3.1.0");
    expect(body.info).toMatchObject({ title: expect.any(String), version: expect.any(String) });
    expect(body.servers).toEqual([{ url: `${origin}/api/v1` }]);
    const described = Object.entries<Record<string, { operationId: string }>>(body.paths).flatMap(
      ([path, methods]) =>
        Object.entries(methods).map(
          ([method, { operationId }]) => `${method.toUpperCase()} ${path} ${operationId}`,
        ),
    );
    expect(described.toSorted()).toEqual(
      operations
        .map(({ method, path, operationId }) => `${method} ${path} ${operationId}`)
        .toSorted(),
    );
    const references = [...JSON.stringify(body).matchAll(/"\$ref":"([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(20);
    for (const [, reference = ""] of references) {
      const found = reference
        .split("/")
        .slice(1)
        .reduce<unknown>((value, name) => Object(value)[name], body);
      expect(found, reference).toBeTypeOf("object");
    }
    expect(JSON.stringify(body)).not.toContain("undefined");
  });

  test("operations have ids of their own, and describe each parameter of their path", async () => {
    const { body } = await acme("GET", "/openapi.json");
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const operation of operations) {
      const { parameters = [] } = body.paths[operation.path][operation.method.toLowerCase()];
      const inPath = parameters.filter(({ in: place }: { in: string }) => place === "path");
      expect(inPath.map(({ name }: { name: string }) => name)).toEqual(parametersOf(operation));
      for (const { description, schema } of parameters) {
        expect(schema).toBeTypeOf("object");
        expect(description === undefined || description !== "").toBe(true);
      }
    }
  });
});

describe("tenants", () => {
  test("are made, read, listed page by page and deleted, each with its audit entry", async () => {
    const made = await instance("POST", "/tenants", { body: { slug: "soylent", name: "Soylent" } });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ slug: "soylent", name: "Soylent" });
    expect((await instance("GET", "/tenants/soylent")).body).toEqual(made.body);
    const slugs: string[] = [];
    let cursor = "";
    do {
      const { body } = await instance("GET", `/tenants?limit=2${cursor}`);
      expect(body.items.length).toBeLessThanOrEqual(2);
      slugs.push(...body.items.map(({ slug }: { slug: string }) => slug));
      cursor = body.nextCursor === null ? "" : `&cursor=${body.nextCursor}`;
    } while (cursor !== "");
    expect(slugs).toEqual(["acme", "default", "globex", "soylent"]);
    const [entry] = await auditOf("soylent");
    expect(entry).toMatchObject({
      action: "tenant.create",
      actor: { kind: "admin", id: instanceToken.split("_")[2] },
      requestId: made.headers.get("x-request-id"),
    });
    const gone = await instance("DELETE", "/tenants/soylent");
    expect([gone.status, gone.body]).toEqual([204, undefined]);
    expect((await instance("GET", "/tenants/soylent")).status).toBe(404);
  });

  test("a taken slug is a conflict, a bad one and unknown members are told by name", async () => {
    expect((await instance("POST", "/tenants", { body: { slug: "acme" } })).status).toBe(409);
    const bad = await instance("POST", "/tenants", { body: { slug: "No!", nmae: "x", name: " " } });
    expect(bad.status).toBe(400);
    expect(bad.body.errors.map(({ path }: { path: string }) => path).toSorted()).toEqual([
      "name",
      "nmae",
      "slug",
    ]);
    expect(JSON.stringify(bad.body)).not.toContain("No!");
  });

  test("settings are read and changed; what does not fit changes nothing", async () => {
    const path = "/tenants/acme/settings";
    const before = await acme("GET", path);
    expect(before.body.changedSettings).toEqual({});
    expect(before.body.settings.accounts).toBe(true);
    const changes = { defaultRole: "staff", roles: ["boss", "staff"], auditRetentionDays: 90 };
    const changed = await acme("PATCH", path, { body: changes });
    expect(changed.body.changedSettings).toEqual(changes);
    expect((await acme("GET", path)).body).toEqual(changed.body);
    const entry = (await auditOf("acme")).at(-1);
    expect(entry?.action).toBe("tenant.update");
    expect(entry?.differences.map((difference) => difference.path)).toEqual([
      "settings.auditRetentionDays",
      "settings.defaultRole",
      "settings.roles",
    ]);
    for (const [body, part] of [
      [{ nope: 1 }, "nope"],
      [{ attachPolicy: "whoever" }, "attachPolicy"],
      [{ defaultRole: "boss" }, "defaultRole"],
      [{ accounts: "maybe" }, "accounts"],
    ] as const) {
      const refused = await acme("PATCH", path, { body });
      expect(refused.status).toBe(400);
      expect(refused.body.errors[0].path).toContain(part);
    }
    const nothing = Object.fromEntries(Object.keys(changes).map((key) => [key, null]));
    expect((await acme("PATCH", path, { body: nothing })).body).toEqual(before.body);
  });

  test("settings have an ETag, and a change that goes by an old one changes nothing", async () => {
    const path = "/tenants/globex/settings";
    const read = await instance("GET", path);
    const etag = read.headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[0-9a-f]{16}"$/);
    const patch = (body: object, ifMatch: string) =>
      instance("PATCH", path, { body, headers: { "if-match": ifMatch } });
    const first = await patch({ attachPolicy: "invite" }, etag);
    expect(first.status).toBe(200);
    const changed = first.headers.get("etag") ?? "";
    expect(changed).not.toBe(etag);
    const late = await patch({ attachPolicy: "reject" }, etag);
    expect([late.status, late.body.detail]).toEqual([412, expect.stringContaining("read again")]);
    expect((await instance("GET", path)).body.changedSettings).toEqual({ attachPolicy: "invite" });
    expect((await patch({}, "*")).status).toBe(200);
    expect((await patch({}, `"nope", ${changed}`)).headers.get("etag")).toBe(changed);
    const odd = await patch({}, "nope");
    expect([odd.status, odd.body.errors[0].path]).toEqual([400, "If-Match"]);
    const back = await patch({ attachPolicy: null }, changed);
    expect(back.headers.get("etag")).toBe(etag);
  });

  test("changes of different settings at the same moment are all made", async () => {
    const path = "/tenants/globex/settings";
    const changes = { attachPolicy: "invite", accounts: false, mailRetentionDays: 7 };
    const answers = await Promise.all(
      Object.entries(changes).map(([key, value]) =>
        instance("PATCH", path, { body: { [key]: value } }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await instance("GET", path)).body.changedSettings).toEqual(changes);
    const nothing = Object.fromEntries(Object.keys(changes).map((key) => [key, null]));
    expect((await instance("PATCH", path, { body: nothing })).body.changedSettings).toEqual({});
  });
});

describe("connections", () => {
  test("are made, changed and disabled; the SCIM client feels it at once", async () => {
    const made = await acme("POST", "/tenants/acme/connections", {
      body: { profile: "okta", slug: "okta", name: "Okta" },
    });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ tenant: "acme", baseUrl: `${origin}/scim/v2` });
    const path = "/tenants/acme/connections/okta";
    const { body: issued } = await acme("POST", `${path}/credentials`);
    expect(await scim(issued.token, "GET", "/Users")).toBe(200);
    const changed = await acme("PATCH", path, {
      body: {
        name: "Okta 2",
        disabled: true,
        settings: { strict: true, adoption: "never" },
        indexes: ["User:title"],
      },
    });
    expect(changed.body).toMatchObject({
      name: "Okta 2",
      disabled: true,
      changedSettings: { strict: true, adoption: "never" },
      indexes: ["User:title"],
    });
    expect((await acme("GET", path)).body).toEqual(changed.body);
    expect(await scim(issued.token, "GET", "/Users")).toBe(403);
    const back = await acme("PATCH", path, {
      body: { disabled: false, settings: { adoption: null } },
    });
    expect(back.body.changedSettings).toEqual({ strict: true });
    expect(await scim(issued.token, "GET", "/Users")).toBe(200);
    const { body: list } = await acme("GET", "/tenants/acme/connections");
    expect(list.items.map(({ slug }: { slug: string }) => slug)).toEqual(["generic", "okta"]);
  });

  test("what cannot be is refused with its part", async () => {
    const path = "/tenants/acme/connections/generic";
    for (const [body, part] of [
      [{ settings: { nope: true } }, "settings.nope"],
      [{ settings: { adoption: "perhaps" } }, "settings.adoption"],
      [{ settings: { strict: "on" } }, "settings.strict"],
      [{ profile: "nobody" }, "profile"],
      [{ indexes: ["User:nope"] }, "indexes"],
      [{ slug: "other" }, "slug"],
    ] as const) {
      const refused = await acme("PATCH", path, { body });
      expect([refused.status, refused.body.errors[0].path]).toEqual([400, part]);
    }
    const taken = { body: { slug: "generic" } };
    expect((await acme("POST", "/tenants/acme/connections", taken)).status).toBe(409);
    expect((await acme("GET", "/tenants/acme/connections/nope")).status).toBe(404);
  });

  test("a key that cannot turn on is a conflict and changes nothing", async () => {
    const { token, scope } = await rollcall.newTenant("doubles");
    const connection = await rollcall.store.connections.read(scope);
    const client = createAdminClient(origin, instanceToken);
    const path = `/tenants/doubles/connections/${connection?.slug}`;
    await client("PATCH", path, { body: { settings: { uniqueGroupNames: false } } });
    const schemas = ["urn:ietf:params:scim:schemas:core:2.0:Group"];
    for (const _ of [1, 2]) {
      expect(await scim(token, "POST", "/Groups", { schemas, displayName: "Crew" })).toBe(201);
    }
    const refused = await client("PATCH", path, { body: { settings: { uniqueGroupNames: true } } });
    expect(refused.status).toBe(409);
    expect(refused.body.detail).toContain("displayName");
    expect((await client("GET", path)).body.changedSettings).toEqual({ uniqueGroupNames: false });
  });
});

test("a disabled connection says so to its client, with an entry in the audit log for each turn", async () => {
  const { token } = await rollcall.newTenant("switched");
  const path = "/tenants/switched/connections/generic";
  const turn = async (disabled: boolean) =>
    (await instance("PATCH", path, { body: { disabled } })).body.disabled;
  expect(await turn(true)).toBe(true);
  const refused = await fetch(`${origin}/scim/v2/Users`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect([refused.status, refused.headers.get("content-type")]).toEqual([
    403,
    expect.stringContaining("application/scim+json"),
  ]);
  expect(await refused.json()).toEqual({
    schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
    status: "403",
    detail: "The connection is disabled.",
  });
  // Once more is no change.
  expect(await turn(true)).toBe(true);
  expect(await turn(false)).toBe(false);
  expect(await scim(token, "GET", "/Users")).toBe(200);
  const turns = (await auditOf("switched"))
    .filter(({ action }) => /^connection\.(dis|en)able$/.test(action))
    .map(({ action, differences }) => [action, differences]);
  expect(turns).toEqual([
    ["connection.disable", [{ path: "disabled", before: false, after: true }]],
    ["connection.enable", [{ path: "disabled", before: true, after: false }]],
  ]);
});

describe("credentials", () => {
  const path = "/tenants/globex/connections/generic/credentials";

  test("show their token once, work, are listed without it and revoked", async () => {
    const body = { name: "sync", expires: "90d", scopes: ["scim:read"], cidrs: ["127.0.0.0/8"] };
    const made = await instance("POST", path, { body });
    expect(made.status).toBe(201);
    expect(made.headers.get("cache-control")).toBe("no-store");
    const { token, baseUrl, ...kept } = made.body;
    expect(baseUrl).toBe(`${origin}/scim/v2`);
    expect(kept).toMatchObject({ name: "sync", state: "active", scopes: ["scim:read"] });
    expect(await scim(token, "GET", "/Users")).toBe(200);
    const { body: list } = await instance("GET", path);
    expect(list.items.at(-1)).toMatchObject({ credentialId: kept.credentialId });
    expect(JSON.stringify(list)).not.toContain(token);
    expect((await instance("POST", path, { body: { name: "sync" } })).status).toBe(409);
    const revoked = await instance("DELETE", `${path}/${kept.credentialId}`);
    expect([revoked.status, revoked.body.state]).toEqual([200, "revoked"]);
    expect(await scim(token, "GET", "/Users")).toBe(401);
    const again = await instance("DELETE", `${path}/${kept.credentialId}`);
    expect([again.status, again.body.revoked]).toEqual([200, revoked.body.revoked]);
    const actions = (await auditOf("globex")).filter(
      ({ target }) => target.id === kept.credentialId,
    );
    expect(actions.map(({ action }) => action)).toEqual(["credential.create", "credential.revoke"]);
  });

  test("of a User lead to it by /Me, and so does the one that takes their place", async () => {
    const unknown = await instance("POST", path, { body: { userId: "nobody" } });
    expect([unknown.status, unknown.body.errors[0].path]).toEqual([400, "userId"]);
    const { body: pusher } = await instance("POST", path);
    expect(pusher.userId).toBeNull();
    expect(await scim(pusher.token, "GET", "/Me")).toBe(501);
    const created = await fetch(`${origin}/scim/v2/Users`, {
      method: "POST",
      headers: { authorization: `Bearer ${pusher.token}`, "content-type": "application/scim+json" },
      body: JSON.stringify({ userName: "me@globex.example" }),
    });
    const user = JSON.parse(await created.text()).id;
    const { body: own } = await instance("POST", path, { body: { userId: user } });
    expect(own.userId).toBe(user);
    const rotated = await instance("POST", `${path}/${own.credentialId}/rotate`);
    expect(rotated.body.userId).toBe(user);
    for (const { token } of [own, rotated.body]) {
      expect(await scim(token, "GET", "/Me")).toBe(200);
    }
  });

  test("rotate: both tokens work for a while, then the new one alone", async () => {
    const { body: old } = await instance("POST", path, { body: { name: "turn", cidrs: [] } });
    const rotate = `${path}/${old.credentialId}/rotate`;
    const rotated = await instance("POST", rotate, { body: { overlapHours: 2 } });
    expect(rotated.status).toBe(201);
    expect(rotated.body).toMatchObject({ name: "turn", scopes: old.scopes, cidrs: old.cidrs });
    expect(rotated.body.credentialId).not.toBe(old.credentialId);
    const both = async () => [
      await scim(old.token, "GET", "/Users"),
      await scim(rotated.body.token, "GET", "/Users"),
    ];
    expect(await both()).toEqual([200, 200]);
    rollcall.clock.aheadMs = 2 * hourMs + 1000;
    expect(await both()).toEqual([401, 200]);
    expect((await instance("POST", rotate)).status).toBe(409);
    rollcall.clock.aheadMs = 0;
    const { body: last } = await instance("POST", path);
    const atOnce = await instance("POST", `${path}/${last.credentialId}/rotate`, {
      body: { overlapHours: 0 },
    });
    expect(atOnce.status).toBe(201);
    expect(await scim(last.token, "GET", "/Users")).toBe(401);
  });

  test.each([
    [{ expires: "3d" }, "expires"],
    [{ cidrs: ["x"] }, "cidrs.0"],
    [{ scopes: [] }, "scopes"],
    [{ scopes: ["scim:all"] }, "scopes.0"],
    [{ overlapHours: 1 }, "overlapHours"],
  ])("%j is refused at %s", async (body, part) => {
    const refused = await instance("POST", path, { body });
    expect([refused.status, refused.body.errors[0].path]).toEqual([400, part]);
  });

  test("an id of another connection is not there", async () => {
    const { body } = await instance("GET", path);
    const foreign = `/tenants/acme/connections/generic/credentials/${body.items[0].credentialId}`;
    expect((await instance("DELETE", foreign)).status).toBe(404);
    expect((await instance("POST", `${foreign}/rotate`)).status).toBe(404);
  });
});

describe("logs and events", () => {
  let token = "";
  beforeAll(async () => {
    const made = await rollcall.newTenant("logged");
    token = made.token;
    const schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
    for (const userName of ["ann", "ben", "cid", "ann"]) {
      await scim(token, "POST", "/Users", { schemas, userName, externalId: `${Math.random()}` });
    }
  });

  async function all(path: string, query: string): Promise<readonly { readonly id?: string }[]> {
    const items: { readonly id?: string }[] = [];
    for (let cursor = ""; ; ) {
      const { body, status } = await instance("GET", `${path}?limit=2${query}${cursor}`);
      expect(status).toBe(200);
      items.push(...body.items);
      if (body.nextCursor === null || body.items.length === 0) {
        return items;
      }
      cursor = `&cursor=${body.nextCursor}`;
    }
  }

  test("the audit log is newest first, paged and filtered", async () => {
    const entries = await auditOf("logged");
    const path = "/tenants/logged/audit-log";
    const listed = await all(path, "");
    expect(listed.map(({ id }) => id)).toEqual(entries.map(({ entryId }) => entryId).toReversed());
    const users = await all(path, "&action=user.");
    expect(users).toHaveLength(3);
    expect(users[0]).toMatchObject({ action: "user.create", outcome: "done" });
    const [{ target } = { target: { id: "" } }] = entries.slice(-1);
    expect(await all(path, `&target=${target.id}`)).toHaveLength(1);
    expect(await all(path, "&actor=operator")).toHaveLength(entries.length - 3);
    expect(await all(path, "&from=2000-01-01&to=2000-01-02")).toEqual([]);
    expect((await instance("GET", `${path}?from=yesterday`)).status).toBe(400);
  });

  test("the audit log of the instance tells of its credentials, to those of the instance", async () => {
    const { body } = await instance("GET", "/audit-log?action=admin-credential.create");
    expect(body.items.length).toBeGreaterThan(0);
    expect(body.items[0].target.id).toBe(instanceToken.split("_")[2]);
    expect((await acme("GET", "/audit-log")).status).toBe(403);
  });

  test("the request log tells what was refused and why, and what was done by this API", async () => {
    const path = "/tenants/logged/request-log";
    const refused = await all(path, "&statusFrom=400&connection=generic");
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatchObject({ status: 409, scimType: "uniqueness" });
    const everything = await all(path, "");
    expect(everything[0]).toMatchObject({
      pathTemplate: "/api/v1/tenants/{tenant}/request-log",
      credentialId: instanceToken.split("_")[2],
    });
    expect((await instance("GET", `${path}?connection=nope`)).status).toBe(404);
    expect((await instance("GET", `${path}?statusFrom=x`)).status).toBe(400);
  });

  test("events come in order, and a poll goes on where it ended", async () => {
    const path = "/tenants/logged/events";
    const first = await instance("GET", `${path}?limit=2`);
    expect(first.body.items).toMatchObject([
      { type: "user.created", tenant: "logged" },
      { type: "user.created" },
    ]);
    const second = await instance("GET", `${path}?cursor=${first.body.nextCursor}`);
    expect(second.body.items).toHaveLength(1);
    const none = await instance("GET", `${path}?cursor=${second.body.nextCursor}`);
    expect(none.body).toEqual({ items: [], nextCursor: second.body.nextCursor });
    const [event] = first.body.items;
    expect((await instance("GET", `${path}?after=${event.id}`)).body.items).toHaveLength(2);
    expect((await instance("GET", `${path}?type=group.`)).body.items).toEqual([]);
    expect((await instance("GET", `${path}?after=nope`)).status).toBe(400);
  });

  test("a cursor of another list, or of nobody, is refused", async () => {
    const { body } = await instance("GET", "/tenants?limit=1");
    for (const cursor of [
      body.nextCursor,
      "x",
      "W10",
      Buffer.from('["events",1.5]').toString("base64url"),
    ]) {
      const refused = await instance("GET", `/tenants/logged/events?cursor=${cursor}`);
      expect([refused.status, refused.body.errors[0].path]).toEqual([400, "cursor"]);
    }
    for (const limit of ["0", "1001", "-1", "1.5", "x", ""]) {
      const refused = await instance("GET", `/tenants?limit=${limit}`);
      expect([refused.status, refused.body.errors[0].path]).toEqual([400, "limit"]);
    }
    expect((await instance("GET", "/tenants?limit=1000")).status).toBe(200);
    expect((await instance("GET", "/tenants?limit=1&limit=2")).status).toBe(400);
    expect((await instance("GET", "/tenants?nope=1")).body.errors[0].path).toBe("nope");
  });
});

describe("a credential of one tenant", () => {
  test("sees exactly its tenant, and another one like one that does not exist", async () => {
    const { body } = await acme("GET", "/tenants");
    expect(body.items.map(({ slug }: { slug: string }) => slug)).toEqual(["acme"]);
    const inTenant = operations.filter(({ path }) => path.startsWith("/tenants/{tenant}"));
    expect(inTenant.length).toBeGreaterThan(10);
    for (const { method, path } of inTenant) {
      const at = (slug: string) =>
        path
          .replace("{tenant}", slug)
          .replace("{connection}", "generic")
          .replace("{credential}", "x");
      const request = method === "POST" || method === "PATCH" ? { body: {} } : {};
      const [foreign, none] = [
        await acme(method, at("globex"), request),
        await acme(method, at("nobody"), request),
      ];
      const { instance: _, ...said } = none.body;
      expect(foreign.status, `${method} ${path}`).toBe(404);
      expect(foreign.body).toMatchObject(said);
      expect(foreign.headers.get("content-length")).toBe(none.headers.get("content-length"));
    }
  });

  test("does nothing to the instance", async () => {
    const before = await rollcall.store.tenants.list();
    const forInstance = operations.filter(({ scope }) => scope === "instance");
    for (const { method, path } of forInstance) {
      const request = method === "POST" ? { body: { slug: "mine" } } : {};
      const answer = await acme(method, path.replace("{tenant}", "acme"), request);
      expect(answer.status, `${method} ${path}`).toBe(403);
    }
    expect(await rollcall.store.tenants.list()).toEqual(before);
  });

  test("ends with its tenant", async () => {
    await rollcall.newTenant("doomed");
    const doomed = createAdminClient(origin, await adminToken(rollcall, "doomed"));
    expect((await doomed("GET", "/tenants/doomed")).status).toBe(200);
    await instance("DELETE", "/tenants/doomed");
    expect((await doomed("GET", "/tenants")).status).toBe(401);
  });
});

describe("audit logs", () => {
  test("are exported piece by piece, as the command line does it, and verified", async () => {
    const root = "/tenants/acme/audit-log";
    const piecesOf = async (client: AdminClient, first: string) => {
      const pieces: string[] = [];
      for (let path: string | undefined = first; path !== undefined; ) {
        const piece = await client("GET", path);
        expect(piece.status).toBe(200);
        pieces.push(piece.body ?? "");
        path = /^<\/api\/v1(.*)>; rel="next"$/.exec(piece.headers.get("link") ?? "")?.[1];
      }
      return pieces;
    };
    for (const format of ["jsonl", "csv"] as const) {
      const whole = await piecesOf(acme, `${root}/export?format=${format}`);
      const pieces = await piecesOf(acme, `${root}/export?format=${format}&limit=2`);
      expect(whole).toHaveLength(1);
      expect(pieces.length).toBeGreaterThan(2);
      expect(pieces.join("")).toBe(whole[0]);
    }
    const entries = await auditOf("acme");
    const [lines = ""] = await piecesOf(acme, `${root}/export`);
    expect(
      lines
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toMatchObject(entries.map(({ entryId, number }) => ({ id: entryId, number })));
    const [cells] = await piecesOf(acme, `${root}/export?format=csv`);
    expect(cells).toMatch(/^id,number,time,actor,action,target,outcome,requestId,changes\r\n/);
    const behind = await acme("GET", `${root}/export?after=${entries.length}`);
    expect([behind.status, behind.body ?? ""]).toEqual([200, ""]);
    expect((await acme("GET", `${root}/export?format=xml`)).status).toBe(400);
    expect((await acme("POST", `${root}/verify`)).body).toEqual({
      ok: true,
      entries: entries.length,
      chained: entries.length,
    });
    const ofInstance = await piecesOf(instance, "/audit-log/export");
    expect(ofInstance.join("")).toContain("admin-credential.create");
    expect((await instance("POST", "/audit-log/verify")).body.ok).toBe(true);
    for (const [method, path] of [
      ["GET", "/audit-log/export"],
      ["POST", "/audit-log/verify"],
    ] as const) {
      expect((await acme(method, path)).status).toBe(403);
    }
  });
});

describe("an Idempotency-Key", () => {
  const path = "/tenants/acme/connections/generic/credentials";
  const key = (text: string) => ({ headers: { "idempotency-key": text } });
  const tokensNow = async () => (await acme("GET", path)).body.items.length;

  test("makes a repeated POST answer as before, secret included, and change nothing", async () => {
    const before = await tokensNow();
    const first = await acme("POST", path, { ...key("once"), body: { name: "once" } });
    const second = await acme("POST", path, { ...key("once"), body: { name: "once" } });
    expect(second.status).toBe(201);
    expect(second.body).toEqual(first.body);
    expect([first, second].map(({ headers }) => headers.get("idempotency-replayed"))).toEqual([
      null,
      "true",
    ]);
    expect(await tokensNow()).toBe(before + 1);
  });

  test("with another request is 422, and belongs to its credential alone", async () => {
    await acme("POST", path, { ...key("mine"), body: {} });
    for (const [other, body] of [
      [path, { expires: "90d" }],
      ["/tenants/acme/connections", {}],
    ] as const) {
      const refused = await acme("POST", other, { ...key("mine"), body });
      expect([refused.status, refused.body.type]).toEqual([
        422,
        "urn:rollcall:problem:idempotency-key-used-before",
      ]);
    }
    const others = await instance("POST", path, { ...key("mine"), body: {} });
    expect([others.status, others.headers.get("idempotency-replayed")]).toEqual([201, null]);
  });

  test("at the same moment lets one through, and says so to the others", async () => {
    const before = await tokensNow();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => acme("POST", path, { ...key("race"), body: {} })),
    );
    const made = answers.filter(({ status }) => status === 201);
    expect(made.length).toBeGreaterThanOrEqual(1);
    expect(new Set(made.map(({ body }) => body.token)).size).toBe(1);
    for (const { status, body } of answers.filter((answer) => answer.status !== 201)) {
      expect([status, body.type]).toEqual([409, "urn:rollcall:problem:idempotency-key-under-way"]);
    }
    expect(await tokensNow()).toBe(before + 1);
  });

  test("is free again after a failure, and after a day", async () => {
    const wish = { ...key("again"), body: { slug: "late" } };
    const late = "/tenants/acme/connections/late/credentials";
    expect((await acme("POST", late, key("late"))).status).toBe(404);
    expect((await acme("POST", "/tenants/acme/connections", wish)).status).toBe(201);
    const first = await acme("POST", late, key("late"));
    expect(first.status).toBe(201);
    rollcall.clock.aheadMs = 25 * hourMs;
    const second = await acme("POST", late, key("late"));
    rollcall.clock.aheadMs = 0;
    expect(second.status).toBe(201);
    expect(second.body.token).not.toBe(first.body.token);
  });

  test("of a request whose server crashed is free after a minute", async () => {
    const credentialId = acmeToken.split("_")[2] as never;
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    const claim = { credentialId, key: "crashed", requestHash: "x", at: at(0) };
    const ages = { rememberedSince: at(-24 * hourMs), underWaySince: at(-60_000) };
    await rollcall.store.idempotencyKeys.claim(claim, ages);
    expect((await acme("POST", path, { ...key("crashed"), body: {} })).status).toBe(422);
    rollcall.clock.aheadMs = 61_000;
    expect((await acme("POST", path, { ...key("crashed"), body: {} })).status).toBe(201);
    rollcall.clock.aheadMs = 0;
  });

  test("has a form", async () => {
    for (const text of ["with blank", "x".repeat(256)]) {
      const refused = await acme("POST", path, { ...key(text), body: {} });
      expect([refused.status, refused.body.errors[0].path]).toEqual([400, "Idempotency-Key"]);
    }
  });

  test("is kept sealed: no token is in the database", async () => {
    const { body } = await acme("POST", path, { ...key("sealed"), body: {} });
    const at = new Date().toISOString();
    const credentialId = acmeToken.split("_")[2] as never;
    const text = JSON.stringify([
      "createCredential",
      { tenant: "acme", connection: "generic" },
      "",
      {},
    ]);
    const requestHash = rollcall.requestHash(text);
    const kept = await rollcall.store.idempotencyKeys.claim(
      { credentialId, key: "sealed", requestHash, at },
      { rememberedSince: "2000", underWaySince: "2000" },
    );
    expect(kept.kind).toBe("answered");
    expect(JSON.stringify(kept)).not.toContain(body.token);
    expect(JSON.stringify(kept)).not.toContain(body.credentialId);
  });
});

describe("problems", () => {
  const problem = { type: "about:blank", errors: [], detail: expect.any(String) };

  test("say status, title, detail and request, with the right media type", async () => {
    const { headers, body } = await acme("GET", "/tenants/nobody");
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(body).toEqual({
      ...problem,
      status: 404,
      title: "Not Found",
      instance: `urn:uuid:${headers.get("x-request-id")}`,
    });
  });

  test("come for paths and methods that are not there", async () => {
    for (const path of [
      "",
      "/",
      "/nope",
      "/tenants/",
      "/tenants/acme/",
      "/tenants/%zz",
      "//tenants",
    ]) {
      const answer = await acme("GET", path);
      expect(answer.status, path).toBe(404);
      expect(answer.body, path).toMatchObject(problem);
    }
    const wrong = await acme("PUT", "/tenants/acme/settings", { body: {} });
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "GET, HEAD, PATCH"]);
    expect(wrong.body).toMatchObject({ ...problem, title: "Method Not Allowed" });
    const options = await acme("OPTIONS", "/tenants");
    expect([options.status, options.headers.get("allow")]).toEqual([405, "GET, HEAD, POST"]);
  });

  test("HEAD is GET without its content", async () => {
    const answer = await acme("HEAD", "/tenants");
    expect([answer.status, answer.body]).toEqual([200, undefined]);
  });

  test("come for tokens that are not good, with the challenge", async () => {
    const { token: scimToken } = await rollcall.newTenant("wrong-kind");
    for (const [authorization, challenge] of [
      [undefined, 'Bearer realm="rollcall"'],
      ["Bearer x", 'Bearer realm="rollcall", error="invalid_token"'],
      [`Bearer ${scimToken}`, 'Bearer realm="rollcall", error="invalid_token"'],
    ]) {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
      const response = await fetch(`${origin}/api/v1/tenants`, { headers });
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toBe(challenge);
      expect(response.headers.get("content-type")).toBe("application/problem+json");
      expect(await response.json()).toMatchObject({ ...problem, title: "Unauthorized" });
    }
    expect(await scim(instanceToken, "GET", "/Users")).toBe(401);
  });

  test("come for bodies that cannot be read", async () => {
    const post = async (text: string, headers: Record<string, string> = {}) =>
      (await instance("POST", "/tenants", { text, headers })).status;
    const before = await rollcall.store.tenants.list();
    expect(await post('{"slug":"x","slug":"y"}')).toBe(400);
    expect(await post('{"slug":"x","Slug":"y"}')).toBe(400);
    expect(await post('{"slug":"x"')).toBe(400);
    expect(await post("[]")).toBe(400);
    expect(await post('{"slug":"x\\u0000"}')).toBe(400);
    expect(await post('{"slug":"x"}', { "content-type": "text/plain" })).toBe(415);
    expect(await post(JSON.stringify({ slug: "x", name: "y".repeat(1_048_576) }))).toBe(413);
    expect(await post("")).toBe(400);
    const proto = await instance("PATCH", "/tenants/acme/settings", {
      text: '{"roleMapping":{"__proto__":"user"}}',
    });
    expect([proto.status, proto.body.errors[0].path]).toEqual([400, "roleMapping.__proto__"]);
    expect(Object.hasOwn(Object.prototype, "user")).toBe(false);
    expect(await rollcall.store.tenants.list()).toEqual(before);
  });

  test("never repeat a token that stands where it should not", async () => {
    const refused = await instance("POST", "/tenants", { body: { slug: "x", [acmeToken]: 1 } });
    expect(refused.status).toBe(400);
    expect(JSON.stringify(refused.body)).not.toContain(acmeToken);
    const { items } = (await instance("GET", "/audit-log")).body;
    const log = await rollcall.store.requestLog.list({ limit: 1000 });
    expect(JSON.stringify([items, log, rollcall.logLines])).not.toMatch(
      /rollcall_admin_[0-9A-Za-z]/,
    );
  });
});

test("limits hold as for SCIM, and their refusals are problems", async () => {
  const limited = await composeForTests({ rateLimit: 1, failedAuthLimit: 2 });
  const request = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    return limited.fetch(new Request("http://127.0.0.1/api/v1/tenants", { headers }));
  };
  const good = await adminToken(limited);
  const answers = await Promise.all(Array.from({ length: 6 }, () => request(good)));
  const over = answers.filter(({ status }) => status === 429);
  expect(over.length).toBeGreaterThanOrEqual(3);
  const bad = [];
  for (const _ of [1, 2, 3]) {
    bad.push(await request("x"));
  }
  expect(bad.map(({ status }) => status)).toEqual([401, 401, 429]);
  for (const response of [...over, ...bad.slice(2)]) {
    expect(response.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({ status: 429, title: "Too Many Requests" });
  }
  await limited.remove();
});

test("a request that takes too long, and plain HTTP from afar, are problems too", async () => {
  const slow = await composeForTests({}, { handlerTimeoutMs: 50 });
  const headers = { authorization: `Bearer ${await adminToken(slow)}` };
  const url = "http://127.0.0.1/api/v1/tenants";
  const never = new ReadableStream({ pull: () => new Promise(() => undefined) });
  const late = await slow.fetch(
    new Request(url, { method: "POST", headers, body: never, duplex: "half" } as RequestInit),
  );
  expect([late.status, late.headers.get("retry-after")]).toEqual([503, "5"]);
  expect(late.headers.get("content-type")).toBe("application/problem+json");
  const afar = { address: "192.0.2.1", encrypted: false };
  const plain = await rollcall.fetch(new Request(url, { headers }), afar);
  expect(plain.status).toBe(403);
  expect(plain.headers.get("content-type")).toBe("application/problem+json");
  await slow.remove();
});

test("a revoked or expired admin token is refused at once", async () => {
  const token = await adminToken(rollcall);
  const client = createAdminClient(origin, token);
  expect((await client("GET", "/tenants")).status).toBe(200);
  rollcall.clock.aheadMs = 31 * 24 * hourMs;
  expect((await client("GET", "/tenants")).body.detail).toContain("expired");
  rollcall.clock.aheadMs = 0;
  const credentialId = token.split("_")[2] as never;
  const at = new Date().toISOString();
  await rollcall.store.adminCredentials.revoke(credentialId, at, rollcall.circumstances());
  expect((await client("GET", "/tenants")).body.detail).toContain("revoked");
});
