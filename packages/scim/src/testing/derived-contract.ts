/** What a store promises about derived attributes and about relations to what has been deleted. */
import type { ContractPopulation } from "./contract-population.ts";
import type { ContractTest } from "./contract-test.ts";
import { contractTest, expectSame, expectThat } from "./contract-test.ts";
import { smallGroup } from "./small-group.ts";

/** The groups of a user as `value type display`, in order. */
async function groupsOf(population: ContractPopulation, id: string): Promise<readonly string[]> {
  const { relations } = await population.read(population.user, id, ["groups"]);
  return (relations["groups"] ?? [])
    .map(({ value, type, display, resourceType }) => `${value} ${type} ${display} ${resourceType}`)
    .sort();
}

/** Promises about derived attributes. */
export const derivedContract: readonly ContractTest[] = [
  contractTest("a user shows the groups it is in, direct and indirect", async (population) => {
    const ann = await population.createUser("ann");
    const inner = await population.createGroup("inner", [ann.id]);
    const middle = await population.createGroup("middle", [inner.id]);
    const outer = await population.createGroup("outer", [middle.id]);
    await population.createGroup("elsewhere");
    expectSame(
      await groupsOf(population, ann.id),
      [
        `${inner.id} direct inner Group`,
        `${middle.id} indirect middle Group`,
        `${outer.id} indirect outer Group`,
      ],
      "the groups",
    );
  }),
  contractTest("nested groups that go round are harmless", async (population) => {
    const ann = await population.createUser("ann");
    const first = await population.createGroup("first", [ann.id]);
    const second = await population.createGroup("second", [first.id]);
    await population.step(first.id, { op: "add", ids: [second.id] });
    expectSame(
      await groupsOf(population, ann.id),
      [`${first.id} direct first Group`, `${second.id} indirect second Group`],
      "the groups",
    );
  }),
  contractTest("a group that is direct and indirect is direct", async (population) => {
    const ann = await population.createUser("ann");
    const inner = await population.createGroup("inner", [ann.id]);
    const outer = await population.createGroup("outer", [inner.id, ann.id]);
    expectSame(
      await groupsOf(population, ann.id),
      [`${inner.id} direct inner Group`, `${outer.id} direct outer Group`],
      "the groups",
    );
  }),
  contractTest("a user in no group has an empty list", async (population) => {
    const { id } = await population.createUser("ann");
    const { relations } = await population.read(population.user, id, ["groups"]);
    expectSame(relations, { groups: [] }, "the relations");
  }),
  contractTest("a nested group is a member of type Group", async (population) => {
    const inner = await population.createGroup("inner");
    const outer = await population.createGroup("outer", [inner.id]);
    const { relations } = await population.read(population.group, outer.id, ["members"]);
    expectSame(
      (relations["members"] ?? []).map(({ value, type, display }) => [value, type, display]),
      [[inner.id, "Group", "inner"]],
      "the members",
    );
  }),
  contractTest("a deleted user leaves its groups, whose revisions move", async (population) => {
    const { ann, group, cleo } = await smallGroup(population);
    const second = await population.createGroup("second", [ann.id, cleo.id]);
    const third = await population.createGroup("third", [cleo.id]);
    await population.remove(population.user, ann);
    const left = await population.read(population.group, group.id);
    expectThat(left.lastModified > group.lastModified, "lastModified has not moved");
    expectSame(
      [
        left.revision,
        (await population.read(population.group, second.id)).revision,
        (await population.read(population.group, third.id)).revision,
        await population.membersOf(second.id),
      ],
      [2, 2, 1, [cleo.id]],
      "revisions of three groups, members of the second",
    );
  }),
  contractTest(
    "a deleted group leaves its users alone and the group it was in",
    async (population) => {
      const { ann, group } = await smallGroup(population);
      const outer = await population.createGroup("outer", [group.id]);
      await population.remove(population.group, group);
      expectSame(await population.read(population.user, ann.id), ann, "the user");
      expectSame(await groupsOf(population, ann.id), [], "its groups");
      expectSame(
        [
          (await population.read(population.group, outer.id)).revision,
          await population.membersOf(outer.id),
        ],
        [2, []],
        "revision and members of the outer group",
      );
    },
  ),
];
