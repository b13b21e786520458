/** Whoever can write to the database can take and give grants behind our back: what `reconcile` says and mends, on both databases. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createStandardRegistry } from "@rollcall/scim";
import pg from "pg";
import { afterEach, describe, expect, test } from "vitest";
import { createTestDatabase } from "../../../../test/postgres-for-tests.ts";
import type { AccountId } from "../domain/account.ts";
import type { ConnectionId, MappingId, TenantId } from "../domain/tenant.ts";
import { newId } from "../provisioning/new-id.ts";
import {
  createPopulation,
  saveTestSettings,
  testCircumstances,
  testTime,
  testTypes,
} from "./contract-population.ts";
import { allRows } from "./grants-site.ts";
import { openPostgresStore } from "./postgres/open-postgres-store.ts";
import { openSqliteStore } from "./sqlite/open-sqlite-store.ts";
import { SqliteDriver } from "./sqlite/sqlite-driver.ts";
import type { Store } from "./store.ts";

const { user, group } = testTypes(createStandardRegistry());

/** A store, and a way behind its back. */
interface Opened {
  readonly store: Store;
  change(sql: string): Promise<void>;
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
    change: async (sql) => {
      const database = new SqliteDriver(join(folder, "rollcall.db"));
      database.exec(sql);
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
    change: async (sql) => {
      const client = new pg.Client(url);
      await client.connect();
      await client.query(sql);
      await client.end();
    },
  };
}

const ofAcme = "tenant_id = 'tenant-acme'";
const columns = "tenant_id, connection_id, resource_id, group_id, mapping_id, at";
const grant = (userId: string, groupId: string, mappingId: string) =>
  `INSERT INTO group_grants (${columns})
   VALUES ('tenant-acme', 'connection-acme-main', '${userId}', '${groupId}', '${mappingId}', '')`;

/** Changes behind the back of the store, how many grants differ then, and whose access that is. */
const tamperings: readonly (readonly [string, string, number, readonly string[]])[] = [
  [
    "a grant taken",
    `DELETE FROM group_grants WHERE ${ofAcme} AND resource_id = 'ann' AND mapping_id = 'sales'`,
    1,
    ["ann"],
  ],
  ["all grants taken", `DELETE FROM group_grants WHERE ${ofAcme}`, 4, ["ann", "ben"]],
  ["a grant given", grant("cleo", "Sales", "sales"), 1, ["cleo"]],
  ["a grant for a group that no mapping speaks of", grant("cleo", "Web", "sales"), 1, ["cleo"]],
  ["a grant of a mapping that is gone", grant("cleo", "Sales", "gone"), 1, []],
  ["a grant of a User who is gone", grant("nobody", "Sales", "sales"), 1, []],
  ["a group forgotten", `DELETE FROM mapped_groups WHERE ${ofAcme} AND group_id = 'Sales'`, 1, []],
  [
    "a group that is not meant",
    `INSERT INTO mapped_groups (tenant_id, connection_id, group_id, mapping_id)
     VALUES ('tenant-acme', 'connection-acme-main', 'Web', 'sales')`,
    1,
    [],
  ],
  [
    "a mapping removed by hand",
    `DELETE FROM group_mappings WHERE ${ofAcme} AND mapping_id = 'sales'`,
    3,
    [],
  ],
  [
    "a member removed by hand",
    `DELETE FROM members WHERE ${ofAcme} AND resource_id = 'Sales' AND value = 'ben'`,
    1,
    ["ben"],
  ],
];

const ofTeam = `${ofAcme} AND group_id = 'Web'`;

/** Changes of what makes a team follow its group. */
const teamTamperings: readonly (readonly [string, string])[] = [
  ["its mapping taken", `DELETE FROM group_mappings WHERE ${ofAcme} AND pattern_kind = 'team'`],
  ["its group forgotten", `DELETE FROM mapped_groups WHERE ${ofTeam}`],
  ["another role", `UPDATE group_mappings SET role = 'admin' WHERE pattern_kind = 'team'`],
  ["archived", `UPDATE teams SET archived_at = '2025', live_name = NULL WHERE ${ofTeam}`],
  ["another name", `UPDATE teams SET name = 'Others', live_name = 'others' WHERE ${ofTeam}`],
  ["no group", `UPDATE teams SET group_id = 'nothing' WHERE ${ofTeam}`],
];

