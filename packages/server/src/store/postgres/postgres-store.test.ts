/** What only a database with many writers can get wrong: two stores on one database, each with connections of its own. */
import { randomUUID } from "node:crypto";
import type { JsonObject } from "@rollcall/scim";
import { createStandardRegistry, ScimError } from "@rollcall/scim";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { TestDatabase } from "../../../../../test/postgres-for-tests.ts";
import { createTestDatabase } from "../../../../../test/postgres-for-tests.ts";
import type { TestPopulation } from "../contract-population.ts";
import {
  createPopulation,
  populationOf,
  positionBefore,
  testCircumstances,
  testTypes,
} from "../contract-population.ts";
import { statement } from "../sql/statement.ts";
import type { Store } from "../store.ts";
import { openPostgresStore } from "./open-postgres-store.ts";
import { createPostgresConnections } from "./postgres-connections.ts";
import { createPostgresScanner } from "./postgres-scanner.ts";
import { createPostgresTransactions } from "./postgres-transactions.ts";

const { user, group } = testTypes(createStandardRegistry());
let database: TestDatabase;
let admin: pg.Client;
let stores: readonly Store[] = [];
let sides: readonly TestPopulation[] = [];
let tenants = 0;
const troubles: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase("icu");
  admin = new pg.Client(database.url);
  admin.on("error", () => undefined);
  await admin.connect();
});

afterAll(async () => {
  await admin.end();
  await database.drop();
});

beforeEach(async () => {
  troubles.length = 0;
  const open = () =>
    openPostgresStore({
      url: database.url,
      role: "server",
      newId: randomUUID,
      keyedHash: (text) => text,
      onTrouble: (message) => troubles.push(message),
    });
  stores = [await open(), await open()];
  tenants += 1;
  const [first, second] = stores;
  if (first === undefined || second === undefined) {
    throw new TypeError("two stores were opened");
  }
  const one = await createPopulation(first, `tenant${tenants}`);
  sides = [one, populationOf(second, one.tenant, one.connection)];
});

afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()));
});

/** One store or the other, in turn. */
function side(index: number): TestPopulation {
  const population = sides[index % 2];
  if (population === undefined) {
    throw new TypeError("there are two sides");
  }
  return population;
}

function createUser(index: number, attributes: JsonObject) {
  return side(index).create(user, attributes, { id: randomUUID() });
}

async function rows(sql: string): Promise<readonly Record<string, unknown>[]> {
  return (await admin.query(sql, [side(0).tenant.tenantId])).rows;
}

function store(index: number): Store {
  const found = stores[index];
  if (found === undefined) {
    throw new TypeError("there are two stores");
  }
  return found;
}

test("of 64 creates with one key on two stores one is recorded, and the others learn who has it", async () => {
  const made = await Promise.all(
    Array.from({ length: 64 }, (_, index) => createUser(index, { userName: "ann" })),
  );
  const winners = made.filter(({ outcome }) => outcome.kind === "committed");
  expect(winners).toHaveLength(1);
  for (const { outcome } of made.filter((one) => one !== winners[0])) {
    expect(outcome).toEqual({ kind: "taken", path: "userName", holderId: winners[0]?.id });
  }
  expect(await rows("SELECT 1 FROM audit_entries WHERE tenant_id = $1")).toHaveLength(3);
  expect(await rows("SELECT 1 FROM outbox_events WHERE tenant_id = $1")).toHaveLength(1);
  expect((await side(1).query(user)).totalResults).toBe(1);
});

test("users are deleted while others add them to groups: no member is left that nobody is", async () => {
  const users = await Promise.all(
    Array.from({ length: 30 }, (_, index) => createUser(index, { userName: `user${index}` })),
  );
  const groups = await Promise.all(
    Array.from({ length: 3 }, (_, index) =>
      side(index).create(group, { displayName: `crew ${index}` }, { id: randomUUID() }),
    ),
  );
  const adding = users.flatMap(({ id }, index) =>
    groups.map(async (crew) => {
      const before = await side(index).read(group, crew.id);
      return side(index).update(group, before, {
        steps: [{ op: "add", ids: [id] }],
        options: { expectedRevision: undefined },
      });
    }),
  );
  const deleting = users.slice(0, 15).map(async ({ id }, index) => {
    const before = await side(index + 1).read(user, id);
    return side(index + 1).remove(user, before);
  });
  const outcomes = await Promise.all([...adding, ...deleting]);
  expect(outcomes.map(({ kind }) => kind).filter((kind) => kind !== "committed")).toEqual([]);
  expect(
    await rows(`SELECT value FROM members AS m WHERE tenant_id = $1 AND NOT EXISTS (
      SELECT 1 FROM resources AS r WHERE r.tenant_id = m.tenant_id AND r.resource_id = m.value)`),
  ).toEqual([]);
  expect(
    await rows(`SELECT r.value_count::int AS kept, count(m.value)::int AS counted FROM relations AS r
      LEFT JOIN members AS m ON m.tenant_id = r.tenant_id AND m.resource_id = r.resource_id
      WHERE r.tenant_id = $1 GROUP BY r.resource_id, r.value_count`),
  ).toEqual(Array.from({ length: 3 }, () => ({ kept: 15, counted: 15 })));
});

test("members are added to one group by both stores at once: none is lost, each is written once", async () => {
  const users = await Promise.all(
    Array.from({ length: 50 }, (_, index) => createUser(index, { userName: `user${index}` })),
  );
  const crew = await side(0).create(group, { displayName: "crew" }, { id: randomUUID() });
  await Promise.all(
    users.map(async ({ id }, index) => {
      const before = await side(index).read(group, crew.id);
      await side(index).update(group, before, {
        steps: [{ op: "add", ids: [id] }],
        options: { expectedRevision: undefined },
      });
    }),
  );
  const stored = await side(1).read(group, crew.id, ["members"]);
  expect(stored.relations["members"]?.map(({ value }) => value).sort()).toEqual(
    users.map(({ id }) => id).sort(),
  );
  expect(stored.revision).toBe(51);
});

