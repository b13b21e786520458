/** What a store promises about relations: steps on sets of ids, and what others see of them. */
import type { CommitOutcome } from "../provider/resource-store.ts";
import type { RelationStep } from "../resource/relation-delta.ts";
import type { StoredResource } from "../resource/resource.ts";
import type { ContractPopulation } from "./contract-population.ts";
import type { ContractTest } from "./contract-test.ts";
import { contractTest, expectSame, expectThat } from "./contract-test.ts";
import { smallGroup } from "./small-group.ts";

/** Whether it changed something, how many members there are, and whom it skipped. */
function summary(outcome: CommitOutcome): readonly unknown[] {
  return outcome.kind === "committed"
    ? [outcome.changed, outcome.relationCounts["members"], outcome.skippedReferences]
    : [outcome.kind];
}

/** A test of steps on the group of ann and bea: who is in it afterwards, and whether that was a change. */
function stepTest(
  name: string,
  steps: (people: {
    readonly ann: string;
    readonly bea: string;
    readonly cleo: string;
    readonly filter: ContractPopulation["memberFilter"];
  }) => readonly RelationStep[],
  expected: readonly ("ann" | "bea" | "cleo")[],
): ContractTest {
  return contractTest(name, async (population) => {
    const { group, ...people } = await smallGroup(population);
    const { ann, bea, cleo } = people;
    const ids = { ann: ann.id, bea: bea.id, cleo: cleo.id };
    const outcome = await population.step(
      group.id,
      ...steps({ ...ids, filter: population.memberFilter }),
    );
    const changed = expected.join() !== "ann,bea";
    expectSame(summary(outcome), [changed, expected.length, []], "changed, count, skipped");
    expectSame(
      await population.membersOf(group.id),
      expected.map((person) => ids[person]).sort(),
      "the members",
    );
    const { revision } = await population.read(population.group, group.id);
    expectSame(revision, changed ? 2 : 1, "the revision");
  });
}

const stepping: readonly ContractTest[] = [
  stepTest("add puts ids in", ({ cleo }) => [{ op: "add", ids: [cleo] }], ["ann", "bea", "cleo"]),
  stepTest("adding who is in changes nothing", ({ ann }) => [{ op: "add", ids: [ann, ann] }], [
    "ann",
    "bea",
  ]),
  stepTest("remove takes ids out", ({ ann }) => [{ op: "remove", ids: [ann] }], ["bea"]),
  stepTest(
    "removing who is not in changes nothing",
    ({ cleo }) => [{ op: "remove", ids: [cleo, "nobody"] }],
    ["ann", "bea"],
  ),
  stepTest("replace sets the ids", ({ bea, cleo }) => [{ op: "replace", ids: [cleo, bea] }], [
    "bea",
    "cleo",
  ]),
  stepTest(
    "replacing by the same ids changes nothing",
    ({ ann, bea }) => [{ op: "replace", ids: [bea, ann, bea] }],
    ["ann", "bea"],
  ),
  stepTest("replacing by nobody empties", () => [{ op: "replace", ids: [] }], []),
  stepTest("removing nobody changes nothing", () => [{ op: "remove", ids: [] }], ["ann", "bea"]),
  stepTest(
    "removeWhere reads value",
    ({ ann, filter }) => [{ op: "removeWhere", filter: filter(`value eq "${ann}"`) }],
    ["bea"],
  ),
  stepTest(
    "removeWhere reads type",
    ({ filter }) => [{ op: "removeWhere", filter: filter('type eq "User"') }],
    [],
  ),
  stepTest(
    "removeWhere reads display without regard to case",
    ({ filter }) => [{ op: "removeWhere", filter: filter('display eq "ANN A"') }],
    ["bea"],
  ),
  stepTest(
    "removeWhere reads $ref",
    ({ bea, filter }) => [{ op: "removeWhere", filter: filter(`$ref ew "/Users/${bea}"`) }],
    ["ann"],
  ),
  stepTest(
    "removeWhere understands and, or, not",
    ({ ann, bea, filter }) => [
      {
        op: "removeWhere",
        filter: filter(`not (value eq "${ann}") and (type eq "User" or value eq "${bea}")`),
      },
    ],
    ["ann"],
  ),
  stepTest(
    "removeWhere that nobody fits changes nothing",
    ({ filter }) => [{ op: "removeWhere", filter: filter('type eq "Group"') }],
    ["ann", "bea"],
  ),
  stepTest(
    "removeWhere sees the steps before it",
    ({ cleo, filter }) => [
      { op: "add", ids: [cleo] },
      { op: "removeWhere", filter: filter('display eq "cleo" or display eq "bea"') },
    ],
    ["ann"],
  ),
  stepTest(
    "add and remove of one id change nothing",
    ({ cleo }) => [
      { op: "add", ids: [cleo] },
      { op: "remove", ids: [cleo] },
    ],
    ["ann", "bea"],
  ),
  stepTest(
    "remove and add of one id change nothing",
    ({ ann }) => [
      { op: "remove", ids: [ann] },
      { op: "add", ids: [ann] },
    ],
    ["ann", "bea"],
  ),
  stepTest(
    "steps after replace work on what it set",
    ({ ann, bea, cleo }) => [
      { op: "add", ids: [ann] },
      { op: "replace", ids: [cleo, bea] },
      { op: "remove", ids: [bea] },
    ],
    ["cleo"],
  ),
  stepTest("a delta without steps counts and changes nothing", () => [], ["ann", "bea"]),
];