describe.each([
  ["SQLite", openSqlite],
  ["PostgreSQL", openPostgres],
])("%s", (_, open) => {
  test.each(tamperings)("%s is found, shown and mended", async (_what, sql, differences, whose) => {
    const { store, change } = await open();
    const tenantId = await populate(store);
    const reconcile = (isCheck: boolean) =>
      store.mappings.reconcile(tenantId, { isCheck }, testCircumstances);
    const untouched = await allRows(store);
    expect(await reconcile(true)).toEqual({ differences: 0, moves: [] });
    expect(await reconcile(false)).toEqual({ differences: 0, moves: [] });
    expect(await allRows(store)).toBe(untouched);
    const before = await accessOfAll(store, tenantId);
    await change(sql);
    const tampered = await allRows(store);
    const found = await reconcile(true);
    expect(found?.differences).toBe(differences);
    expect(await allRows(store)).toBe(tampered);
    expect(await reconcile(false)).toEqual(found);
    expect((await reconcile(true))?.differences).toBe(0);
    const emails = (found?.moves ?? []).map(({ email }) => email?.split("@")[0] ?? "");
    expect([...new Set(emails)].toSorted()).toEqual(whose);
    if (!/mapping removed|member removed/.test(_what)) {
      expect(await accessOfAll(store, tenantId)).toEqual(before);
    }
    const entries = await store.auditLog.list(tenantId, { limit: 1000 });
    expect(entries.filter(({ action }) => action === "access.reconcile")).toHaveLength(1);
  });

  test("of a team that follows a group everything that was changed is found and mended", async () => {
    const { store, change } = await open();
    const tenantId = await populate(store);
    await saveTestSettings(store, tenantId, { groupTeams: true, groupTeamPrefix: "Web" });
    const reconcile = (isCheck: boolean) =>
      store.mappings.reconcile(tenantId, { isCheck }, testCircumstances);
    const live = async () =>
      (await store.teams.list(tenantId)).filter(({ archived }) => archived === undefined);
    expect(await reconcile(true)).toEqual({ differences: 0, moves: [] });
    for (const [what, sql] of teamTamperings) {
      await change(sql);
      const tampered = await allRows(store);
      const found = await reconcile(true);
      expect(found?.differences, what).toBeGreaterThan(0);
      expect(await allRows(store), what).toBe(tampered);
      expect(await reconcile(false), what).toEqual(found);
      expect(await reconcile(true), what).toEqual({ differences: 0, moves: [] });
      const [team, ...others] = await live();
      expect([team?.name, team?.group?.groupId, others], what).toEqual(["Web", "Web", []]);
      const roles = (await accessOfAll(store, tenantId)).at(-1);
      expect(roles, what).toEqual(["cleo@acme.example", [["Web", team?.teamId, "viewer"]]]);
    }
  });
});

/** Ann and Ben in Sales, Ben through Core as well, Cleo in Web, of which no mapping speaks. */
async function populate(store: Store): Promise<TenantId> {
  const population = await createPopulation(store);
  const { tenantId } = population.scope;
  for (const name of ["ann", "ben", "cleo"]) {
    await population.create(user, { userName: `${name}@acme.example` }, { id: name });
  }
  for (const [name, members] of [
    ["Core", ["ben"]],
    ["Sales", ["ann", "ben"]],
    ["Web", ["cleo"]],
    ["Chief", ["ann", "Core"]],
  ] as const) {
    await population.create(group, { displayName: name }, { id: name, members });
  }
  for (const [text, role] of [
    ["Sales", "admin"],
    ["Chief", "viewer"],
  ] as const) {
    const mapping = {
      tenantId,
      mappingId: text.toLowerCase() as MappingId,
      connectionId: undefined as ConnectionId | undefined,
      pattern: { kind: "name" as const, text },
      teamId: undefined,
      role,
      version: 1,
      created: testTime(0),
    };
    const mode = { kind: "apply", token: undefined } as const;
    await store.mappings.change(tenantId, { kind: "add", mapping }, mode, testCircumstances);
  }
  return tenantId;
}

async function accessOfAll(store: Store, tenantId: TenantId): Promise<readonly unknown[]> {
  const members = await store.memberships.list(tenantId, { after: "" as AccountId, limit: 100 });
  return members.map(({ account, facts }) => [
    account.email,
    facts.links.flatMap(({ groupGrants }) =>
      groupGrants.map(({ groupId, mappingId, role }) => [groupId, mappingId, role]),
    ),
  ]);
}
