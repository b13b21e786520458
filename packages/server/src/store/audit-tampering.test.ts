/** Whoever can write to the database can write to the audit log: what `verify` says then, on both databases. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createStandardRegistry } from "@rollcall/scim";
import pg from "pg";
import { afterEach, describe, expect, test } from "vitest";
import { createTestDatabase } from "../../../../test/postgres-for-tests.ts";
import { instanceAuditId } from "../domain/admin-credential.ts";
import { newId } from "../provisioning/new-id.ts";
import {
  createPopulation,
  testAdminCredential,
  testCircumstances,
  testTypes,
} from "./contract-population.ts";
import { openPostgresStore } from "./postgres/open-postgres-store.ts";
import { openSqliteStore } from "./sqlite/open-sqlite-store.ts";
import { SqliteDriver } from "./sqlite/sqlite-driver.ts";
import type { Store } from "./store.ts";

const { user } = testTypes(createStandardRegistry());

/** A store, and a way behind its back. */
interface Opened {
  readonly store: Store;
  /** Columns of an entry that only this database has, with their values. */
  readonly more: Readonly<Record<string, number>>;
  change(...statements: readonly string[]): Promise<void>;
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

const outside = { newId, keyedHash: (text: string) => text, role: "command" } as const;

async function openSqlite(): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-tampering-"));
  closing.push(async () => rmSync(folder, { recursive: true }));
  const store = await openSqliteStore({ folder, ...outside });
  closing.push(() => store.close());
  return {
    store,
    more: {},
    change: async (...statements) => {
      const database = new SqliteDriver(join(folder, "rollcall.db"));
      for (const sql of statements) {
        database.exec(sql);
      }
      database.close();
      // Reads of one turn of the event loop share what they see.
      await nextTurn();
    },
  };
}

async function openPostgres(): Promise<Opened> {
  const { url, drop } = await createTestDatabase();
  closing.push(drop);
  const store = await openPostgresStore({ url, ...outside });
  closing.push(() => store.close());
  return {
    store,
    more: { revision: 0, written_as: 0 },
    change: async (...statements) => {
      const client = new pg.Client(url);
      await client.connect();
      for (const sql of statements) {
        await client.query(sql);
      }
      await client.end();
    },
  };
}

const ofAcme = "tenant_id = 'tenant-acme'";
const entry = (number: number) => `${ofAcme} AND audit_number = ${number}`;

/** Changes behind the back of the store, of a log of eight entries, and what is found. */
const tamperings: readonly (readonly [string, readonly string[], number, string])[] = [
  ["another action", [`UPDATE audit_entries SET action = 'x' WHERE ${entry(4)}`], 4, "changed"],
  [
    "another value",
    [`UPDATE audit_entries SET differences = '[]' WHERE ${entry(8)}`],
    8,
    "changed",
  ],
  ["another name", [`UPDATE audit_entries SET target_name = 'x' WHERE ${entry(3)}`], 3, "changed"],
  [
    "values erased without their hash",
    [`UPDATE audit_entries SET differences = '[]', chain_salt = NULL WHERE ${entry(5)}`],
    5,
    "changed",
  ],
  ["one entry gone", [`DELETE FROM audit_entries WHERE ${entry(4)}`], 4, "missing"],
  ["the first entry gone", [`DELETE FROM audit_entries WHERE ${entry(1)}`], 1, "missing"],
  [
    "one entry gone and the others moved up",
    [
      `DELETE FROM audit_entries WHERE ${entry(4)}`,
      ...[5, 6, 7, 8].map(
        (number) => `UPDATE audit_entries SET audit_number = ${number - 1} WHERE ${entry(number)}`,
      ),
    ],
    4,
    "changed",
  ],
  [
    "two entries in each other's place",
    [
      `UPDATE audit_entries SET audit_number = 100 WHERE ${entry(6)}`,
      `UPDATE audit_entries SET audit_number = 6 WHERE ${entry(7)}`,
      `UPDATE audit_entries SET audit_number = 7 WHERE ${entry(100)}`,
    ],
    6,
    "changed",
  ],
  [
    "the last entries gone",
    [`DELETE FROM audit_entries WHERE ${ofAcme} AND audit_number > 6`],
    7,
    "truncated",
  ],
  ["all entries gone", [`DELETE FROM audit_entries WHERE ${ofAcme}`], 1, "truncated"],
  [
    "the last entry gone, and the notes of the tenant set back",
    [
      `DELETE FROM audit_entries WHERE ${entry(8)}`,
      `UPDATE tenants SET last_chained_number = 7, last_chain_hash = (
         SELECT chain_hash FROM audit_entries WHERE ${entry(7)}) WHERE ${ofAcme}`,
    ],
    8,
    "truncated",
  ],
  [
    "another hash of the last entry noted",
    [`UPDATE tenants SET last_chain_hash = 'x' WHERE ${ofAcme}`],
    8,
    "rewritten",
  ],
  [
    "an entry made anew",
    [`UPDATE audit_entries SET chain_hash = NULL, chain_salt = NULL WHERE ${entry(2)}`],
    2,
    "changed",
  ],
];

