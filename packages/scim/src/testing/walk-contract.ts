/** What a store promises about walks by position and about queries over several types (RFC 9865 §2, RFC 7644 §3.4.2.1). */
import type { PageWalk, ResourcePage } from "../query/resource-query.ts";
import type { StoredResource } from "../resource/resource.ts";
import type { ContractPopulation, Search } from "./contract-population.ts";
import type { ContractTest } from "./contract-test.ts";
import { contractTest, expectSame, expectThat } from "./contract-test.ts";

/** Asks for one page. */
type Ask = (search: Search) => Promise<ResourcePage>;

const first: PageWalk = { way: "forward", position: undefined };

/** Walks to the end, page by page, and does something behind each. */
async function pagesOf(
  ask: Ask,
  search: Search,
  between: (page: ResourcePage) => Promise<void> = () => Promise.resolve(),
): Promise<readonly ResourcePage[]> {
  const pages: ResourcePage[] = [];
  let walk: PageWalk | undefined = first;
  while (walk !== undefined) {
    const page: ResourcePage = await ask({ ...search, walk });
    pages.push(page);
    expectThat(pages.length <= 50, "the walk does not end");
    walk = page.next === undefined ? undefined : { way: "forward", position: page.next };
    await between(page);
  }
  return pages;
}

function namesOn({ resources }: ResourcePage): string {
  return resources
    .map(({ attributes }) => String(attributes["userName"] ?? attributes["displayName"]))
    .join(" ");
}

/** The names on each page of a walk. */
async function walkedNames(ask: Ask, search: Search): Promise<readonly string[]> {
  return (await pagesOf(ask, search)).map(namesOn);
}

/** Walks back from the last page of a walk, and gives the pages as they came. */
async function namesBack(ask: Ask, search: Search): Promise<readonly string[]> {
  const forward = await pagesOf(ask, search);
  const pages: string[] = [];
  let { previous } = forward.at(-1) ?? {};
  while (previous !== undefined) {
    const page: ResourcePage = await ask({
      ...search,
      walk: { way: "backward", position: previous },
    });
    pages.push(namesOn(page));
    expectThat(page.next !== undefined, "a page before another one has something behind it");
    expectThat(pages.length <= 50, "the walk does not end");
    previous = page.previous;
  }
  return pages;
}

async function usersNamed(
  { createUser }: ContractPopulation,
  ...names: readonly string[]
): Promise<readonly StoredResource[]> {
  const users: StoredResource[] = [];
  for (const name of names) {
    users.push(await createUser(name, { title: `t${names.indexOf(name) % 3}` }));
  }
  return users;
}

const asker =
  ({ query, user }: ContractPopulation): Ask =>
  (search) =>
    query(user, search);

const alphabet = ["a", "b", "c", "d", "e", "f", "g"] as const;

