/** Teams, mappings, grants, access and reconciling at the command line, beside a server whose client pushes groups. */
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { StartedProvider } from "../../../../conformance/start-provider.ts";
import { startProvider } from "../../../../conformance/start-provider.ts";
import type { TestDatabase } from "../../../../test/postgres-for-tests.ts";
import { createTestDatabase } from "../../../../test/postgres-for-tests.ts";
import { main } from "./main.ts";

const wanted = inject("database") ?? "sqlite";
let database: TestDatabase | undefined;
let server: StartedProvider;
beforeAll(async () => {
  database = wanted === "sqlite" ? undefined : await createTestDatabase(wanted);
  server = await startProvider([], database?.url);
}, 60_000);
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  await database?.drop();
});

async function run(...args: readonly string[]) {
  const written = { out: "", err: "" };
  const code = await main(args, {
    program: "rollcall",
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
    env: { ROLLCALL_DATA: server.dataFolder, ROLLCALL_DATABASE_URL: database?.url ?? "" },
    now: Date.now,
    stopSignal: () => new AbortController().signal,
  });
  return { code, ...written };
}
async function ok(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await run(...args);
  expect(code, err).toBe(0);
  return out;
}
const json = async (...args: readonly string[]) => JSON.parse(await ok(...args, "--json"));
async function refused(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await run(...args);
  expect([code, out]).toEqual([1, ""]);
  expect(err).toMatch(/^rollcall: .*\n$/);
  return err;
}

/** A tenant with a connection `idp`, and what its client does. */
async function newTenant(slug: string) {
  await ok("tenant", "create", slug);
  await ok("connection", "create", slug, "--profile", "generic", "--slug", "idp");
  const { token } = await json("token", "create", `${slug}/idp`);
  const send = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${server.baseUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    expect([200, 201, 204], text).toContain(response.status);
    return text === "" ? undefined : JSON.parse(text);
  };
  const user = async (name: string): Promise<string> => {
    const userName = `${name}@${slug}.example`;
    const schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
    return (await send("POST", "/Users", { schemas, userName, externalId: name })).id;
  };
  const group = async (displayName: string, ...members: readonly string[]): Promise<string> => {
    const schemas = ["urn:ietf:params:scim:schemas:core:2.0:Group"];
    const values = members.map((value) => ({ value }));
    const body = { schemas, displayName, externalId: `x-${displayName}`, members: values };
    return (await send("POST", "/Groups", body)).id;
  };
  const patch = (path: string, ...operations: readonly object[]) =>
    send("PATCH", path, {
      schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
      Operations: operations,
    });
  return { send, user, group, patch };
}

/** What everybody may do, such as `ann tenant user`. */
async function access(slug: string, ...more: readonly string[]): Promise<readonly string[]> {
  const rows = await json("access", slug, ...more);
  return rows
    .map(({ email, target, role }: Record<string, string>) =>
      [email?.split("@")[0], target, role].join(" "),
    )
    .toSorted();
}

