/** What only SQLite does: its files, its settings, two processes on one folder, and what rows are left behind. */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ResourceType } from "@rollcall/scim";
import { createStandardRegistry } from "@rollcall/scim";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { TestPopulation } from "../contract-population.ts";
import {
  createPopulation,
  populationOf,
  testCircumstances,
  testTenant,
  testTypes,
} from "../contract-population.ts";
import type { Store } from "../store.ts";
import { openSqliteStore } from "./open-sqlite-store.ts";
import { SqliteDriver } from "./sqlite-driver.ts";

const { user, group } = testTypes(createStandardRegistry());
let folder = "";
const stores: Store[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-sqlite-"));
});

afterEach(async () => {
  for (const store of stores.splice(0)) {
    await store.close();
  }
  rmSync(folder, { recursive: true });
});

/** Of all servers of a test: none gives an id that another has given. */
let ids = 0;

async function open(options: { role?: "server" | "command"; readOnly?: boolean } = {}) {
  const store = await openSqliteStore({
    folder,
    role: "server",
    newId: () => `id-${++ids}`,
    keyedHash: (text) => `hash(${text})`,
    ...options,
  });
  stores.push(store);
  return store;
}

function rows(sql: string): readonly unknown[] {
  const database = new SqliteDriver(join(folder, "rollcall.db"), { readonly: true });
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}

test("the files are readable by their owner alone", async () => {
  await createPopulation(await open());
  const modes = readdirSync(folder).map((name) => [
    name,
    statSync(join(folder, name)).mode & 0o777,
  ]);
  expect(modes.length).toBeGreaterThanOrEqual(4);
  expect(modes.filter(([, mode]) => mode !== 0o600)).toEqual([]);
});

test("what one store has written another one on the folder reads and adds to", async () => {
  const server = await open();
  const population = await createPopulation(server);
  const command = await open({ role: "command" });
  expect(await command.tenants.bySlug("acme")).toEqual(population.tenant);
  await population.create(user, { userName: "ann" });
  expect(await command.tenants.create(testTenant("globex"), testCircumstances)).toBe("created");
  await population.create(user, { userName: "bea" });
  const seen = populationOf(command, population.tenant, population.connection);
  expect((await seen.query(user)).totalResults).toBe(2);
  expect(await server.tenants.bySlug("globex")).toEqual(testTenant("globex"));
});

test("two servers on one folder take turns, and keys are unique for both", async () => {
  const [left, right] = [await open(), await open()];
  const population = await createPopulation(left);
  const other = populationOf(right, population.tenant, population.connection);
  const outcomes = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      (index % 2 === 0 ? population : other).create(
        user,
        { userName: `user ${index % 10}` },
        { id: `id-of-${index}` },
      ),
    ),
  );
  const kinds = outcomes.map(({ outcome }) => outcome.kind);
  expect(kinds.filter((kind) => kind === "committed")).toHaveLength(10);
  expect(kinds.filter((kind) => kind === "taken")).toHaveLength(30);
  expect(await left.outbox.count(population.scope.tenantId)).toBe(10);
});

test("a folder opened to be read is neither made nor written", async () => {
  await expect(open({ readOnly: true })).rejects.toThrow(/no rollcall.db/);
  expect(readdirSync(folder)).toEqual([]);
  const population = await createPopulation(await open());
  const reading = await open({ readOnly: true });
  expect(await reading.tenants.list()).toEqual([population.tenant]);
  await expect(reading.tenants.create(testTenant("globex"), testCircumstances)).rejects.toThrow();
  expect(await reading.requestLog.list({ limit: 1 })).toEqual([]);
});

test("opening again finds everything as it was", async () => {
  const population = await createPopulation(await open());
  const { id } = await population.create(user, { userName: "ann" });
  const before = await population.read(user, id);
  await stores.pop()?.close();
  const again = populationOf(await open(), population.tenant, population.connection);
  expect(await again.read(user, id)).toEqual(before);
});