const going: readonly ContractTest[] = [
  contractTest("a walk meets everything once, in the order of creation", async (population) => {
    await usersNamed(population, ...alphabet);
    const ask = asker(population);
    expectSame(await walkedNames(ask, { count: 3 }), ["a b c", "d e f", "g"], "pages of 3");
    expectSame(await walkedNames(ask, { count: 7 }), ["a b c d e f g"], "one page of all");
    expectSame(await walkedNames(ask, { count: 100 }), ["a b c d e f g"], "one page of more");
    const pages = await pagesOf(ask, { count: 2 });
    expectSame(
      pages.map(({ totalResults }) => totalResults),
      [7, 7, 7, 7],
      "totals",
    );
  }),
  contractTest("the last page is the last, though it is full", async (population) => {
    await usersNamed(population, "a", "b", "c", "d");
    const pages = await pagesOf(asker(population), { count: 2 });
    expectSame(pages.map(namesOn), ["a b", "c d"], "the pages");
    expectSame(
      pages.map(({ next, previous }) => [next !== undefined, previous !== undefined]),
      [
        [true, false],
        [false, true],
      ],
      "whether there is more behind and before",
    );
  }),
  contractTest("a walk goes back the way that it came", async (population) => {
    await usersNamed(population, ...alphabet);
    const ask = asker(population);
    expectSame(await namesBack(ask, { count: 3 }), ["d e f", "a b c"], "pages of 3");
    const sorted = { count: 3, sortBy: "title", descending: true };
    expectSame(await walkedNames(ask, sorted), ["c f b", "e a d", "g"], "sorted, forward");
    expectSame(await namesBack(ask, sorted), ["e a d", "c f b"], "sorted, backward");
  }),
  contractTest("a walk through nothing, or for no resources, has one page", async (population) => {
    const ask = asker(population);
    expectSame(await walkedNames(ask, { count: 3 }), [""], "an empty population");
    await usersNamed(population, "a", "b");
    const [page, ...others] = await pagesOf(ask, { count: 0 });
    expectSame(
      [page?.totalResults, page?.resources.length, others.length],
      [2, 0, 0],
      "total, resources, further pages",
    );
  }),
  contractTest("a walk has the relations that were asked for", async (population) => {
    const ann = await population.createUser("ann");
    await population.createGroup("crew", [ann.id]);
    const page = await population.query(population.group, { walk: first, relations: ["members"] });
    expectSame(
      page.resources.map(({ relations }) => relations["members"]?.map(({ value }) => value)),
      [[ann.id]],
      "the members",
    );
  }),
  contractTest("filters and walks go together, index or not", async (population) => {
    await usersNamed(population, ...alphabet);
    const ask = asker(population);
    const some = 'userName eq "b" or userName eq "d" or userName eq "e" or userName eq "g"';
    expectSame(await walkedNames(ask, { count: 3, filter: some }), ["b d e", "g"], "by an index");
    expectSame(await namesBack(ask, { count: 3, filter: some }), ["b d e"], "back, by an index");
    const search = { count: 2, filter: 'not (title eq "t1")' };
    expectSame(await walkedNames(ask, search), ["a c", "d f", "g"], "by reading all");
    expectSame(await namesBack(ask, search), ["d f", "a c"], "back, by reading all");
    const [page] = await pagesOf(ask, search);
    expectSame(page?.totalResults, 5, "the total");
  }),
  contractTest("whoever has no value to sort by is walked past once", async (population) => {
    await population.createUser("a", { title: "x" });
    await population.createUser("b");
    await population.createUser("c", { title: "X" });
    await population.createUser("d");
    const ask = asker(population);
    const up = { count: 1, sortBy: "title" };
    expectSame(await walkedNames(ask, up), ["a", "c", "b", "d"], "ascending");
    expectSame(
      await walkedNames(ask, { ...up, descending: true }),
      ["b", "d", "a", "c"],
      "descending",
    );
    expectSame(await namesBack(ask, up), ["b", "c", "a"], "back");
  }),
  contractTest("very long texts are walked past once too", async (population) => {
    const long = "x".repeat(2000);
    for (const name of ["a", "b", "c"]) {
      await population.createUser(name, { title: `${long}${name}` });
    }
    await population.createUser("d", { title: "x" });
    const pages = await pagesOf(asker(population), { count: 1, sortBy: "title" });
    expectSame(pages.map(namesOn), ["d", "a", "b", "c"], "the pages");
    expectThat(
      pages.every(({ next = "" }) => next.length < 1000),
      "a position is too long for a URL",
    );
  }),
];

const changing: readonly ContractTest[] = [
  contractTest(
    "whoever is there all the while is met once, whoever else comes and goes",
    async (population) => {
      const { user } = population;
      const users = await usersNamed(population, ...alphabet, "h", "i", "j");
      // Behind each page somebody goes who was met, somebody who was not, and somebody comes.
      const goingNow = [0, 9, 2, 8].flatMap((index) => users[index] ?? []);
      let came = 0;
      const pages = await pagesOf(asker(population), { count: 2 }, async () => {
        for (const one of goingNow.splice(0, 2)) {
          await population.remove(user, one);
        }
        if (came < 3) {
          came += 1;
          await population.createUser(`new${came}`);
        }
      });
      const met = pages.flatMap((page) => namesOn(page).split(" "));
      for (const name of ["b", "d", "e", "f", "g", "h"]) {
        expectSame(met.filter((one) => one === name).length, 1, `how often ${name} was met`);
      }
      expectSame(new Set(met).size, met.length, "nobody twice");
    },
  ),
  contractTest("a walk goes on from somebody who is gone", async (population) => {
    const [a, b] = await usersNamed(population, ...alphabet);
    const ask = asker(population);
    const page = await ask({ count: 2, walk: first });
    for (const one of [a, b]) {
      if (one !== undefined) {
        await population.remove(population.user, one);
      }
    }
    const after = await ask({ count: 2, walk: { way: "forward", position: page.next } });
    expectSame([namesOn(after), after.previous], ["c d", undefined], "the page, what is before");
    const sorted = { count: 2, sortBy: "userName" };
    const before = await ask({ ...sorted, walk: first });
    const next = await ask({ ...sorted, walk: { way: "forward", position: before.next } });
    expectSame([namesOn(before), namesOn(next)], ["c d", "e f"], "sorted");
  }),
];

