/** Import, export, backup and restore as an operator runs them, on data that no server uses. */

import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { runCommand } from "../../../../test/command-line.ts";
import type { TestDatabase } from "../../../../test/postgres-for-tests.ts";
import { createTestDatabase } from "../../../../test/postgres-for-tests.ts";

const wanted = inject("database") ?? "sqlite";
const databases: TestDatabase[] = [];
const folders: string[] = [];

/** Data without tables. */
async function newData() {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-import-"));
  folders.push(folder);
  const database = wanted === "sqlite" ? undefined : await createTestDatabase(wanted);
  if (database !== undefined) {
    databases.push(database);
  }
  return { folder, databaseUrl: database?.url ?? "" };
}
type Data = Awaited<ReturnType<typeof newData>>;

function run({ folder, databaseUrl }: Data, ...args: readonly string[]) {
  return runCommand(args, {
    env: { ROLLCALL_DATA: folder, ROLLCALL_DATABASE_URL: databaseUrl },
  });
}
async function ok(data: Data, ...args: readonly string[]): Promise<string> {
  const { code, out, err } = await run(data, ...args);
  expect(code, err).toBe(0);
  return out;
}
async function json(data: Data, ...args: readonly string[]) {
  const { out, err } = await run(data, ...args, "--json");
  expect(err).toBe("");
  return JSON.parse(out);
}

let data: Data;
beforeAll(async () => {
  data = await newData();
  await ok(data, "migrate");
  await ok(data, "tenant", "create", "acme");
  await ok(data, "connection", "create", "acme", "--profile", "generic", "--slug", "idp");
}, 60_000);
afterAll(async () => {
  for (const database of databases) {
    await database.drop();
  }
  for (const folder of folders) {
    rmSync(folder, { recursive: true, force: true });
  }
});

function fileWith(name: string, ...lines: readonly (object | string)[]): string {
  const file = join(data.folder, name);
  const texts = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
  writeFileSync(file, `${texts.join("\n")}\n`);
  return file;
}
const counts = (created: number, changed: number, unchanged: number, refused: number) => ({
  created,
  changed,
  unchanged,
  refused,
});

test("imports users and groups, and imported again nothing changes", async () => {
  const file = fileWith(
    "people.jsonl",
    { kind: "user", userName: "ann", externalId: "a", emails: [{ value: "ann@example.com" }] },
    { kind: "user", userName: "ben", externalId: "b", active: false },
    { kind: "group", displayName: "Outer", members: ["ann", { externalId: "b" }, "Inner"] },
    { kind: "group", displayName: "Inner", members: ["a"] },
    { kind: "group", displayName: "Open" },
    { kind: "user", userName: "cem", externalId: "c", groups: ["open"] },
  );
  const importing = ["import", file, "--connection", "acme/idp"];
  expect(await json(data, ...importing, "--dry-run")).toMatchObject(counts(6, 0, 0, 0));
  expect(JSON.parse(await ok(data, "user", "list", "acme/idp", "--json")).totalResults).toBe(0);
  expect(await json(data, ...importing)).toMatchObject(counts(6, 0, 0, 0));
  const entries = JSON.parse(await ok(data, "audit", "list", "acme", "--json")).length;
  expect(await json(data, ...importing)).toMatchObject(counts(0, 0, 6, 0));
  expect(JSON.parse(await ok(data, "audit", "list", "acme", "--json"))).toHaveLength(entries);
  const inner = JSON.parse(await ok(data, "group", "show", "acme/idp", "Inner", "--json"));
  expect(inner.members).toHaveLength(1);
  const open = JSON.parse(await ok(data, "group", "show", "acme/idp", "Open", "--json"));
  expect(open.members).toHaveLength(1);
  const outer = JSON.parse(await ok(data, "group", "show", "acme/idp", "Outer", "--json"));
  expect(outer.members).toHaveLength(3);
  expect(existsSync(`${file}.checkpoint.json`)).toBe(false);
  expect(await ok(data, "audit", "verify", "acme")).toContain("as it was written");
}, 60_000);

