/** Of two events about a person's access the later has the larger revision, whatever the clocks of the processes say. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStandardRegistry } from "@rollcall/scim";
import { afterEach, describe, expect, test } from "vitest";
import { createTestDatabase } from "../../../../test/postgres-for-tests.ts";
import type { MappingId, TenantId } from "../domain/tenant.ts";
import { newId } from "../provisioning/new-id.ts";
import { createPopulation, testCircumstances, testTypes } from "./contract-population.ts";
import { openPostgresStore } from "./postgres/open-postgres-store.ts";
import { openSqliteStore } from "./sqlite/open-sqlite-store.ts";
import type { Store } from "./store.ts";

const { user, group } = testTypes(createStandardRegistry());
const tenantId = "tenant-acme" as TenantId;
const hourMs = 3_600_000;

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

/** Opens the same data with a clock that is so far from ours. */
type OpenWith = (aheadMs: number) => Promise<Store>;

async function sqliteFolder(): Promise<OpenWith> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-revisions-"));
  closing.push(async () => rmSync(folder, { recursive: true }));
  return (aheadMs) => openSqliteStore({ folder, ...outside(aheadMs) });
}

async function postgresDatabase(): Promise<OpenWith> {
  const { url, drop } = await createTestDatabase();
  closing.push(drop);
  return (aheadMs) => openPostgresStore({ url, ...outside(aheadMs) });
}

const outside = (aheadMs: number) => ({
  newId,
  keyedHash: (text: string) => text,
  role: "command" as const,
  nowMs: () => Date.now() + aheadMs,
});

async function withStore(open: Promise<Store>, run: (store: Store) => Promise<void>) {
  const store = await open;
  try {
    await run(store);
  } finally {
    await store.close();
  }
}

/** The revisions of everybody's access, in the order of the feed. */
async function revisionsTold(store: Store): Promise<ReadonlyMap<string, readonly number[]>> {
  const told = new Map<string, number[]>();
  for (const { data } of await store.outbox.list(tenantId, { after: 0, limit: 1000 })) {
    const { accountId, accessRevision } = data;
    if (typeof accountId === "string" && typeof accessRevision === "number") {
      told.set(accountId, [...(told.get(accountId) ?? []), accessRevision]);
    }
  }
  return told;
}

describe.each([
  ["SQLite", sqliteFolder],
  ["PostgreSQL", postgresDatabase],
] as const)("on %s", (_, prepare) => {
  test("a process whose clock is an hour behind goes on behind the others, one by one and in bulk", async () => {
    const open = await prepare();
    const wish = {
      kind: "add" as const,
      mapping: {
        tenantId,
        mappingId: "mapping-1" as MappingId,
        connectionId: undefined,
        pattern: { kind: "name" as const, text: "Everybody" },
        teamId: undefined,
        role: "admin",
        version: 1,
        created: "2026-01-01T00:00:00.000Z",
      },
    };
    const apply = { kind: "apply" as const, token: undefined };
    const removal = { kind: "remove" as const, mappingId: wish.mapping.mappingId };
    await withStore(open(hourMs), async (store) => {
      const population = await createPopulation(store);
      for (const id of ["ann", "ben", "cleo"]) {
        await population.create(user, { userName: `${id}@acme.example` }, { id });
      }
      const everybody = { id: "all", members: ["ann", "ben"] };
      await population.create(group, { displayName: "Everybody" }, everybody);
      await store.mappings.change(tenantId, wish, apply, testCircumstances);
      // Whoever reads gives events their places; what has none yet is put in the order of the clocks.
      expect((await revisionsTold(store)).size).toBe(3);
    });
    await withStore(open(0), async (store) => {
      await store.mappings.change(tenantId, removal, apply, testCircumstances);
      const told = await revisionsTold(store);
      expect([...told.values()].map((revisions) => revisions.length).sort()).toEqual([1, 3, 3]);
      for (const revisions of told.values()) {
        expect(revisions).toEqual(revisions.toSorted((one, other) => one - other));
        expect(new Set(revisions).size).toBe(revisions.length);
      }
    });
  });
});
