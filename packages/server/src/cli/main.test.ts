import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { StartedProvider } from "../../../../conformance/start-provider.ts";
import { startProvider } from "../../../../conformance/start-provider.ts";
import type { CommandOutcome } from "../../../../test/command-line.ts";
import { runCommand } from "../../../../test/command-line.ts";
import type { TestDatabase } from "../../../../test/postgres-for-tests.ts";
import { createTestDatabase } from "../../../../test/postgres-for-tests.ts";
import { tokenPattern } from "../domain/credential.ts";
import { commands, main } from "./main.ts";

const wanted = inject("database") ?? "sqlite";
const isSqlite = wanted === "sqlite";
let database: TestDatabase | undefined;
let folder = "";
let server: StartedProvider;
// Everything here runs while a server runs on the same data, as a process of its own.
beforeAll(async () => {
  database = isSqlite ? undefined : await createTestDatabase(wanted);
  server = await startProvider([], database?.url);
  folder = server.dataFolder;
}, 60_000);
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  await database?.drop();
});
/** A data folder, and a database where they are elsewhere, that nobody has used. */
async function unusedData() {
  const own = isSqlite ? undefined : await createTestDatabase(wanted);
  const path = mkdtempSync(join(tmpdir(), "rollcall-unused-"));
  return {
    path,
    env: { ROLLCALL_DATABASE_URL: own?.url ?? "" },
    drop: async () => {
      await own?.drop();
      rmSync(path, { recursive: true, force: true });
    },
  };
}

function run(
  args: readonly string[],
  more: { env?: Record<string, string>; stop?: AbortSignal } = {},
): Promise<CommandOutcome> {
  return runCommand(args, {
    env: { ROLLCALL_DATA: folder, ROLLCALL_DATABASE_URL: database?.url ?? "", ...more.env },
    stopSignal: () => more.stop ?? new AbortController().signal,
  });
}
async function ok(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await run(args);
  expect(code, err).toBe(0);
  return out;
}
async function json(...args: readonly string[]) {
  return JSON.parse(await ok(...args, "--json"));
}
async function refused(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await run(args);
  expect(code).toBe(1);
  expect(out).toBe("");
  expect(err).toMatch(/^rollcall: .*\n$/);
  return err;
}

