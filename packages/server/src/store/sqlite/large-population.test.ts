/** Large populations: a write touches a bounded number of rows, what takes long to read lets others have their turn. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type {
  PageWalk,
  QueryPart,
  RelationStep,
  ResourcePage,
  ResourceQuery,
  ResourceType,
} from "@rollcall/scim";
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
import { openSqliteStore, searchesWaitingMax } from "./open-sqlite-store.ts";
import { createExecutor } from "./run-script.ts";
import { runTransaction } from "./run-transaction.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";

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
        newSequence: () => size + 1000,
        keyedHash: (text) => text,
        nowMs: () => testStartMs,
      },
    }),
  );
  // Another connection has written: the store sees it from the next turn of the event loop on.
  await setImmediate();
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

/** What to ask of users; everything unless a filter says what. */
interface Asked {
  readonly filter?: string;
  readonly sortBy?: QueryPart["sortBy"];
  readonly relations?: readonly string[];
  readonly resourceType?: ResourceType;
}

function partOf({ filter, sortBy, relations = [], resourceType = user }: Asked): QueryPart {
  const resolved =
    filter === undefined
      ? undefined
      : resolveFilter(parseFilter(filter, reading), resourceType, reading);
  return { resourceType, filter: resolved, sortBy, relations };
}

function queryOf(asked: Asked, more: Partial<ResourceQuery> = {}): ResourceQuery {
  return {
    parts: [partOf(asked)],
    order: "created",
    startIndex: 1,
    count: 10,
    baseUrl: "https://scim.example/v2",
    ...more,
  };
}

const byUserName: QueryPart["sortBy"] = {
  extension: undefined,
  attribute: user.schema.attributes.find(({ name }) => name === "userName"),
  subAttribute: undefined,
};

test("a scan counts everything, pages anywhere and lets other reads have their turn", async () => {
  let isDone = false;
  const scan = store.resources
    .query(
      population.scope,
      queryOf({ filter: 'userName ew "9" and not (title pr)' }, { count: 3, startIndex: 9_999 }),
    )
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
  const scan = store.resources
    .query(population.scope, queryOf({ filter }, { count: 2, startIndex: 999 }))
    .finally(() => {
      isDone = true;
    });
  await store.resources.read(population.scope, user, idOf(5), []);
  expect(isDone).toBe(false);
  const page = await scan;
  expect(page.totalResults).toBe(1_000);
  expect(page.resources.map(({ id }) => id)).toEqual([idOf(99_899), idOf(99_999)]);
}, 60_000);

test("a sorted search gives any page of the whole order", async () => {
  const everything = queryOf({ sortBy: byUserName }, { order: "descending", count: 2 });
  const first = await store.resources.query(population.scope, everything);
  expect(first.totalResults).toBe(size + 1);
  expect(first.resources.map(({ id }) => id)).toEqual([idOf(99_999), idOf(99_998)]);
  const last = await store.resources.query(population.scope, { ...everything, startIndex: size });
  expect(last.resources.map(({ id }) => id)).toEqual([idOf(1), "first"]);
  const asked = { filter: 'userName co "9999"', sortBy: byUserName };
  const some = queryOf(asked, { order: "ascending", count: 3 });
  const found = await store.resources.query(population.scope, some);
  expect(found.totalResults).toBe(19);
  expect(found.resources.map(({ id }) => id)).toEqual([19_999, 29_999, 39_999].map(idOf));
}, 60_000);

test("a sorted page deeper than what is kept of the order is refused, one that just fits is not", async () => {
  const query = queryOf({ sortBy: byUserName }, { order: "ascending" });
  const setLive = database.prepare(
    "UPDATE resource_totals SET live = ? WHERE resource_type = 'User'",
  );
  setLive.run(300_000);
  try {
    const refused = store.resources.query(population.scope, { ...query, startIndex: 199_992 });
    await expect(refused).rejects.toMatchObject({
      scimType: "tooMany",
      message: expect.stringContaining("sortBy"),
    });
    const fits = await store.resources.query(population.scope, { ...query, startIndex: 199_991 });
    expect(fits).toEqual({ totalResults: size + 1, resources: [] });
    const unsorted = queryOf({}, { startIndex: 299_991 });
    expect((await store.resources.query(population.scope, unsorted)).totalResults).toBe(300_000);
  } finally {
    setLive.run(size + 1);
  }
}, 60_000);

test("the total alone is counted where the filter has no index", async () => {
  const filter = queryOf({ filter: 'userName ew "9"' }, { count: 0 });
  const counted = await store.resources.query(population.scope, filter);
  expect(counted).toEqual({ totalResults: 10_000, resources: [] });
}, 60_000);

test("LIST-10 ERR-07 too many scans at once are refused, naming the attribute and what has an index", async () => {
  const outcomes = await Promise.allSettled(
    Array.from({ length: searchesWaitingMax + 4 }, () =>
      store.resources.query(population.scope, queryOf({ filter: 'nickName eq "a"' }, { count: 1 })),
    ),
  );
  const refused = outcomes.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  expect(refused).toHaveLength(3);
  expect(refused[0]).toMatchObject({
    scimType: "tooMany",
    message: expect.stringMatching(/nickName.*userName.*externalId/s),
  });
}, 120_000);