const severalTypes: readonly ContractTest[] = [
  contractTest("several types come one after another, and are counted together", async (all) => {
    await all.createGroup("crew");
    await usersNamed(all, "a", "b", "c");
    await all.createGroup("deck");
    const pageAt = async (startIndex: number, count: number) => {
      const page = await all.queryAll({ startIndex, count });
      return [namesOn(page), page.totalResults, page.resources.map(({ part }) => part).join("")];
    };
    expectSame(await pageAt(1, 10), ["a b c crew deck", 5, "00011"], "all");
    expectSame(await pageAt(3, 2), ["c crew", 5, "01"], "across the border");
    expectSame(await pageAt(5, 2), ["deck", 5, "1"], "the end");
    expectSame(await pageAt(6, 2), ["", 5, ""], "behind the end");
    expectSame(await pageAt(1, 0), ["", 5, ""], "the total alone");
  }),
  contractTest("several types are walked through and back", async (all) => {
    await all.createGroup("crew");
    await usersNamed(all, "a", "b", "c");
    await all.createGroup("deck");
    const ask: Ask = (search) => all.queryAll(search);
    expectSame(await walkedNames(ask, { count: 2 }), ["a b", "c crew", "deck"], "forward");
    expectSame(await namesBack(ask, { count: 2 }), ["c crew", "a b"], "backward");
    expectSame(await walkedNames(ask, { count: 3 }), ["a b c", "crew deck"], "at the border");
    expectSame(await namesBack(ask, { count: 3 }), ["a b c"], "back from the border");
  }),
  contractTest("several types are sorted together", async (all) => {
    await all.createUser("ann", { displayName: "M" });
    await all.createUser("bea");
    await all.createGroup("k");
    await all.createGroup("Z");
    const ask: Ask = (search) => all.queryAll(search);
    const byName = { sortBy: "displayName" };
    expectSame(namesOn(await ask(byName)), "k ann Z bea", "ascending");
    expectSame(namesOn(await ask({ ...byName, descending: true })), "bea Z ann k", "descending");
    expectSame(await walkedNames(ask, { ...byName, count: 3 }), ["k ann Z", "bea"], "walked");
    expectSame(namesOn(await ask({ sortBy: "userName" })), "ann bea k Z", "by what one has");
    expectSame(
      namesOn(await ask({ ...byName, startIndex: 2, count: 2 })),
      "ann Z",
      "a page by index",
    );
  }),
  contractTest("a filter over several types reads each as it is", async (all) => {
    const ann = await all.createUser("ann", { displayName: "crew" });
    await all.createUser("bea");
    await all.createGroup("crew", [ann.id]);
    const found = async (filter: string) => namesOn(await all.queryAll({ filter }));
    expectSame(await found('displayName eq "crew"'), "ann crew", "what both have");
    expectSame(await found("userName pr"), "ann bea", "what one has");
    expectSame(await found('userName ne "ann"'), "bea crew", "what one has not");
    expectSame(await found("userName eq null"), "crew", "whoever has none");
    expectSame(await found(`members.value eq "${ann.id}"`), "crew", "a relation of one");
    expectSame(await found('meta.resourceType eq "Group"'), "crew", "one type alone");
    expectSame(await found('not (meta.resourceType eq "Group")'), "ann bea", "the other");
    expectSame(
      await found('meta.resourceType eq "Group" or userName eq "bea"'),
      "bea crew",
      "some of each",
    );
  }),
  contractTest("each type loads the relations that it has", async (all) => {
    const ann = await all.createUser("ann");
    const crew = await all.createGroup("crew", [ann.id]);
    const { resources } = await all.queryAll({ relations: ["members", "groups"] });
    expectSame(
      resources.map(({ relations }) =>
        Object.entries(relations).map(([name, values]) => [name, values[0]?.value]),
      ),
      [[["groups", crew.id]], [["members", ann.id]]],
      "the relations",
    );
  }),
];

/** Promises about walks and several types. */
export const walkContract: readonly ContractTest[] = [...going, ...changing, ...severalTypes];