test("totals are exact while they are written, and when they have been folded", async () => {
  const made = await Promise.all(
    Array.from({ length: 40 }, (_, index) => createUser(index, { userName: `user${index}` })),
  );
  expect((await side(0).query(user)).totalResults).toBe(40);
  await Promise.all(
    made.slice(0, 10).map(async ({ id }, index) => {
      await side(index).remove(user, await side(index).read(user, id));
    }),
  );
  expect((await side(1).query(user)).totalResults).toBe(30);
  await Promise.all(stores.map((one) => one.close()));
  stores = [];
  expect(await rows("SELECT 1 FROM resource_total_deltas WHERE tenant_id = $1")).toEqual([]);
  expect(await rows("SELECT live::int AS live FROM resource_totals WHERE tenant_id = $1")).toEqual([
    { live: 30 },
  ]);
});

test("records get consecutive numbers, those of a resource in the order of its versions", async () => {
  const { id } = await createUser(0, { userName: "ann" });
  const writing = Array.from({ length: 40 }, async (_, index) => {
    await createUser(index, { userName: `user${index}` });
    const before = await side(index).read(user, id);
    await side(index).update(user, before, { after: { userName: "ann", title: `${index}` } });
  });
  const { tenantId } = side(0).tenant;
  const reading = [0, 1].map((index) => store(index).outbox.list(tenantId, { after: 0, limit: 9 }));
  await Promise.all([...writing, ...reading]);
  const events = await store(1).outbox.list(tenantId, { after: 0, limit: 1000 });
  expect(events.map(({ position }) => position - positionBefore)).toEqual(
    events.map((_, index) => index + 1),
  );
  const ofAnn = events.filter(({ resourceId }) => resourceId === id);
  expect(ofAnn.map(({ revision }) => revision)).toEqual(ofAnn.map((_, index) => index + 1));
  await store(0).auditLog.list(tenantId, { limit: 1 });
  const numbers = await rows(
    "SELECT audit_number::int AS number FROM audit_entries WHERE tenant_id = $1 ORDER BY 1",
  );
  expect(numbers.map(({ number }) => number)).toEqual(numbers.map((_, index) => index + 1));
  expect(await store(0).outbox.list(tenantId, { after: 0, limit: 1000 })).toEqual(events);
});

test("a rule that is turned on while others create holds for all of them", async () => {
  const { connection } = side(0);
  const rules = (paths: readonly string[]) => [{ resourceType: user, paths }];
  await store(0).connections.save(connection, rules(["userName"]), testCircumstances);
  const creating = Array.from({ length: 40 }, (_, index) =>
    createUser(index, { userName: `user${index}`, externalId: `${index % 20}` }),
  );
  const saving = store(1).connections.save(
    connection,
    rules(["userName", "externalId"]),
    testCircumstances,
  );
  const saved = await saving;
  await Promise.all(creating);
  const keys = await rows(
    "SELECT key FROM unique_keys WHERE tenant_id = $1 AND path = 'externalId'",
  );
  const live = (await side(0).query(user)).totalResults;
  // Either the rule came first and every other create met it, or two had one value by then and it was refused.
  expect([saved.kind, keys.length]).toEqual(
    live === 20 || saved.kind === "saved" ? ["saved", live] : ["duplicates", 0],
  );
});

test("a value longer than an index takes is unique and found all the same", async () => {
  const long = "ä".repeat(5000);
  const { id } = await createUser(0, { userName: long });
  expect((await createUser(1, { userName: long })).outcome).toEqual({
    kind: "taken",
    path: "userName",
    holderId: id,
  });
  expect((await createUser(1, { userName: `${long}b` })).outcome.kind).toBe("committed");
  expect((await side(1).query(user, `userName eq "${long.slice(0, 3000)}"`)).totalResults).toBe(0);
  const keys = [{ path: "userName", key: long }];
  const holders = await store(1).resources.readByKeys(side(1).scope, user, keys);
  expect(holders.map(({ resource }) => resource.id)).toEqual([id]);
});

test("connections that PostgreSQL ends are made anew, and a request that met the end gets 503", async () => {
  const { id } = await createUser(0, { userName: "ann" });
  await admin.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()",
  );
  const answers = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      try {
        return (await side(index).read(user, id)).id;
      } catch (error) {
        return error;
      }
    }),
  );
  for (const answer of answers) {
    expect(answer instanceof ScimError ? answer.status : answer).toBe(
      answer instanceof ScimError ? 503 : id,
    );
  }
  expect((await side(1).read(user, id)).id).toBe(id);
  expect((await createUser(0, { userName: "bea" })).outcome.kind).toBe("committed");
});

test("a read that takes too long is stopped and refused, and the connection works on", async () => {
  const connections = createPostgresConnections({
    url: database.url,
    poolSize: 2,
    patience: "request",
    onTrouble: () => undefined,
  });
  const transactions = createPostgresTransactions(connections);
  const scanner = createPostgresScanner({
    ...transactions,
    scan: (script) => transactions.scan(script, () => 50),
  });
  const tooMuch = () => new ScimError("tooMany", "too much");
  const slow = scanner.scan(function* () {
    yield [statement("SELECT pg_sleep(20)")];
  }, tooMuch);
  await expect(slow).rejects.toThrow("too much");
  const quick = scanner.scan(function* () {
    const [result] = yield [statement("SELECT 1 AS one")];
    return result?.rows;
  }, tooMuch);
  expect(await quick).toEqual([{ one: 1 }]);
  await connections.close();
});
