/** What a store promises about commits: all or nothing, on the revision they were decided on. */
import type { JsonObject } from "../json.ts";
import type { CommitOutcome } from "../provider/resource-store.ts";
import { contractStartMs } from "./contract-population.ts";
import type { ContractTest } from "./contract-test.ts";
import { contractTest, expectSame, expectThat } from "./contract-test.ts";
import { dateTimeText } from "./date-time-text.ts";

const enterpriseUri = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

const richAttributes: JsonObject = {
  userName: "Zoë.漢字",
  externalId: "007",
  active: false,
  title: " 100 %_\\ \u{10000}\u{1F389} ",
  nickName: "1e3",
  emails: [
    { value: "b@x.example", type: "work", primary: true },
    { value: "a@x.example", type: "home" },
  ],
  name: { familyName: "O'Neil", givenName: "" },
  [enterpriseUri]: { employeeNumber: "0012", manager: { value: "42" } },
};

/** Counts the outcomes of each kind. */
function countKinds(outcomes: readonly CommitOutcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of outcomes) {
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

const reading: readonly ContractTest[] = [
  contractTest("a new resource is read as it was committed", async (population) => {
    const { user, newId } = population;
    const id = newId();
    const outcome = await population.create(user, id, richAttributes);
    const created = dateTimeText(contractStartMs);
    expectSame(
      [outcome.kind, outcome.kind === "committed" && outcome.changed],
      ["committed", true],
      "the outcome",
    );
    const stored = await population.read(user, id);
    expectSame(stored.attributes, richAttributes, "attributes");
    expectSame(
      [stored.id, stored.revision, stored.created, stored.lastModified, stored.relations],
      [id, 1, created, created, {}],
      "id, revision, created, lastModified, relations",
    );
  }),
  contractTest("an id that nobody has reads as nothing", async ({ store, user, newId }) => {
    expectThat(
      (await store.read(user, newId(), [])) === undefined,
      "something was read for an id that was never committed",
    );
  }),
  contractTest("a resource cannot be read as one of another type", async (population) => {
    const { id } = await population.createUser("ann");
    expectThat(
      (await population.store.read(population.group, id, [])) === undefined,
      "a user was read as a group",
    );
  }),
  contractTest("ids are told apart by case", async ({ store, user, create }) => {
    await create(user, "Abc", { userName: "ann" });
    expectThat((await store.read(user, "abc", [])) === undefined, "abc was read for Abc");
  }),
  contractTest("odd ids are ids", async ({ store, user }) => {
    for (const id of ["", "../..", "a/b", "%", "_", "'; --", "x".repeat(1000), "\u{10000}"]) {
      expectThat((await store.read(user, id, [])) === undefined, `something was read for ${id}`);
    }
  }),
];

const changing: readonly ContractTest[] = [
  contractTest("a change counts the revision up and moves lastModified", async (population) => {
    const { user } = population;
    const before = await population.createUser("ann");
    const outcome = await population.update(user, before, { after: { userName: "bea" } });
    const stored = await population.read(user, before.id);
    const lastModified = dateTimeText(contractStartMs + 1000);
    expectSame(
      [stored.revision, stored.created, stored.lastModified, stored.attributes],
      [2, before.created, lastModified, { userName: "bea" }],
      "revision, created, lastModified, attributes",
    );
    expectThat(
      outcome.kind === "committed" &&
        outcome.changed &&
        outcome.revision === 2 &&
        outcome.created === before.created &&
        outcome.lastModified === lastModified,
      `the outcome does not say what was stored: ${JSON.stringify(outcome)}`,
    );
  }),
  contractTest("a change replaces the attributes as a whole", async (population) => {
    const { user } = population;
    const before = await population.createUser("ann", { title: "Dr", nickName: "an" });
    await population.update(user, before, { after: { userName: "ann", nickName: "an" } });
    const { attributes } = await population.read(user, before.id);
    expectSame(attributes, { userName: "ann", nickName: "an" }, "attributes");
  }),
  contractTest("a change without effect changes nothing", async (population) => {
    const { user } = population;
    const before = await population.createUser("ann", { title: "Dr" });
    const outcome = await population.update(user, before, {
      after: { title: "Dr", userName: "ann" },
    });
    expectThat(
      outcome.kind === "committed" &&
        !outcome.changed &&
        outcome.revision === 1 &&
        outcome.lastModified === before.lastModified,
      `the outcome of a change without effect: ${JSON.stringify(outcome)}`,
    );
    expectSame(await population.read(user, before.id), before, "the resource");
  }),
  contractTest("another order of elements is a change", async (population) => {
    const { user } = population;
    const [first, second] = [{ value: "a@x.example" }, { value: "b@x.example" }];
    const before = await population.createUser("ann", { emails: [first, second] });
    const after = { userName: "ann", emails: [second, first] };
    await population.update(user, before, { after });
    const stored = await population.read(user, before.id);
    expectSame([stored.revision, stored.attributes], [2, after], "revision, attributes");
  }),
  contractTest("lastModified never goes back when the clock does", async (population) => {
    const { user } = population;
    const before = await population.createUser("ann");
    const options = { nowMs: contractStartMs - 5000 };
    await population.update(user, before, { after: { userName: "bea" }, options });
    const { lastModified, created } = await population.read(user, before.id);
    expectSame([lastModified, created], [before.lastModified, before.created], "the times");
  }),
];

const guarding: readonly ContractTest[] = [
  contractTest("a change of an older revision is stale and does nothing", async (population) => {
    const { user } = population;
    const before = await population.createUser("ann");
    await population.update(user, before, { after: { userName: "bea" } });
    const outcome = await population.update(user, before, { after: { userName: "cleo" } });
    expectSame(outcome, { kind: "stale" }, "the outcome");
    const stored = await population.read(user, before.id);
    expectSame([stored.revision, stored.attributes], [2, { userName: "bea" }], "the resource");
  }),
  contractTest("a change without effect on an older revision is stale", async (population) => {
    const { user } = population;
    const before = await population.createUser("ann");
    await population.update(user, before, { after: { userName: "bea" } });
    const outcome = await population.update(user, before, { after: { userName: "bea" } });
    expectSame(outcome, { kind: "stale" }, "the outcome");
  }),
  contractTest("a change of a resource that is gone is stale", async (population) => {
    const { user } = population;
    const before = await population.createUser("ann");
    await population.remove(user, before);
    const outcome = await population.update(user, before, { after: { userName: "bea" } });
    expectSame(outcome, { kind: "stale" }, "the outcome");
  }),
  contractTest("of 20 changes of one revision exactly one wins", async (population) => {
    const { user } = population;
    const before = await population.createUser("ann");
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        population.update(user, before, { after: { userName: `ann-${index}` } }),
      ),
    );
    expectSame(countKinds(outcomes), { committed: 1, stale: 19 }, "the outcomes");
    const winner = outcomes.findIndex(({ kind }) => kind === "committed");
    const stored = await population.read(user, before.id);
    expectSame(
      [stored.revision, stored.attributes],
      [2, { userName: `ann-${winner}` }],
      "the resource",
    );
  }),
  contractTest("of 20 new resources with one key exactly one wins", async (population) => {
    const { user, newId } = population;
    const ids = Array.from({ length: 20 }, newId);
    const outcomes = await Promise.all(
      ids.map((id) => population.create(user, id, { userName: "ann" })),
    );
    const winner = ids[outcomes.findIndex(({ kind }) => kind === "committed")];
    const taken = outcomes.filter(
      (outcome) => outcome.kind === "taken" && outcome.holderId === winner,
    );
    expectSame(taken.length, 19, "those that were told who won");
    const { resources } = await population.query(user);
    expectSame(
      resources.map(({ id }) => id),
      [winner],
      "the resources",
    );
  }),
];