describe("team", () => {
  test("create, list, rename, archive and restore", async () => {
    await newTenant("teams");
    const made = await json("team", "create", "teams", "Blue");
    expect(made).toEqual({
      id: expect.any(String),
      name: "Blue",
      archived: false,
      archivedAt: null,
      group: null,
      byHand: { name: false, archived: false },
      createdAt: expect.any(String),
    });
    expect(await refused("team", "create", "teams", "bLUE")).toContain(made.id);
    expect(await refused("team", "create", "teams", " ")).toContain("cannot be a name");
    expect(await json("team", "rename", "teams", "blue", "Red")).toEqual({ ...made, name: "Red" });
    expect(await refused("team", "archive", "teams", "Blue")).toContain("there are: Red");
    const archived = await json("team", "archive", "teams", "red");
    expect(archived).toMatchObject({ archived: true, archivedAt: expect.any(String) });
    expect(await json("team", "list", "teams")).toEqual([archived]);
    expect(await ok("team", "list", "teams")).toMatch(/Red +archived/);
    const second = await json("team", "create", "teams", "Red");
    expect(await refused("team", "restore", "teams", made.id)).toContain(second.id);
    await ok("team", "archive", "teams", second.id);
    expect(await refused("team", "restore", "teams", "Red")).toContain("several archived teams");
    expect(await json("team", "restore", "teams", made.id)).toEqual({ ...made, name: "Red" });
  });

  test("each group has one where the tenant says so, which follows it and is explained", async () => {
    const { user, group, patch, send } = await newTenant("own-teams");
    const ann = await user("ann");
    const eng = await group("Eng", ann);
    const email = "ann@own-teams.example";
    const settings = ["groupTeams=on", "groupTeamName=Team {group}", "groupTeamRole=editor"];
    const set = ["tenant", "set", "own-teams", ...settings];
    const preview = await json(...set, "--preview");
    expect(preview.teams).toEqual([
      { id: expect.any(String), name: "Team Eng", change: "created" },
    ]);
    expect(preview.joins).toMatchObject([{ email, target: "team:Team Eng", role: "editor" }]);
    expect(await ok(...set, "--preview")).toContain("Team Team Eng is created.");
    const other = await group("Sales");
    expect(await refused(...set, "--preview-token", preview.token)).toContain(
      "the facts have moved",
    );
    await send("DELETE", `/Groups/${other}`);
    const { token } = await json(...set, "--preview");
    await ok(...set, "--preview-token", token);
    expect(await access("own-teams")).toEqual(["ann team:Team Eng editor"]);
    const [team] = await json("team", "list", "own-teams");
    expect(team).toMatchObject({ name: "Team Eng", group: { connection: "idp", groupId: eng } });
    const [row] = await json("access", "own-teams", "--email", email);
    expect(row.sources).toMatchObject([{ kind: "group", group: "Eng", mapping: null }]);
    const why = await json("why", "own-teams", email, "team:Team Eng");
    expect([why.effective, why.role]).toEqual([true, "editor"]);
    expect(why.because.map(({ fact }: { fact: string }) => fact)).toEqual([
      "grant",
      "membership",
      "team",
      "link",
    ]);
    expect(why.because[2].text).toBe(
      "the team Team Eng follows the group, and gives its members editor of itself",
    );
    await patch(`/Groups/${eng}`, { op: "replace", path: "displayName", value: "Engineering" });
    expect(await access("own-teams")).toEqual(["ann team:Team Engineering editor"]);
    const named = await json("team", "rename", "own-teams", "Team Engineering", "Builders");
    expect(named.byHand).toEqual({ name: true, archived: false });
    await patch(`/Groups/${eng}`, { op: "replace", path: "displayName", value: "Eng" });
    expect(await access("own-teams")).toEqual(["ann team:Builders editor"]);
    expect(await json("team", "rename", "own-teams", "Builders")).toMatchObject({
      name: "Team Eng",
    });
    expect(await refused("team", "create", "own-teams", "team eng")).toContain(team.id);
    expect(await refused("tenant", "set", "own-teams", "defaultTeam=Team Eng")).toContain(
      "the team Team Eng follows a group, which its identity provider may delete",
    );
    await send("DELETE", `/Groups/${eng}`);
    expect(await access("own-teams")).toEqual(["ann tenant user"]);
    const gone = await json("why", "own-teams", email, team.id);
    expect(gone.missing[0].text).toContain("since its group is gone or has no team any more");
    await group("Eng", ann);
    expect(await access("own-teams")).toEqual(["ann team:Team Eng editor"]);
    expect((await json("reconcile", "own-teams", "--check")).differences).toBe(0);
  });

  test("the team of tenant set defaultTeam is meant by its name, has to be there, and stays", async () => {
    const { user } = await newTenant("defaults");
    await user("ann");
    const { id } = await json("team", "create", "defaults", "Everybody");
    const away = await json("team", "create", "defaults", "Away");
    await ok("team", "archive", "defaults", "Away");
    const set = (value: string) => ["tenant", "set", "defaults", `defaultTeam=${value}`];
    expect(await refused(...set("Nobody"))).toContain(
      'defaultTeam: there is no team "Nobody"; there are: Everybody',
    );
    expect(await refused(...set(away.id))).toContain("is archived");
    expect((await json(...set("everybody"))).settings.defaultTeam).toBe(id);
    expect(await ok("tenant", "show", "defaults")).toMatch(/defaultTeam +Everybody +set here/);
    expect(await access("defaults")).toEqual(["ann team:Everybody viewer", "ann tenant user"]);
    expect(await refused("team", "archive", "defaults", "Everybody")).toContain("defaultTeam");
    await ok("tenant", "set", "defaults", "defaultTeamRole=EDITOR");
    expect(await access("defaults")).toEqual(["ann team:Everybody editor", "ann tenant user"]);
    const told = await json("event", "list", "defaults");
    expect(
      told.filter(({ type }: { type: string }) => type === "access.changed").length,
    ).toBeGreaterThanOrEqual(2);
    await ok("tenant", "set", "defaults", "defaultTeam=");
    expect(await access("defaults")).toEqual(["ann tenant user"]);
  });
});

