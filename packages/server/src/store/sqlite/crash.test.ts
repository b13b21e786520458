/** kill -9 while writing: what was acknowledged is there, what was not is whole or absent. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createStandardRegistry } from "@rollcall/scim";
import { expect, test } from "vitest";
import { populationOf, testConnection, testTenant, testTypes } from "../contract-population.ts";
import { openSqliteStore } from "./open-sqlite-store.ts";
import { SqliteDriver } from "./sqlite-driver.ts";

const { user, group } = testTypes(createStandardRegistry());

/**
 * Creates users one after another in several lines at once, adds each to a group, and says so when it is acknowledged.
 * Each is somebody who has an account already, and is told.
 */
const writer = `
  const { openSqliteStore } = await import(${JSON.stringify(new URL("./open-sqlite-store.ts", import.meta.url).href)});
  const tests = await import(${JSON.stringify(new URL("../contract-population.ts", import.meta.url).href)});
  const { createStandardRegistry } = await import("@rollcall/scim");
  const { randomUUID } = await import("node:crypto");
  const [folder] = process.argv.slice(-1);
  const store = await openSqliteStore({ folder, role: "server", newId: randomUUID, keyedHash: (text) => text });
  const { user, group } = tests.testTypes(createStandardRegistry());
  const tenant = tests.testTenant("acme");
  const connection = tests.testConnection(tenant);
  await store.tenants.create(tenant, tests.testCircumstances);
  await store.connections.create(connection, tests.testCircumstances);
  const population = tests.populationOf(store, tenant, connection);
  await population.create(group, { displayName: "all" }, { id: "all" });
  const say = (line) => process.stdout.write(line + "\\n");
  await Promise.all(Array.from({ length: 8 }, async () => {
    for (;;) {
      const id = randomUUID();
      const email = id + "@globex.example";
      const account = { accountId: "account-of-" + id, email, emailVerified: true, hasLogin: true, created: tests.testTime(0), revision: 1 };
      await store.accounts.create(account, tests.testCircumstances);
      await population.create(user, { userName: id, active: true, emails: [{ value: email }] }, { id });
      say("created " + id);
      const before = await population.read(group, "all");
      await population.update(group, before, { steps: [{ op: "add", ids: [id] }], options: { expectedRevision: undefined } });
      say("added " + id);
      if (id < "4") {
        await population.remove(user, await population.read(user, id));
        say("removed " + id);
      }
    }
  }));
`;

/** Lets the writer work on the folder until it has said so many things, then kills it; gives what it said. */
async function writeUntilKilled(folder: string, lines: number): Promise<readonly string[]> {
  const loader = createRequire(import.meta.url).resolve("tsx");
  const child = spawn(
    process.execPath,
    ["--conditions=source", "--import", loader, "--input-type=module", "-e", writer, folder],
    { stdio: ["ignore", "pipe", "inherit"], cwd: new URL(".", import.meta.url) },
  );
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    if (said.length === lines) {
      child.kill("SIGKILL");
    }
  }
  return said;
}

async function checkFolder(folder: string, said: readonly string[]): Promise<void> {
  const store = await openSqliteStore({
    folder,
    role: "server",
    newId: () => "unused",
    keyedHash: (text) => text,
  });
  const tenant = testTenant("acme");
  const population = populationOf(store, tenant, testConnection(tenant));
  const { members = [] } = (await population.read(group, "all", ["members"])).relations;
  const memberIds = new Set(members.map(({ value }) => value));
  const removed = new Set(idsSaid(said, "removed"));
  for (const id of idsSaid(said, "created")) {
    const found = await store.resources.read(population.scope, user, id, []);
    if (removed.has(id)) {
      expect(found, `${id} was removed`).toBeUndefined();
    } else if (id >= "4") {
      expect(found?.attributes, `${id} was created`).toEqual({
        userName: id,
        active: true,
        emails: [{ value: `${id}@globex.example` }],
      });
    }
  }
  for (const id of idsSaid(said, "added").filter((one) => one >= "4")) {
    expect(memberIds.has(id), `${id} was added`).toBe(true);
  }
  await store.close();
  checkRows(folder);
}

