import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStandardRegistry } from "@rollcall/scim";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { runCommand } from "../../../../test/command-line.ts";
import { configForTests } from "../../../../test/compose-for-tests.ts";
import type { TestDatabase } from "../../../../test/postgres-for-tests.ts";
import { createTestDatabase } from "../../../../test/postgres-for-tests.ts";
import { openInstance } from "../compose.ts";
import { pruneOldRecords } from "../provisioning/prune-old-records.ts";
import {
  populationOf,
  saveTestSettings,
  testStartMs,
  testTypes,
} from "../store/contract-population.ts";

const wanted = inject("database") ?? "sqlite";
const { user, group } = testTypes(createStandardRegistry());
let database: TestDatabase | undefined;
let folder = "";
let ann = "";

const open = () =>
  openInstance(configForTests(folder, { databaseUrl: database?.url }), {
    role: "cli",
    now: Date.now,
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-audit-"));
  database = wanted === "sqlite" ? undefined : await createTestDatabase(wanted);
  const instance = await open();
  const tenant = await instance.createTenant({ slug: "acme", name: "Acme" });
  const connection = await instance.createConnection({
    tenant,
    profile: "okta",
    slug: undefined,
    name: undefined,
  });
  const people = populationOf(instance.store, tenant, connection);
  ({ id: ann } = await people.create(user, { userName: "ann" }));
  await people.create(user, { userName: '=cmd|"calc"', externalId: "@7" });
  await people.create(group, { displayName: "crew" }, { members: [ann] });
  await people.update(user, await people.read(user, ann), {
    after: { userName: "ann", active: false },
  });
  await instance.createTenant({ slug: "globex", name: "Globex" });
  await instance.close();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await database?.drop();
});

function run(...args: readonly string[]) {
  return runCommand([...args, "--data", folder], {
    env: { ROLLCALL_DATABASE_URL: database?.url ?? "" },
  });
}

async function json(...args: readonly string[]) {
  const { code, out, err } = await run(...args, "--json");
  expect(code, err).toBe(0);
  return JSON.parse(out);
}

const actionsOf = (entries: readonly { readonly action: string }[]) =>
  entries.map(({ action }) => action);

describe("audit list", () => {
  test("has the members that programs count on", async () => {
    const entries = await json("audit", "list", "acme", "--target", "crew");
    expect(entries).toEqual([
      {
        id: expect.any(String),
        time: expect.stringMatching(/^2025-06-15T12:00:\d\d\.000Z$/),
        actor: { kind: "operator", id: "test" },
        action: "group.create",
        target: { type: "Group", id: expect.any(String), name: "crew" },
        outcome: "done",
        requestId: "request-1",
        changes: [
          { path: "displayName", after: "crew" },
          { attribute: "members", addedCount: 1, removedCount: 0, added: [ann], removed: [] },
        ],
      },
    ]);
  });

  test("finds by actor, action, target and time, and cuts off the oldest", async () => {
    const list = async (...options: readonly string[]) =>
      actionsOf(await json("audit", "list", "acme", ...options));
    const users = ["user.create", "user.create", "user.patch"];
    expect(await list()).toHaveLength(6);
    expect(await list("--action", "user.")).toEqual(users);
    expect(await list("--action", "user.patch")).toEqual(["user.patch"]);
    expect(await list("--target", ann)).toEqual(["user.create", "user.patch"]);
    expect(await list("--target", "ann")).toEqual(["user.create", "user.patch"]);
    expect(await list("--actor", "operator:test", "--action", "user.")).toEqual(users);
    expect(await list("--actor", "cli")).toEqual(
      expect.arrayContaining(["tenant.create", "connection.create"]),
    );
    expect(await list("--actor", "credential")).toEqual([]);
    expect(await list("--from", "2025-06-15", "--to", "2025-06-16")).toHaveLength(4);
    expect(await list("--to", "2025-06-15T14:00:02+02:00")).toEqual(["user.create"]);
    expect(await list("--action", "user.", "--limit", "1")).toEqual(["user.patch"]);
    expect(await json("audit", "list", "globex", "--action", "user.")).toEqual([]);
  });

  test("is a table for people", async () => {
    const { out } = await run("audit", "list", "acme", "--target", "ann");
    expect(out).toMatch(/^NUMBER +TIME +ACTOR +ACTION/);
    expect(out).toMatch(/operator:test +user\.patch +ann +done +active/);
  });

  test("says what it cannot read", async () => {
    for (const [options, said] of [
      [["acme", "--from", "yesterday"], "expected a date such as"],
      [["acme", "--limit", "1001"], "expected a whole number"],
      [["nobody"], "there is no tenant nobody"],
    ] as const) {
      const { code, err } = await run("audit", "list", ...options);
      expect(code).toBe(1);
      expect(err).toContain(said);
    }
  });
});