describe("mapping", () => {
  test("a group gives a role once it is mapped, as the preview says, and takes it when it is not", async () => {
    const { user, group, patch, send } = await newTenant("mapped");
    const [ann, ben] = [await user("ann"), await user("ben")];
    const eng = await group("Engineering", ann, ben);
    await ok("team", "create", "mapped", "Blue");
    const wish = ["mapped", "--group", "eNGINEERING", "--team", "blue", "--role", "Editor"];
    const preview = await json("mapping", "preview", ...wish);
    const move = (name: string, role: string) => ({
      accountId: expect.any(String),
      email: `${name}@mapped.example`,
      target: "team:Blue",
      role,
    });
    expect(preview).toEqual({
      token: expect.any(String),
      joins: expect.arrayContaining([move("ann", "editor"), move("ben", "editor")]),
      losses: [
        { ...move("ann", "user"), target: "tenant" },
        { ...move("ben", "user"), target: "tenant" },
      ],
      changes: [],
      retained: [],
      counts: {
        joins: 2,
        losses: 2,
        changes: 0,
        byTarget: {
          "team:Blue": { joins: 2, losses: 0, changes: 0 },
          tenant: { joins: 0, losses: 2, changes: 0 },
        },
      },
    });
    expect(await access("mapped")).toEqual(["ann tenant user", "ben tenant user"]);
    const made = await json("mapping", "add", ...wish, "--preview-token", preview.token);
    expect(made).toEqual({
      id: expect.any(String),
      connection: null,
      kind: "name",
      pattern: "eNGINEERING",
      target: "team:Blue",
      teamId: expect.any(String),
      role: "editor",
      version: 1,
      createdAt: expect.any(String),
      counts: preview.counts,
    });
    const { counts: _, ...listed } = made;
    expect(await json("mapping", "list", "mapped")).toEqual([listed]);
    expect(await ok("mapping", "list", "mapped")).toContain("named eNGINEERING");
    expect(await refused("mapping", "add", ...wish)).toContain(made.id);
    expect(await access("mapped")).toEqual(["ann team:Blue editor", "ben team:Blue editor"]);
    const [row] = await json("access", "mapped", "--email", "ann@mapped.example");
    expect(row).toEqual({
      accountId: expect.any(String),
      email: "ann@mapped.example",
      target: "team:Blue",
      teamId: made.teamId,
      role: "editor",
      sources: [
        {
          kind: "group",
          role: "editor",
          connection: "idp",
          groupId: eng,
          group: "Engineering",
          mapping: made.id,
          user: ann,
          since: expect.any(String),
        },
      ],
    });
    await patch(`/Groups/${eng}`, { op: "remove", path: `members[value eq "${ben}"]` });
    expect(await access("mapped")).toEqual(["ann team:Blue editor", "ben tenant user"]);
    const again = await json("mapping", "preview", "mapped", "--remove", made.id);
    expect(again.counts).toMatchObject({ joins: 1, losses: 1, changes: 0 });
    await patch(`/Groups/${eng}`, { op: "add", path: "members", value: [{ value: ben }] });
    const token = ["--preview-token", again.token];
    expect(await refused("mapping", "remove", "mapped", made.id, ...token)).toContain(
      "the facts have moved; ask for a new preview",
    );
    await send("DELETE", `/Groups/${eng}`);
    expect(await json("mapping", "remove", "mapped", made.id)).toMatchObject({
      removed: true,
      id: made.id,
      counts: { joins: 0, losses: 0, changes: 0 },
    });
    expect(await json("mapping", "list", "mapped")).toEqual([]);
    expect(await access("mapped")).toEqual(["ann tenant user", "ben tenant user"]);
  });

  test("of overlapping groups the highest role counts; a rename goes into a pattern and out of it", async () => {
    const { user, group, patch } = await newTenant("overlap");
    const ann = await user("ann");
    const low = await group("Eng-All", ann);
    const high = await group("Leads", ann);
    await ok("team", "create", "overlap", "Blue");
    const add = (...more: readonly string[]) =>
      json("mapping", "add", "overlap", ...more, "--team", "Blue");
    const prefix = await add("--pattern", "eng-*", "--role", "viewer");
    const leads = await add("--group-id", "x-Leads", "--role", "admin", "--connection", "idp");
    expect([prefix.kind, leads.kind, leads.connection]).toEqual(["prefix", "id", "idp"]);
    expect(await access("overlap")).toEqual(["ann team:Blue admin"]);
    const rows = await json("access", "overlap");
    expect(rows[0].sources.map(({ group: name }: { group: string }) => name).toSorted()).toEqual([
      "Eng-All",
      "Leads",
    ]);
    await patch(`/Groups/${high}`, { op: "remove", path: `members[value eq "${ann}"]` });
    expect(await access("overlap")).toEqual(["ann team:Blue viewer"]);
    const change = ["--change", prefix.id, "--role", "EDITOR"];
    const asked = await json("mapping", "preview", "overlap", ...change);
    expect(asked.changes).toMatchObject([{ target: "team:Blue", from: "viewer", to: "editor" }]);
    const token = ["--preview-token", asked.token];
    expect(
      await json("mapping", "set", "overlap", prefix.id, "--role", "editor", ...token),
    ).toMatchObject({ role: "editor", version: 2, counts: { changes: 1 } });
    await patch(`/Groups/${low}`, { op: "replace", path: "displayName", value: "Everybody" });
    expect(await access("overlap")).toEqual(["ann tenant user"]);
    await patch(`/Groups/${low}`, { op: "replace", path: "displayName", value: "ENG-2" });
    expect(await access("overlap")).toEqual(["ann team:Blue editor"]);
    expect((await add("--pattern", "/^eng-\\d$/", "--role", "admin")).kind).toBe("regex");
    expect(await access("overlap")).toEqual(["ann team:Blue admin"]);
    await ok("team", "archive", "overlap", "Blue");
    expect(await json("access", "overlap")).not.toContainEqual(
      expect.objectContaining({ target: "team:Blue" }),
    );
    await ok("team", "restore", "overlap", "Blue");
    expect(await access("overlap")).toEqual(["ann team:Blue admin"]);
  });

  test("a member of a group in a group gets what the outer one gives; the role of the tenant, too", async () => {
    const { user, group } = await newTenant("nested");
    const ann = await user("ann");
    const inner = await group("Inner", ann);
    await group("Outer", inner);
    await ok("mapping", "add", "nested", "--group", "outer", "--tenant", "--role", "admin");
    expect(await access("nested")).toEqual(["ann tenant admin"]);
    const [row] = await json("access", "nested");
    expect(row.sources).toMatchObject([{ kind: "group", group: "Outer" }]);
  });

  test("what cannot be is refused, and says what was expected", async () => {
    await newTenant("wrong");
    await ok("team", "create", "wrong", "Blue");
    await ok("team", "create", "wrong", "Away");
    await ok("team", "archive", "wrong", "Away");
    const group = ["--group", "Eng"];
    const blue = ["--team", "Blue", "--role", "viewer"];
    for (const [args, told] of [
      [[...group, "--team", "Red", "--role", "viewer"], "there are: Blue"],
      [[...group, "--team", "Away", "--role", "viewer"], "the team Away is archived"],
      [[...group, "--team", "Blue", "--role", "king"], "expected one of admin, editor, viewer"],
      [[...group, "--tenant", "--role", "editor"], "expected one of owner, admin, user, viewer"],
      [[...group, "--team", "Blue"], "--role is missing"],
      [[...group, "--role", "viewer"], "say where"],
      [[...group, "--tenant", ...blue], "say where"],
      [blue, "say which groups"],
      [[...group, "--pattern", "x", ...blue], "say which groups"],
      [["--pattern", "(eng", ...blue], "no regular expression of RE2"],
      [["--group", " ", ...blue], "the pattern of a mapping has"],
      [[...group, ...blue, "--connection", "okta"], "it has: idp"],
    ] as const) {
      expect(await refused("mapping", "add", "wrong", ...args)).toContain(told);
      expect(await refused("mapping", "preview", "wrong", ...args)).toContain(told);
    }
    expect(await refused("mapping", "remove", "wrong", "none")).toContain("has no mapping none");
    const both = ["--remove", "x", "--change", "y"];
    expect(await refused("mapping", "preview", "wrong", ...both)).toContain("either");
    const token = ["--preview-token", "made-up"];
    expect(await refused("mapping", "add", "wrong", ...group, ...blue, ...token)).toContain(
      "the facts have moved",
    );
    expect(await json("mapping", "list", "wrong")).toEqual([]);
  });
});

