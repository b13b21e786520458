/** What a store promises about order, pages and totals. */
import type { JsonObject } from "../json.ts";
import type { ContractPopulation, Search } from "./contract-population.ts";
import type { ContractTest } from "./contract-test.ts";
import { contractTest, expectSame } from "./contract-test.ts";

/** The userNames on a page. */
async function namesFound(population: ContractPopulation, search: Search): Promise<string> {
  const { resources } = await population.query(population.user, search);
  return resources.map(({ attributes }) => String(attributes["userName"])).join(" ");
}

/** A test of an order: users u0, u1, … with these attributes come in this order. */
function sortTest(
  name: string,
  { sortBy, descending = false }: Search,
  users: readonly JsonObject[],
  expected: string,
): ContractTest {
  return contractTest(name, async (population) => {
    for (const [index, attributes] of users.entries()) {
      await population.createUser(`u${index}`, attributes);
    }
    const search = { descending, ...(sortBy === undefined ? {} : { sortBy }) };
    expectSame(await namesFound(population, search), expected, "the order");
  });
}

async function createUsers({ createUser }: ContractPopulation, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    // Made against the order of names, and in three lots of one title.
    await createUser(`u${String(99 - index)}`, { title: `t${index % 3}` });
  }
}

const sorting: readonly ContractTest[] = [
  sortTest("without sort the order is that of creation", {}, [{}, {}, {}], "u0 u1 u2"),
  sortTest(
    "strings sort without regard to case",
    { sortBy: "title" },
    [{ title: "b" }, { title: "C" }, { title: "a" }, { title: "B2" }],
    "u2 u0 u3 u1",
  ),
  sortTest(
    "descending turns the order round",
    { sortBy: "title", descending: true },
    [{ title: "b" }, { title: "C" }, { title: "a" }],
    "u1 u0 u2",
  ),
  sortTest(
    "exact strings sort by case",
    { sortBy: "externalId" },
    [{ externalId: "b" }, { externalId: "C" }, { externalId: "a" }, { externalId: "10" }],
    "u3 u1 u2 u0",
  ),
  sortTest(
    "strings sort by code point, beyond 16 bits too",
    { sortBy: "title" },
    [{ title: "\u{10000}" }, { title: "\u{E000}" }, { title: "z" }],
    "u2 u1 u0",
  ),
  sortTest(
    "without value last when ascending",
    { sortBy: "title" },
    [{}, { title: "b" }, { title: "a" }],
    "u2 u1 u0",
  ),
  sortTest(
    "without value first when descending",
    { sortBy: "title", descending: true },
    [{ title: "a" }, { title: "b" }, {}],
    "u2 u1 u0",
  ),
  sortTest(
    "booleans sort false before true",
    { sortBy: "active" },
    [{ active: true }, {}, { active: false }],
    "u2 u0 u1",
  ),
  sortTest(
    "times sort by time",
    { sortBy: "meta.created", descending: true },
    [{}, {}, {}],
    "u2 u1 u0",
  ),
  sortTest(
    "multi-valued attributes sort by the primary value, else the first",
    { sortBy: "emails" },
    [
      { emails: [{ value: "c@x" }, { value: "a@x" }] },
      { emails: [{ value: "z@x" }, { value: "B@x", primary: true }] },
      { emails: [{ value: "a@x" }, { value: "0@x" }] },
      {},
    ],
    "u2 u1 u0 u3",
  ),
  sortTest(
    "sub-attributes sort",
    { sortBy: "name.familyName" },
    [{ name: { familyName: "B" } }, { name: { givenName: "x" } }, { name: { familyName: "a" } }],
    "u2 u0 u1",
  ),
  sortTest(
    "extension attributes sort",
    { sortBy: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department" },
    [
      { "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { department: "b" } },
      {},
      { "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { department: "A" } },
    ],
    "u2 u0 u1",
  ),
];

const paging: readonly ContractTest[] = [
  contractTest("an empty population has nothing to find", async (population) => {
    expectSame(
      await population.query(population.user),
      { totalResults: 0, resources: [] },
      "the page",
    );
  }),
  contractTest("a query finds resources of its type alone", async (population) => {
    await population.createUser("ann");
    await population.createGroup("crew");
    expectSame(
      [await namesFound(population, {}), (await population.query(population.group)).totalResults],
      ["ann", 1],
      "users, number of groups",
    );
  }),
  contractTest(
    "a page has count resources from startIndex on, the total all",
    async (population) => {
      await createUsers(population, 7);
      const search = { startIndex: 3, count: 2 };
      expectSame(await namesFound(population, search), "u97 u96", "the page");
      expectSame((await population.query(population.user, search)).totalResults, 7, "the total");
    },
  ),
  contractTest("a count of 0 asks for the total alone", async (population) => {
    await createUsers(population, 3);
    expectSame(
      await population.query(population.user, { count: 0 }),
      { totalResults: 3, resources: [] },
      "the page",
    );
  }),
  contractTest("behind the end there is nothing, and the total is right", async (population) => {
    await createUsers(population, 3);
    for (const startIndex of [4, 1000, Number.MAX_SAFE_INTEGER]) {
      expectSame(
        await population.query(population.user, { startIndex }),
        { totalResults: 3, resources: [] },
        `the page at ${startIndex}`,
      );
    }
  }),
  contractTest("pages meet every resource once", async (population) => {
    await createUsers(population, 8);
    for (const sortBy of [undefined, "title", "userName"]) {
      const pages: string[] = [];
      for (let startIndex = 1; startIndex <= 8; startIndex += 3) {
        const search = { startIndex, count: 3, ...(sortBy === undefined ? {} : { sortBy }) };
        pages.push(...(await namesFound(population, search)).split(" "));
      }
      expectSame(new Set(pages).size, 8, `different users on all pages by ${sortBy}`);
      expectSame(pages.length, 8, `users on all pages by ${sortBy}`);
    }
  }),
  contractTest("filter and sort come before the page", async (population) => {
    await createUsers(population, 8);
    const search = { filter: 'title eq "t1"', sortBy: "userName", startIndex: 2, count: 1 };
    expectSame(await namesFound(population, search), "u95", "the page");
    expectSame((await population.query(population.user, search)).totalResults, 3, "the total");
  }),
  contractTest("a page follows renames and deletions", async (population) => {
    const { user } = population;
    const ann = await population.createUser("ann");
    const bea = await population.createUser("bea");
    await population.createUser("cleo");
    await population.update(user, ann, { after: { userName: "zoe" } });
    await population.remove(user, bea);
    expectSame(await namesFound(population, { sortBy: "userName" }), "cleo zoe", "the page");
    expectSame(await namesFound(population, { filter: 'userName eq "ann"' }), "", "the old name");
    expectSame(
      await namesFound(population, { filter: 'userName eq "zoe"' }),
      "zoe",
      "the new name",
    );
  }),
  contractTest("a page has the relations that were asked for", async (population) => {
    const ann = await population.createUser("ann");
    const crew = await population.createGroup("crew", [ann.id]);
    const { user, group } = population;
    const groups = await population.query(group, { relations: ["members"] });
    const users = await population.query(user, { relations: ["groups"] });
    const bare = await population.query(group, {});
    expectSame(
      [
        groups.resources[0]?.relations["members"]?.map(({ value }) => value),
        users.resources[0]?.relations["groups"]?.map(({ value }) => value),
        bare.resources[0]?.relations,
      ],
      [[ann.id], [crew.id], {}],
      "members, groups, nothing",
    );
  }),
  contractTest("a page has the resources as they are read", async (population) => {
    const ann = await population.createUser("ann", { title: "Dr" });
    const { resources } = await population.query(population.user);
    expectSame(resources, [{ ...ann, part: 0 }], "the page");
  }),
];

/** Promises about order, pages and totals. */
export const queryContract: readonly ContractTest[] = [...sorting, ...paging];
