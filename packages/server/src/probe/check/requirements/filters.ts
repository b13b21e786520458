/** Filters (RFC 7644 §3.4.2.2). */
import { memberAt } from "../../target.ts";
import type { CheckSite } from "../check-site.ts";
import { expectEqual, expectError, listedIds } from "../expect.ts";
import type { Requirement, RequirementRow } from "../requirement.ts";
import { requirementsOf } from "../requirement.ts";

const wrongPerson = "a client links its person to somebody else";
const unmatched = "people who are there are not found, and are created again";

/** A filter and whom of three people it finds: `alpha` has a title and two e-mails, `beta` one e-mail, `gamma` neither. */
type FilterCase = readonly [
  id: string,
  level: Requirement["level"],
  title: string,
  consequence: string,
  filter: string,
  found: string,
];

const cases: readonly FilterCase[] = [
  [
    "FILT-02",
    "MUST",
    "eq returns only what matches",
    wrongPerson,
    'userName eq "{n}-alpha"',
    "alpha",
  ],
  [
    "FILT-03",
    "DERIVED",
    "ne, co, sw, ew and pr are understood",
    unmatched,
    'userName ne "{n}-alpha" and userName co "-" and userName sw "{n}" and userName ew "beta" and userName pr',
    "beta",
  ],
  [
    "FILT-04",
    "DERIVED",
    "operators and names are read in any case",
    "Ping, which sends username Eq, finds nobody",
    'USERNAME Eq "{n}-alpha" AND title PR',
    "alpha",
  ],
  [
    "FILT-05",
    "MUST",
    "and binds tighter than or",
    wrongPerson,
    'userName eq "{n}-beta" or userName eq "{n}-alpha" and title eq "none"',
    "beta",
  ],
  [
    "FILT-06",
    "MUST",
    "parentheses group",
    wrongPerson,
    '(userName eq "{n}-beta" or userName eq "{n}-alpha") and title eq "Planner"',
    "alpha",
  ],
  [
    "FILT-07",
    "MUST",
    "not applies to a parenthesised expression",
    wrongPerson,
    'userName sw "{n}" and not (title pr) and emails pr',
    "beta",
  ],
  [
    "FILT-13",
    "MUST",
    "strings are compared as caseExact says",
    unmatched,
    'userName eq "{N}-ALPHA"',
    "alpha",
  ],
  [
    "FILT-14",
    "DERIVED",
    "% and _ mean nothing in co",
    wrongPerson,
    'userName co "{n}%alpha" or userName co "{n}_alpha"',
    "",
  ],
  [
    "FILT-20",
    "DERIVED",
    "pr is true for what has a value",
    wrongPerson,
    'userName sw "{n}" and title pr',
    "alpha",
  ],
  [
    "FILT-23",
    "DERIVED",
    "one value of many that matches is enough",
    unmatched,
    'emails.value eq "{n}-2@example.com"',
    "alpha",
  ],
  [
    "FILT-25",
    "DERIVED",
    "a multi-valued attribute means its value",
    unmatched,
    'emails co "{n}-2@"',
    "alpha",
  ],
  [
    "FILT-27",
    "MUST",
    "in brackets one value has to satisfy everything",
    "Entra's match by work e-mail meets the wrong person",
    'emails[type eq "work" and value co "{n}-2@"]',
    "",
  ],
  [
    "FILT-28",
    "MUST",
    "brackets take or and not",
    unmatched,
    'emails[type eq "home" or (type eq "none" and value co "x")] and userName sw "{n}"',
    "alpha",
  ],
  [
    "FILT-30",
    "INTEROP",
    "brackets may be followed by a sub-attribute",
    "Entra's match by work e-mail is refused, and the whole job put into quarantine",
    'emails[type eq "work"].value eq "{n}-1@example.com"',
    "alpha",
  ],
  [
    "FILT-33",
    "DERIVED",
    "names may have the URN of their schema",
    unmatched,
    'urn:ietf:params:scim:schemas:core:2.0:User:userName eq "{n}-alpha"',
    "alpha",
  ],
  [
    "FILT-39",
    "SHOULD",
    "quotes of SQL mean nothing",
    "everybody who may ask may read everything",
    'userName eq "\' OR 1=1 --"',
    "",
  ],
];

