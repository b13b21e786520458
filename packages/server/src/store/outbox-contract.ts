/** What a store promises about its outbox: what is found in it, that whoever follows it misses nothing, and what goes when. */
import assert from "node:assert/strict";
import type { OutboxEvent } from "../domain/outbox-event.ts";
import type { TenantId } from "../domain/tenant.ts";
import type { TestPopulation } from "./contract-population.ts";
import { createPopulation, positionBefore, testTime, testTypes } from "./contract-population.ts";
import type { Store } from "./store.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

type Types = ReturnType<typeof testTypes>;

function outbox(
  name: string,
  keep: (population: TestPopulation, types: Types, store: Store) => Promise<void>,
): StoreContractTest {
  return {
    name: `outbox: ${name}`,
    run: async (store, registry) => keep(await createPopulation(store), testTypes(registry), store),
  };
}

/** Makes users, one event each, one second apart. */
async function createUsers(
  population: TestPopulation,
  { user }: Types,
  userNames: readonly string[],
): Promise<void> {
  for (const userName of userNames) {
    await population.create(user, { userName });
  }
}

/** Reads to the end, a page at a time, as one who follows does; tells the positions as they came. */
async function follow(
  { outbox: table }: Store,
  tenantId: TenantId,
  { limit, isOver }: { readonly limit: number; readonly isOver: () => boolean },
): Promise<readonly (OutboxEvent & { readonly position: number })[]> {
  const seen: (OutboxEvent & { readonly position: number })[] = [];
  for (;;) {
    // Asked before the page is read: what was written by then has to be on it.
    const wasOver = isOver();
    const page = await table.list(tenantId, { after: seen.at(-1)?.position ?? 0, limit });
    seen.push(...page);
    if (page.length === 0 && wasOver) {
      return seen;
    }
    if (page.length === 0) {
      await new Promise((settle) => setTimeout(settle, 1));
    }
  }
}

/** Every promise about the outbox. */
export const outboxContract: readonly StoreContractTest[] = [
  {
    name: "outbox: an event is found by its id, in its tenant alone",
    run: async (store, registry) => {
      const population = await createPopulation(store);
      const other = await createPopulation(store, "other");
      await createUsers(population, testTypes(registry), ["ann", "bea"]);
      const { tenantId } = population.scope;
      const [, second] = await store.outbox.list(tenantId, { after: 0, limit: 10 });
      const eventId = second?.eventId ?? "";
      assert.equal(await store.outbox.positionOf(tenantId, eventId), positionBefore + 2);
      assert.equal(await store.outbox.positionOf(other.scope.tenantId, eventId), undefined);
      assert.equal(await store.outbox.positionOf(tenantId, "none"), undefined);
    },
  },
  outbox("tells where it begins and ends", async (population, types, store) => {
    const { tenantId } = population.scope;
    const bounds = () => store.outbox.bounds(tenantId);
    assert.deepEqual(await bounds(), { first: undefined, last: positionBefore });
    await createUsers(population, types, ["ann", "bea"]);
    assert.deepEqual(await bounds(), { first: positionBefore + 1, last: positionBefore + 2 });
    assert.equal(await store.outbox.bounds("none" as TenantId), undefined);
  }),
  outbox(
    "what is older than a time goes, in order and in its tenant alone; numbers go on",
    async (population, types, store) => {
      const { tenantId } = population.scope;
      const other = await createPopulation(store, "other");
      await createUsers(other, types, ["ann"]);
      await createUsers(population, types, ["ann", "bea", "cy", "di"]);
      const prune = (seconds: number) => store.outbox.prune(tenantId, testTime(seconds));
      const positions = async () =>
        (await store.outbox.list(tenantId, { after: 0, limit: 10 })).map(
          ({ position }) => position - positionBefore,
        );
      assert.equal(await prune(1), 0);
      assert.deepEqual(await positions(), [1, 2, 3, 4]);
      assert.equal(await prune(3), 2);
      assert.equal(await prune(3), 0);
      assert.deepEqual(await positions(), [3, 4]);
      const last = positionBefore + 4;
      assert.deepEqual(await store.outbox.bounds(tenantId), { first: last - 1, last });
      assert.equal(await prune(100), 2);
      assert.deepEqual(await store.outbox.bounds(tenantId), { first: undefined, last });
      await createUsers(population, types, ["ed"]);
      assert.deepEqual(await positions(), [5]);
      assert.equal(await store.outbox.count(other.scope.tenantId), 1);
    },
  ),
  outbox("much that is old goes in rounds", async (population, types, store) => {
    const { tenantId } = population.scope;
    for (let made = 0; made < 220; made += 20) {
      await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          population.create(types.user, { userName: `user ${made + index}` }),
        ),
      );
    }
    const rounds: number[] = [];
    let dropped: number;
    do {
      dropped = await store.outbox.prune(tenantId, "2999-01-01T00:00:00.000Z");
      rounds.push(dropped);
    } while (dropped > 0);
    assert.deepEqual(rounds, [200, 20, 0]);
  }),
  outbox(
    "whoever follows it while others write gets every event once, in order and without a gap",
    async (population, types, store) => {
      const { tenantId } = population.scope;
      const state = { isOver: false };
      const followers = [1, 7, 100].map((limit) =>
        follow(store, tenantId, { limit, isOver: () => state.isOver }),
      );
      await Promise.all(
        Array.from({ length: 60 }, async (_, index) => {
          const { id } = await population.create(types.user, { userName: `user ${index}` });
          const before = await population.read(types.user, id);
          await population.update(types.user, before, {
            after: { userName: `user ${index}`, active: index % 2 === 0 },
          });
        }),
      );
      state.isOver = true;
      const count = await store.outbox.count(tenantId);
      for (const seen of await Promise.all(followers)) {
        assert.deepEqual(
          seen.map(({ position }) => position - positionBefore),
          Array.from({ length: count }, (_, index) => index + 1),
        );
        assert.equal(new Set(seen.map(({ eventId }) => eventId)).size, count);
      }
    },
  ),
];