describe("audit export", () => {
  test("writes each entry on a line, chained, oldest first", async () => {
    const { code, out } = await run("audit", "export", "acme");
    expect(code).toBe(0);
    const lines = out.trimEnd().split("\n");
    const entries = lines.map((line) => JSON.parse(line));
    expect(entries.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(entries.every(({ chainHash }) => /^[0-9a-f]{64}$/.test(chainHash))).toBe(true);
    const listed: readonly { readonly id: string }[] = await json("audit", "list", "acme");
    expect(entries.map(({ id }) => id)).toEqual(listed.map(({ id }) => id));
  });

  test("as CSV has no cell that a spreadsheet computes", async () => {
    const { out } = await run("audit", "export", "acme", "--format", "csv");
    const lines = out.split("\r\n");
    expect(lines[0]).toBe("id,number,time,actor,action,target,outcome,requestId,changes");
    expect(lines).toHaveLength(8);
    expect(out).not.toMatch(/(^|,|\n)"?[=+\-@\t]/);
    expect(out).toContain("=cmd");
  });

  test("refuses a format that it does not know", async () => {
    const { code, out, err } = await run("audit", "export", "acme", "--format", "xml");
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain("expected jsonl or csv");
  });
});

test("audit verify finds a good log good", async () => {
  expect(await json("audit", "verify", "acme")).toEqual({ ok: true, entries: 6, chained: 6 });
  expect((await run("audit", "verify", "acme")).out).toContain("as it was written: 6 entries");
});

describe("the log of the instance", () => {
  const email = "ann@acme.example";

  test("is listed, exported and verified, alone and with all others", async () => {
    await json("account", "create", "--email", email);
    const entries = await json("audit", "list", "--instance", "--target", email);
    expect(actionsOf(entries)).toEqual(["account.create"]);
    const { out } = await run("audit", "export", "--instance");
    expect(JSON.parse(out.trim().split("\n").at(-1) ?? "")).toMatchObject({
      action: "account.create",
      chainHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const one = { ok: true, entries: 1, chained: 1 };
    expect(await json("audit", "verify", "--instance")).toEqual(one);
    expect(await json("audit", "verify")).toEqual([
      { tenant: null, ...one },
      { tenant: "acme", ok: true, entries: 6, chained: 6 },
      { tenant: "globex", ok: true, entries: 1, chained: 1 },
    ]);
    expect((await run("audit", "verify")).out).toMatch(
      /^The audit log of the instance is as it was written: 1 entries\.\nThe audit log of acme is /,
    );
  });

  test("is one log, and not a tenant's", async () => {
    expect((await run("audit", "verify", "acme", "--instance")).err).toContain("not both");
    for (const verb of ["list", "export"]) {
      const { code, err } = await run("audit", verb);
      expect([code, err]).toEqual([1, expect.stringContaining("give a tenant, or --instance")]);
    }
  });
});

/** The events but that of the connection, which is of the real time and stands before or behind the others. */
async function outsideConnections(): Promise<readonly { readonly type: string }[]> {
  const events: readonly { readonly type: string }[] = await json("event", "list", "acme");
  return events.filter(({ type }) => type !== "connection.created");
}

describe("event list", () => {
  test("has the members that programs count on, in order", async () => {
    const events = await outsideConnections();
    const [ofConnection] = await json("event", "list", "acme", "--type", "connection.created");
    expect(ofConnection).toMatchObject({ data: { slug: "okta" } });
    expect(events[0]).toEqual({
      id: expect.any(String),
      type: "user.created",
      tenant: "acme",
      time: "2025-06-15T12:00:01.000Z",
      data: expect.objectContaining({ id: ann, resource: { userName: "ann" } }),
    });
    const types = events.map(({ type }: { readonly type: string }) => type);
    expect(types.filter((type: string) => /^(user|group)\./.test(type))).toEqual([
      "user.created",
      "user.created",
      "group.created",
      "user.deactivated",
    ]);
  });

  test("goes on behind an event, by its id or its position, and lists one type", async () => {
    const events: readonly { readonly id: string }[] = await json("event", "list", "acme");
    const second = events[1]?.id ?? "";
    expect(await json("event", "list", "acme", "--after", second)).toEqual(events.slice(2));
    expect(await json("event", "list", "acme", "--after", "2")).toEqual(events.slice(2));
    const users = await json("event", "list", "acme", "--type", "user.", "--limit", "2");
    expect(users).toEqual((await outsideConnections()).slice(0, 2));
    expect(await json("event", "list", "acme", "--type", "group.created")).toHaveLength(1);
    expect(await json("event", "list", "acme", "--type", "user")).toEqual([]);
    const { code, err } = await run("event", "list", "globex", "--after", second);
    expect(code).toBe(1);
    expect(err).toContain("no such event");
  });
});

describe("event schema", () => {
  test("prints the JSON Schema of a type, with and without --json, and needs no data", async () => {
    const { code, out } = await run("event", "schema", "sessions.revoke");
    expect(code).toBe(0);
    const schema = JSON.parse(out);
    expect(schema).toMatchObject({ title: "sessions.revoke", type: "object" });
    expect(schema.examples[0].type).toBe("sessions.revoke");
    expect(await json("event", "schema", "sessions.revoke")).toEqual(schema);
  });

  test("types of a resource type of the deployer's have schemas too", async () => {
    const created = await json("event", "schema", "device.created");
    expect(created).toMatchObject({ title: "device.created", type: "object" });
    expect(created.properties.data.required).toContain("resource");
    const deleted = await json("event", "schema", "device.deleted");
    expect(deleted.properties.data.required).not.toContain("resource");
    expect(deleted.properties.data.required).toContain("id");
  });

  test("an unknown type is told which there are", async () => {
    for (const type of ["user.lost", "constructor", "user.", "access.deleted", "device.lost"]) {
      const { code, err } = await run("event", "schema", type);
      expect(code).toBe(1);
      expect(err).toContain(`${type} is no type of event`);
      expect(err).toContain("user.created, user.updated");
    }
  });
});

test("doctor tells how many entries are not chained", async () => {
  const { findings } = await json("doctor");
  expect(findings).toContainEqual({
    check: "audit",
    state: "ok",
    text: expect.stringMatching(
      /^\d+ audit entries are not chained yet$|^every audit entry is chained$/,
    ),
  });
});

test("what is older than the tenant wants to keep goes, and nothing of others", async () => {
  const instance = await open();
  const { store, circumstances } = instance;
  const [acme, globex] = await Promise.all(
    ["acme", "globex"].map(async (slug) => (await store.tenants.bySlug(slug))?.tenantId),
  );
  if (acme === undefined || globex === undefined) {
    throw new TypeError("both were made");
  }
  await saveTestSettings(
    store,
    acme,
    { auditRetentionDays: 7 },
    { circumstances: circumstances() },
  );
  for (const tenantId of [acme, globex]) {
    await store.auditLog.chain(tenantId);
  }
  const tenDays = 10 * 86_400_000;
  const before = await store.auditLog.count(globex);
  const late = Date.now() + tenDays;
  await pruneOldRecords(store, testStartMs);
  expect(await store.auditLog.count(acme)).toBe(7);
  await pruneOldRecords(store, late);
  expect(await store.auditLog.count(acme)).toBe(0);
  expect(await store.auditLog.count(globex)).toBe(before);
  expect(await store.auditLog.verify(acme)).toEqual({ ok: true, entries: 0, chained: 0 });
  await instance.close();
});
