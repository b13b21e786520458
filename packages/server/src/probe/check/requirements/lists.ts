/** Lists: pages, order, what of a resource is returned, searches (RFC 7644 §3.4.2, §3.4.3, §3.9). */
import { memberAt } from "../../target.ts";
import type { CheckSite } from "../check-site.ts";
import { urn } from "../check-site.ts";
import { expectEqual, expectStatus, expectThat, listed, listedIds } from "../expect.ts";
import type { Requirement } from "../requirement.ts";
import { requirementsOf } from "../requirement.ts";

const paging = "RFC 7644 §3.4.2.4";
const projection = "RFC 7644 §3.9";
const imports = "imports of Okta, Authentik and Casdoor skip people or never end";
const tooMuch = "clients that ask for less get everything";

const pages = requirementsOf({ section: "RFC 7644 §3.4.2" }, [
  [
    "LIST-01",
    "MUST",
    "a list has the ListResponse schema and an integer totalResults",
    "Okta's test suite fails; the connection is refused",
    async ({ get }) => {
      const { body, status } = await get("/Users?count=1");
      expectEqual("status", status, 200);
      expectEqual("schemas", memberAt(body, "schemas"), [urn.list]);
      expectThat(Number.isInteger(memberAt(body, "totalResults")), "totalResults is no integer");
    },
  ],
  [
    "LIST-02",
    "MUST",
    "a filter that finds nothing is 200 with totalResults 0",
    "Entra puts the whole job into quarantine at once",
    async ({ filter, unique }) => {
      const answer = await filter("/Users", `userName eq "${unique("nobody")}"`);
      expectStatus(answer, 200);
      expectEqual("totalResults", memberAt(answer.body, "totalResults"), 0);
    },
  ],
  [
    "LIST-03",
    "INTEROP",
    "an empty list still has Resources, as an empty array",
    "Authentik fails with a KeyError; Entra and Okta's tests fail",
    async ({ filter, unique }) => {
      const { body } = await filter("/Users", `userName eq "${unique("nobody")}"`);
      expectEqual("Resources", memberAt(body, "Resources"), []);
    },
  ],
  [
    "LIST-05",
    "MUST",
    "a page has startIndex and itemsPerPage",
    "Pocket ID, which adds itemsPerPage, never ends",
    async ({ newUser, get }) => {
      await newUser();
      await newUser();
      const { body } = await get("/Users?startIndex=1&count=1");
      expectEqual("startIndex", memberAt(body, "startIndex"), 1);
      expectEqual("itemsPerPage", memberAt(body, "itemsPerPage"), 1);
    },
  ],
  [
    "LIST-06",
    "DERIVED",
    "totalResults counts everything, not the page",
    imports,
    async ({ newUser, get }) => {
      await newUser();
      await newUser();
      const { body } = await get("/Users?count=1");
      expectThat(Number(memberAt(body, "totalResults")) >= 2, "totalResults counts the page");
    },
  ],
  [
    "PAGE-01",
    "DERIVED",
    "startIndex counts from 1, and pages do not overlap",
    imports,
    async (site) => {
      await threeUsers(site);
      const first = listedIds(await site.get("/Users?startIndex=1&count=2"));
      const second = listedIds(await site.get("/Users?startIndex=2&count=2"));
      expectEqual("the second of two and the first from 2 on", second[0], first[1]);
    },
    paging,
  ],
  [
    "PAGE-02",
    "MUST",
    "a startIndex below 1 is 1",
    "none of the known clients minds",
    async ({ newUser, get }) => {
      await newUser();
      const first = listedIds(await get("/Users?startIndex=1&count=1"));
      for (const index of [0, -5]) {
        const answer = await get(`/Users?startIndex=${index}&count=1`);
        expectEqual(`ids with startIndex=${index}`, listedIds(answer), first);
      }
    },
    paging,
  ],
  [
    "PAGE-03",
    "MUST",
    "a page has no more than count",
    "clients with a fixed step read people twice",
    async (site) => {
      await threeUsers(site);
      expectEqual("how many", listed(await site.get("/Users?count=2")).length, 2);
    },
    paging,
  ],
  [
    "PAGE-04",
    "MUST",
    "a negative count is 0",
    "none of the known clients minds",
    async ({ newUser, get }) => {
      await newUser();
      const { status, body } = await get("/Users?count=-1");
      expectEqual("status", status, 200);
      expectEqual("Resources.0", memberAt(body, "Resources.0"), undefined);
    },
    paging,
  ],
  [
    "PAGE-05",
    "DERIVED",
    "count=0 counts and returns nobody",
    "tools that count read everything",
    async ({ newUser, get }) => {
      await newUser();
      const { status, body } = await get("/Users?count=0");
      expectEqual("status", status, 200);
      expectThat(Number(memberAt(body, "totalResults")) > 0, "totalResults is not counted");
      expectEqual("Resources.0", memberAt(body, "Resources.0"), undefined);
    },
    paging,
  ],
  [
    "PAGE-08",
    "CHOICE",
    "a page behind the end is empty, and 200",
    imports,
    async ({ get }) => {
      const answer = await get("/Users?startIndex=99999999&count=5");
      expectEqual("how many", listed(answer).length, 0);
    },
    paging,
  ],
]);

