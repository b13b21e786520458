/** How many statements it takes to save a mapping: as many for a group of thousands as for a small one (P6), counted on SQLite. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStandardRegistry } from "@rollcall/scim";
import { afterEach, expect, test } from "vitest";
import type { MappingOutcome, MappingWish } from "../../domain/mapping-change.ts";
import type { MappingId } from "../../domain/tenant.ts";
import { newId } from "../../provisioning/new-id.ts";
import {
  createPopulation,
  testCircumstances,
  testStartMs,
  testTime,
  testTypes,
} from "../contract-population.ts";
import type { SqliteDatabase } from "../sqlite/open-database.ts";
import { openDatabase } from "../sqlite/open-database.ts";
import { openSqliteStore } from "../sqlite/open-sqlite-store.ts";
import { createExecutor } from "../sqlite/run-script.ts";
import { runTransaction } from "../sqlite/run-transaction.ts";
import { sqliteDialect } from "../sqlite/sqlite-dialect.ts";
import { changeMappings } from "./change-mappings.ts";
import { reconcileTenant } from "./reconcile-tenant.ts";
import type { Script, Verdict } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import { createTimeSequence } from "./time-sequence.ts";

const folder = mkdtempSync(join(tmpdir(), "rollcall-counted-"));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const { group } = testTypes(createStandardRegistry());
const tenantId = "tenant-acme";
const ofMain = `'${tenantId}', 'connection-acme-main'`;

/** How many more statements many people may take: those that tell 20,000 of them at once. */
const moreStatementsMax = 20;

/** Everybody in one group, written past the store: rows as a sync leaves them. */
const fillings: readonly string[] = [
  `INSERT INTO resources (tenant_id, connection_id, resource_type, resource_id, sequence, revision,
     created_at, last_modified, attributes, folded, display, folded_display)
   SELECT ${ofMain}, 'User', 'user-' || n, 1000 + n, 1, '', '', '{}', '{}', NULL, NULL FROM numbers`,
  `INSERT INTO accounts (account_id, email, email_verified, has_login, created_at, revision)
   SELECT 'account-' || n, 'user-' || n || '@acme.example', 0, 0, '', 1 FROM numbers`,
  `INSERT INTO memberships (tenant_id, account_id, created_at)
   SELECT '${tenantId}', 'account-' || n, '' FROM numbers`,
  `INSERT INTO links (tenant_id, connection_id, resource_id, state, account_id, active, at)
   SELECT ${ofMain}, 'user-' || n, 'linked', 'account-' || n, 1, '' FROM numbers`,
  `INSERT INTO members (tenant_id, connection_id, resource_id, relation, position, value)
   SELECT ${ofMain}, 'everybody', 'Group.members', n, 'user-' || n FROM numbers`,
];

/** Opens a database with a group of so many people. */
async function filled(people: number): Promise<SqliteDatabase> {
  const place = join(folder, String(people));
  const keyedHash = (text: string) => text;
  const store = await openSqliteStore({ folder: place, role: "command", newId, keyedHash });
  const population = await createPopulation(store);
  await population.create(group, { displayName: "Everybody" }, { id: "everybody" });
  await store.close();
  const database = openDatabase(join(place, "rollcall.db"), {
    readOnly: false,
    synchronous: "NORMAL",
    busyTimeoutMs: 1000,
    cacheKiB: 65_536,
  });
  database.exec("BEGIN");
  for (const sql of fillings) {
    const [into, rest] = [sql.slice(0, sql.indexOf("SELECT")), sql.slice(sql.indexOf("SELECT"))];
    database.exec(
      `${into} WITH RECURSIVE numbers (n) AS (
         SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${people}) ${rest}`,
    );
  }
  database.exec("COMMIT");
  return database;
}

/** Runs changes of the mappings of everybody, one after the other, and counts the statements of each. */
async function statementsFor(people: number): Promise<readonly number[]> {
  const database = await filled(people);
  const context: SqlContext = {
    dialect: sqliteDialect,
    newId,
    newSequence: createTimeSequence(
      () => testStartMs,
      () => 0,
    ),
    keyedHash: (text) => String(text.length),
    nowMs: () => testStartMs,
  };
  let statements = 0;
  const execute = createExecutor(database);
  const counted = <Result>(script: Script<Verdict<Result>>): Result => {
    statements = 0;
    return runTransaction(
      database,
      (statement) => {
        statements += 1;
        return execute(statement);
      },
      script,
    );
  };
  const mappingId = "mapping-1" as MappingId;
  const wishes: readonly MappingWish[] = [
    {
      kind: "add",
      mapping: {
        tenantId: tenantId as never,
        mappingId,
        connectionId: undefined,
        pattern: { kind: "name", text: "everybody" },
        teamId: undefined,
        role: "viewer",
        version: 1,
        created: testTime(0),
      },
    },
    { kind: "role", mappingId, role: "admin" },
    { kind: "remove", mappingId },
  ];
  const counts: number[] = [];
  for (const wish of wishes) {
    const mode = { kind: "apply", token: undefined } as const;
    const outcome: MappingOutcome = counted(
      changeMappings({ tenantId: tenantId as never, wish, mode }, testCircumstances, context),
    );
    expect(outcome.kind === "done" && outcome.preview.moves).toHaveLength(people);
    counts.push(statements);
  }
  const check = { tenantId: tenantId as never, isCheck: true };
  expect(counted(reconcileTenant(check, testCircumstances, context))?.differences).toBe(0);
  counts.push(statements);
  database.close();
  return counts;
}

test("adding, changing and removing a mapping takes no more statements for 20,000 people", {
  timeout: 300_000,
}, async () => {
  const few = await statementsFor(1000);
  const many = await statementsFor(20_000);
  for (const [index, count] of few.entries()) {
    expect(count).toBeLessThanOrEqual(60);
    expect((many[index] ?? Number.NaN) - count).toBeLessThanOrEqual(moreStatementsMax);
  }
});