describe("grant", () => {
  test("by hand stays whatever groups do, is adopted only when that is said, and is handed back", async () => {
    const { user, group, send } = await newTenant("manual");
    const ann = await user("ann");
    const eng = await group("Eng", ann);
    await ok("team", "create", "manual", "Blue");
    await ok("mapping", "add", "manual", "--group", "Eng", "--team", "Blue", "--role", "editor");
    const of = ["manual", "ann@manual.example", "--team", "blue"];
    expect(await json("grant", "adopt", ...of)).toEqual({
      accountId: expect.any(String),
      email: "ann@manual.example",
      target: "team:Blue",
      role: "editor",
      manual: "editor",
      changed: true,
    });
    await send("DELETE", `/Groups/${eng}`);
    expect(await access("manual")).toEqual(["ann team:Blue editor"]);
    expect(await refused("grant", "adopt", ...of)).toContain("nothing automatic gives");
    expect(await json("grant", "add", ...of, "--role", "ADMIN")).toMatchObject({ role: "admin" });
    expect((await json("grant", "add", ...of, "--role", "admin")).changed).toBe(false);
    expect(await refused("grant", "remove", ...of, "--role", "viewer")).toContain(
      "has admin of team:Blue by hand, not viewer",
    );
    const inTenant = ["manual", "ann@manual.example", "--tenant", "--role", "viewer"];
    await ok("grant", "add", ...inTenant);
    expect(await access("manual")).toEqual(["ann team:Blue admin", "ann tenant viewer"]);
    expect(await json("grant", "remove", ...of, "--role", "admin")).toMatchObject({
      role: null,
      manual: null,
      changed: true,
    });
    expect((await json("grant", "remove", ...of)).changed).toBe(false);
    expect(await access("manual")).toEqual(["ann tenant viewer"]);
    await ok("grant", "remove", "manual", "ann@manual.example", "--tenant");
    expect(await access("manual")).toEqual(["ann tenant user"]);
    expect(await refused("grant", "add", ...of)).toContain("--role is missing");
    expect(await refused("grant", "add", ...of, "--role", "owner")).toContain("teams have no role");
    expect(await refused("grant", "add", "manual", "x@y.example", "--tenant")).toContain("--role");
  });
});