function idsSaid(said: readonly string[], word: string): readonly string[] {
  return said.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []));
}

/** Invariants that hold whatever was acknowledged: every change has its entry and its events, counts are true. */
function checkRows(folder: string): void {
  const database = new SqliteDriver(join(folder, "rollcall.db"), { readonly: true });
  const problemsBy = (sql: string) => database.prepare(sql).all();
  expect(database.pragma("integrity_check", { simple: true })).toBe("ok");
  expect(database.pragma("foreign_key_check")).toEqual([]);
  expect(
    problemsBy(`SELECT t.resource_type, t.live FROM resource_totals AS t WHERE t.live <> (
      SELECT count(*) FROM resources AS r WHERE r.resource_type = t.resource_type)`),
  ).toEqual([]);
  expect(
    problemsBy(`SELECT * FROM relations AS x WHERE x.value_count <> (
      SELECT count(*) FROM members AS m WHERE m.resource_id = x.resource_id)`),
  ).toEqual([]);
  // A user has one entry for its creation, and a tombstone exactly when it has one for its end.
  expect(
    problemsBy(`SELECT resource_id FROM resources WHERE resource_type = 'User' AND (
      SELECT count(*) FROM audit_entries AS a WHERE a.target_id = resource_id) <> 1`),
  ).toEqual([]);
  expect(
    problemsBy(`SELECT resource_id FROM tombstones WHERE (
      SELECT count(*) FROM audit_entries AS a WHERE a.target_id = resource_id) <> 2`),
  ).toEqual([]);
  expect(
    problemsBy(`SELECT target_id FROM audit_entries AS a WHERE target_type = 'User'
      AND action = 'user.create' AND NOT EXISTS (
        SELECT 1 FROM outbox_events AS e
        WHERE e.resource_id = a.target_id AND e.type = 'user.created')`),
  ).toEqual([]);
  expect(
    problemsBy(`SELECT resource_id FROM resources AS r WHERE resource_type = 'User' AND (
      SELECT count(*) FROM unique_keys AS k WHERE k.resource_id = r.resource_id) <> 1`),
  ).toEqual([]);
  expect(
    problemsBy(`SELECT * FROM tenants WHERE last_audit_number <> (
        SELECT count(*) FROM audit_entries AS a WHERE a.tenant_id = tenants.tenant_id)
      OR last_outbox_position <> (SELECT count(*) FROM outbox_events)`),
  ).toEqual([]);
  // Whoever is attached is linked, a member, and told: all of it or nothing.
  expect(
    problemsBy(`SELECT resource_id FROM resources AS r WHERE resource_type = 'User' AND NOT EXISTS (
      SELECT 1 FROM links AS l JOIN memberships AS m ON m.account_id = l.account_id
      WHERE l.resource_id = r.resource_id AND l.state = 'linked')`),
  ).toEqual([]);
  expect(
    problemsBy(`SELECT target_id FROM audit_entries AS a WHERE action = 'user.create' AND (
      SELECT count(*) FROM mails AS m
      WHERE m.kind = 'attached' AND m.account_id = 'account-of-' || a.target_id) <> 1`),
  ).toEqual([]);
  expect(
    problemsBy(`SELECT account_id FROM mails AS m WHERE NOT EXISTS (
      SELECT 1 FROM audit_entries AS a
      WHERE a.action = 'user.create' AND m.account_id = 'account-of-' || a.target_id)`),
  ).toEqual([]);
  database.close();
}

for (const lines of [7, 100, 431]) {
  test(`nothing acknowledged is lost when the process is killed after ${lines} lines`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "rollcall-crash-"));
    try {
      const said = await writeUntilKilled(folder, lines);
      expect(said.length).toBeGreaterThanOrEqual(lines);
      await checkFolder(folder, said);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 60_000);
}