async function scim(token: string, method: string, path: string, body?: unknown) {
  const response = await fetch(`${server.baseUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/scim+json",
      "user-agent": "Test\u009b31m/1",
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: JSON.parse((await response.text()) || "{}") };
}
/** Waits for an answer: a server learns within five seconds what another process has changed. */
async function inTime(status: () => Promise<number>, expected: number): Promise<void> {
  await expect.poll(status, { timeout: 5_000, interval: 100 }).toBe(expected);
}
const user = (attributes: object) => ({
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
  ...attributes,
});

describe("every command", () => {
  test("has --json, --data where it needs any, and a help that says what it does", async () => {
    for (const { usage, summary, usedBy } of commands) {
      const words = usage.split(" ").filter((word) => !/[<>]/.test(word));
      const help = await ok(...words, "--help");
      expect(help.includes("--data <dir>"), usage).toBe(usedBy !== "none");
      expect(help).toContain("--json");
      expect(help.replace(/\s+/g, " ")).toContain(summary.replace(/\s+/g, " "));
    }
  });

  test("is in the help of the program or of its noun", async () => {
    const help = await ok("--help");
    for (const { usage } of commands) {
      expect(help).toContain(usage.split(" ")[0]);
    }
  });

  test.each([
    ["tenant", "make"],
    ["frob"],
    ["tenant", "create"],
    ["tenant", "create", "a", "b"],
    ["tenant", "list", "--frob"],
    ["token", "create", "default/default", "--expires"],
    ["doctor", "--port", "http"],
  ])("%j is a usage error: exit code 2, said on stderr", async (...args) => {
    const { code, out, err } = await run(args.filter((arg) => arg !== undefined));
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).not.toBe("");
  });

  test("prints the version", async () => {
    expect(await ok("--version")).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test("takes --data before ROLLCALL_DATA, and makes no folder by mistake", async () => {
    const elsewhere = join(folder, "mistyped");
    expect(await refused("tenant", "list", "--data", elsewhere)).toContain(
      "there is no data folder",
    );
    expect(existsSync(elsewhere)).toBe(false);
  });
});

describe("tenant", () => {
  test("create, list, delete", async () => {
    const made = await json("tenant", "create", "acme", "--name", "Acme Corp");
    expect(made).toEqual({
      tenantId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      slug: "acme",
      name: "Acme Corp",
      created: expect.stringMatching(/Z$/),
    });
    expect(await ok("tenant", "list")).toMatch(/^TENANT +NAME[\s\S]*\nacme +Acme Corp/m);
    expect(await json("tenant", "list")).toContainEqual(made);
    expect(await refused("tenant", "create", "acme")).toContain("already");
    expect(await refused("tenant", "create", "Not A Slug")).toContain("cannot be a slug");
    expect(await refused("tenant", "delete", "acme")).toContain("--yes");
    expect(await refused("tenant", "delete", "nope", "--yes")).toContain("there are: ");
    expect(await json("tenant", "delete", "acme", "--yes")).toMatchObject({ deleted: true });
    expect((await json("tenant", "list")).map(({ slug }: { slug: string }) => slug)).not.toContain(
      "acme",
    );
  });

  test("delete takes connections and tokens along at once", async () => {
    await ok("tenant", "create", "gone");
    await ok("connection", "create", "gone");
    const token = (await ok("token", "create", "gone/generic")).trim();
    expect((await scim(token, "GET", "/Users")).status).toBe(200);
    await ok("tenant", "delete", "gone", "--yes");
    await inTime(async () => (await scim(token, "GET", "/Users")).status, 401);
  });
});

describe("connection", () => {
  test("create names it after its profile, made unique", async () => {
    await ok("tenant", "create", "idps");
    const slugs = [];
    for (const _ of [1, 2, 3]) {
      slugs.push((await json("connection", "create", "idps", "--profile", "okta")).slug);
    }
    expect(slugs).toEqual(["okta", "okta-2", "okta-3"]);
    const named = await json("connection", "create", "idps", "--slug", "main", "--name", "Main");
    expect(named).toMatchObject({
      slug: "main",
      name: "Main",
      profile: "generic",
      disabled: false,
    });
    expect(await refused("connection", "create", "idps", "--slug", "main")).toContain("already");
    expect(await refused("connection", "create", "idps", "--profile", "oktta")).toContain("okta");
    expect(await refused("connection", "create", "nope")).toContain("no tenant nope");
    expect(await json("connection", "list", "idps")).toHaveLength(4);
    expect(await ok("connection", "list", "idps")).toContain("idps/okta-2");
  });

  test("set changes settings, names what is allowed, and goes back to the default", async () => {
    await ok("tenant", "create", "sets");
    await ok("connection", "create", "sets", "--profile", "entra");
    const at = "sets/entra";
    expect((await json("connection", "show", at)).settings.adoption).toBe("never");
    const set = await json("connection", "set", at, "strict=on", "adoption=always", "name=E");
    expect(set).toMatchObject({ name: "E", settings: { strict: true, adoption: "always" } });
    expect(set.changedSettings).toEqual({ strict: true, adoption: "always" });
    const back = await json("connection", "set", at, "adoption=default");
    expect(back.settings).toMatchObject({ strict: true, adoption: "never" });
    expect(await ok("connection", "show", at)).toMatch(/strict +on +set here/);
    expect(await ok("connection", "show", at)).toMatch(/adoption +never +from the profile/);
    expect(await refused("connection", "set", at, "adoption=sometimes")).toContain("inactive-only");
    expect(await refused("connection", "set", at, "frob=on")).toContain("strict");
    expect(await refused("connection", "set", at, "strict")).toContain("KEY=VALUE");
    expect(await refused("connection", "set", at, "strict=off", "frob=on")).toContain("frob");
    expect((await json("connection", "show", at)).settings.strict).toBe(true);
    expect((await json("connection", "set", at, "profile=aws")).profile).toBe("aws");
  });

  test("a unique rule is not turned on over duplicates: both ids are named and nothing changes", async () => {
    await ok("tenant", "create", "dups");
    await ok("connection", "create", "dups", "--profile", "entra");
    const token = (await ok("token", "create", "dups/entra")).trim();
    const ids = [];
    for (const userName of ["a", "b"]) {
      ids.push(
        (await scim(token, "POST", "/Users", user({ userName, externalId: "same" }))).body.id,
      );
    }
    const message = await refused(
      "connection",
      "set",
      "dups/entra",
      "uniqueExternalId=on",
      "strict=on",
    );
    for (const id of ids) {
      expect(message).toContain(id);
    }
    expect((await json("connection", "show", "dups/entra")).settings).toMatchObject({
      uniqueExternalId: false,
      strict: false,
    });
    await scim(token, "DELETE", `/Users/${ids[1]}`);
    await ok("connection", "set", "dups/entra", "uniqueExternalId=on");
    expect(
      (await scim(token, "POST", "/Users", user({ userName: "c", externalId: "same" }))).status,
    ).toBe(409);
    await ok("connection", "set", "dups/entra", "uniqueExternalId=off");
    await inTime(async () => {
      const c = user({ userName: "c", externalId: "same" });
      return (await scim(token, "POST", "/Users", c)).status;
    }, 201);
  });

  test("set --index names attributes that filters find at once, and shows them", async () => {
    await ok("tenant", "create", "indexed");
    await ok("connection", "create", "indexed");
    const at = "indexed/generic";
    const token = (await ok("token", "create", at)).trim();
    await scim(token, "POST", "/Users", user({ userName: "ada", title: "Countess" }));
    const set = ["connection", "set", at];
    expect((await json("connection", "show", at)).indexes).toEqual([]);
    const named = await json(...set, "--index", "User:Title", "--index", "User:nickName", "name=I");
    expect(named).toMatchObject({ name: "I", indexes: ["User:title", "User:nickName"] });
    expect((await json("connection", "list", "indexed"))[0].indexes).toHaveLength(2);
    expect(await ok("connection", "show", at)).toMatch(/Indexes +User:title, User:nickName/);
    const found = await scim(
      token,
      "GET",
      `/Users?filter=${encodeURIComponent('title eq "COUNTESS"')}`,
    );
    expect(found.body.totalResults).toBe(1);
    expect((await json(...set, "strict=on")).indexes).toHaveLength(2);
    expect((await json(...set, "--index", "User:title")).indexes).toEqual(["User:title"]);
    expect(await refused(...set, "--index", "User:frob")).toContain("no attribute frob");
    expect(await refused(...set, "--index", "User:active")).toContain("no text but a boolean");
    expect(await refused(...set)).toContain("nothing was said to change");
    expect((await json(...set, "--index", "none")).indexes).toEqual([]);
    expect(await ok("connection", "show", at)).toMatch(/Indexes +those of every connection/);
  });

  test("disable and enable act on the running server in time", async () => {
    await ok("tenant", "create", "switch");
    await ok("connection", "create", "switch");
    const token = (await ok("token", "create", "switch/generic")).trim();
    const status = async () => (await scim(token, "GET", "/Users")).status;
    expect(await status()).toBe(200);
    await ok("connection", "disable", "switch/generic");
    await inTime(status, 403);
    expect((await json("connection", "show", "switch/generic")).disabled).toBe(true);
    await ok("connection", "enable", "switch/generic");
    await inTime(status, 200);
    expect(await refused("connection", "show", "switch")).toContain("TENANT/CONNECTION");
    expect(await refused("connection", "show", "switch/x")).toContain("it has: generic");
  });
});

describe("token", () => {
  test("create prints the token alone on stdout", async () => {
    const { out, err } = await run(["token", "create", "default/default", "--name", "Okta"]);
    expect(out).toMatch(new RegExp(`^${tokenPattern.source}\n$`));
    expect(err).toContain("this once");
    expect(err).not.toContain(out.trim());
    expect((await scim(out.trim(), "GET", "/Users")).status).toBe(200);
  });

  test("a name is taken while a token of that name works, and bounded", async () => {
    await ok("tenant", "create", "names");
    await ok("connection", "create", "names");
    const create = ["token", "create", "names/generic", "--name"] as const;
    const { credentialId } = await json(...create, "Sync");
    expect(await refused(...create, "Sync")).toContain(`${credentialId} is called "Sync" already`);
    expect(await refused(...create, "x".repeat(65))).toContain("1 to 64 characters");
    expect(await refused(...create, "a\u001b[31m")).not.toContain("\u001b");
    await ok("token", "revoke", "names/generic", credentialId);
    await ok(...create, "Sync");
    // Two without a name are two tokens, as ever.
    await ok("token", "create", "names/generic");
    await ok("token", "create", "names/generic");
    expect(await refused("tenant", "create", "blank", "--name", " ")).toContain("cannot be a name");
    expect(await refused("connection", "create", "names", "--name", "")).toContain("cannot be");
    expect(await refused("connection", "set", "names/generic", "name=")).toContain("cannot be");
  });

  test("networks can be given before the connection, each with its own --cidr", async () => {
    const networks = ["--cidr", "192.0.2.0/24", "--cidr", "2001:db8::/32"];
    const { cidrs } = await json("token", "create", ...networks, "default/default");
    expect(cidrs).toEqual(["192.0.2.0/24", "2001:db8::/32"]);
  });

  test("a token can be limited: in time, to reading, to networks", async () => {
    const made = await json(
      "token",
      "create",
      "default/default",
      "--expires",
      "30d",
      "--read-only",
      "--cidr",
      "192.0.2.0/24",
      "--cidr",
      "2001:db8::/32",
    );
    expect(made).toMatchObject({
      scopes: ["scim:read"],
      cidrs: ["192.0.2.0/24", "2001:db8::/32"],
      state: "active",
    });
    const days = (Date.parse(made.expires) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(30);
    expect((await scim(made.token, "GET", "/Users")).status).toBe(401);
    expect(
      (await json("token", "create", "default/default", "--expires", "never")).expires,
    ).toBeNull();
    expect(await refused("token", "create", "default/default", "--expires", "1d")).toContain(
      "30d to 730d",
    );
    expect(await refused("token", "create", "default/default", "--cidr", "x")).toContain(
      "192.0.2.0/24",
    );
  });

  test("list knows everything but the token; revoke works in time and once", async () => {
    const { token, credentialId } = await json(
      "token",
      "create",
      "default/default",
      "--name",
      "short-lived",
    );
    const list = await ok("token", "list", "default/default");
    expect(list).toContain(credentialId);
    expect(list).toContain("short-lived");
    expect(list).not.toMatch(tokenPattern);
    expect(JSON.stringify(await json("token", "list", "default/default"))).not.toMatch(
      /secretHash|rollcall_scim/,
    );
    expect((await scim(token, "GET", "/Users")).status).toBe(200);
    expect((await json("token", "revoke", "default/default", credentialId)).state).toBe("revoked");
    await inTime(async () => (await scim(token, "GET", "/Users")).status, 401);
    expect(await refused("token", "revoke", "default/default", credentialId)).toContain("before");
    expect(await refused("token", "revoke", "default/default", "000000000000")).toContain(
      "no token",
    );
  });
});

describe("user and group", () => {
  let token = "";
  let id = "";
  beforeAll(async () => {
    await ok("tenant", "create", "people");
    await ok("connection", "create", "people");
    token = (await ok("token", "create", "people/generic")).trim();
    const evil = "Eve\u001b[31m\u202e\nx";
    const emails = [{ value: "a@example.com" }, { value: "b@example.com", primary: true }];
    id = (
      await scim(token, "POST", "/Users", user({ userName: "Ada", emails, displayName: "Ada L." }))
    ).body.id;
    await scim(
      token,
      "POST",
      "/Users",
      user({ userName: "bob", displayName: evil, active: false }),
    );
    await scim(token, "POST", "/Groups", {
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
      displayName: "Staff",
      members: [{ value: id }],
    });
  });

  test("list is a table for people, safe for the terminal, and JSON for programs", async () => {
    const table = await ok("user", "list", "people/generic");
    expect(table).toMatch(/^ID +USERNAME/);
    expect(table).toMatch(new RegExp(`^${id}  Ada +true +Ada L\\. +b@example\\.com`, "m"));
    expect(table).toContain("2 users");
    expect(table).not.toContain("\u001b");
    expect(table).not.toContain("\u202e");
    const listed = await json("user", "list", "people/generic");
    expect(listed).toMatchObject({
      totalResults: 2,
      startIndex: 1,
      resources: [{ id, userName: "Ada" }, {}],
    });
    expect(listed.resources[0].meta.location).toContain(`/scim/v2/Users/${id}`);
  });

  test("list filters and pages", async () => {
    const filtered = await json("user", "list", "people/generic", "--filter", 'userName eq "ADA"');
    expect(filtered.totalResults).toBe(1);
    const page = await run(["user", "list", "people/generic", "--count", "1", "--start", "2"]);
    expect(page.out).toMatch(/^2 to 2 of 2 users$/m);
    const first = await ok("user", "list", "people/generic", "--count", "1");
    expect(first).toContain("1 to 1 of 2 users; go on with --start 2");
    for (const beside of [
      ["--start", "9"],
      ["--count", "0"],
    ]) {
      expect(await ok("user", "list", "people/generic", ...beside)).toMatch(/^none of 2 users$/m);
    }
    expect(page.out).not.toContain(id);
    expect(await refused("user", "list", "people/generic", "--filter", "userName is x")).toMatch(
      /is/,
    );
    expect(await refused("user", "list", "people/generic", "--filter", 'password eq "x"')).toMatch(
      /password/,
    );
    expect(await refused("user", "list", "people/generic", "--count", "1001")).toContain(
      "0 to 1000",
    );
    expect(await refused("user", "list", "people/generic", "--start", "0")).toContain("from 1");
  });

  test("show finds by id and by name, in any letter case", async () => {
    expect((await json("user", "show", "people/generic", id)).userName).toBe("Ada");
    expect((await json("user", "show", "people/generic", "ada")).id).toBe(id);
    expect(await ok("user", "show", "people/generic", "ADA")).toMatch(/userName +Ada/);
    expect((await json("group", "show", "people/generic", "staff")).members).toMatchObject([
      { value: id },
    ]);
    expect(await ok("group", "list", "people/generic")).toContain("Staff");
    expect(
      await refused("user", "show", "people/generic", 'x" or userName pr or userName eq "'),
    ).toContain("has no user");
    expect(await refused("user", "show", "default/default", id)).toContain("has no user");
  });
});

describe("log", () => {
  test("shows the latest requests, of one tenant alone if asked, clean for the terminal", async () => {
    await ok("tenant", "create", "logs");
    await ok("connection", "create", "logs");
    const token = (await ok("token", "create", "logs/generic")).trim();
    await scim(token, "GET", "/Users");
    await scim(token, "POST", "/Users", { nothing: true });
    await expect.poll(() => ok("log", "--tenant", "logs")).toContain("invalidValue");
    const text = await ok("log", "--tenant", "logs");
    expect(text).toContain("logs/generic");
    expect(text).toContain("/scim/v2/Users");
    expect(text).not.toContain("\u009b");
    const lines = (await ok("log", "--tenant", "logs", "--limit", "1", "--json"))
      .trim()
      .split("\n");
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ method: "POST", status: 400 });
    expect(await refused("log", "--limit", "x")).toContain("--limit x");
    expect(await refused("log", "--tenant", "x")).toContain("no tenant x");
  });

  test("--follow shows what comes in until it is stopped", async () => {
    const stop = new AbortController();
    await ok("tenant", "create", "follow");
    await ok("connection", "create", "follow");
    const token = (await ok("token", "create", "follow/generic")).trim();
    const out: string[] = [];
    const following = main(["log", "--follow", "--tenant", "follow", "--json"], {
      out: (text) => out.push(text),
      err: () => undefined,
      program: "rollcall",
      env: { ROLLCALL_DATA: folder, ROLLCALL_DATABASE_URL: database?.url ?? "" },
      now: Date.now,
      stopSignal: () => stop.signal,
    });
    for (const _ of [1, 2, 3]) {
      await scim(token, "GET", "/Groups");
    }
    await expect.poll(() => out.length, { timeout: 5000 }).toBe(3);
    stop.abort();
    expect(await following).toBe(0);
    expect(out).toHaveLength(3);
  });
});

test("log --follow --limit 0 begins with what comes in from now on", async () => {
  const stop = new AbortController();
  await ok("tenant", "create", "tail");
  await ok("connection", "create", "tail");
  const token = (await ok("token", "create", "tail/generic")).trim();
  const args = ["log", "--tenant", "tail", "--json"];
  await scim(token, "GET", "/Users");
  await expect.poll(() => ok(...args)).toContain("/Users");
  const out: string[] = [];
  const following = main([...args, "--follow", "--limit", "0"], {
    out: (text) => out.push(text),
    err: () => undefined,
    program: "rollcall",
    env: { ROLLCALL_DATA: folder, ROLLCALL_DATABASE_URL: database?.url ?? "" },
    now: Date.now,
    stopSignal: () => stop.signal,
  });
  // It has read where the log ends once it waits; what came before must not be shown.
  await new Promise((resolve) => setTimeout(resolve, 300));
  await scim(token, "GET", "/Groups");
  await expect.poll(() => out.length, { timeout: 5000 }).toBeGreaterThan(0);
  stop.abort();
  await following;
  expect(out.join("")).toContain("/Groups");
  expect(out.join("")).not.toContain("/Users");
});

describe("a data folder that is none", () => {
  const readingCommands = commands
    .filter((command) => command.folder === "need")
    .map(({ usage }) => usage.replace(/<[^>]+>/g, "a/b").split(" "));

  test.each(readingCommands)("%s %s makes nothing and says so in a line", async (...args) => {
    const parent = mkdtempSync(join(tmpdir(), "rollcall-none-"));
    const file = join(parent, "file");
    writeFileSync(file, "");
    const words = args.filter((word): word is string => word !== undefined);
    expect(await refused(...words, "--data", join(parent, "gone"))).toContain("no data folder");
    expect(await refused(...words, "--data", file)).toContain("is no folder");
    if (words[0] !== "doctor") {
      rmSync(file);
      expect(await refused(...words, "--data", parent)).toContain(
        isSqlite ? "has no database" : "has no instance key",
      );
      expect(readdirSync(parent)).toEqual([]);
    }
    rmSync(parent, { recursive: true });
  });

  test("a path through a file is refused in a line, an empty one as a mistake", async () => {
    const parent = mkdtempSync(join(tmpdir(), "rollcall-none-"));
    writeFileSync(join(parent, "file"), "");
    expect(await refused("tenant", "create", "a", "--data", join(parent, "file", "x"))).toContain(
      "ENOTDIR",
    );
    expect(await run(["migrate", "--data", ""])).toMatchObject({ code: 2 });
    rmSync(parent, { recursive: true });
  });
});

test("the token of the first start is shown also when nothing can be listened on", async () => {
  const { path, env, drop } = await unusedData();
  const { port } = new URL(server.baseUrl);
  const first = await run(["serve", "--data", path, "--port", port], { env });
  expect(first).toMatchObject({ code: 1, err: expect.stringContaining("is in use") });
  expect(first.out).toMatch(tokenPattern);
  const second = await run(["serve", "--data", path, "--port", port, "--json"], { env });
  expect(second).toMatchObject({ code: 1, out: "" });
  await drop();
});

describe("doctor", () => {
  test("looks at everything and finds healthy data healthy", async () => {
    const { healthy, findings } = await json("doctor");
    expect(findings.filter(({ state }: { state: string }) => state === "problem")).toEqual([]);
    expect(healthy).toBe(true);
    const checks = findings.map(({ check }: { check: string }) => check);
    const both = ["node", "clock", "folder", "database", "network", "key", "tokens"];
    for (const check of [...both, ...(isSqlite ? ["disk"] : ["schema", "durability", "pool"])]) {
      expect(checks).toContain(check);
    }
    const text = await ok("doctor");
    expect(text).toMatch(isSqlite ? /journal_mode wal/i : /PostgreSQL \d+.*, test_\w+ at 127/);
    expect(text).toContain("Nothing has to be done.");
    if (database !== undefined) {
      // The cluster of the tests need not survive anything.
      expect(text).toMatch(/^warning +durability +fsync is off: a crash of the machine can/m);
      expect(text).not.toContain(new URL(database.url).password);
    }
  });

  test("warns of plain HTTP and of tokens about to end", async () => {
    const { out } = await run(["doctor", "--host", "0.0.0.0", "--allow-plain-http"]);
    expect(out).toContain("tokens cross the network readable");
  });

  test("says what is wrong where there are no tables, makes none, and exits with 1", async () => {
    const { path, env, drop } = await unusedData();
    const before = isSqlite ? [] : [".pepper"];
    if (!isSqlite) {
      writeFileSync(join(path, ".pepper"), "k".repeat(32), { mode: 0o600 });
    }
    for (const _ of [1, 2]) {
      const { code, out } = await run(["doctor", "--data", path], { env });
      expect(code).toBe(1);
      expect(out).toMatch(/^PROBLEM +(database|schema) +there (is|are) no/m);
      expect(readdirSync(path)).toEqual(before);
    }
    await drop();
  });

  test("tells another instance key, and tokens of a version that is not given", async () => {
    const other = { ROLLCALL_PEPPER: "k".repeat(32) };
    const { code, out } = await run(["doctor"], { env: other });
    expect(code).toBe(1);
    expect(out).toMatch(/^PROBLEM +key .*is not the one that the tokens/m);
    const later = await run(["doctor"], { env: { ROLLCALL_PEPPER: `9:${"k".repeat(32)}` } });
    expect(later.code).toBe(1);
    expect(later.out).toMatch(/^PROBLEM +key .*are hashed under version 1 of the instance key/m);
  });
});

test("migrate makes data ready, says what it did, and can be repeated", async () => {
  const { path, env, drop } = await unusedData();
  const data = join(path, "data");
  const first = await run(["migrate", "--data", data], { env });
  expect(first.code).toBe(0);
  expect(first.out).toMatch(/^Applied migration 1: first tables\.$/m);
  const again = await run(["migrate", "--data", data], { env });
  expect(again).toMatchObject({ code: 0, out: expect.stringContaining("nothing to do") });
  expect(again.out).not.toContain("Applied");
  const said = await run(["migrate", "--data", data, "--json"], { env });
  expect(JSON.parse(said.out)).toMatchObject({ upToDate: true, applied: [] });
  expect((await run(["tenant", "create", "acme", "--data", data], { env })).code).toBe(0);
  expect((await run(["tenant", "list", "--data", data], { env })).out).toContain("acme");
  await drop();
});

test("serve prints token and ready line, says where it listens, and stops when asked", async () => {
  const { path, env, drop } = await unusedData();
  const stop = new AbortController();
  const out: string[] = [];
  const serving = main(["serve", "--data", path, "--port", "0"], {
    out: (text) => out.push(text),
    err: () => undefined,
    program: "rollcall",
    env,
    now: Date.now,
    stopSignal: () => stop.signal,
  });
  await expect.poll(() => out.join(""), { timeout: 10_000 }).toContain("rollcall listening");
  const said = out.join("");
  const [, url = ""] = /^rollcall listening on (http:\/\/127\.0\.0\.1:\d+)\n$/m.exec(said) ?? [];
  const [token = ""] = tokenPattern.exec(said) ?? [];
  expect(said).toContain(`curl -H 'Authorization: Bearer ${token}' ${url}/scim/v2/Users`);
  const headers = { authorization: `Bearer ${token}` };
  expect((await fetch(`${url}/scim/v2/Users`, { headers })).status).toBe(200);
  if (isSqlite) {
    const second = await run(["serve", "--data", path, "--port", "0"], { env });
    expect(second.code).toBe(1);
    expect(second.err).toContain(`at ${url}: stop it first`);
  } else {
    // The password of the database is in its URL, which is not repeated.
    expect(said).toContain("with the same ROLLCALL_DATABASE_URL");
    expect(said).not.toContain(new URL(database?.url ?? "").password);
  }
  const show = ["connection", "show", "default/default", "--data", path, "--json"];
  expect(JSON.parse((await run(show, { env })).out).baseUrl).toBe(`${url}/scim/v2`);
  stop.abort();
  expect(await serving).toBe(0);
  await drop();
});