test("refused lines are counted, summed up and told with their numbers, and the others are imported", async () => {
  const file = fileWith(
    "refused.jsonl",
    { kind: "user", userName: "good", externalId: "good" },
    "this is no JSON",
    { kind: "users", userName: "x" },
    { userName: "no kind" },
    { kind: "user", displayName: "nobody" },
    { kind: "group", displayName: "G", members: ["nobody at all"] },
    { kind: "lock", account: "nobody@example.com", source: "admin" },
    "",
    { kind: "user", userName: "good2", externalId: "good2", connection: "unknown" },
    { kind: "user", userName: "good3", externalId: "good3" },
  );
  const { code, out, err } = await run(data, "import", file, "--connection", "acme/idp");
  expect([code, err]).toEqual([1, ""]);
  expect(out).toContain("2 created, 0 changed, 0 as before, 7 refused");
  expect(out).toContain("1 refused: the line is no JSON object");
  const told = readFileSync(`${file}.refused.jsonl`, "utf8").trim().split("\n");
  expect(told.map((line) => JSON.parse(line).line)).toEqual([2, 3, 4, 5, 6, 7, 9]);
  expect(told.join()).not.toContain("nobody@example.com");
  expect((await run(data, "import", file, "--connection", "acme/idp")).code).toBe(1);
  expect(readFileSync(`${file}.refused.jsonl`, "utf8").trim().split("\n")).toHaveLength(7);
}, 60_000);

test("CSV has a header, may have a byte order mark, quotes and several values in a cell", async () => {
  const file = join(data.folder, "people.csv");
  const rows = [
    "userName,externalId,name.familyName,emails,groups,active",
    'eva,e,"Meier, ""E""",eva@example.com;e@example.org,Inner,true',
    "fay,f,,,,false",
    ",,,,,",
  ];
  writeFileSync(file, `\ufeff${rows.join("\r\n")}\r\n`);
  const importing = ["import", file, "--connection", "acme/idp", "--kind", "user"];
  expect(await json(data, ...importing)).toMatchObject(counts(2, 0, 0, 1));
  expect(await json(data, ...importing)).toMatchObject(counts(0, 0, 2, 1));
  const eva = JSON.parse(await ok(data, "user", "show", "acme/idp", "eva", "--json"));
  expect(eva.name.familyName).toBe('Meier, "E"');
  expect(eva.emails).toEqual([
    { value: "eva@example.com", primary: true },
    { value: "e@example.org" },
  ]);
  expect(eva.groups.map(({ display }: { display: string }) => display)).toContain("Inner");
}, 60_000);

test("a file and a place that are not there are refusals", async () => {
  const importing = ["--connection", "acme/idp"];
  expect((await run(data, "import", join(data.folder, "none.jsonl"), ...importing)).err).toMatch(
    /cannot be read: ENOENT/,
  );
  const file = fileWith("one.jsonl", { kind: "user", userName: "x", externalId: "x" });
  const { code, out } = await run(data, "import", file);
  expect([code, out.includes("give --connection")]).toEqual([1, true]);
}, 60_000);

