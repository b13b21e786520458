/** What a store promises about many writes at once: totals are exact, numbers have no gaps, order holds per resource. */
import assert from "node:assert/strict";
import type { TestPopulation } from "./contract-population.ts";
import { createPopulation, testTypes } from "./contract-population.ts";
import type { Store } from "./store.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

type Types = ReturnType<typeof testTypes>;

function atOnce(
  name: string,
  keep: (population: TestPopulation, types: Types, store: Store) => Promise<void>,
): StoreContractTest {
  return {
    name: `at once: ${name}`,
    run: async (store, registry) => keep(await createPopulation(store), testTypes(registry), store),
  };
}

function times<Result>(count: number, act: (index: number) => Promise<Result>): Promise<Result[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => act(index)));
}

/** Every promise about writes at once. */
export const concurrencyContract: readonly StoreContractTest[] = [
  atOnce("totals count what there is", async (population, { user, group }) => {
    const created = await times(40, (index) =>
      population.create(user, { userName: `user ${index}` }),
    );
    assert.equal((await population.query(user)).totalResults, 40);
    const doomed = created.slice(0, 15);
    await Promise.all([
      ...doomed.map(async ({ id }) => population.remove(user, await population.read(user, id))),
      times(10, (index) => population.create(user, { userName: `more ${index}` })),
      times(5, (index) => population.create(group, { displayName: `group ${index}` })),
      // Refused, and therefore counted nowhere.
      times(5, () => population.create(user, { userName: "user 39" })),
    ]);
    for (const filter of [undefined, "userName pr"]) {
      const { totalResults, resources } = await population.query(user, filter);
      assert.deepEqual([totalResults, resources.length], [35, 35]);
    }
    assert.equal((await population.query(group)).totalResults, 5);
  }),
  atOnce("numbers and positions have no gaps", async (population, { user }, store) => {
    const { tenantId } = population.scope;
    const readers: Promise<unknown>[] = [];
    await times(30, async (index) => {
      const { id } = await population.create(user, { userName: `user ${index}` });
      if (index % 3 === 0) {
        // Whoever reads numbers what there is, while others write.
        readers.push(store.outbox.list(tenantId, { after: 0, limit: 1 }));
        readers.push(store.auditLog.list(tenantId, { limit: 1 }));
      }
      const before = await population.read(user, id);
      await population.update(user, before, { after: { userName: `user ${index}`, title: "Dr" } });
      await population.remove(user, await population.read(user, id));
    });
    await Promise.all(readers);
    const events = await store.outbox.list(tenantId, { after: 0, limit: 1000 });
    assert.deepEqual(
      events.map(({ position }) => position),
      events.map((_, index) => index + 1),
    );
    assert.equal(events.length, await store.outbox.count(tenantId));
    for (const { resourceId } of events.filter(({ resourceType }) => resourceType === "User")) {
      const own = events.filter((event) => event.resourceId === resourceId);
      const revisions = own.map(({ revision }) => revision);
      assert.deepEqual(revisions, revisions.toSorted());
      assert.deepEqual([...new Set(revisions)], [1, 2, 3]);
    }
    const entries = await store.auditLog.list(tenantId, { limit: 1000 });
    assert.equal(entries.length, await store.auditLog.count(tenantId));
    assert.equal(new Set(entries.map(({ entryId }) => entryId)).size, entries.length);
  }),
  atOnce("a position that was read once never changes", async (population, { user }, store) => {
    const { tenantId } = population.scope;
    const list = () => store.outbox.list(tenantId, { after: 0, limit: 1000 });
    await times(10, (index) => population.create(user, { userName: `user ${index}` }));
    const first = await list();
    await times(10, (index) => population.create(user, { userName: `more ${index}` }));
    const second = await list();
    assert.deepEqual(second.slice(0, 10), first);
    assert.equal(second.length, 20);
  }),
  atOnce("members that are added while one of them goes", async (population, types) => {
    const { user, group } = types;
    const created = await times(8, (index) =>
      population.create(user, { userName: `user ${index}` }),
    );
    const ids = created.map(({ id }) => id);
    const crew = await population.create(group, { displayName: "crew" });
    const [gone = "", ...staying] = ids;
    const empty = await population.read(group, crew.id);
    await Promise.all([
      ...ids.map((id) =>
        population.update(group, empty, {
          steps: [{ op: "add", ids: [id] }],
          options: { expectedRevision: undefined },
        }),
      ),
      population.remove(user, await population.read(user, gone)),
    ]);
    const { relations } = await population.read(group, crew.id, ["members"]);
    assert.deepEqual(
      (relations["members"] ?? []).map(({ value }) => value).toSorted(),
      staying.toSorted(),
    );
  }),
];