const referring: readonly ContractTest[] = [
  contractTest("members show value, type and display", async (population) => {
    const { ann, bea, group } = await smallGroup(population);
    const { relations } = await population.read(population.group, group.id, ["members"]);
    const byId = [...(relations["members"] ?? [])].sort((left, right) =>
      left.value < right.value ? -1 : 1,
    );
    expectSame(
      byId.map(({ value, type, resourceType, display }) => [value, type, resourceType, display]),
      [
        [ann.id, "User", "User", "Ann A"],
        [bea.id, "User", "User", "bea"],
      ],
      "the members",
    );
  }),
  contractTest("relations come only when asked for", async (population) => {
    const { group } = await smallGroup(population);
    const { relations } = await population.read(population.group, group.id);
    expectSame(relations, {}, "the relations");
  }),
  contractTest("an empty relation that was asked for is an empty list", async (population) => {
    const { id } = await population.createGroup("crew");
    const { relations } = await population.read(population.group, id, ["members"]);
    expectSame(relations, { members: [] }, "the relations");
  }),
  contractTest("ids that nobody has are skipped and named", async (population) => {
    const { group, cleo } = await smallGroup(population);
    const ids = ["nobody", cleo.id, population.newId(), "nobody"];
    const outcome = await population.step(group.id, { op: "add", ids });
    expectSame(summary(outcome), [true, 3, ["nobody", ids[2]]], "changed, count, skipped");
  }),
  contractTest("adding only ids that nobody has changes nothing", async (population) => {
    const { group } = await smallGroup(population);
    const outcome = await population.step(group.id, { op: "add", ids: ["nobody"] });
    expectSame(summary(outcome), [false, 2, ["nobody"]], "changed, count, skipped");
  }),
  contractTest("a deleted resource is nobody", async (population) => {
    const { group, cleo } = await smallGroup(population);
    await population.remove(population.user, cleo);
    const outcome = await population.step(group.id, { op: "add", ids: [cleo.id] });
    expectSame(summary(outcome), [false, 2, [cleo.id]], "changed, count, skipped");
  }),
  contractTest("a group is never its own member", async (population) => {
    const { group } = await smallGroup(population);
    const outcome = await population.update(population.group, group, {
      steps: [{ op: "add", ids: [group.id] }],
      options: { strictReferences: true },
    });
    expectSame(summary(outcome), [false, 2, [group.id]], "changed, count, skipped");
  }),
  contractTest("strict references refuse the whole change", async (population) => {
    const { group, cleo } = await smallGroup(population);
    const outcome = await population.update(population.group, group, {
      after: { displayName: "other" },
      steps: [{ op: "replace", ids: [cleo.id, "nobody", "no-one"] }],
      options: { strictReferences: true },
    });
    expectSame(outcome, { kind: "unknownReferences", ids: ["nobody", "no-one"] }, "the outcome");
    expectSame(await population.read(population.group, group.id), group, "the group");
    expectSame((await population.membersOf(group.id)).length, 2, "the number of members");
  }),
  contractTest("strict references refuse a new group", async (population) => {
    const id = population.newId();
    const outcome = await population.create(
      population.group,
      id,
      { displayName: "crew" },
      {
        steps: [{ op: "replace", ids: ["nobody"] }],
        options: { strictReferences: true },
      },
    );
    expectSame(outcome, { kind: "unknownReferences", ids: ["nobody"] }, "the outcome");
    expectThat(
      (await population.store.read(population.group, id, [])) === undefined,
      "the group is there all the same",
    );
  }),
  contractTest("strict references let anybody be removed", async (population) => {
    const { group } = await smallGroup(population);
    const outcome = await population.update(population.group, group, {
      steps: [{ op: "remove", ids: ["nobody"] }],
      options: { strictReferences: true },
    });
    expectSame(summary(outcome), [false, 2, []], "changed, count, skipped");
  }),
];