describe.each([
  ["SQLite", openSqlite],
  ["PostgreSQL", openPostgres],
])("%s", (_, open) => {
  test("every change behind the back of the store is found, where it is", async () => {
    const { store, change } = await open();
    const untouched = await createPopulation(store, "untouched");
    for (const [index, [what, statements, number, reason]] of tamperings.entries()) {
      const population = await createPopulation(store, `acme${index}`);
      for (const userName of ["ann", "bea", "cleo", "dora", "eve", "fay"]) {
        await population.create(user, { userName });
      }
      const { tenantId } = population.scope;
      expect(await store.auditLog.verify(tenantId)).toEqual({ ok: true, entries: 8, chained: 8 });
      await change(...statements.map((sql) => sql.replaceAll("'tenant-acme'", `'${tenantId}'`)));
      expect(await store.auditLog.verify(tenantId), what).toMatchObject({
        ok: false,
        firstFault: { number, reason },
      });
    }
    expect((await store.auditLog.verify(untouched.scope.tenantId)).ok).toBe(true);
  });

  test("the log of the instance is watched like that of a tenant", async () => {
    const { store, change } = await open();
    const ofInstance = (number: number) => `tenant_id = '' AND audit_number = ${number}`;
    for (const name of ["one", "two", "three", "four"]) {
      const credential = testAdminCredential(undefined, name);
      await store.adminCredentials.create(credential, testCircumstances);
    }
    const verify = () => store.auditLog.verify(instanceAuditId);
    expect(await verify()).toEqual({ ok: true, entries: 4, chained: 4 });
    for (const [sql, number, reason] of [
      [`DELETE FROM audit_entries WHERE ${ofInstance(4)}`, 4, "truncated"],
      [
        `UPDATE instance_audit_logs SET last_chain_hash = 'x', last_chained_number = 3`,
        3,
        "rewritten",
      ],
      [`UPDATE audit_entries SET action = 'x' WHERE ${ofInstance(2)}`, 2, "changed"],
      [`DELETE FROM audit_entries WHERE ${ofInstance(1)}`, 1, "missing"],
    ] as const) {
      await change(sql);
      expect(await verify(), sql).toMatchObject({ ok: false, firstFault: { number, reason } });
    }
    // A number is given once, also when the entry that had it is gone.
    await store.adminCredentials.create(testAdminCredential(undefined, "five"), testCircumstances);
    const [last] = await store.auditLog.list(instanceAuditId, { limit: 1 });
    expect(last?.number).toBe(5);
  });

  test("a gap that was made before anybody chained does not stop the chain, and is found", async () => {
    const { store, change } = await open();
    const population = await createPopulation(store);
    const { tenantId } = population.scope;
    for (const userName of ["ann", "bea", "cleo"]) {
      await population.create(user, { userName });
    }
    await store.auditLog.list(tenantId, { limit: 1 });
    await change(`DELETE FROM audit_entries WHERE ${entry(3)}`);
    await store.auditLog.chain(tenantId);
    expect(await store.auditLog.countUnchained()).toBe(0);
    expect(await store.auditLog.verify(tenantId)).toEqual({
      ok: false,
      entries: 2,
      chained: 2,
      firstFault: { number: 3, reason: "missing" },
    });
  });

  test("more entries than are chained or read at once are chained all the same", async () => {
    const { store, change, more } = await open();
    const { tenantId } = (await createPopulation(store)).scope;
    await store.auditLog.list(tenantId, { limit: 1 });
    const columns = Object.keys(more).map((column) => `, ${column}`);
    const values = Object.values(more).map((value) => `, ${value}`);
    const rows = Array.from(
      { length: 2400 },
      (__, index) =>
        `('tenant-acme', 'e${index}', ${index + 3}, '', 'system', '', '', 'user.create', 'done', 'User', 'u', '[]', '[]'${values.join("")})`,
    );
    await change(
      `INSERT INTO audit_entries (tenant_id, entry_id, audit_number, at, actor_kind, actor_id,
         request_id, action, outcome, target_type, target_id, differences, relations${columns.join("")})
       VALUES ${rows.join(", ")}`,
      `UPDATE tenants SET last_audit_number = 2402 WHERE ${ofAcme}`,
    );
    expect(await store.auditLog.countUnchained()).toBe(2402);
    const all = { ok: true, entries: 2402, chained: 2402 };
    expect(await store.auditLog.verify(tenantId)).toEqual(all);
    expect(await store.auditLog.prune(tenantId, "2999")).toBe(500);
    const left = { ok: true, entries: 1902, chained: 1902 };
    expect(await store.auditLog.verify(tenantId)).toEqual(left);
  });
});