test("an exported tenant imported into an empty instance is the same to clients and people", async () => {
  const file = fileWith(
    "globex.jsonl",
    {
      kind: "tenant",
      slug: "globex",
      name: "Globex",
      settings: { attachPolicy: "verified-or-invite", groupTeams: true, groupTeamPrefix: "In" },
    },
    { kind: "connection", slug: "okta", profile: "okta", settings: { strict: true } },
    { kind: "connection", slug: "hr", profile: "generic", disabled: true },
    { kind: "domain", domain: "globex.example", verified: "asserted" },
    { kind: "team", name: "Everybody" },
    { kind: "team", name: "Docs" },
    { kind: "team", id: "old-docs", name: "Docs", archived: true },
    { kind: "tenant", slug: "globex", settings: { defaultTeam: "Everybody" } },
    { kind: "mapping", pattern: "Out*", team: "docs", role: "EDITOR" },
    { kind: "mapping", pattern: "Outer", connection: "okta", role: "viewer" },
    { kind: "mapping", by: "regex", pattern: "^(o|i)", team: "old-docs", role: "admin" },
    { kind: "account", email: "zoe@elsewhere.example", ref: "42", emailVerified: true },
    { kind: "grant", account: "42", role: "owner" },
    { kind: "grant", account: "42", team: "Docs", role: "admin" },
    { kind: "grant", account: "42", team: "old-docs", role: "viewer" },
    {
      kind: "user",
      connection: "okta",
      userName: "ann",
      externalId: "a",
      emails: [{ value: "ann@globex.example", primary: true }],
    },
    {
      kind: "user",
      connection: "okta",
      userName: "zoe",
      externalId: "z",
      emails: [{ value: "zoe@elsewhere.example", primary: true }],
    },
    {
      kind: "user",
      connection: "okta",
      userName: "dan",
      externalId: "d",
      emails: [{ value: "dan@globex.example", primary: true }],
    },
    {
      kind: "user",
      connection: "okta",
      userName: "dan",
      externalId: "d",
      active: false,
      emails: [{ value: "dan@globex.example", primary: true }],
    },
    {
      kind: "user",
      connection: "hr",
      userName: "ann",
      emails: [{ value: "ann@globex.example", primary: true }],
    },
    { kind: "user", connection: "hr", userName: "without address", active: true },
    {
      kind: "group",
      connection: "okta",
      displayName: "Outer",
      externalId: "go",
      members: ["a", "gi"],
    },
    {
      kind: "group",
      connection: "okta",
      displayName: "Inner",
      externalId: "gi",
      members: ["z"],
    },
    { kind: "members", connection: "okta", group: "gi", members: ["go"] },
    { kind: "membership", account: "42", protection: "break-glass" },
    { kind: "lock", account: "ann@globex.example", source: "security", reason: "stolen laptop" },
  );
  expect(await json(data, "import", file)).toMatchObject({ refused: 0 });
  const inner = (await json(data, "team", "list", "globex")).find(
    ({ name }: { name: string }) => name === "Inner",
  );
  expect(inner).toMatchObject({ archived: false, group: { connection: "okta" } });
  await ok(data, "team", "rename", "globex", "Inner", "Insiders");
  await ok(data, "grant", "add", "globex", "42", "--team", "Insiders", "--role", "editor");
  const exported = join(data.folder, "globex.export.jsonl");
  await ok(data, "export", "globex", "--out", exported);
  expect((await run(data, "export", "globex", "--out", exported)).err).toContain(
    "is there already",
  );
  const other = await newData();
  await ok(other, "tenant", "create", "spare");
  expect(await json(other, "import", exported)).toMatchObject({ refused: 0 });
  expect(await json(other, "import", exported)).toMatchObject({
    created: 0,
    changed: 0,
    refused: 0,
  });
  // Lines that are written side by side come to be in any order where many write at once.
  const sorted = (text: string) => text.split("\n").toSorted();
  const [here, there] = [readFileSync(exported, "utf8"), await ok(other, "export", "globex")];
  expect(sorted(there)).toEqual(sorted(here));
  for (const looking of [
    ["member", "list", "globex"],
    ["connection", "show", "globex/okta"],
    ["group", "list", "globex/okta"],
    ["user", "list", "globex/hr"],
    ["team", "list", "globex"],
  ]) {
    const [shown, found] = [await json(data, ...looking), await json(other, ...looking)];
    if (looking[0] === "member") {
      // Whoever has no address gets another account there.
      shown.at(-1).accountId = found.at(-1).accountId;
    }
    expect(withoutTimes(found), looking.join(" ")).toEqual(withoutTimes(shown));
  }
  // Those without address have other accounts there, and mappings other ids.
  const told = async (from: Data, ...looking: readonly string[]) =>
    (await json(from, ...looking))
      .map(({ email, target, role, connection, kind, pattern }: Record<string, unknown>) =>
        JSON.stringify([email, target, role, connection, kind, pattern]),
      )
      .toSorted();
  for (const looking of [
    ["access", "globex"],
    ["mapping", "list", "globex"],
  ]) {
    const here = await told(data, ...looking);
    expect(here.length).toBeGreaterThan(2);
    expect(await told(other, ...looking)).toEqual(here);
  }
  expect(await told(other, "access", "globex", "--email", "zoe@elsewhere.example")).toEqual(
    [
      ["zoe@elsewhere.example", "team:Docs", "admin"],
      ["zoe@elsewhere.example", "team:Insiders", "editor"],
      ["zoe@elsewhere.example", "tenant", "owner"],
    ].map((row) => JSON.stringify([...row, null, null, null])),
  );
  expect((await json(other, "reconcile", "globex", "--check")).differences).toBe(0);
}, 120_000);

/** Times, ids of connections and the order of creation are of the instance. */
function withoutTimes(value: unknown): unknown {
  const own = [
    "archivedAt",
    "connectionId",
    "created",
    "createdAt",
    "lastModified",
    "meta",
    "at",
    "version",
  ];
  return JSON.parse(
    JSON.stringify(value, (name, one) => {
      if (own.includes(name)) {
        return undefined;
      }
      return name === "resources"
        ? one.toSorted((a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1))
        : one;
    }),
  );
}

test("a backup tells where the key is, and is restored beside it", async () => {
  const file = join(data.folder, "all.gz");
  const said = await ok(data, "backup", file);
  expect(said).toContain("The instance key is NOT in the file");
  expect(said).toContain(join(data.folder, ".pepper"));
  const other = await newData();
  expect((await run(other, "restore", file)).err).toContain("has no instance key");
  copyFileSync(join(data.folder, ".pepper"), join(other.folder, ".pepper"));
  expect(await ok(other, "restore", file)).toContain("Rows");
  expect(await ok(other, "tenant", "list")).toContain("acme");
  expect(await ok(other, "audit", "verify", "acme")).toContain("as it was written");
}, 60_000);
