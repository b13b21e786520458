/** What a store promises about its audit log: what is found in it, that its chain holds, and what goes from it when. */
import assert from "node:assert/strict";
import { instanceAuditId } from "../domain/admin-credential.ts";
import type { AuditSearch } from "../domain/audit-search.ts";
import type { TestPopulation } from "./contract-population.ts";
import {
  createPopulation,
  testAdminCredential,
  testCircumstances,
  testTime,
  testTypes,
} from "./contract-population.ts";
import type { Store } from "./store.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

type Types = ReturnType<typeof testTypes>;

function auditing(
  name: string,
  keep: (population: TestPopulation, types: Types, store: Store) => Promise<void>,
): StoreContractTest {
  return {
    name: `audit log: ${name}`,
    run: async (store, registry) => keep(await createPopulation(store), testTypes(registry), store),
  };
}

const always = "2999-01-01T00:00:00.000Z";

/** Makes users, each of whom is one entry, behind the two entries of tenant and connection. */
async function createUsers(
  population: TestPopulation,
  { user }: Types,
  userNames: readonly string[],
): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const userName of userNames) {
    ids.push((await population.create(user, { userName })).id);
  }
  return ids;
}

/** Lists what a search finds: action and name of the target. */
async function found(
  store: Store,
  { scope }: TestPopulation,
  search: Partial<AuditSearch>,
): Promise<readonly string[]> {
  const entries = await store.auditLog.list(scope.tenantId, { limit: 100, ...search });
  return entries.map(({ action, target }) => `${action} ${target.name}`);
}

