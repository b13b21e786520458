/** What a store promises about pages behind a place: nothing that is there all the while is left out or comes twice. */
import assert from "node:assert/strict";
import { createPopulation, testTypes } from "./contract-population.ts";
import type { PlaceWish } from "./store.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

/** Reads to the end, a few at a time, and does something behind each page. */
async function readAll<Item extends { readonly place: number }>(
  page: (wish: PlaceWish) => Promise<readonly Item[]>,
  between: () => Promise<void> = () => Promise.resolve(),
): Promise<readonly Item[]> {
  const all: Item[] = [];
  for (;;) {
    const read = await page({ after: all.at(-1)?.place ?? 0, limit: 2 });
    if (read.length === 0) {
      return all;
    }
    all.push(...read);
    await between();
  }
}

/** Every promise about pages. */
export const pageContract: readonly StoreContractTest[] = [
  {
    name: "pages: resources of one type come in the order of creation, with their revisions",
    run: async (store, registry) => {
      const population = await createPopulation(store);
      const { user, group } = testTypes(registry);
      const ids: string[] = [];
      for (const userName of ["ann", "bea", "cleo", "dora", "emil"]) {
        ids.push((await population.create(user, { userName })).id);
        await population.create(group, { displayName: userName });
      }
      const [first = ""] = ids;
      const before = await population.read(user, first);
      await population.update(user, before, { after: { userName: "anna" } });
      const found = await readAll((wish) => store.resources.page(population.scope, user, wish));
      assert.deepEqual(
        found.map(({ resource }) => resource.id),
        ids,
      );
      assert.equal(found[0]?.resource.revision, 2);
      assert.deepEqual(found[0]?.resource.attributes, { userName: "anna" });
    },
  },
  {
    name: "pages: whoever is there all the while is found, though others go",
    run: async (store, registry) => {
      const population = await createPopulation(store);
      const { user } = testTypes(registry);
      const ids: string[] = [];
      for (let index = 0; index < 8; index += 1) {
        ids.push((await population.create(user, { userName: `user${index}` })).id);
      }
      // What has been read goes, one after each page, and moves everybody behind it.
      const going = ids.slice(0, 3);
      const found = await readAll(
        (wish) => store.resources.page(population.scope, user, wish),
        async () => {
          const id = going.shift();
          if (id !== undefined) {
            await population.remove(user, await population.read(user, id));
          }
        },
      );
      assert.deepEqual(
        found.map(({ resource }) => resource.id),
        ids,
      );
    },
  },
  {
    name: "pages: members of a group come in the order in which they were added",
    run: async (store, registry) => {
      const population = await createPopulation(store);
      const { user, group } = testTypes(registry);
      const ids: string[] = [];
      for (const userName of ["ann", "bea", "cleo"]) {
        ids.push((await population.create(user, { userName })).id);
      }
      const members = ids.toReversed();
      const { id } = await population.create(group, { displayName: "crew" }, { members });
      const of = { resourceType: group, id, attribute: "members" };
      const read = (wish: PlaceWish) => store.resources.relationPage(population.scope, of, wish);
      assert.deepEqual(
        (await readAll(read)).map(({ value }) => [value.value, value.resourceType, value.display]),
        [
          [ids[2], "User", "cleo"],
          [ids[1], "User", "bea"],
          [ids[0], "User", "ann"],
        ],
      );
      const none = { ...of, id: "nobody" };
      const wish = { after: 0, limit: 10 };
      assert.deepEqual(await store.resources.relationPage(population.scope, none, wish), []);
    },
  },
];