/** Filters that have to be refused; the scimType where the RFC prescribes it. */
type RefusedFilters = readonly [
  id: string,
  title: string,
  consequence: string,
  filters: readonly string[],
  scimType?: "invalidFilter",
];

const refused: readonly RefusedFilters[] = [
  [
    "FILT-08",
    "an unknown operator is 400 invalidFilter",
    "a filter with a mistake returns everybody, who are then changed",
    ['userName regex "a"'],
    "invalidFilter",
  ],
  [
    "FILT-09",
    "a malformed filter is 400",
    "a filter with a mistake returns everybody, who are then changed",
    ["userName eq", 'userName eq "a" and', "(userName pr", 'eq "a"'],
  ],
  [
    "FILT-16",
    "gt on a boolean is 400 invalidFilter",
    "none of the known clients minds",
    ["active gt true"],
    "invalidFilter",
  ],
  [
    "FILT-24",
    "a complex attribute needs a sub-attribute, else it is 400",
    "none of the known clients minds",
    ['name eq "x"'],
  ],
];

/** The requirements. */
export const filterRequirements: readonly Requirement[] = requirementsOf(
  { section: "RFC 7644 §3.4.2.2", needs: "filter" },
  [
    ...cases.map(
      ([id, level, title, consequence, filter, found]): RequirementRow => [
        id,
        level,
        title,
        consequence,
        (site) => expectFound(site, filter, found),
      ],
    ),
    ...refused.map(
      ([id, title, consequence, filters, scimType]): RequirementRow => [
        id,
        "MUST",
        title,
        consequence,
        async (site) => {
          for (const filter of filters) {
            expectError(await site.filter("/Users", filter), 400, scimType);
          }
        },
      ],
    ),
    [
      "FILT-10",
      "MUST",
      "a value is a JSON string with its escapes",
      unmatched,
      async (site) => {
        const displayName = `${site.unique()} "q" \\ é`;
        const { id } = await site.newUser({ displayName });
        const filter = `displayName eq ${JSON.stringify(displayName).replace("é", "\\u00e9")}`;
        expectEqual("ids", listedIds(await site.filter("/Users", filter)), [id]);
      },
    ],
    [
      "FILT-35",
      "DERIVED",
      "id and meta are filtered by",
      "Entra's check of references finds nothing",
      async (site) => {
        const { id } = await site.newUser();
        const filter = `id eq "${id}" and meta.resourceType eq "User"`;
        expectEqual("ids", listedIds(await site.filter("/Users", filter)), [id]);
      },
    ],
    [
      "HTTP-15",
      "INTEROP",
      "+ in a query is a blank",
      "Entra and Authentik, which encode so, find nobody; Entra is quarantined",
      async (site) => {
        const { id, body } = await site.newUser();
        const name = encodeURIComponent(String(memberAt(body, "userName")));
        expectEqual("ids", listedIds(await site.get(`/Users?filter=userName+eq+%22${name}%22`)), [
          id,
        ]);
      },
    ],
  ],
);

/** The three people, made once for all filters. */
interface FilterPeople {
  readonly name: string;
  readonly ids: ReadonlyMap<string, string>;
}

const peopleOnSites = new WeakMap<CheckSite, Promise<FilterPeople>>();

function peopleOn(site: CheckSite): Promise<FilterPeople> {
  const made = peopleOnSites.get(site) ?? makePeople(site);
  peopleOnSites.set(site, made);
  return made;
}

async function makePeople(site: CheckSite): Promise<FilterPeople> {
  const name = site.unique("filter");
  const email = (number: number, type: string) => ({
    value: `${name}-${number}@example.com`,
    type,
  });
  const alpha = await site.newUser({
    userName: `${name}-alpha`,
    title: "Planner",
    emails: [email(1, "work"), email(2, "home")],
  });
  const beta = await site.newUser({ userName: `${name}-beta`, emails: [email(3, "work")] });
  await site.newUser({ userName: `${name}-gamma` });
  return {
    name,
    ids: new Map([
      ["alpha", alpha.id],
      ["beta", beta.id],
    ]),
  };
}

async function expectFound(site: CheckSite, filter: string, found: string): Promise<void> {
  const { name, ids } = await peopleOn(site);
  const filled = filter.replaceAll("{n}", name).replaceAll("{N}", name.toUpperCase());
  const expected = found === "" ? [] : [ids.get(found)];
  expectEqual(filled, listedIds(await site.filter("/Users", filled)), expected);
}
