/** Large populations: a write touches a bounded number of rows, a scan lets others have their turn. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RelationStep } from "@rollcall/scim";
import { createStandardRegistry, parseFilter, resolveFilter } from "@rollcall/scim";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestPopulation } from "../contract-population.ts";
import {
  createPopulation,
  testCircumstances,
  testStartMs,
  testTypes,
} from "../contract-population.ts";
import { recordResourceChange } from "../sql/record-resource-change.ts";
import type { StatementResult } from "../sql/script.ts";
import type { Store } from "../store.ts";
import type { SqliteDatabase } from "./open-database.ts";
import { openDatabase } from "./open-database.ts";
import { openSqliteStore } from "./open-sqlite-store.ts";
import { createExecutor } from "./run-script.ts";
import { runTransaction } from "./run-transaction.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";
import { scansWaitingMax } from "./sqlite-scanner.ts";

const size = 100_000;
const { user, group } = testTypes(createStandardRegistry());
let folder = "";
let store: Store;
let population: TestPopulation;
let database: SqliteDatabase;
let ids = 0;
const newId = () => `made-${++ids}`;
const idOf = (index: number) => `user-${index}`;
const everybody = Array.from({ length: size }, (_, index) => idOf(index + 1));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-large-"));
  store = await openSqliteStore({ folder, role: "command", newId, keyedHash: (text) => text });
  population = await createPopulation(store);
  await population.create(user, { userName: "first" }, { id: "first" });
  await population.create(group, { displayName: "all" }, { id: "all", members: ["first"] });
  database = openDatabase(join(folder, "rollcall.db"), {
    readOnly: false,
    synchronous: "FULL",
    busyTimeoutMs: 10_000,
    cacheKiB: 64 * 1024,
  });
  addUsers();
}, 120_000);

afterAll(async () => {
  await store.close();
  database.close();
  rmSync(folder, { recursive: true });
});

/** Rows as `record` would write them, with one statement instead of 100,000 changes. */
function addUsers(): void {
  database.exec(`
    BEGIN IMMEDIATE;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${size})
    INSERT INTO resources (tenant_id, connection_id, resource_id, resource_type, sequence, revision,
      created_at, last_modified, display, folded_display, folded, attributes)
    SELECT r.tenant_id, r.connection_id, 'user-' || i, 'User', r.sequence + i, 1, r.created_at,
      r.last_modified, NULL, NULL, json_object('userName', 'u' || i), json_object('userName', 'u' || i)
    FROM n JOIN resources AS r ON r.resource_id = 'first';
    INSERT INTO members (tenant_id, connection_id, resource_id, relation, position, value)
    SELECT tenant_id, connection_id, 'all', 'Group.members', 10 + sequence, resource_id
    FROM resources WHERE resource_id LIKE 'user-%';
    UPDATE relations SET value_count = value_count + ${size}, last_position = ${size + 100};
    UPDATE resource_totals SET live = live + ${size}, last_sequence = last_sequence + ${size}
    WHERE resource_type = 'User';
    COMMIT`);
}

/** Records steps on the large group; tells how many rows were written and how many were read into the process. */
async function step(...steps: readonly RelationStep[]) {
  const before = await population.read(group, "all");
  const execute = createExecutor(database);
  const totalChanges = () => Number(database.prepare("SELECT total_changes()").pluck().get());
  const written = totalChanges();
  let read = 0;
  const outcome = runTransaction(
    database,
    (statement): StatementResult => {
      const result = execute(statement);
      read += result.rows.length;
      return result;
    },
    recordResourceChange({
      scope: population.scope,
      change: {
        kind: "update",
        cause: "patch",
        resourceType: group,
        id: "all",
        before,
        after: before.attributes,
        relations: [{ attribute: "members", steps }],
        uniqueKeys: [],
      },
      options: { expectedRevision: before.revision, strictReferences: false, nowMs: testStartMs },
      circumstances: testCircumstances,
      context: {
        dialect: sqliteDialect,
        newId,
        keyedHash: (text) => text,
        nowMs: () => testStartMs,
      },
    }),
  );
  return { outcome, written: totalChanges() - written, read };
}

test("adding and removing one member touches a handful of rows", async () => {
  const removed = await step({ op: "remove", ids: ["first"] });
  expect(removed.outcome).toMatchObject({ changed: true, relationCounts: { members: size } });
  // The member, the count of members, the group, the tenant's numbers, the audit entry, the event.
  expect(removed.written).toBe(6);
  expect(removed.read).toBeLessThan(10);
  const added = await step({ op: "add", ids: ["first"] });
  expect(added.outcome).toMatchObject({ changed: true, relationCounts: { members: size + 1 } });
  expect(added.written).toBe(6);
  expect(added.read).toBeLessThan(10);
});

