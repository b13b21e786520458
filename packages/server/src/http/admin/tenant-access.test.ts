/** Teams, mappings, grants and effective access of the admin API over real HTTP, with groups that a SCIM client pushes. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AdminClient } from "../../../../../test/admin-client.ts";
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

async function ok(client: AdminClient, method: string, path: string, body?: object) {
  const answer = await client(method, path, body === undefined ? {} : { body });
  expect([200, 201], JSON.stringify(answer.body)).toContain(answer.status);
  return answer.body;
}

/** Which part of a request is wrong. */
async function wrongPart(client: AdminClient, method: string, path: string, body: object) {
  const { status, body: problem } = await client(method, path, { body });
  expect(status, JSON.stringify(problem)).toBe(400);
  return problem.errors[0].path;
}

/** A tenant with a SCIM client and an admin client of its own. */
async function newTenant(slug: string) {
  const { token } = await rollcall.newTenant(slug);
  const scim = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${origin}/scim/v2${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    expect([200, 201, 204], text).toContain(response.status);
    return text === "" ? undefined : JSON.parse(text);
  };
  const user = async (name: string): Promise<string> => {
    const schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
    return (await scim("POST", "/Users", { schemas, userName: `${name}@${slug}.example` })).id;
  };
  const group = async (displayName: string, ...members: readonly string[]): Promise<string> => {
    const schemas = ["urn:ietf:params:scim:schemas:core:2.0:Group"];
    const values = members.map((value) => ({ value }));
    return (await scim("POST", "/Groups", { schemas, displayName, members: values })).id;
  };
  const admin = createAdminClient(origin, await adminToken(rollcall, slug));
  return { scim, user, group, admin, root: `/tenants/${slug}` };
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

/** What everybody may do, such as `ann tenant user`. */
async function access(client: AdminClient, root: string, limit = 2) {
  const rows = await pages(client, `${root}/access`, limit);
  return rows.map(({ email, target, role }) => `${email.split("@")[0]} ${target} ${role}`);
}

describe("teams", () => {
  test("are made, listed page by page, read, renamed, archived and restored", async () => {
    const { admin, root } = await newTenant("teams");
    const made = await admin("POST", `${root}/teams`, { body: { name: "Blue" } });
    expect([made.status, made.body]).toEqual([
      201,
      {
        id: expect.any(String),
        name: "Blue",
        archived: false,
        archivedAt: null,
        group: null,
        byHand: { name: false, archived: false },
        createdAt: expect.any(String),
      },
    ]);
    const path = `${root}/teams/${made.body.id}`;
    for (const name of [path, `${root}/teams/bLUE`]) {
      expect(await ok(admin, "GET", name)).toEqual(made.body);
    }
    expect((await admin("POST", `${root}/teams`, { body: { name: "BLUE" } })).status).toBe(409);
    expect(await wrongPart(admin, "POST", `${root}/teams`, { name: " " })).toBe("name");
    for (const name of ["Red", "Green"]) {
      await ok(admin, "POST", `${root}/teams`, { name });
    }
    const names = async () => (await pages(admin, `${root}/teams`, 2)).map(({ name }) => name);
    expect(await names()).toEqual(["Blue", "Red", "Green"]);
    const taken = await admin("PATCH", path, { body: { name: "red" } });
    expect(taken.status).toBe(409);
    const archived = await ok(admin, "PATCH", path, { archived: true });
    expect(archived).toMatchObject({ archived: true, archivedAt: expect.any(String) });
    expect(await ok(admin, "PATCH", path, { name: "Navy", archived: false })).toEqual({
      ...made.body,
      name: "Navy",
    });
    expect(await names()).toEqual(["Navy", "Red", "Green"]);
    expect((await admin("GET", `${root}/teams/Blue`)).status).toBe(404);
    expect((await admin("PATCH", `${root}/teams/Blue`, { body: {} })).status).toBe(404);
  });

  test("have an ETag, and a change that goes by an old one changes nothing", async () => {
    const { admin, root } = await newTenant("versions");
    const { id } = await ok(admin, "POST", `${root}/teams`, { name: "Blue" });
    const path = `${root}/teams/${id}`;
    const etagOf = async () => (await admin("GET", path)).headers.get("etag") ?? "";
    const patch = (body: object, etag: string) =>
      admin("PATCH", path, { body, headers: { "if-match": etag } });
    const first = await etagOf();
    expect(first).toMatch(/^"[0-9a-f]{16}"$/);
    const renamed = await patch({ name: "Red" }, first);
    expect([renamed.status, renamed.body.name]).toEqual([200, "Red"]);
    const second = renamed.headers.get("etag") ?? "";
    expect([second === first, second]).toEqual([false, await etagOf()]);
    for (const body of [{ name: "Green" }, { archived: true }, {}]) {
      const late = await patch(body, first);
      expect([late.status, late.body.detail]).toEqual([
        412,
        "Somebody else has changed the team: read again.",
      ]);
    }
    expect(await etagOf()).toBe(second);
    const both = await patch({ name: "Green", archived: true }, `${first}, ${second}`);
    expect(both.body).toMatchObject({ name: "Green", archived: true });
    expect((await patch({ archived: false }, "*")).status).toBe(200);
    const odd = await patch({ name: "Red" }, "old");
    expect([odd.status, odd.body.errors[0].path]).toEqual([400, "If-Match"]);
    const nameless = await admin("PATCH", path, { body: { name: null } });
    expect([nameless.status, nameless.body.detail]).toEqual([
      409,
      'the team "Green" follows no group whose name it could have: give one',
    ]);
  });

  test("follow groups where the tenant says so; settings show which come and go, and are refused when that has moved", async () => {
    const { admin, root, user, group } = await newTenant("followed");
    const ann = await user("ann");
    await group("Eng", ann);
    await ok(admin, "POST", `${root}/teams`, { name: "ENG" });
    const settings = { groupTeams: true, groupTeamPrefix: "e" };
    const asked = await ok(admin, "POST", `${root}/settings/preview`, settings);
    expect(asked.teams).toEqual([{ id: expect.any(String), name: "Eng (2)", change: "created" }]);
    expect(asked.counts.byTarget).toMatchObject({ "team:Eng (2)": { joins: 1 } });
    await group("Else");
    const path = `${root}/settings?previewToken=${asked.token}`;
    const moved = await admin("PATCH", path, { body: settings });
    expect([moved.status, moved.body.type]).toEqual([409, "urn:rollcall:problem:facts-moved"]);
    await ok(admin, "PATCH", `${root}/settings`, settings);
    const teams = await pages(admin, `${root}/teams`, 1);
    expect(teams.map(({ name, group: of }) => [name, of?.connection ?? null]).toSorted()).toEqual([
      ["ENG", null],
      ["Else", "generic"],
      ["Eng (2)", "generic"],
    ]);
    const one = `${root}/teams/${asked.teams[0].id}`;
    expect(await ok(admin, "PATCH", one, { name: "Mine" })).toMatchObject({
      name: "Mine",
      byHand: { name: true, archived: false },
    });
    expect(await ok(admin, "PATCH", one, { name: null })).toMatchObject({ name: "Eng (2)" });
    expect(await access(admin, root)).toEqual(["ann team:Eng (2) viewer"]);
  });

  test("one is the default by its name, and stays while it is", async () => {
    const { admin, root, user } = await newTenant("defaults");
    await user("ann");
    const { id } = await ok(admin, "POST", `${root}/teams`, { name: "Everybody" });
    const settings = `${root}/settings`;
    const unknown = await admin("PATCH", settings, { body: { defaultTeam: "Nobody" } });
    expect([unknown.status, unknown.body.detail]).toEqual([
      409,
      'defaultTeam: there is no team "Nobody"; there are: Everybody',
    ]);
    const saved = await ok(admin, "PATCH", settings, { defaultTeam: "everybody" });
    expect(saved.settings.defaultTeam).toBe(id);
    await ok(admin, "PATCH", settings, saved.changedSettings);
    expect(await access(admin, root)).toEqual(["ann tenant user", "ann team:Everybody viewer"]);
    const kept = await admin("PATCH", `${root}/teams/${id}`, { body: { archived: true } });
    expect(kept.status).toBe(409);
  });
});

describe("mappings", () => {
  test("are asked about, made, listed, changed and removed; a preview that is out of date changes nothing", async () => {
    const { admin, root, user, group, scim } = await newTenant("mapped");
    const [ann, ben] = [await user("ann"), await user("ben")];
    const eng = await group("Engineering", ann, ben);
    const team = await ok(admin, "POST", `${root}/teams`, { name: "Blue" });
    const path = `${root}/mappings`;
    const body = { group: "engineering", team: "BLUE", role: "Editor" };
    const preview = await ok(admin, "POST", `${path}/preview`, body);
    expect(preview.counts).toMatchObject({ joins: 2, losses: 2, changes: 0 });
    expect(preview.joins[0]).toMatchObject({ target: "team:Blue", role: "editor" });
    expect(await ok(admin, "POST", `${path}/preview`, body)).toEqual(preview);
    const cat = await user("cat");
    const members = (value: string) => ({
      schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
      Operations: [{ op: "add", path: "members", value: [{ value }] }],
    });
    await scim("PATCH", `/Groups/${eng}`, members(cat));
    const stale = { ...body, previewToken: preview.token };
    const moved = await admin("POST", path, { body: stale });
    expect([moved.status, moved.body.type, moved.body.detail]).toEqual([
      409,
      "urn:rollcall:problem:facts-moved",
      "the facts have moved; ask for a new preview",
    ]);
    expect(await ok(admin, "GET", path)).toEqual({ items: [], nextCursor: null });
    const fresh = await ok(admin, "POST", `${path}/preview`, body);
    const key = { headers: { "idempotency-key": "once" } };
    const request = { body: { ...body, previewToken: fresh.token }, ...key };
    const made = await admin("POST", path, request);
    expect([made.status, made.body]).toEqual([
      201,
      {
        id: expect.any(String),
        connection: null,
        kind: "name",
        pattern: "engineering",
        target: "team:Blue",
        teamId: team.id,
        role: "editor",
        version: 1,
        createdAt: expect.any(String),
        counts: fresh.counts,
      },
    ]);
    expect((await admin("POST", path, request)).body).toEqual(made.body);
    const same = await admin("POST", path, { body });
    expect([same.status, same.body.detail.includes(made.body.id)]).toEqual([409, true]);
    const one = `${path}/${made.body.id}`;
    const asked = await ok(admin, "POST", `${path}/preview`, {
      mapping: made.body.id,
      role: "viewer",
    });
    expect(asked.changes).toHaveLength(3);
    const patch = { role: "VIEWER", previewToken: asked.token };
    expect(await ok(admin, "PATCH", one, patch)).toMatchObject({
      role: "viewer",
      version: 2,
      counts: asked.counts,
    });
    const read = await admin("GET", one);
    expect([read.headers.get("etag"), read.body.version]).toEqual(['"2"', 2]);
    for (const [method, url, late] of [
      ["PATCH", one, { body: { role: "admin" } }],
      ["DELETE", one, {}],
    ] as const) {
      const old = await admin(method, url, { ...late, headers: { "if-match": '"1"' } });
      expect([old.status, old.body.detail]).toEqual([
        412,
        "Somebody else has changed the mapping: read again.",
      ]);
    }
    const good = await admin("PATCH", one, {
      body: { role: "editor" },
      headers: { "if-match": '"2"' },
    });
    expect([good.status, good.headers.get("etag")]).toEqual([200, '"3"']);
    await ok(admin, "PATCH", one, { role: "viewer" });
    expect((await admin("GET", `${path}/nobody`)).status).toBe(404);
    const other = { groupId: eng, tenant: true, role: "admin", connection: "generic" };
    await ok(admin, "POST", path, other);
    const listed = await pages(admin, path, 1);
    expect(listed.map(({ target, connection }) => [target, connection])).toEqual([
      ["team:Blue", null],
      ["tenant", "generic"],
    ]);
    const removal = await ok(admin, "POST", `${path}/preview`, { remove: made.body.id });
    const wrong = await admin("DELETE", `${one}?previewToken=${asked.token}`);
    expect(wrong.status).toBe(409);
    expect(await ok(admin, "DELETE", `${one}?previewToken=${removal.token}`)).toEqual({
      removed: true,
      id: made.body.id,
      counts: removal.counts,
    });
    expect((await admin("DELETE", one)).status).toBe(404);
    expect((await admin("PATCH", one, { body: { role: "viewer" } })).status).toBe(404);
    expect(await access(admin, root)).toEqual(
      ["ann", "ben", "cat"].map((name) => `${name} tenant admin`),
    );
    expect(await ok(admin, "POST", `${root}/reconcile`, { check: true })).toEqual({
      differences: 0,
      counts: { joins: 0, losses: 0, changes: 0, byTarget: {} },
    });
    expect((await ok(admin, "POST", `${root}/reconcile`, {})).differences).toBe(0);
  });

  test("what the tenant does not have is told by its part, and a team of another tenant is none", async () => {
    const { admin, root } = await newTenant("wrong");
    const foreign = await newTenant("elsewhere");
    const { id } = await ok(foreign.admin, "POST", `${foreign.root}/teams`, { name: "Blue" });
    await ok(admin, "POST", `${root}/teams`, { name: "Red" });
    const path = `${root}/mappings`;
    const good = { group: "Eng", team: "Red", role: "viewer" };
    for (const [change, part] of [
      [{ team: "Blue" }, "team"],
      [{ team: id }, "team"],
      [{ role: "owner" }, "role"],
      [{ group: undefined, pattern: "(x" }, "pattern"],
      [{ group: undefined, groupId: "" }, "groupId"],
      [{ group: " " }, "group"],
      [{ pattern: "x" }, "group"],
      [{ group: undefined }, "group"],
      [{ tenant: true }, "team"],
      [{ team: undefined }, "team"],
      [{ connection: "okta" }, "connection"],
      [{ nope: 1 }, "nope"],
    ] as const) {
      const body = { ...good, ...change };
      expect(await wrongPart(admin, "POST", path, body)).toBe(part);
      expect(await wrongPart(admin, "POST", `${path}/preview`, body)).toBe(part);
    }
    expect(await wrongPart(admin, "POST", `${path}/preview`, { group: "x", tenant: true })).toBe(
      "role",
    );
    const both = { remove: "x", ...good };
    expect(await wrongPart(admin, "POST", `${path}/preview`, both)).toBe("remove");
    const unknown = await admin("POST", `${path}/preview`, { body: { remove: "x" } });
    expect(unknown.status).toBe(404);
  });
});

describe("grants", () => {
  test("are given by hand, adopted and handed back; each place shows the teams by name", async () => {
    const { admin, root, user, group, scim } = await newTenant("granted");
    const eng = await group("Eng", await user("ann"));
    const { id } = await ok(admin, "POST", `${root}/teams`, { name: "Blue" });
    await ok(admin, "POST", `${root}/mappings`, { group: "Eng", team: id, role: "editor" });
    const grants = `${root}/members/email:ann@granted.example/grants`;
    const adopted = await ok(admin, "POST", `${grants}/team:Blue/adopt`);
    expect(adopted).toEqual({
      accountId: expect.any(String),
      email: "ann@granted.example",
      target: "team:Blue",
      role: "editor",
      manual: "editor",
      changed: true,
    });
    const listed = await pages(admin, grants, 1);
    expect(listed.map(({ target, kind, role, group: name }) => [target, kind, role, name])).toEqual(
      [
        ["team:Blue", "group", "editor", "Eng"],
        ["team:Blue", "manual", "editor", null],
      ],
    );
    await scim("DELETE", `/Groups/${eng}`);
    expect(await access(admin, root)).toEqual(["ann team:Blue editor"]);
    const nothing = await admin("POST", `${grants}/team:Blue/adopt`);
    expect(nothing.status).toBe(409);
    expect(await ok(admin, "PUT", `${grants}/tenant`, { role: "ADMIN" })).toMatchObject({
      target: "tenant",
      manual: "admin",
      changed: true,
    });
    expect(await ok(admin, "GET", `/access/granted/${adopted.accountId}`)).toMatchObject({
      teams: [{ teamId: id, team: "Blue", role: "editor" }],
    });
    const rows = await ok(admin, "GET", `${root}/access?email=ann@granted.example`);
    expect(rows).toMatchObject({
      items: [
        { target: "tenant", role: "admin", sources: [{ kind: "manual", role: "admin" }] },
        { target: "team:Blue", teamId: id, sources: [{ kind: "manual", role: "editor" }] },
      ],
      nextCursor: null,
    });
    expect((await ok(admin, "GET", `${root}/access?email=x@granted.example`)).items).toEqual([]);
    expect(await ok(admin, "DELETE", `${grants}/${id}`)).toMatchObject({
      role: null,
      manual: null,
    });
    expect(await access(admin, root)).toEqual(["ann tenant admin"]);
    expect(await wrongPart(admin, "PUT", `${grants}/tenant`, { role: "king" })).toBe("role");
    const request = { body: { role: "viewer" } };
    expect((await admin("PUT", `${grants}/team:Red`, request)).status).toBe(404);
    await ok(admin, "PATCH", `${root}/teams/${id}`, { archived: true });
    expect((await admin("PUT", `${grants}/team:Blue`, request)).status).toBe(409);
  });

  test("of the last owner stay", async () => {
    const { admin, root, user } = await newTenant("owned");
    await user("ann");
    const grants = `${root}/members/email:ann@owned.example/grants/tenant`;
    await ok(admin, "PUT", grants, { role: "owner" });
    for (const [method, request] of [
      ["DELETE", {}],
      ["PUT", { body: { role: "admin" } }],
    ] as const) {
      const refused = await admin(method, grants, request);
      expect([refused.status, refused.body.type]).toEqual([409, "urn:rollcall:problem:last-owner"]);
    }
    expect(await access(admin, root)).toEqual(["ann tenant owner"]);
  });

  test("everybody is listed whatever the length of the pages, each row once", async () => {
    const { admin, root, user, group } = await newTenant("paged");
    const ids = [];
    for (const name of ["ann", "ben", "cat"]) {
      ids.push(await user(name));
    }
    await group("Eng", ...ids);
    for (const name of ["Blue", "Red", "Green"]) {
      await ok(admin, "POST", `${root}/teams`, { name });
      await ok(admin, "POST", `${root}/mappings`, { group: "Eng", team: name, role: "viewer" });
    }
    await ok(admin, "POST", `${root}/members/email:ben@paged.example/locks`, { source: "admin" });
    const all = await access(admin, root, 100);
    expect(all).toHaveLength(6);
    expect(new Set(all).size).toBe(6);
    for (const limit of [1, 2, 3, 4, 5]) {
      expect(await access(admin, root, limit)).toEqual(all);
    }
    expect((await admin("GET", `${root}/access?cursor=eHh4`)).status).toBe(400);
  });
});

test("who is owner by a group stays so at every step while a connector is made again", async () => {
  const { admin, root, scim, user, group } = await newTenant("superusers");
  const ann = await user("ann");
  const userBody = {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
    userName: "ann@superusers.example",
  };
  const groupBody = {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
    displayName: "Superusers",
    externalId: "g-1",
  };
  const id = await group("Superusers", ann);
  await scim("PUT", `/Groups/${id}`, groupBody);
  await ok(admin, "POST", `${root}/mappings`, { groupId: "g-1", tenant: true, role: "owner" });
  const owner = ["ann tenant owner"];
  expect(await access(admin, root)).toEqual(owner);
  const events = async () => (await ok(admin, "GET", `/events?tenant=superusers&limit=1000`)).items;
  const before = (await events()).length;
  // Everybody and everything is posted again without the ids that the client has forgotten, and then put.
  const again: readonly (readonly [string, string, object])[] = [
    ["POST", "/Users", { ...userBody, externalId: "p-1" }],
    ["POST", "/Groups", groupBody],
    ["PUT", `/Users/${ann}`, { ...userBody, externalId: "p-1", title: "Dr" }],
    ["PUT", `/Groups/${id}`, { ...groupBody, displayName: "superusers" }],
    ["PUT", `/Groups/${id}`, { ...groupBody, members: [{ value: ann }] }],
  ];
  for (const [method, path, body] of again) {
    const answer = await scim(method, path, body);
    expect([ann, id], path).toContain(answer.id);
    expect(await access(admin, root), `${method} ${path}`).toEqual(owner);
    // By the group, and not because the last owner keeps the role.
    const [row] = await pages(admin, `${root}/access`, 1);
    expect(row.sources.map(({ kind }: { kind: string }) => kind)).toEqual(["group"]);
  }
  const told = (await events()).slice(before).map(({ type }: { type: string }) => type);
  expect(told.filter((type: string) => /access|sessions/.test(type))).toEqual([]);
});
