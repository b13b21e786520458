/** What a store promises about unique keys: no two live resources of a type share one. */
import type { UniqueKeyValue } from "../resource/resource-change.ts";
import type { ContractPopulation } from "./contract-population.ts";
import type { ContractTest } from "./contract-test.ts";
import { contractTest, expectSame } from "./contract-test.ts";

/** The ids of those who hold the keys. */
async function holdersOf(
  { store, user }: ContractPopulation,
  ...keys: readonly UniqueKeyValue[]
): Promise<readonly (readonly [string, string])[]> {
  const holders = await store.readByKeys(user, keys);
  return holders.map(({ path, resource }) => [path, resource.id] as const);
}

function named(key: string): UniqueKeyValue {
  return { path: "userName", key };
}

function external(key: string): UniqueKeyValue {
  return { path: "externalId", key };
}

/** Promises about unique keys. */
export const keyContract: readonly ContractTest[] = [
  contractTest("a new resource with a key that is taken is refused", async (population) => {
    const { user, newId } = population;
    const { id } = await population.createUser("Ann");
    const outcome = await population.create(user, newId(), { userName: "ANN" });
    expectSame(outcome, { kind: "taken", path: "userName", holderId: id }, "the outcome");
    expectSame((await population.query(user)).totalResults, 1, "the number of resources");
  }),
  contractTest("the second of two keys is looked at too", async (population) => {
    const { user, newId } = population;
    const { id } = await population.createUser("ann", { externalId: "x1" });
    const outcome = await population.create(user, newId(), { userName: "bea", externalId: "x1" });
    expectSame(outcome, { kind: "taken", path: "externalId", holderId: id }, "the outcome");
  }),
  contractTest(
    "a change to a key that is taken is refused and does nothing",
    async (population) => {
      const { group } = population;
      const member = await population.createUser("ann");
      const first = await population.createGroup("first");
      const second = await population.createGroup("second");
      const outcome = await population.update(group, second, {
        after: { displayName: "First" },
        steps: [{ op: "add", ids: [member.id] }],
      });
      expectSame(
        outcome,
        { kind: "taken", path: "displayName", holderId: first.id },
        "the outcome",
      );
      expectSame(await population.read(group, second.id), second, "the resource");
      expectSame(await population.membersOf(second.id), [], "its members");
    },
  ),
  contractTest("a resource may write its own key in another case", async (population) => {
    const { user } = population;
    const before = await population.createUser("ann");
    const outcome = await population.update(user, before, { after: { userName: "ANN" } });
    expectSame(outcome.kind, "committed", "the outcome");
  }),
  contractTest("a rename frees the old key and takes the new one at once", async (population) => {
    const { user, newId } = population;
    const before = await population.createUser("ann");
    await population.update(user, before, { after: { userName: "bea" } });
    expectSame(
      await holdersOf(population, named("ann"), named("bea")),
      [["userName", before.id]],
      "who holds ann and bea",
    );
    const old = await population.create(user, newId(), { userName: "ann" });
    const taken = await population.create(user, newId(), { userName: "bea" });
    expectSame([old.kind, taken.kind], ["committed", "taken"], "ann and bea once more");
  }),
  contractTest("a deleted resource frees its keys", async (population) => {
    const { user, newId } = population;
    const before = await population.createUser("ann", { externalId: "x1" });
    await population.remove(user, before);
    const again = { userName: "ann", externalId: "x1" };
    const outcome = await population.create(user, newId(), again);
    expectSame(outcome.kind, "committed", "the outcome");
  }),
  contractTest("a key that is dropped is free", async (population) => {
    const { user } = population;
    const before = await population.createUser("ann", { externalId: "x1" });
    await population.update(user, before, { after: { userName: "ann" } });
    expectSame(await holdersOf(population, external("x1")), [], "who holds x1");
  }),
  contractTest("resources of two types may share a key", async (population) => {
    await population.createUser("ann", { externalId: "x1" });
    const { group, newId } = population;
    const outcome = await population.create(group, newId(), {
      displayName: "ann",
      externalId: "x1",
    });
    expectSame(outcome.kind, "committed", "the outcome");
  }),
  contractTest("keys are strings and compared exactly", async (population) => {
    const values = ["7", "007", "7.0", "7 ", "x", "X", "1e3", "1000", "\u{10000}", "%", "_"];
    const ids: string[] = [];
    for (const [index, externalId] of values.entries()) {
      ids.push((await population.createUser(`user-${index}`, { externalId })).id);
    }
    expectSame(
      await holdersOf(population, ...values.map(external)),
      ids.map((id) => ["externalId", id]),
      "who holds which",
    );
  }),
  contractTest(
    "holders come in the order of the keys, with the attribute they hold",
    async (population) => {
      const ann = await population.createUser("ann", { externalId: "x1" });
      const bea = await population.createUser("bea", { externalId: "x2" });
      expectSame(
        await holdersOf(population, external("x2"), named("ann"), named("cleo"), external("x1")),
        [
          ["externalId", bea.id],
          ["userName", ann.id],
          ["externalId", ann.id],
        ],
        "the holders",
      );
      expectSame(
        await population.store.readByKeys(population.user, [named("ann")]),
        [{ path: "userName", resource: ann }],
        "the resource of a holder",
      );
    },
  ),
  contractTest("no keys have no holders", async (population) => {
    await population.createUser("ann");
    expectSame(await holdersOf(population), [], "the holders");
  }),
];