/** Every promise about the audit log. */
export const auditContract: readonly StoreContractTest[] = [
  auditing("is searched by each of its parts and by several", async (population, types, store) => {
    const [ann = ""] = await createUsers(population, types, ["ann", "bea", "ann.b"]);
    await population.update(types.user, await population.read(types.user, ann), {
      after: { userName: "anna" },
    });
    const finds = (search: Partial<AuditSearch>) => found(store, population, search);
    const made = ["user.create ann", "user.create bea", "user.create ann.b"];
    const admin = ["tenant.create acme", "connection.create main"];
    const ofUsers = [...made, "user.patch anna"];
    assert.deepEqual((await finds({})).toSorted(), [...admin, ...ofUsers].toSorted());
    assert.deepEqual(await finds({ action: "user." }), ofUsers);
    assert.deepEqual(await finds({ action: "user.create" }), made);
    assert.deepEqual(await finds({ action: "use" }), []);
    assert.deepEqual(await finds({ target: ann }), ["user.create ann", "user.patch anna"]);
    assert.deepEqual(await finds({ targetId: ann }), ["user.create ann", "user.patch anna"]);
    assert.deepEqual(await finds({ target: "anna" }), ["user.patch anna"]);
    assert.deepEqual(await finds({ targetId: "anna" }), []);
    assert.deepEqual(await finds({ target: ann, action: "user.patch" }), ["user.patch anna"]);
    const all = (await finds({})).length;
    assert.equal((await finds({ actor: { kind: "operator", id: "test" } })).length, all);
    assert.equal((await finds({ actor: { id: "test" } })).length, all);
    assert.deepEqual(await finds({ actor: { kind: "credential" } }), []);
    assert.deepEqual(await finds({ actor: { id: "nobody" } }), []);
    assert.equal((await finds({ outcome: "done", requestId: "request-1" })).length, all);
    assert.deepEqual(await finds({ outcome: "refused" }), []);
    assert.deepEqual(await finds({ requestId: "request-2" }), []);
  }),
  auditing("is searched by time: from one on, before another", async (population, types, store) => {
    await createUsers(population, types, ["ann", "bea", "cleo", "dora"]);
    const finds = (search: Partial<AuditSearch>) =>
      found(store, population, { action: "user.", ...search });
    const [second, fourth] = [testTime(2), testTime(4)];
    assert.deepEqual(await finds({ from: second, to: fourth }), [
      "user.create bea",
      "user.create cleo",
    ]);
    assert.deepEqual(await finds({ from: fourth }), ["user.create dora"]);
    assert.deepEqual(await finds({ to: second }), ["user.create ann"]);
    assert.deepEqual(await finds({ from: always }), []);
    assert.deepEqual(await finds({ from: second, target: "ann" }), []);
  }),
  auditing("is read page by page, in both directions", async (population, types, store) => {
    await createUsers(population, types, ["ann", "bea", "cleo", "dora"]);
    const { tenantId } = population.scope;
    const all = await store.auditLog.list(tenantId, { limit: 100 });
    const numbers = [1, 2, 3, 4, 5, 6];
    assert.deepEqual(
      all.map(({ number }) => number),
      numbers,
    );
    const pages: number[][] = [];
    for (let after: number | undefined = 0; after !== undefined; ) {
      const page = await store.auditLog.list(tenantId, { limit: 4, after });
      pages.push(page.map(({ number }) => number));
      after = page.at(-1)?.number;
    }
    assert.deepEqual(pages, [[1, 2, 3, 4], [5, 6], []]);
    const before = await store.auditLog.list(tenantId, { limit: 2, before: 5 });
    assert.deepEqual(before, all.slice(2, 4));
    const between = await store.auditLog.list(tenantId, { limit: 9, after: 1, before: 4 });
    assert.deepEqual(between, all.slice(1, 3));
    assert.deepEqual(await store.auditLog.list(tenantId, { limit: 0 }), []);
    await assert.rejects(store.auditLog.list(tenantId, { limit: 1001 }), TypeError);
  }),
  auditing("shows a tenant nothing of another", async (population, types, store) => {
    const other = await createPopulation(store, "other");
    await createUsers(other, types, ["ann"]);
    assert.deepEqual(await found(store, population, { target: "ann" }), []);
    assert.deepEqual(await found(store, population, { action: "user." }), []);
  }),
  auditing(
    "is chained after commit, and goes on being chained",
    async (population, types, store) => {
      const { tenantId } = population.scope;
      const { auditLog } = store;
      await createUsers(population, types, ["ann", "bea"]);
      await auditLog.chain(tenantId);
      assert.equal(await auditLog.countUnchained(), 0);
      const first = await auditLog.list(tenantId, { limit: 100 });
      for (const { chainHash } of first) {
        assert.match(chainHash ?? "", /^[0-9a-f]{64}$/);
      }
      assert.equal(new Set(first.map(({ chainHash }) => chainHash)).size, 4);
      assert.deepEqual(await auditLog.verify(tenantId), { ok: true, entries: 4, chained: 4 });
      await createUsers(population, types, ["cleo"]);
      assert.deepEqual(await auditLog.verify(tenantId), { ok: true, entries: 5, chained: 5 });
      const second = await auditLog.list(tenantId, { limit: 100 });
      assert.deepEqual(second.slice(0, 4), first);
    },
  ),
  auditing(
    "is chained by several at once and while others write",
    async (population, types, store) => {
      const { tenantId } = population.scope;
      const { auditLog } = store;
      const names = Array.from({ length: 40 }, (_, index) => `user ${index}`);
      await Promise.all([
        ...names.map((userName) => population.create(types.user, { userName })),
        ...names.slice(0, 8).map(() => auditLog.chain(tenantId)),
        ...names.slice(0, 4).map(async () => {
          assert.equal((await auditLog.verify(tenantId)).ok, true);
        }),
      ]);
      assert.deepEqual(await auditLog.verify(tenantId), { ok: true, entries: 42, chained: 42 });
    },
  ),
  auditing(
    "loses the oldest entries alone, and its chain holds",
    async (population, types, store) => {
      const { tenantId } = population.scope;
      const { auditLog } = store;
      const nobody = testTime(-1);
      await createUsers(population, types, ["ann", "bea", "cleo"]);
      await auditLog.chain(tenantId);
      assert.equal(await auditLog.prune(tenantId, nobody), 0);
      assert.equal(await auditLog.count(tenantId), 5);
      // Everything so far is old, and what comes now is not chained.
      assert.equal(await auditLog.prune(tenantId, always), 5);
      assert.deepEqual(await auditLog.verify(tenantId), { ok: true, entries: 0, chained: 0 });
      await createUsers(population, types, ["dora", "eve"]);
      assert.equal(await auditLog.prune(tenantId, testTime(0)), 0);
      const kept = await auditLog.list(tenantId, { limit: 100 });
      assert.deepEqual(
        kept.map(({ number, target }) => [number, target.name]),
        [
          [6, "dora"],
          [7, "eve"],
        ],
      );
      assert.deepEqual(await auditLog.verify(tenantId), { ok: true, entries: 2, chained: 2 });
      assert.equal(await auditLog.prune(tenantId, testTime(5)), 1);
      assert.deepEqual(await auditLog.verify(tenantId), { ok: true, entries: 1, chained: 1 });
      assert.deepEqual(await found(store, population, {}), ["user.create eve"]);
    },
  ),
  auditing("forgets a person, and its chain holds", async (population, types, store) => {
    const { tenantId } = population.scope;
    const { auditLog } = store;
    const [ann = "", bea = ""] = await createUsers(population, types, ["ann", "bea"]);
    await auditLog.chain(tenantId);
    // One entry that is chained and one that is not.
    await population.update(types.user, await population.read(types.user, ann), {
      after: { userName: "anna", title: "Dr" },
    });
    // Without their hashes, which a server in the background may write meanwhile.
    const ofBea = async () =>
      (await auditLog.list(tenantId, { limit: 100, targetId: bea })).map((entry) => ({
        ...entry,
        chainHash: undefined,
      }));
    const before = await ofBea();
    await auditLog.erase(tenantId, ann);
    await auditLog.erase(tenantId, ann);
    const text = JSON.stringify(await auditLog.list(tenantId, { limit: 100, targetId: ann }));
    assert.doesNotMatch(text, /"anna?"|"Dr"/);
    assert.match(text, /"path":"title","after":"\(erased\)"/);
    assert.deepEqual(await found(store, population, { target: "ann" }), []);
    assert.deepEqual(await found(store, population, { targetId: ann }), [
      "user.create undefined",
      "user.patch undefined",
    ]);
    assert.deepEqual(await ofBea(), before);
    assert.deepEqual(await auditLog.verify(tenantId), { ok: true, entries: 5, chained: 5 });
  }),
  auditing(
    "of the instance has numbers without gaps and a chain like that of a tenant",
    async (population, _, store) => {
      const { auditLog, adminCredentials } = store;
      assert.deepEqual(await auditLog.verify(instanceAuditId), {
        ok: true,
        entries: 0,
        chained: 0,
      });
      const names = Array.from({ length: 12 }, (__, index) => `token-${index}`);
      await Promise.all(
        names.map((name) =>
          adminCredentials.create(testAdminCredential(undefined, name), testCircumstances),
        ),
      );
      await auditLog.chain(population.scope.tenantId);
      // A server in the background may have chained some of them already.
      assert.ok((await auditLog.countUnchained()) <= 12);
      await auditLog.chain(instanceAuditId);
      const entries = await auditLog.list(instanceAuditId, { limit: 100 });
      assert.deepEqual(
        entries.map(({ number }) => number),
        names.map((__, index) => index + 1),
      );
      assert.equal(new Set(entries.map(({ chainHash }) => chainHash)).size, 12);
      await auditLog.erase(instanceAuditId, "token-3");
      const erased = await auditLog.list(instanceAuditId, { targetId: "token-3", limit: 1 });
      assert.equal(erased[0]?.target.name, undefined);
      assert.deepEqual(await auditLog.verify(instanceAuditId), {
        ok: true,
        entries: 12,
        chained: 12,
      });
      assert.equal((await auditLog.verify(population.scope.tenantId)).ok, true);
      assert.equal(await auditLog.countUnchained(), 0);
    },
  ),
  auditing("of a tenant that is gone is no fault", async (population, _, store) => {
    const { tenantId } = population.scope;
    const { actor, requestId } = {
      actor: { kind: "operator", id: "test" } as const,
      requestId: "r",
    };
    await store.tenants.delete(tenantId, { actor, requestId });
    await store.auditLog.chain(tenantId);
    assert.deepEqual(await store.auditLog.verify(tenantId), { ok: true, entries: 0, chained: 0 });
    assert.equal(await store.auditLog.prune(tenantId, always), 0);
    assert.deepEqual(await found(store, population, {}), ["tenant.delete acme"]);
  }),
];