test("a tombstone keeps keyed hashes of what identifies, and the resource to restore", async () => {
  const population = await createPopulation(await open());
  const attributes = {
    userName: "Ann",
    externalId: "7",
    displayName: "Ann A.",
    emails: [{ value: "Ann@example.com" }],
  };
  const { id } = await population.create(user, attributes);
  await population.remove(user, await population.read(user, id));
  expect(rows("SELECT path, key_hash FROM tombstone_keys ORDER BY path")).toEqual([
    { path: "(login e-mail)", key_hash: "hash(ann@example.com)" },
    { path: "emails.value", key_hash: "hash(ann@example.com)" },
    { path: "externalId", key_hash: "hash(7)" },
    { path: "userName", key_hash: "hash(ann)" },
  ]);
  expect(rows("SELECT resource_id, revision, attributes FROM tombstones")).toEqual([
    { resource_id: id, revision: 2, attributes: JSON.stringify(attributes) },
  ]);
  expect(rows("SELECT account_id FROM tombstones")).toEqual(
    rows("SELECT account_id FROM accounts"),
  );
  for (const table of ["resources", "unique_keys", "point_values", "members", "relations"]) {
    expect(rows(`SELECT * FROM ${table}`), table).toEqual([]);
  }
});

test("a tombstone loses its attributes first and goes later, with its keys", async () => {
  const store = await open();
  const population = await createPopulation(store);
  const { tenantId } = population.scope;
  const { id } = await population.create(user, { userName: "ann" });
  await population.remove(user, await population.read(user, id));
  const long = "1999-01-01T00:00:00.000Z";
  const soon = "2999-01-01T00:00:00.000Z";
  const count = (sql: string) => rows(sql).length;
  expect(
    await store.resources.pruneTombstones(tenantId, {
      restorableSince: long,
      rememberedSince: long,
    }),
  ).toBe(0);
  expect(count("SELECT * FROM tombstones WHERE attributes IS NOT NULL")).toBe(1);
  const restorable = { restorableSince: soon, rememberedSince: long };
  expect(await store.resources.pruneTombstones(tenantId, restorable)).toBe(1);
  expect(await store.resources.pruneTombstones(tenantId, restorable)).toBe(0);
  expect(count("SELECT * FROM tombstones WHERE attributes IS NULL")).toBe(1);
  expect(count("SELECT * FROM tombstone_keys")).toBe(1);
  const forgotten = { restorableSince: soon, rememberedSince: soon };
  expect(await store.resources.pruneTombstones(tenantId, forgotten)).toBe(1);
  expect(count("SELECT * FROM tombstones")).toBe(0);
  expect(count("SELECT * FROM tombstone_keys")).toBe(0);
});

test("a deleted group leaves no rows of its members", async () => {
  const population = await createPopulation(await open());
  const ann = await population.create(user, { userName: "ann" });
  const inner = await population.create(group, { displayName: "inner" }, { members: [ann.id] });
  await population.create(group, { displayName: "outer" }, { members: [inner.id] });
  await population.remove(group, await population.read(group, inner.id));
  expect(rows("SELECT * FROM members")).toEqual([]);
  expect(rows("SELECT value_count FROM relations")).toEqual([{ value_count: 0 }]);
});

test("a change of one attribute writes only the index rows that differ", async () => {
  const population = await createPopulation(await open());
  const emails = [{ value: "ann@example.com" }, { value: "a@example.com" }];
  const { id } = await population.create(user, { userName: "ann", emails });
  const before = await population.read(user, id);
  await population.update(user, before, { after: { userName: "anna", emails: emails.slice(1) } });
  expect(rows("SELECT path, value FROM point_values ORDER BY path, value")).toEqual([
    { path: "emails.value", value: "a@example.com" },
    { path: "userName", value: "anna" },
  ]);
  expect(rows("SELECT path, key FROM unique_keys")).toEqual([{ path: "userName", key: "anna" }]);
});

test("a point attribute that is new finds everybody, before and after its index is made", async () => {
  const population = await createPopulation(await open());
  const newer: ResourceType = { ...user, pointPaths: [...user.pointPaths, "title", "ims.value"] };
  const { id } = await population.create(user, {
    userName: "ann",
    title: "Dr",
    ims: [{ value: "a" }, { value: "A" }, { type: "xmpp" }],
  });
  const findsAnn = async (people: TestPopulation) => {
    for (const filter of ['title eq "DR"', 'ims.value eq "a"']) {
      const { resources } = await people.query(newer, filter);
      expect(resources.map((one) => one.id)).toEqual([id]);
    }
  };
  await findsAnn(population);
  const indexed =
    "SELECT path, value FROM point_values WHERE path IN ('title', 'ims.value') ORDER BY path";
  expect(rows(indexed)).toEqual([]);
  await population.create(newer, { userName: "bea" });
  expect(rows(indexed)).toEqual([
    { path: "ims.value", value: "a" },
    { path: "title", value: "dr" },
  ]);
  await findsAnn(population);
});
