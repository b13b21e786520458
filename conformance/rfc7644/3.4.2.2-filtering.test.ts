/** Filters: grammar, operators, types and value paths (RFC 7644 §3.4.2.2). */
import { expect, test } from "vitest";
import { freshConnection } from "../fresh-connection.ts";
import { createScimClient, expectError, expectStatus, idsOf, urn } from "../scim-client.ts";

const client = createScimClient(await freshConnection({ settings: { strict: true } }));
const lenient = createScimClient(await freshConnection());

/** Three people as the filters below know them. */
async function createPeople(of: typeof client) {
  const people = {
    A: await of.newUser({
      schemas: [urn.user, urn.enterprise],
      userName: "Alice",
      title: "Eng",
      active: true,
      emails: [
        { value: "a@work.com", type: "work", primary: true },
        { value: "a@home.org", type: "home" },
      ],
      name: { givenName: "Al" },
      [urn.enterprise]: { department: "R&D" },
    }),
    B: await of.newUser({
      userName: "bob",
      active: false,
      emails: [{ value: "b@home.org", type: "work" }],
    }),
    C: await of.newUser({ userName: "Carol", title: "eng", userType: "Employee" }),
  };
  return people;
}
const people = await createPeople(client);
const lenientPeople = await createPeople(lenient);

/** The letters of the people that match. */
async function matches(filter: string, of = client, who = people): Promise<string> {
  const found = idsOf(await of.filter("/Users", filter));
  return Object.entries(who)
    .filter(([, { id }]) => found.includes(id))
    .map(([letter]) => letter)
    .join("");
}

test.each([
  ["FILT-02 USER-03", 'userName eq "ALICE"', "A"],
  ["FILT-13 CHAR-09", 'title eq "eng"', "AC"],
  ["FILT-13", 'title co "NG"', "AC"],
  ["FILT-13", 'title sw "E"', "AC"],
  ["FILT-13", 'title ew "G"', "AC"],
  ["FILT-22", 'title ne "eng"', "B"],
  ["FILT-20", "title pr", "AC"],
  ["FILT-05", "not (title pr)", "B"],
  ["FILT-21", "title eq null", "B"],
  ["FILT-21", "title ne null", "AC"],
  ["FILT-03", "active eq true", "AC"],
  ["FILT-03", "active ne true", "B"],
  ["FILT-20", "emails pr", "AB"],
  ["FILT-20", "name pr", "A"],
  ["FILT-23", 'emails.value eq "a@home.org"', "A"],
  ["FILT-22", 'emails.value ne "b@home.org"', "AC"],
  ["FILT-26", 'emails.type eq "work" and emails.value co "home"', "AB"],
  ["FILT-27", 'emails[type eq "work" and value co "home"]', "B"],
  ["FILT-25", 'emails co "work.com"', "A"],
  ["FILT-05", 'userName sw "a" or userName sw "b" and title pr', "A"],
  ["FILT-06", '(userName sw "a" or userName sw "b") and title pr', "A"],
  ["FILT-06", '( ( userName eq "alice" ) )', "A"],
  ["FILT-05 FILT-07", 'not (userName eq "bob") and active eq true', "AC"],
  ["FILT-04 FILT-07", 'NOT(userName EQ "bob")', "AC"],
  ["FILT-04 NAME-02", 'USERNAME Eq "bob" AND Not (TITLE Pr)', "B"],
  ["FILT-33 NAME-05", `${urn.user}:name.givenName eq "al"`, "A"],
  ["FILT-33 NAME-06", `${urn.enterprise}:department eq "r&d"`, "A"],
  ["NAME-04", `${urn.enterprise.toUpperCase()}:DEPARTMENT eq "r&d"`, "A"],
  ["FILT-35", `schemas eq "${urn.enterprise}"`, "A"],
  ["FILT-28", 'emails[type eq "home" or (type eq "work" and value ew "@home.org")]', "AB"],
  ["FILT-28", 'emails[not (type eq "work")]', "A"],
  ["FILT-31", 'name[givenName eq "al"]', "A"],
  ["FILT-15", 'userName gt "alice"', "BC"],
  ["FILT-15", 'userName ge "alice"', "ABC"],
  ["FILT-15", 'userName lt "bob"', "A"],
  ["FILT-15", 'userName le "bob"', "AB"],
  ["FILT-19", 'meta.lastModified gt "2011-05-13T04:42:34Z"', "ABC"],
  ["FILT-19", 'meta.lastModified lt "2011-05-13T04:42:34+00:00"', ""],
  ["FILT-35", "externalId pr", ""],
  ["FILT-10", 'userName eq "\\u0062ob"', "B"],
  ["FILT-40", 'userName  eq   "bob"', "B"],
  ["FILT-42 I18N-01", 'userName eq "ｂｏｂ"', "B"],
  ["FILT-39", `userName eq "' OR 1=1 --"`, ""],
  ["FILT-14", 'userName co "%"', ""],
  ["FILT-14", 'userName co "_"', ""],
  ["FILT-14", 'userName co "*"', ""],
] as const)("%s %s finds %s", async (_, filter, expected) => {
  expect(await matches(filter)).toBe(expected);
});