test("a replacement with one difference writes one member out and one in", async () => {
  const others = everybody.slice(1);
  const replaced = await step({ op: "replace", ids: ["first", ...others] });
  expect(replaced.outcome).toMatchObject({ changed: true, relationCounts: { members: size } });
  expect(replaced.written).toBe(6);
  const back = await step({ op: "replace", ids: ["first", ...others, idOf(1)] });
  expect(back.outcome).toMatchObject({ changed: true, relationCounts: { members: size + 1 } });
  expect(back.written).toBe(6);
  expect(back.read).toBeLessThan(10);
}, 60_000);

test("a replacement without difference writes nothing", async () => {
  const same = await step({ op: "replace", ids: ["first", ...everybody] });
  expect(same.outcome).toMatchObject({ changed: false, relationCounts: { members: size + 1 } });
  expect(same.written).toBe(0);
  expect(same.read).toBeLessThan(10);
}, 60_000);

const reading = { strict: true, unqualifiedExtensionNames: false, schemaUris: [user.schema.id] };

function queryOf(filter: string, count = 10, startIndex = 1) {
  return {
    resourceType: user,
    filter: resolveFilter(parseFilter(filter, reading), user, reading),
    sort: undefined,
    startIndex,
    count,
    relations: [],
    baseUrl: "https://scim.example/v2",
  };
}

test("a scan counts everything, pages anywhere and lets other reads have their turn", async () => {
  let isDone = false;
  const scan = store.resources
    .query(population.scope, queryOf('userName ew "9" and not (title pr)', 3, 9_999))
    .finally(() => {
      isDone = true;
    });
  const other = await store.resources.read(population.scope, user, idOf(5), []);
  expect(other?.id).toBe(idOf(5));
  expect(isDone).toBe(false);
  const page = await scan;
  expect(page.totalResults).toBe(10_000);
  expect(page.resources.map(({ id }) => id)).toEqual([idOf(99_989), idOf(99_999)]);
}, 60_000);

test("a filter that an index answers with many resources gives way too", async () => {
  let isDone = false;
  const filter = 'groups.value eq "all" and userName ew "99"';
  const scan = store.resources.query(population.scope, queryOf(filter, 2, 999)).finally(() => {
    isDone = true;
  });
  await store.resources.read(population.scope, user, idOf(5), []);
  expect(isDone).toBe(false);
  const page = await scan;
  expect(page.totalResults).toBe(1_000);
  expect(page.resources.map(({ id }) => id)).toEqual([idOf(99_899), idOf(99_999)]);
}, 60_000);

test("a scan sees one snapshot", async () => {
  const query = queryOf("not (title pr)", 0);
  const scan = store.resources.query(population.scope, query);
  const before = await population.read(user, idOf(size));
  await population.update(user, before, { after: { ...before.attributes, title: "Dr" } });
  expect((await scan).totalResults).toBe(size + 1);
  expect((await store.resources.query(population.scope, query)).totalResults).toBe(size);
}, 60_000);

test("too many scans at once are refused, naming the attribute and what has an index", async () => {
  const outcomes = await Promise.allSettled(
    Array.from({ length: scansWaitingMax + 4 }, () =>
      store.resources.query(population.scope, queryOf('nickName eq "a"', 1)),
    ),
  );
  const refused = outcomes.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  expect(refused).toHaveLength(3);
  expect(refused[0]).toMatchObject({
    scimType: "tooMany",
    message: expect.stringMatching(/nickName.*userName.*externalId/s),
  });
}, 120_000);

test("pages of all resources reach the end and the total needs no counting", async () => {
  const query = { ...queryOf("title pr"), filter: undefined, startIndex: size, count: 10 };
  const page = await store.resources.query(population.scope, query);
  expect(page.totalResults).toBe(size + 1);
  expect(page.resources.map(({ id }) => id)).toEqual([idOf(size - 1), idOf(size)]);
});

test("deleting a member takes it out of the large group in a handful of rows", async () => {
  const before = await population.read(group, "all");
  await population.remove(user, await population.read(user, "first"));
  const after = await population.read(group, "all");
  expect(after.revision).toBe(before.revision + 1);
  const asked = await step();
  expect(asked.outcome).toMatchObject({ changed: false, relationCounts: { members: size } });
});
