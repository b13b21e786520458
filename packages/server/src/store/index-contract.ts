/** What a store promises about its indexes: they follow the connection, and no value is too long for them. */
import assert from "node:assert/strict";
import type { TestPopulation } from "./contract-population.ts";
import {
  createPopulation,
  testCircumstances,
  testQuery,
  testTypes,
} from "./contract-population.ts";
import type { Store } from "./store.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

type Types = ReturnType<typeof testTypes>;

function indexes(
  name: string,
  keep: (population: TestPopulation, types: Types, store: Store) => Promise<void>,
): StoreContractTest {
  return {
    name: `indexes: ${name}`,
    run: async (store, registry) => keep(await createPopulation(store), testTypes(registry), store),
  };
}

/** Longer than any index row of PostgreSQL; two of them differ at the very end alone. */
const longValue = `${"ab".repeat(50_000)}c`;
const otherLongValue = `${"ab".repeat(50_000)}d`;

/** Likewise, and short enough for a filter. */
const longText = `${"ab".repeat(2_000)}c`;
const otherLongText = `${"ab".repeat(2_000)}d`;

async function idsOf(
  population: TestPopulation,
  type: Types["user"],
  filter: string,
): Promise<readonly string[]> {
  const { totalResults, resources } = await population.query(type, filter);
  assert.equal(totalResults, resources.length);
  return resources.map(({ id }) => id);
}

/** Every promise about indexes. */
export const indexContract: readonly StoreContractTest[] = [
  indexes("a key of any length is unique", async (population, { user }, store) => {
    const ann = await population.create(user, { userName: longValue });
    const bea = await population.create(user, { userName: otherLongValue });
    assert.equal(bea.outcome.kind, "committed");
    const taken = await population.create(user, { userName: longValue });
    assert.deepEqual(taken.outcome, { kind: "taken", path: "userName", holderId: ann.id });
    const keys = [{ path: "userName", key: longValue }];
    const holders = await store.resources.readByKeys(population.scope, user, keys);
    assert.deepEqual(
      holders.map(({ resource }) => resource.id),
      [ann.id],
    );
  }),
  indexes("a key that was long is free when it is given up", async (population, { user }) => {
    const ann = await population.create(user, { userName: longValue });
    const before = await population.read(user, ann.id);
    await population.update(user, before, { after: { userName: "ann" } });
    const { outcome } = await population.create(user, { userName: longValue });
    assert.equal(outcome.kind, "committed");
  }),
  indexes("values of any length are found, and no others", async (population, { user }) => {
    const ann = await population.create(user, { userName: longText, title: longText });
    const bea = await population.create(user, { userName: otherLongText, title: "Dr" });
    assert.deepEqual(await idsOf(population, user, `userName eq "${longText}"`), [ann.id]);
    assert.deepEqual(await idsOf(population, user, `userName eq "${otherLongText}"`), [bea.id]);
    assert.deepEqual(await idsOf(population, user, `userName eq "${longText}d"`), []);
    assert.deepEqual(await idsOf(population, user, `title eq "${longText}"`), [ann.id]);
    const before = await population.read(user, ann.id);
    await population.update(user, before, { after: { userName: `${longText.toUpperCase()}E` } });
    assert.deepEqual(await idsOf(population, user, `userName eq "${longText}"`), []);
    assert.deepEqual(await idsOf(population, user, `userName eq "${longText}e"`), [ann.id]);
  }),
  indexes("a rule that turns on sees values of any length", async (population, types, store) => {
    const { user } = types;
    const save = (paths: readonly string[]) =>
      store.connections.save(
        population.connection,
        [{ resourceType: user, paths }],
        testCircumstances,
      );
    await save(["userName"]);
    const ids: string[] = [];
    for (const userName of ["ann", "bea"]) {
      ids.push((await population.create(user, { userName, externalId: longValue })).id);
    }
    await population.create(user, { userName: "cleo", externalId: otherLongValue });
    const paths = ["userName", "externalId"];
    assert.deepEqual(await save(paths), { kind: "duplicates", path: "externalId", ids });
    const [ann = "", bea = ""] = ids;
    await population.remove(user, await population.read(user, ann));
    assert.deepEqual(await save(paths), { kind: "saved" });
    const { outcome } = await population.create(user, { userName: "dora", externalId: longValue });
    assert.deepEqual(outcome, { kind: "taken", path: "externalId", holderId: bea });
  }),
  indexes("paths that an operator names are kept, and change no answer", async (...given) => {
    const [population, { user }, store] = given;
    const { connection } = population;
    const ann = await population.create(user, { userName: "ann", title: "Dr" });
    const bea = await population.create(user, { userName: "bea", title: longText });
    const answers = async () => [
      await idsOf(population, user, 'title eq "DR"'),
      await idsOf(population, user, `title eq "${longText}"`),
      await idsOf(population, user, 'title eq "nobody"'),
    ];
    assert.deepEqual(await answers(), [[ann.id], [bea.id], []]);
    for (const titles of [["title"], ["title", "nickName"], []]) {
      const saved = { ...connection, indexPaths: { User: titles } };
      const rule = { resourceType: user, paths: ["userName"] };
      const outcome = await store.connections.save(saved, [rule], testCircumstances);
      assert.deepEqual(outcome, { kind: "saved" });
      assert.deepEqual(await store.connections.read(population.scope), saved);
      assert.deepEqual(await answers(), [[ann.id], [bea.id], []]);
      const before = await population.read(user, ann.id);
      await population.update(user, before, { after: { userName: "ann", title: "Prof" } });
      assert.deepEqual(await answers(), [[], [bea.id], []]);
      const changed = await population.read(user, ann.id);
      await population.update(user, changed, { after: { userName: "ann", title: "Dr" } });
      assert.deepEqual(await answers(), [[ann.id], [bea.id], []]);
    }
  }),
  indexes("a total is told without a page, index or not", async (population, { user }, store) => {
    for (const userName of ["ann", "bea"]) {
      await population.create(user, { userName, title: "Dr" });
    }
    for (const filter of [undefined, 'userName eq "ann" or userName eq "bea"', 'title sw "D"']) {
      for (const count of [0, 1]) {
        const page = await store.resources.query(population.scope, {
          ...testQuery(user, filter),
          count,
        });
        assert.deepEqual([page.totalResults, page.resources.length], [2, count]);
      }
    }
  }),
];