test("pages of all resources are right at any depth, and the total needs no counting", async () => {
  for (const startIndex of [2, 30_000, 49_999, 50_000, 70_001, size - 9, size, size + 1]) {
    const query = queryOf({}, { startIndex });
    const page = await store.resources.query(population.scope, query);
    expect(page.totalResults).toBe(size + 1);
    // The first one has a name of its own.
    const places = Math.min(10, size + 2 - startIndex);
    const expected = Array.from({ length: places }, (_, index) => idOf(startIndex - 1 + index));
    expect(page.resources.map(({ id }) => id)).toEqual(expected);
  }
  const behind = queryOf({}, { startIndex: size + 2 });
  const page = await store.resources.query(population.scope, behind);
  expect(page).toEqual({ totalResults: size + 1, resources: [] });
});

test("a walk goes through all of them, at any depth by one look-up, and back", async () => {
  const met: string[] = [];
  const pageAt = (walk: PageWalk, count: number) =>
    store.resources.query(population.scope, queryOf({}, { walk, count }));
  let walk: PageWalk | undefined = { way: "forward", position: undefined };
  let last: ResourcePage | undefined;
  while (walk !== undefined) {
    last = await pageAt(walk, 1000);
    met.push(...last.resources.map(({ id }) => id));
    walk = last.next === undefined ? undefined : { way: "forward", position: last.next };
  }
  expect(met).toHaveLength(size + 1);
  expect(new Set(met).size).toBe(size + 1);
  const back = await pageAt({ way: "backward", position: last?.previous }, 1000);
  const start = size + 1 - (last?.resources.length ?? 0);
  expect(back.resources.map(({ id }) => id)).toEqual(met.slice(start - 1000, start));
  expect(back.totalResults).toBe(size + 1);
}, 60_000);

function membersInOrder(): readonly unknown[] {
  return database
    .prepare("SELECT value FROM members WHERE resource_id = 'all' ORDER BY position")
    .pluck()
    .all();
}

test("a large group is read whole and in order, and lets others have their turn", async () => {
  let isDone = false;
  const reading = store.resources.read(population.scope, group, "all", ["members"]).finally(() => {
    isDone = true;
  });
  const other = await store.resources.read(population.scope, user, idOf(5), ["groups"]);
  expect(other?.relations["groups"]).toMatchObject([{ value: "all", type: "direct" }]);
  expect(isDone).toBe(false);
  const { members = [] } = (await reading)?.relations ?? {};
  expect(members).toHaveLength(size + 1);
  expect(members.map(({ value }) => value)).toEqual(membersInOrder());
  expect(members[0]).toEqual({ value: members[0]?.value, type: "User", resourceType: "User" });
}, 60_000);

test("a page with a large group on it has all of its members", async () => {
  await population.create(group, { displayName: "other" }, { id: "other", members: [idOf(7)] });
  const all = queryOf({ resourceType: group, relations: ["members"] });
  const page = await store.resources.query(population.scope, all);
  const members = page.resources.map(({ relations }) => relations["members"] ?? []);
  expect(page.totalResults).toBe(2);
  expect(members[0]?.map(({ value }) => value)).toEqual(membersInOrder());
  expect(members[1]?.map(({ value }) => value)).toEqual([idOf(7)]);
  await population.remove(group, await population.read(group, "other"));
}, 60_000);

test("a page of many users has the groups of each", async () => {
  const wish = queryOf({ relations: ["groups"] }, { count: 500 });
  const page = await store.resources.query(population.scope, wish);
  expect(page.resources).toHaveLength(500);
  for (const { relations } of page.resources) {
    expect(relations["groups"]).toMatchObject([{ value: "all" }]);
  }
});

test("a filter that goes through a large group's members is answered apart, a look-up of one is not", async () => {
  const query = queryOf({ resourceType: group, filter: 'members.type eq "Nobody"' });
  let isDone = false;
  const search = store.resources.query(population.scope, query).finally(() => {
    isDone = true;
  });
  const lookUp = queryOf({ resourceType: group, filter: `members.value eq "${idOf(5)}"` });
  const found = await store.resources.query(population.scope, lookUp);
  expect(found.resources.map(({ id }) => id)).toEqual(["all"]);
  expect(isDone).toBe(false);
  expect((await search).totalResults).toBe(0);
}, 60_000);

test("deleting a member takes it out of the large group in a handful of rows", async () => {
  const before = await population.read(group, "all");
  await population.remove(user, await population.read(user, "first"));
  const after = await population.read(group, "all");
  expect(after.revision).toBe(before.revision + 1);
  const asked = await step();
  expect(asked.outcome).toMatchObject({ changed: false, relationCounts: { members: size } });
});