const parts = requirementsOf({ section: projection }, [
  [
    "PROJ-02",
    "MUST",
    "attributes= returns those, and what is always returned",
    tooMuch,
    async ({ newUser, get }) => {
      const { path } = await newUser({ displayName: "B", title: "T" });
      const { body } = await get(`${path}?attributes=displayName`);
      expectEqual("displayName", memberAt(body, "displayName"), "B");
      expectThat(memberAt(body, "id") !== undefined, "id is missing");
      expectEqual("title", memberAt(body, "title"), undefined);
    },
  ],
  [
    "PROJ-03",
    "MUST",
    "a sub-attribute that is named is returned alone",
    tooMuch,
    async ({ newUser, get }) => {
      const { path } = await newUser({ name: { givenName: "A", familyName: "B" } });
      const { body } = await get(`${path}?attributes=name.givenName`);
      expectEqual("name", memberAt(body, "name"), { givenName: "A" });
    },
  ],
  [
    "PROJ-05",
    "MUST",
    "excludedAttributes= leaves those out",
    tooMuch,
    async ({ newUser, get }) => {
      const { path } = await newUser({ displayName: "B", title: "T" });
      const { body } = await get(`${path}?excludedAttributes=title`);
      expectEqual("title", memberAt(body, "title"), undefined);
      expectEqual("displayName", memberAt(body, "displayName"), "B");
    },
  ],
  [
    "PROJ-06",
    "MUST",
    "id cannot be excluded",
    "clients cannot link what they read",
    async ({ newUser, get }) => {
      const { path, id } = await newUser();
      const { body } = await get(`${path}?excludedAttributes=id`);
      expectEqual("id", memberAt(body, "id"), id);
    },
    "RFC 7644 §3.4.2.5",
  ],
  [
    "POST-07",
    "MUST",
    "attributes= applies to the answer of a creation",
    tooMuch,
    async ({ post, userBody }) => {
      const answer = await post("/Users?attributes=userName", userBody({ displayName: "B" }));
      expectStatus(answer, 201);
      expectEqual("displayName", memberAt(answer.body, "displayName"), undefined);
    },
  ],
  [
    "SRCH-01",
    "MUST",
    "POST /Users/.search answers as the query does",
    "clients whose filters are too long or too private for a URL find nobody",
    async ({ newUser, send }) => {
      const { id, body } = await newUser();
      const filter = `userName eq "${memberAt(body, "userName")}"`;
      const answer = await send("POST", "/Users/.search", {
        body: { schemas: [urn.search], filter },
      });
      expectEqual("ids", listedIds(answer), [id]);
    },
    "RFC 7644 §3.4.3",
  ],
]);

const sorting = requirementsOf({ section: "RFC 7644 §3.4.2.3", needs: "sort" }, [
  [
    "SORT-02",
    "MUST",
    "sortBy sorts, ascending by default",
    "lists of governance tools are out of order, and their comparisons fail",
    async (site) => {
      const names = await titledUsers(site);
      const answer = await site.get(`/Users?filter=${filterOf(names)}&sortBy=displayName`);
      expectEqual("order", displayNames(answer.body), names);
    },
  ],
  [
    "SORT-03",
    "MUST",
    "sortOrder=descending turns the order round",
    "lists of governance tools are out of order",
    async (site) => {
      const names = await titledUsers(site);
      const query = `/Users?filter=${filterOf(names)}&sortBy=displayName&sortOrder=descending`;
      expectEqual("order", displayNames((await site.get(query)).body), names.toReversed());
    },
  ],
]);

/** The requirements. */
export const listRequirements: readonly Requirement[] = [...pages, ...parts, ...sorting];

async function threeUsers({ newUser }: CheckSite): Promise<void> {
  await newUser();
  await newUser();
  await newUser();
}

/** Three people with names that are not created in their order; case does not count. */
async function titledUsers(site: CheckSite): Promise<readonly string[]> {
  const word = site.unique("sort");
  const names = [`${word}-a`, `${word}-B`, `${word}-c`];
  for (const index of [1, 2, 0]) {
    await site.newUser({ displayName: names[index] });
  }
  return names;
}

function filterOf([first = ""]: readonly string[]): string {
  return encodeURIComponent(`displayName sw "${first.slice(0, -1)}"`);
}

function displayNames(body: unknown): readonly unknown[] {
  const resources = memberAt(body, "Resources");
  return Array.isArray(resources) ? resources.map((one) => memberAt(one, "displayName")) : [];
}
