/** Backups of one database and of the other, restored into one and into the other. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { configForTests } from "../../../test/compose-for-tests.ts";
import type { TestDatabase } from "../../../test/postgres-for-tests.ts";
import { createTestDatabase } from "../../../test/postgres-for-tests.ts";
import type { Instance } from "./compose.ts";
import { compose, openInstance, restoreData } from "./compose.ts";
import { scopeOf } from "./domain/connection.ts";
import {
  tablesOfCoordinator,
  tablesOfTenants,
  tablesOnEveryNode,
} from "./store/postgres/table-places.ts";
import { snapshotTables, tablesLeftOut } from "./store/sql/snapshot-tables.ts";
import type { TableRows } from "./store/store.ts";

type Database = "sqlite" | "postgres";

const folders: string[] = [];
const databases: TestDatabase[] = [];

/** A place without data, with the instance key of another one. */
async function newPlace(database: Database, keyFolder?: string) {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-restore-"));
  folders.push(folder);
  const own = database === "postgres" ? await createTestDatabase("icu") : undefined;
  if (own !== undefined) {
    databases.push(own);
  }
  if (keyFolder !== undefined) {
    copyFileSync(join(keyFolder, ".pepper"), join(folder, ".pepper"));
  }
  return { folder, config: configForTests(folder, { databaseUrl: own?.url, databasePool: 4 }) };
}
type Place = Awaited<ReturnType<typeof newPlace>>;

const opened = (place: Place) => openInstance(place.config, { role: "cli", now: Date.now });
const restored = (file: string, { config }: Place) =>
  restoreData(config, { file, now: Date.now, onProgress: () => undefined });

async function backedUp(place: Place, name: string): Promise<string> {
  const instance = await opened(place);
  const file = join(place.folder, name);
  await instance.backUp({ file, onProgress: () => undefined });
  await instance.close();
  return file;
}

