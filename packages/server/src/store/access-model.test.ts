/** The access of everybody after random operations, on both databases, against the naive reference of `access-model.ts` (INV-4, 5, 7). */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStandardRegistry } from "@rollcall/scim";
import { afterEach, describe, expect, test } from "vitest";
import { createTestDatabase } from "../../../../test/postgres-for-tests.ts";
import { newId } from "../provisioning/new-id.ts";
import { runModel } from "./access-model-run.ts";
import { openPostgresStore } from "./postgres/open-postgres-store.ts";
import { openSqliteStore } from "./sqlite/open-sqlite-store.ts";
import type { Store } from "./store.ts";

const registry = createStandardRegistry();
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

// A hash that tells every text from every other one: tokens of previews have to differ.
const outside = { newId, keyedHash: (text: string) => text, role: "command" } as const;

async function openSqlite(): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-model-"));
  closing.push(async () => rmSync(folder, { recursive: true }));
  const store = await openSqliteStore({ folder, ...outside });
  closing.push(() => store.close());
  return store;
}

async function openPostgres(): Promise<Store> {
  const { url, drop } = await createTestDatabase();
  closing.push(drop);
  const store = await openPostgresStore({ url, ...outside });
  closing.push(() => store.close());
  return store;
}

/** Of all operations, and of both databases together; the long run has 1,000,000. */
const operationsOfAll = Number(process.env["ROLLCALL_MODEL_OPERATIONS"] ?? 20_000);
const firstSeed = Number(process.env["ROLLCALL_MODEL_SEED"] ?? 1);
/** Tenants are independent of each other; those that work at once share their commits. */
const tenantsAtOnce = 8;
const operationsOfTenant = 250;

/** Seeds of runs that have found something, and how long they were. */
const found: readonly (readonly [number, number])[] = [
  // Why not, beside a User that is linked: nothing was missing where another User's link was not agreed to.
  [1004, 250],
];

describe.each([
  ["SQLite", openSqlite, 0.85],
  ["PostgreSQL", openPostgres, 0.15],
] as const)("%s", (name, open, share) => {
  const runs = Math.ceil((operationsOfAll * share) / operationsOfTenant);

  test(`everybody may do what the reference says (seeds ${firstSeed} to ${firstSeed + runs - 1})`, {
    timeout: Math.max(300_000, operationsOfAll * 100),
  }, async () => {
    const store = await open();
    const seeds = Array.from({ length: runs }, (_, index) => firstSeed + index);
    const work = async () => {
      for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
        await runModel(store, registry, {
          seed,
          operations: operationsOfTenant,
          comparedEvery: 5,
        });
      }
    };
    await Promise.all(Array.from({ length: tenantsAtOnce }, work));
    expect(seeds).toEqual([]);
    process.stdout.write(`${name}: ${runs * operationsOfTenant} operations, 0 differences\n`);
  });

  test.each(found)("what seed %i has found stays mended", async (seed, operations) => {
    await runModel(await open(), registry, { seed, operations, comparedEvery: 1 });
  });
});
