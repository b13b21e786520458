/** What a store promises about connections and the rules of their unique keys. */
import assert from "node:assert/strict";
import type { ResourceType } from "@rollcall/scim";
import type { TestPopulation } from "./contract-population.ts";
import {
  createPopulation,
  testCircumstances,
  testConnection,
  testTypes,
} from "./contract-population.ts";
import type { Store } from "./store.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

const nameAlone = ["userName"];
const nameAndExternalId = ["userName", "externalId"];

function save(
  store: Store,
  { connection }: TestPopulation,
  resourceType: ResourceType,
  paths: readonly string[],
) {
  return store.connections.save(connection, [{ resourceType, paths }], testCircumstances);
}

function rules(
  name: string,
  keep: (population: TestPopulation, user: ResourceType, store: Store) => Promise<void>,
): StoreContractTest {
  return {
    name: `unique key rules: ${name}`,
    run: async (store, registry) =>
      keep(await createPopulation(store), testTypes(registry).user, store),
  };
}

/** Every promise about connections. */
export const connectionContract: readonly StoreContractTest[] = [
  {
    name: "connections: are found by name and id in their tenant alone",
    run: async (store) => {
      const acme = await createPopulation(store, "acme");
      const globex = await createPopulation(store, "globex");
      const { connections } = store;
      assert.deepEqual(await connections.list(acme.scope.tenantId), [acme.connection]);
      assert.deepEqual(await connections.bySlug(acme.scope.tenantId, "main"), acme.connection);
      assert.deepEqual(await connections.read(acme.scope), acme.connection);
      const mixed = { ...acme.scope, connectionId: globex.scope.connectionId };
      assert.equal(await connections.read(mixed), undefined);
      assert.equal(await connections.bySlug(acme.scope.tenantId, "nobody"), undefined);
    },
  },
  {
    name: "connections: a name is given once in a tenant",
    run: async (store) => {
      const { tenant, connection } = await createPopulation(store);
      const other = { ...testConnection(tenant, "other"), slug: connection.slug };
      assert.equal(await store.connections.create(other, testCircumstances), "taken");
      assert.deepEqual(await store.connections.list(tenant.tenantId), [connection]);
      assert.equal(await store.auditLog.count(tenant.tenantId), 2);
    },
  },
  {
    name: "connections: saving keeps what was saved and tells the audit log what differs",
    run: async (store) => {
      const { connection, scope } = await createPopulation(store);
      const saved = { ...connection, name: "Okta", settings: { strict: true }, disabled: true };
      assert.deepEqual(await store.connections.save(saved, [], testCircumstances), {
        kind: "saved",
      });
      assert.deepEqual(await store.connections.read(scope), saved);
      const [entry] = await store.auditLog.list(scope.tenantId, { limit: 1 });
      assert.equal(entry?.action, "connection.disable");
      assert.deepEqual(entry?.differences, [
        { path: "name", before: "The main", after: "Okta" },
        { path: "settings", before: {}, after: { strict: true } },
        { path: "disabled", before: false, after: true },
      ]);
      const entries = await store.auditLog.count(scope.tenantId);
      await store.connections.save(saved, [], testCircumstances);
      assert.equal(await store.auditLog.count(scope.tenantId), entries);
    },
  },
  {
    name: "connections: the application is told of each change, in the transaction of the change",
    run: async (store) => {
      const { connection, scope, tenant } = await createPopulation(store);
      const { connectionId, tenantId } = scope;
      const save = (change: Partial<typeof connection>) =>
        store.connections.save({ ...connection, ...change }, [], testCircumstances);
      await save({ name: "Okta" });
      await save({ name: "Okta" });
      await save({ name: "Okta", disabled: true, settings: { strict: true } });
      await save({ name: "Okta", settings: { strict: true } });
      const other = testConnection(tenant, "other");
      await store.connections.create(other, testCircumstances);
      await store.connections.create({ ...other, name: "again" }, testCircumstances);
      const events = await store.outbox.list(tenantId, { after: 0, limit: 99 });
      const main = { id: connectionId, slug: "main", name: "Okta", disabled: false };
      assert.deepEqual(
        events.map(({ type, resourceId, data: { id, slug, name, disabled } }) => [
          type,
          resourceId === id,
          { id, slug, name, disabled },
        ]),
        [
          ["connection.updated", true, main],
          ["connection.disabled", true, { ...main, disabled: true }],
          ["connection.enabled", true, main],
          [
            "connection.created",
            true,
            { id: other.connectionId, slug: "other", name: "The other", disabled: false },
          ],
        ],
      );
      const revisions = events.map(({ revision }) => revision);
      assert.deepEqual(
        revisions,
        revisions.toSorted((one, another) => one - another),
      );
      assert.ok(events.every(({ revision, data }) => data["revision"] === revision));
    },
  },
  rules("one that is off lets two share a value", async (population, user, store) => {
    await save(store, population, user, nameAlone);
    for (const userName of ["ann", "bea"]) {
      const { outcome } = await population.create(user, { userName, externalId: "7" });
      assert.equal(outcome.kind, "committed");
    }
  }),
  rules("one that turns on is built from the live resources", async (population, user, store) => {
    await save(store, population, user, nameAlone);
    const ann = await population.create(user, { userName: "ann", externalId: "7" });
    const gone = await population.create(user, { userName: "bea", externalId: "8" });
    await population.create(user, { userName: "cleo" });
    await population.remove(user, await population.read(user, gone.id));
    assert.deepEqual(await save(store, population, user, nameAndExternalId), { kind: "saved" });
    const taken = await population.create(user, { userName: "dora", externalId: "7" });
    assert.deepEqual(taken.outcome, { kind: "taken", path: "externalId", holderId: ann.id });
    const free = await population.create(user, { userName: "emil", externalId: "8" });
    assert.equal(free.outcome.kind, "committed");
  }),
  rules("one that cannot hold turns nothing on and names both", async (population, user, store) => {
    await save(store, population, user, nameAlone);
    const ann = await population.create(user, { userName: "ann", externalId: "7" });
    const bea = await population.create(user, { userName: "bea", externalId: "7" });
    await population.create(user, { userName: "cleo", externalId: "8" });
    const entries = await store.auditLog.count(population.scope.tenantId);
    const renamed = { ...population.connection, name: "Okta" };
    const rule = { resourceType: user, paths: nameAndExternalId };
    const outcome = await store.connections.save(renamed, [rule], testCircumstances);
    assert.deepEqual(outcome, { kind: "duplicates", path: "externalId", ids: [ann.id, bea.id] });
    assert.deepEqual(await store.connections.read(population.scope), population.connection);
    assert.equal(await store.auditLog.count(population.scope.tenantId), entries);
    const third = await population.create(user, { userName: "dora", externalId: "8" });
    assert.equal(third.outcome.kind, "committed");
  }),
  rules("one that turns off frees its keys", async (population, user, store) => {
    await save(store, population, user, nameAndExternalId);
    await population.create(user, { userName: "ann", externalId: "7" });
    assert.equal((await save(store, population, user, nameAlone)).kind, "saved");
    const { outcome } = await population.create(user, { userName: "bea", externalId: "7" });
    assert.equal(outcome.kind, "committed");
    const keys = [{ path: "externalId", key: "7" }];
    assert.deepEqual(await store.resources.readByKeys(population.scope, user, keys), []);
  }),
  rules(
    "one that is on holds for writers that do not know of it",
    async (population, user, store) => {
      await save(store, population, user, nameAndExternalId);
      const ann = await population.create(user, { userName: "ann", externalId: "7" });
      const outcome = await store.resources.record(
        population.scope,
        {
          kind: "create",
          resourceType: user,
          id: "late",
          after: { userName: "bea", externalId: "7" },
          relations: [],
          uniqueKeys: [{ path: "userName", key: "bea" }],
        },
        { expectedRevision: undefined, strictReferences: false, nowMs: 0 },
        testCircumstances,
      );
      assert.deepEqual(outcome, { kind: "taken", path: "externalId", holderId: ann.id });
    },
  ),
];