/** Sends one message to a server inside the test. */
async function sendTo(
  { fetch }: { fetch(request: Request): Promise<Response> },
  token: string,
  { method = "POST", path, body }: { method?: string; path: string; body?: object },
) {
  const response = await fetch(
    new Request(`http://localhost/scim/v2${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
}

const userOf = (name: string, more: object = {}) => ({
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
  userName: name,
  externalId: `x-${name}`,
  active: true,
  emails: [{ value: `${name}@example.com`, primary: true }],
  ...more,
});

/** A place with some of everything, and a token that a client has. */
async function filledPlace(database: Database): Promise<Place & { readonly token: string }> {
  const place = await newPlace(database);
  const server = await compose({ config: place.config, writeLog: () => undefined });
  const tenant = await server.createTenant({ slug: "acme", name: "Acme" });
  const connection = await server.createConnection({
    tenant,
    profile: "generic",
    slug: "idp",
    name: undefined,
  });
  const { token } = await server.issueCredential({
    scope: scopeOf(connection),
    name: "",
    lifetime: { kind: "days", days: 30 },
    scopes: ["scim:read", "scim:write"],
    cidrs: [],
    creator: "test",
  });
  const ids: string[] = [];
  for (const name of ["ann", "ben", "cem", "dörte"]) {
    const { status, body } = await sendTo(server, token, { path: "/Users", body: userOf(name) });
    expect(status).toBe(201);
    ids.push(body.id);
  }
  const members = ids.map((value) => ({ value }));
  const schemas = ["urn:ietf:params:scim:schemas:core:2.0:Group"];
  const group = await sendTo(server, token, {
    path: "/Groups",
    body: { schemas, displayName: "All \u2028 of them", externalId: "g", members },
  });
  expect(group.status).toBe(201);
  await sendTo(server, token, { method: "DELETE", path: `/Users/${ids[2]}` });
  await server.people.createAccount({ email: "zoe@example.com", ref: "42", name: "Zoë" });
  await server.close();
  return { ...place, token };
}

async function rowsOf(instance: Instance) {
  const tables = new Map<string, string[]>();
  await instance.store.snapshots.read(async ({ table, columns, rows }: TableRows) => {
    const known = tables.get(table) ?? [];
    for (const row of rows) {
      const named = Object.entries(
        Object.fromEntries(
          row.map((value, index) => [columns[index] ?? "", plainOf(columns[index], value)]),
        ),
      );
      // Kept on PostgreSQL alone, for numbering; chaining goes on in the background.
      known.push(JSON.stringify(named.filter(([name]) => !volatile.has(name)).toSorted()));
    }
    tables.set(table, known);
  });
  return Object.fromEntries([...tables].map(([table, rows]) => [table, rows.toSorted()]));
}
const volatile = new Set([
  "revision",
  "chain_hash",
  "chain_salt",
  "last_chained_number",
  "last_chain_hash",
]);

/** PostgreSQL writes JSON its own way. */
function plainOf(column: string | undefined, value: string | number | null) {
  const isFolded = column === "folded" && typeof value === "string";
  return isFolded ? JSON.stringify(Object.entries(JSON.parse(value)).toSorted()) : value;
}

const filled = new Map<Database, Place & { readonly token: string }>();
beforeAll(async () => {
  for (const database of ["sqlite", "postgres"] as const) {
    filled.set(database, await filledPlace(database));
  }
}, 120_000);
afterAll(async () => {
  for (const database of databases) {
    await database.drop();
  }
  for (const folder of folders) {
    rmSync(folder, { recursive: true, force: true });
  }
});
function filledOne(database: Database) {
  const place = filled.get(database);
  if (place === undefined) {
    throw new Error("it was filled before");
  }
  return place;
}

describe.each([
  ["sqlite", "sqlite"],
  ["sqlite", "postgres"],
  ["postgres", "sqlite"],
  ["postgres", "postgres"],
] as const)("a backup of %s restored into %s", (from, to) => {
  test("has the same rows, and everything goes on from there", async () => {
    const source = filledOne(from);
    const file = await backedUp(source, `to-${to}.gz`);
    const target = await newPlace(to, source.folder);
    const { header, rows } = await restored(file, target);
    expect(header.database).toBe(from);
    expect(rows).toBeGreaterThan(20);
    const [before, after] = [await opened(source), await opened(target)];
    expect(await rowsOf(after)).toEqual(await rowsOf(before));
    await before.close();
    const tenant = await after.store.tenants.bySlug("acme");
    const tenantId = tenant?.tenantId;
    if (tenantId === undefined) {
      throw new Error("the tenant was restored");
    }
    const bounds = await after.store.outbox.bounds(tenantId);
    await after.close();

    const server = await compose({ config: target.config, writeLog: () => undefined });
    const { token } = source;
    expect(server.first).toBeUndefined();
    // A client that was there before sends the same again, something else and something new.
    const again = await sendTo(server, token, { path: "/Users", body: userOf("ann") });
    expect(again.status).toBe(200);
    const changed = await sendTo(server, token, {
      path: "/Users",
      body: userOf("ben", { title: "Dr" }),
    });
    expect([changed.status, changed.body.title]).toEqual([200, "Dr"]);
    const fresh = await sendTo(server, token, { path: "/Users", body: userOf("eva") });
    expect(fresh.status).toBe(201);
    const list = await sendTo(server, token, { method: "GET", path: "/Users?sortBy=userName" });
    expect(list.body.totalResults).toBe(4);
    const groups = await sendTo(server, token, { method: "GET", path: "/Groups" });
    expect(groups.body.Resources[0].members).toHaveLength(3);
    const events = await server.store.outbox.list(tenantId, {
      after: bounds?.last ?? 0,
      limit: 100,
    });
    expect(events.map(({ type }) => type)).toContain("user.created");
    expect(events[0]?.position).toBe((bounds?.last ?? 0) + 1);
    expect(await server.store.auditLog.verify(tenantId)).toMatchObject({ ok: true });
    await server.close();
  }, 60_000);
});

describe("a backup", () => {
  test("is readable by its owner alone, has no key, and is never written over", async () => {
    const source = filledOne("sqlite");
    const file = await backedUp(source, "once.gz");
    expect(statSync(file).mode & 0o077).toBe(0);
    const [, key = ""] = readFileSync(join(source.folder, ".pepper"), "utf8").trim().split(":");
    const text = gunzipSync(readFileSync(file)).toString();
    expect(text).not.toContain(key);
    expect(text).not.toContain(source.token);
    const instance = await opened(source);
    await expect(instance.backUp({ file, onProgress: () => undefined })).rejects.toThrow(
      "is there already",
    );
    const nowhere = join(source.folder, "missing", "b.gz");
    await expect(instance.backUp({ file: nowhere, onProgress: () => undefined })).rejects.toThrow(
      "cannot be written",
    );
    await instance.close();
    expect(readdirSync(source.folder).filter((name) => name.includes(".part"))).toEqual([]);
  });

  test("has every table, or says why not", () => {
    const known = [...tablesOfTenants, ...tablesOnEveryNode, ...tablesOfCoordinator];
    const told = [...snapshotTables, ...Object.keys(tablesLeftOut)];
    expect(told.toSorted()).toEqual(known.toSorted());
  });
});

describe.each(["sqlite", "postgres"] as const)(
  "restoring into %s is refused, and leaves nothing behind",
  (to) => {
    async function expectRefused(bytes: Buffer, message: string | RegExp): Promise<void> {
      const source = filledOne("sqlite");
      const target = await newPlace(to, source.folder);
      const file = join(target.folder, "damaged.gz");
      writeFileSync(file, bytes);
      await expect(restored(file, target)).rejects.toThrow(message);
      expect(readdirSync(target.folder).toSorted()).toEqual([".pepper", "damaged.gz"]);
      if (target.config.databaseUrl !== undefined) {
        const client = new pg.Client(target.config.databaseUrl);
        await client.connect();
        const { rows } = await client.query("SELECT to_regclass('tenants') AS made");
        const made = rows[0].made !== null;
        expect(
          made ? (await client.query("SELECT count(*)::int AS n FROM tenants")).rows[0].n : 0,
        ).toBe(0);
        await client.end();
      }
      // The whole one can be restored there afterwards.
      await restored(
        await backedUp(source, `whole-${to}-${databases.length}-${folders.length}.gz`),
        target,
      );
    }
    const whole = async () =>
      readFileSync(
        await backedUp(filledOne("sqlite"), `damage-${to}-${folders.length}-${Math.random()}.gz`),
      );

    test("a truncated file", async () => {
      const bytes = await whole();
      await expectRefused(bytes.subarray(0, Math.floor(bytes.length / 2)), "damaged");
      await expectRefused(bytes.subarray(0, bytes.length - 9), "damaged");
    });

    test("one whose last lines are missing, although its compression is sound", async () => {
      const lines = gunzipSync(await whole())
        .toString()
        .split("\n");
      await expectRefused(gzipSync(`${lines.slice(0, -2).join("\n")}\n`), "ends too early");
      await expectRefused(gzipSync(`${lines.slice(0, 20).join("\n")}\n`), "ends too early");
    });

    test("one in which a value was changed", async () => {
      const text = gunzipSync(await whole()).toString();
      await expectRefused(
        gzipSync(text.replaceAll("ann@example.com", "eve@example.com")),
        "not what was written",
      );
    });

    test("one with something behind its end, and one that is none", async () => {
      const text = gunzipSync(await whole()).toString();
      await expectRefused(gzipSync(`${text}["more"]\n`), "behind its end");
      await expectRefused(gzipSync(`{"hello":1}\n`), "no backup");
      await expectRefused(Buffer.from("not even gzip"), "no backup");
      await expectRefused(
        gzipSync(text.replace('"formatVersion":1', '"formatVersion":2')),
        "format version 2",
      );
      await expectRefused(
        gzipSync(text.replace(/"schemaLevel":\d+/, '"schemaLevel":9999')),
        "update rollcall",
      );
    });

    test("without the instance key, with another one, and where there are data already", async () => {
      const source = filledOne("sqlite");
      const file = await backedUp(source, `key-${to}.gz`);
      const target = await newPlace(to);
      await expect(restored(file, target)).rejects.toThrow("has no instance key");
      expect(readdirSync(target.folder)).toEqual([]);
      writeFileSync(join(target.folder, ".pepper"), `1:${"k".repeat(40)}\n`, { mode: 0o600 });
      await expect(restored(file, target)).rejects.toThrow("is not the one that is given");
      copyFileSync(join(source.folder, ".pepper"), join(target.folder, ".pepper"));
      await restored(file, target);
      await expect(restored(file, target)).rejects.toThrow(/already|not empty/);
      const instance = await opened(target);
      expect((await instance.store.tenants.list()).map(({ slug }) => slug)).toContain("acme");
      await instance.close();
    });
  },
);

test("what a killed restore has left behind is no database, and is taken away by the next", async () => {
  const source = filledOne("sqlite");
  const file = await backedUp(source, "after-kill.gz");
  const target = await newPlace("sqlite", source.folder);
  mkdirSync(target.folder, { recursive: true });
  writeFileSync(join(target.folder, "rollcall.db.restoring"), "half of it");
  writeFileSync(join(target.folder, "rollcall.db.restoring-wal"), "half of it");
  await restored(file, target);
  expect(existsSync(join(target.folder, "rollcall.db"))).toBe(true);
  expect(readdirSync(target.folder).filter((name) => name.includes("restoring"))).toEqual([]);
});