const counting: readonly ContractTest[] = [
  contractTest("attributes and members in one change are one revision", async (population) => {
    const { group, cleo } = await smallGroup(population);
    const outcome = await population.update(population.group, group, {
      after: { displayName: "other" },
      steps: [{ op: "add", ids: [cleo.id] }],
    });
    const { revision, attributes } = await population.read(population.group, group.id);
    expectSame(summary(outcome), [true, 3, []], "changed, count, skipped");
    expectSame([revision, attributes], [2, { displayName: "other" }], "the group");
  }),
  contractTest("a change of a group leaves its members' revisions alone", async (population) => {
    const { group, ann } = await smallGroup(population);
    await population.step(group.id, { op: "remove", ids: [ann.id] });
    expectSame(await population.read(population.user, ann.id), ann, "the member");
  }),
  contractTest(
    "renaming a member shows and leaves the group's revision alone",
    async (population) => {
      const { group, bea } = await smallGroup(population);
      await population.update(population.user, bea, { after: { userName: "beatrix" } });
      const { revision, relations } = await population.read(population.group, group.id, [
        "members",
      ]);
      const display = relations["members"]?.find(({ value }) => value === bea.id)?.display;
      expectSame([revision, display], [1, "beatrix"], "revision, display");
    },
  ),
  contractTest("steps without an expected revision fit any revision", async (population) => {
    const { group, cleo } = await smallGroup(population);
    await population.update(population.group, group, { after: { displayName: "renamed" } });
    const outcome = await population.update(population.group, group, {
      steps: [{ op: "add", ids: [cleo.id] }],
      options: { expectedRevision: undefined },
    });
    expectSame(summary(outcome), [true, 3, []], "changed, count, skipped");
    const stored = await population.read(population.group, group.id);
    expectSame(
      [stored.revision, stored.attributes],
      [3, { displayName: "renamed" }],
      "revision, attributes",
    );
    const holders = await population.store.readByKeys(population.group, [
      { path: "displayName", key: "crew" },
      { path: "displayName", key: "renamed" },
    ]);
    expectSame(
      holders.map(({ path, resource }) => [path, resource.id]),
      [["displayName", group.id]],
      "who holds crew and renamed",
    );
  }),
  contractTest("of 30 additions without an expected revision none is lost", async (population) => {
    const users: StoredResource[] = [];
    for (let index = 0; index < 30; index++) {
      users.push(await population.createUser(`user-${index}`));
    }
    const group = await population.createGroup("crew");
    const outcomes = await Promise.all(
      users.map(({ id }) =>
        population.update(population.group, group, {
          steps: [{ op: "add", ids: [id] }],
          options: { expectedRevision: undefined },
        }),
      ),
    );
    expectThat(
      outcomes.every((outcome) => outcome.kind === "committed" && outcome.changed),
      "an addition was refused",
    );
    expectSame((await population.membersOf(group.id)).length, 30, "the number of members");
    expectSame((await population.read(population.group, group.id)).revision, 31, "the revision");
  }),
  contractTest(
    "steps without an expected revision on a group that is gone are stale",
    async (population) => {
      const { group, cleo } = await smallGroup(population);
      await population.remove(population.group, group);
      const outcome = await population.update(population.group, group, {
        steps: [{ op: "add", ids: [cleo.id] }],
        options: { expectedRevision: undefined },
      });
      expectSame(outcome, { kind: "stale" }, "the outcome");
    },
  ),
  contractTest("a large relation is replaced as a set", async (population) => {
    const ids: string[] = [];
    for (let index = 0; index < 300; index++) {
      ids.push((await population.createUser(`user-${index}`)).id);
    }
    const group = await population.createGroup("crew", ids.slice(0, 299));
    const same = await population.step(group.id, {
      op: "replace",
      ids: ids.slice(0, 299).reverse(),
    });
    const other = await population.step(group.id, { op: "replace", ids: ids.slice(1) });
    expectSame(
      [summary(same), summary(other)],
      [
        [false, 299, []],
        [true, 299, []],
      ],
      "outcomes",
    );
    expectSame(await population.membersOf(group.id), ids.slice(1), "the members");
  }),
];

/** Promises about relations. */
export const relationContract: readonly ContractTest[] = [...stepping, ...referring, ...counting];