const deleting: readonly ContractTest[] = [
  contractTest("a deleted resource is nowhere", async (population) => {
    const { user, store } = population;
    const before = await population.createUser("ann", { externalId: "x1" });
    await population.createUser("bea");
    const outcome = await population.remove(user, before);
    expectSame(outcome.kind, "committed", "the outcome");
    const holders = await store.readByKeys(user, [
      { path: "userName", key: "ann" },
      { path: "externalId", key: "x1" },
    ]);
    const { totalResults } = await population.query(user);
    const found = await population.query(user, { filter: 'userName eq "ann"' });
    expectSame(
      [await store.read(user, before.id, []), holders, totalResults, found.totalResults],
      [undefined, [], 1, 0],
      "read, keys, all, found",
    );
  }),
  contractTest("deleting an older revision is stale and keeps the resource", async (population) => {
    const { user } = population;
    const before = await population.createUser("ann");
    await population.update(user, before, { after: { userName: "bea" } });
    expectSame(await population.remove(user, before), { kind: "stale" }, "the outcome");
    expectSame((await population.read(user, before.id)).revision, 2, "the revision");
  }),
  contractTest("deleting twice is stale the second time", async (population) => {
    const { user } = population;
    const before = await population.createUser("ann");
    await population.remove(user, before);
    expectSame(await population.remove(user, before), { kind: "stale" }, "the outcome");
  }),
  contractTest("of 20 deletions of one resource exactly one wins", async (population) => {
    const { user } = population;
    const before = await population.createUser("ann");
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => population.remove(user, before)),
    );
    expectSame(countKinds(outcomes), { committed: 1, stale: 19 }, "the outcomes");
  }),
];

/** Promises about commits. */
export const commitContract: readonly ContractTest[] = [
  ...reading,
  ...changing,
  ...guarding,
  ...deleting,
];