test("the last owner by a group keeps the role when the group goes, until somebody else has it", async () => {
  const { user, group, send } = await newTenant("kept");
  const leads = await group("Leads", await user("ann"));
  await user("ben");
  const add = ["--group", "Leads", "--tenant", "--role", "owner"];
  const { id } = await json("mapping", "add", "kept", ...add);
  const preview = await json("mapping", "preview", "kept", "--remove", id);
  expect(preview.retained).toEqual([{ accountId: expect.any(String), email: "ann@kept.example" }]);
  expect(await ok("mapping", "preview", "kept", "--remove", id)).toMatch(/keeps +ann@kept.example/);
  await send("DELETE", `/Groups/${leads}`);
  const [row] = await json("access", "kept", "--email", "ann@kept.example");
  expect(row).toMatchObject({ role: "owner", sources: [{ kind: "retained" }] });
  const remove = ["grant", "remove", "kept", "ann@kept.example", "--tenant"];
  expect(await refused(...remove)).toContain("last owner");
  await ok("grant", "add", "kept", "ben@kept.example", "--tenant", "--role", "owner");
  expect((await json(...remove)).changed).toBe(true);
  expect(await access("kept")).toEqual(["ann tenant user", "ben tenant owner"]);
});

describe("access", () => {
  test("lists effective access alone, of one person or all; access show goes on working", async () => {
    const { user } = await newTenant("listed");
    await user("ann");
    await user("ben");
    await ok("lock", "add", "listed", "ben@listed.example", "--source", "admin");
    expect(await json("access", "listed")).toEqual([
      {
        accountId: expect.any(String),
        email: "ann@listed.example",
        target: "tenant",
        teamId: null,
        role: "user",
        sources: [
          {
            kind: "default",
            role: "user",
            connection: null,
            groupId: null,
            group: null,
            mapping: null,
            user: null,
            since: null,
          },
        ],
      },
    ]);
    expect(await access("listed", "--email", "ben@listed.example")).toEqual([]);
    expect(await access("listed", "--email", "nobody@listed.example")).toEqual([]);
    expect(await ok("access", "listed")).toMatch(/ann@listed.example +tenant +user +default user/);
    expect(await json("access", "show", "listed", "ben@listed.example")).toMatchObject({
      state: "suspended",
      teams: [],
    });
    expect(await refused("access", "nowhere")).toContain("there is no tenant nowhere");
  });

  test("reconcile finds nothing to mend", async () => {
    const { user, group } = await newTenant("steady");
    await group("Eng", await user("ann"));
    await ok("mapping", "add", "steady", "--group", "Eng", "--tenant", "--role", "admin");
    const nothing = { differences: 0, counts: { joins: 0, losses: 0, changes: 0, byTarget: {} } };
    expect(await json("reconcile", "steady", "--check")).toEqual(nothing);
    expect(await json("reconcile", "steady")).toEqual(nothing);
    expect(await ok("reconcile", "steady")).toContain("Everything is as it should be.");
  });
});