test("FILT-19 a time compares as an instant, whatever its zone and fraction", async () => {
  const { created } = people.A.meta;
  const shifted = new Date(new Date(created).getTime() + 7_200_000).toISOString();
  for (const text of [created, shifted.replace("Z", "+02:00")]) {
    expect(await matches(`meta.created eq "${text}"`)).toContain("A");
    expect(await matches(`meta.created gt "${text}"`)).not.toContain("A");
  }
});

test("FILT-10 FILT-14 quotes, backslashes and wildcards in a value are themselves", async () => {
  const displayName = 'a"b\\c%_é';
  const user = await client.newUser({ displayName });
  const literal = JSON.stringify(displayName);
  expect(idsOf(await client.filter("/Users", `displayName eq ${literal}`))).toEqual([user.id]);
  expect(idsOf(await client.filter("/Users", 'displayName co "c%_"'))).toEqual([user.id]);
  expect(idsOf(await client.filter("/Users", 'displayName co "c__"'))).toEqual([]);
  expect(idsOf(await client.filter("/Users", 'displayName sw "A\\"B"'))).toEqual([user.id]);
});

test.each([
  "",
  "userName",
  "userName eq",
  'eq "a"',
  'userName regex "a"',
  'userName eq "a" and',
  'and userName eq "a"',
  '(userName eq "a"',
  'userName eq "a")',
  'userName eq "a" userName eq "b"',
  "userName eq 'a'",
  'userName eq "a',
  'userName eq "a" x',
  'emails[type eq "work"',
  "emails[]",
  'emails[emails[type eq "x"]]',
  'name eq "x"',
  "active gt true",
  'x509Certificates.value gt "a"',
  'active co "t"',
  'meta.created sw "2"',
  'active eq "maybe"',
  'meta.created gt "soon"',
  'not userName eq "a"',
  'userName not eq "a"',
  '1userName eq "a"',
  'userName. eq "a"',
  '.userName eq "a"',
  'nope eq "a"',
  'emails[nope eq "a"]',
  'emails.nope eq "a"',
  'password eq "x"',
  "userName eq bob",
])(
  "FILT-08 FILT-09 FILT-12 FILT-16 FILT-17 FILT-18 FILT-24 FILT-29 FILT-34 ERR-06 %s is refused",
  async (filter) => {
    expectError(await client.filter("/Users", filter), 400, "invalidFilter");
  },
);

test("FILT-11 FILT-18 lenient: bare words and string booleans are read", async () => {
  for (const [filter, expected] of [
    ["userName eq bob", "B"],
    ["(userName eq bob)", "B"],
    ["meta.resourceType eq User and userName eq bob", "B"],
    ["active eq True", "AC"],
    ['active eq "false"', "B"],
    ['emails[primary eq "True"].value eq "a@work.com"', "A"],
  ] as const) {
    expect(await matches(filter, lenient, lenientPeople), filter).toBe(expected);
  }
});

test("FILT-30 lenient: a sub-attribute after a value path belongs to it", async () => {
  const filter = 'emails[type eq "work"].value eq "a@work.com"';
  expect(await matches(filter, lenient, lenientPeople)).toBe("A");
  const other = 'emails[type eq "home"].value eq "a@work.com"';
  expect(await matches(other, lenient, lenientPeople)).toBe("");
});

test("FILT-38 HTTP-27 filters beyond the limits are refused, deep ones without harm", async () => {
  const deep = `${"(".repeat(10_000)}title pr${")".repeat(10_000)}`;
  const long = `userName eq "${"a".repeat(9000)}"`;
  const wide = Array.from({ length: 101 }, () => "title pr").join(" or ");
  for (const filter of [deep.slice(0, 4000), long, wide]) {
    expectError(await client.filter("/Users", filter), 400, "invalidFilter");
  }
  expectStatus(await client.filter("/Users", deep), 400, 414, 431);
  expect(await matches('userName eq "bob"')).toBe("B");
});

test("HTTP-15 blanks may come as + or %20 and letters as UTF-8 escapes", async () => {
  const user = await client.newUser({ displayName: "Zoë + co" });
  for (const query of [
    "displayName+eq+%22Zo%C3%AB%20%2B%20co%22",
    "displayName%20eq%20%22Zo%c3%ab%20%2b%20co%22",
  ]) {
    expect(idsOf(await client.get(`/Users?filter=${query}`)), query).toEqual([user.id]);
  }
});

test("FILT-02 a refused filter never lists everybody", async () => {
  const answer = await client.filter("/Users", 'nope eq "x"');
  expect(answer.body).not.toHaveProperty("Resources");
});
