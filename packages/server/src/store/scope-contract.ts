/** What a store promises about scopes: what another tenant or connection holds is never visible and never a conflict. */
import assert from "node:assert/strict";
import type { TestPopulation } from "./contract-population.ts";
import {
  createPopulation,
  populationOf,
  testCircumstances,
  testConnection,
  testTypes,
} from "./contract-population.ts";
import type { Store } from "./store.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

/** Two populations that must not see each other. */
async function strangers(
  store: Store,
  kind: "tenants" | "connections",
): Promise<readonly [TestPopulation, TestPopulation]> {
  const own = await createPopulation(store, "acme");
  if (kind === "tenants") {
    return [own, await createPopulation(store, "globex")];
  }
  const second = testConnection(own.tenant, "second");
  await store.connections.create(second, testCircumstances);
  return [own, populationOf(store, own.tenant, second)];
}

function between(
  kind: "tenants" | "connections",
  name: string,
  keep: (
    own: TestPopulation,
    foreign: TestPopulation,
    types: ReturnType<typeof testTypes>,
    store: Store,
  ) => Promise<void>,
): StoreContractTest {
  return {
    name: `between ${kind}: ${name}`,
    run: async (store, registry) => {
      const [own, foreign] = await strangers(store, kind);
      await keep(own, foreign, testTypes(registry), store);
    },
  };
}

/** Every promise about scopes. */
export const scopeContract: readonly StoreContractTest[] = (
  ["tenants", "connections"] as const
).flatMap((kind) => [
  between(
    kind,
    "a foreign id reads like one that nobody has",
    async (own, foreign, { user }, store) => {
      const { id } = await foreign.create(user, { userName: "bea" });
      assert.equal(await store.resources.read(own.scope, user, id, []), undefined);
      assert.equal(await store.resources.read(own.scope, user, "nobody", []), undefined);
    },
  ),
  between(kind, "a foreign resource cannot be changed", async (own, foreign, { user }) => {
    const { id } = await foreign.create(user, { userName: "bea" });
    const before = await foreign.read(user, id);
    const outcome = await own.update(user, before, { after: { userName: "mallory" } });
    assert.deepEqual(outcome, { kind: "stale" });
    assert.deepEqual(await foreign.read(user, id), before);
  }),
  between(kind, "a foreign resource cannot be deleted", async (own, foreign, { user }) => {
    const { id } = await foreign.create(user, { userName: "bea" });
    const before = await foreign.read(user, id);
    assert.deepEqual(await own.remove(user, before), { kind: "stale" });
    assert.deepEqual(await foreign.read(user, id), before);
  }),
  between(kind, "a foreign id is no member", async (own, foreign, { user, group }) => {
    const stranger = await foreign.create(user, { userName: "bea" });
    const crew = await own.create(
      group,
      { displayName: "crew" },
      { members: [stranger.id, "nobody"] },
    );
    assert.equal(crew.outcome.kind, "committed");
    const stored = await own.read(group, crew.id, ["members"]);
    assert.deepEqual(stored.relations, { members: [] });
    assert.deepEqual(crew.outcome.kind === "committed" && crew.outcome.skippedReferences, [
      stranger.id,
      "nobody",
    ]);
    const strict = await own.update(group, stored, {
      steps: [{ op: "add", ids: [stranger.id] }],
      options: { strictReferences: true },
    });
    assert.deepEqual(strict, { kind: "unknownReferences", ids: [stranger.id] });
  }),
  between(kind, "filters find nobody foreign", async (own, foreign, { user, group }) => {
    const stranger = await foreign.create(user, { userName: "bea", title: "Dr" });
    await foreign.create(group, { displayName: "crew" }, { members: [stranger.id] });
    for (const filter of [
      `id eq "${stranger.id}"`,
      'userName eq "bea"',
      'title eq "Dr"',
      "groups pr",
    ]) {
      assert.deepEqual(await own.query(user, filter), { totalResults: 0, resources: [] });
    }
    assert.equal((await own.query(group, `members.value eq "${stranger.id}"`)).totalResults, 0);
    assert.equal((await own.query(user)).totalResults, 0);
    assert.equal((await foreign.query(user)).totalResults, 1);
  }),
  between(kind, "pages have nobody foreign", async (own, foreign, { user, group }, store) => {
    const stranger = await foreign.create(user, { userName: "bea" });
    const crew = await foreign.create(group, { displayName: "crew" }, { members: [stranger.id] });
    const all = { after: 0, limit: 10 };
    const members = { resourceType: group, id: crew.id, attribute: "members" };
    const { resources, memberships } = store;
    assert.deepEqual(await resources.page(own.scope, user, all), []);
    assert.deepEqual(await resources.relationPage(own.scope, members, all), []);
    assert.equal((await memberships.linksOf(own.scope, [stranger.id])).size, 0);
    assert.equal((await resources.page(foreign.scope, user, all)).length, 1);
    assert.equal((await resources.relationPage(foreign.scope, members, all)).length, 1);
  }),
  between(kind, "the same names and ids are free", async (own, foreign, { user }, store) => {
    const attributes = { userName: "bea", externalId: "7" };
    for (const population of [own, foreign]) {
      const { outcome } = await population.create(user, attributes, { id: "the-same" });
      assert.equal(outcome.kind, "committed");
    }
    const before = await own.read(user, "the-same");
    await own.update(user, before, { after: { ...attributes, title: "Dr" } });
    assert.deepEqual((await foreign.read(user, "the-same")).attributes, attributes);
    await own.remove(user, await own.read(user, "the-same"));
    assert.deepEqual((await foreign.read(user, "the-same")).attributes, attributes);
    const keys = [{ path: "userName", key: "bea" }];
    assert.equal((await store.resources.readByKeys(own.scope, user, keys)).length, 0);
    assert.equal((await store.resources.readByKeys(foreign.scope, user, keys)).length, 1);
  }),
]);
