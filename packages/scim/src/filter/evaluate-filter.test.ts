import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../json.ts";
import { compareCodePoints } from "../schema/data-type.ts";
import { createStandardRegistry } from "../schema/standard-registry.ts";
import { userResourceType } from "../schema/user.ts";
import { comparisonFormOf } from "./comparison-form.ts";
import { evaluateFilter, evaluateValueFilter } from "./evaluate-filter.ts";
import { parseFilter } from "./parse-filter.ts";
import { resolveFilter } from "./resolve-filter.ts";
import type { ResolvedFilter } from "./resolved-filter.ts";

const { schemaUris } = createStandardRegistry();
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const core = "urn:ietf:params:scim:schemas:core:2.0:User";

function resolve(text: string): ResolvedFilter {
  const filter = parseFilter(text, { strict: true, schemaUris });
  return resolveFilter(filter, userResourceType, {
    strict: true,
    unqualifiedExtensionNames: false,
  });
}

const meta = {
  resourceType: "User",
  created: "2020-01-01T00:00:00Z",
  lastModified: "2020-01-01T00:00:00Z",
};
const people: Readonly<Record<string, JsonObject>> = {
  A: {
    schemas: [core, enterprise],
    id: "a",
    userName: "Alice",
    title: "Eng",
    active: true,
    name: { givenName: "Al" },
    emails: [
      { value: "a@work.com", type: "work", primary: true },
      { value: "a@home.org", type: "home" },
    ],
    [enterprise]: { department: "R&D", manager: { value: "m1" } },
    meta,
  },
  B: {
    schemas: [core],
    id: "b",
    userName: "bob",
    active: false,
    emails: [{ value: "b@home.org", type: "work" }],
    meta,
  },
  C: {
    schemas: [core],
    id: "c",
    userName: "Carol",
    title: "eng",
    userType: "Employee",
    nickName: "",
    active: true,
    meta,
  },
};

/** The people that match, by letter. */
function matches(text: string): string {
  const filter = resolve(text);
  return Object.entries(people)
    .filter(([, person]) => evaluateFilter(filter, comparisonFormOf(userResourceType, person)))
    .map(([letter]) => letter)
    .join("");
}

test.each([
  ['userName eq "ALICE"', "A"],
  ['title eq "eng"', "AC"],
  ['title ne "eng"', "B"],
  ["title pr", "AC"],
  ["not (title pr)", "B"],
  ["title eq null", "B"],
  ["title ne null", "AC"],
  ["active eq true", "AC"],
  ["active ne true", "B"],
  ["emails pr", "AB"],
  ["name pr", "A"],
  ["name eq null", "BC"],
  ["nickName pr", ""],
  ['nickName eq ""', "C"],
  ['emails.type eq "work" and emails.value co "home"', "AB"],
  ['emails[type eq "work" and value co "home"]', "B"],
  ['emails co "work.com"', "A"],
  ['emails[primary eq true].value eq "a@work.com"', "A"],
  ["emails[primary eq false]", "AB"],
  ["emails.primary eq false", "AB"],
  ['emails[type eq "home" and primary eq false]', "A"],
  ["emails[primary ne true]", "AB"],
  ['emails.type ne "home"', "ABC"],
  ['emails.value ne "b@home.org"', "AC"],
  ['userName sw "a" or userName sw "b" and title pr', "A"],
  ['(userName sw "a" or userName sw "b") and title pr', "A"],
  ['not (userName eq "bob") and active eq true', "AC"],
  ['NOT(userName EQ "bob")', "AC"],
  [`${core}:name.givenName eq "al"`, "A"],
  [`${enterprise}:department eq "r&d"`, "A"],
  [`${enterprise}:department ne "r&d"`, "BC"],
  [`${enterprise} pr`, "A"],
  [`${enterprise}:manager[value eq "m1"]`, "A"],
  [`${enterprise}:manager[not (value eq "m1")]`, ""],
  [`${enterprise}:manager[value eq "M1"]`, ""],
  [`schemas eq "${enterprise}"`, "A"],
  [`schemas[value eq "${enterprise}"]`, "A"],
  ['emails[type eq "home" or (type eq "work" and value ew "@home.org")]', "AB"],
  ['emails[not (type eq "work")]', "A"],
  ['emails[type eq "fax"]', ""],
  ['name[givenName eq "AL"]', "A"],
  ['userName gt "alice"', "BC"],
  ['userName ge "alice"', "ABC"],
  ['userName lt "bob"', "A"],
  ['userName le "bob"', "AB"],
  ['title gt "a"', "AC"],
  ['meta.lastModified gt "2011-05-13T04:42:34Z"', "ABC"],
  ['meta.created eq "2020-01-01T01:00:00+01:00"', "ABC"],
  ["externalId pr", ""],
  ['userName eq "\\u0062ob"', "B"],
  ['id eq "a"', "A"],
  ['id eq "A"', ""],
  ['userName co ""', "ABC"],
  ['title co ""', "AC"],
  ['userName co "%"', ""],
  ['userName sw "_"', ""],
  ['userName eq "\u017f"', ""],
])("%s matches %j", (text, letters) => {
  expect(matches(text)).toBe(letters);
});

describe("values that are not of the type", () => {
  const comparison = (text: string, form: JsonObject) => evaluateFilter(resolve(text), form);

  test("never compare", () => {
    expect(comparison('title co "1"', { title: 1 })).toBe(false);
    expect(comparison('title gt "1"', { title: 2 })).toBe(false);
    expect(comparison('title gt "1"', { title: null })).toBe(false);
    expect(comparison("title pr", { title: null })).toBe(false);
    expect(comparison('name.familyName eq "x"', { name: "x" })).toBe(false);
    expect(comparison(`${enterprise}:department pr`, { [enterprise]: "x" })).toBe(false);
  });

  test("are own members only", () => {
    expect(comparison("title pr", Object.create({ title: "x" }))).toBe(false);
  });
});

describe("one element of a value path", () => {
  const path = (name: string): ResolvedFilter["kind"] extends string ? ResolvedFilter : never => {
    const filter = resolve(`emails[${name}]`);
    return filter.kind === "any" ? filter.filter : filter;
  };

  test.each<[string, JsonValue, boolean]>([
    ['type eq "work"', { type: "work" }, true],
    ['type eq "work"', { type: "home" }, false],
    ['type eq "work"', {}, false],
    ['value eq "x"', "x", true],
    ['type eq "x"', "x", false],
    ["value pr", "x", true],
    ["value pr", null, false],
  ])("%s on %j: %j", (text, element, expected) => {
    expect(evaluateValueFilter(path(text), element)).toBe(expected);
  });

  test("a path that is the extension leads nowhere", () => {
    const nowhere = { extension: undefined, attribute: undefined, subAttribute: undefined };
    expect(evaluateValueFilter({ kind: "present", path: nowhere }, {})).toBe(false);
    expect(evaluateValueFilter({ kind: "present", path: nowhere }, "x")).toBe(false);
  });
});

test("a numeric comparison with an operator for text never holds", () => {
  const filter = resolve('title co "1"');
  const numeric: ResolvedFilter =
    filter.kind === "comparison" ? { ...filter, comparable: 1 } : filter;
  expect(evaluateFilter(numeric, { title: 1 })).toBe(false);
});

describe("laws", () => {
  const words = fc.constantFrom("", "a", "b", "ab", "é", "\u{1f600}", "\ufffd");
  const element = fc.record(
    { value: words, type: words, primary: fc.boolean() },
    { requiredKeys: [] },
  );
  const forms: fc.Arbitrary<JsonObject> = fc.record(
    {
      title: words,
      active: fc.boolean(),
      name: fc.record({ familyName: words }, { requiredKeys: [] }),
      emails: fc.array(element, { minLength: 1, maxLength: 3 }),
      schemas: fc.array(words, { minLength: 1, maxLength: 2 }),
    },
    { requiredKeys: [] },
  );
  const operators = fc.constantFrom("eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le");
  const texts = fc
    .tuple(
      fc.constantFrom("title", "name.familyName", "emails.value", "emails", "schemas"),
      operators,
      words,
    )
    .map(([path, operator, word]) => `${path} ${operator} ${JSON.stringify(word)}`);
  const filters = fc
    .oneof(
      texts,
      fc.constantFrom(
        "title pr",
        "emails pr",
        "name pr",
        "active eq true",
        "emails.primary eq false",
      ),
      fc
        .tuple(operators, words)
        .map(([operator, word]) => `emails[value ${operator} ${JSON.stringify(word)} and type pr]`),
    )
    .map(resolve);
  const not = (operand: ResolvedFilter): ResolvedFilter => ({ kind: "not", operand });
  const runs = { seed: 3644, numRuns: 3000 };

  test("de Morgan, double negation", () => {
    fc.assert(
      fc.property(filters, filters, forms, (a, b, form) => {
        const holds = (filter: ResolvedFilter) => evaluateFilter(filter, form);
        const both = { kind: "and" as const, operands: [a, b] };
        const either = { kind: "or" as const, operands: [a, b] };
        expect(holds(not(both))).toBe(holds({ kind: "or", operands: [not(a), not(b)] }));
        expect(holds(not(either))).toBe(holds({ kind: "and", operands: [not(a), not(b)] }));
        expect(holds(not(not(a)))).toBe(holds(a));
        expect(holds(both)).toBe(holds(a) && holds(b));
        expect(holds(either)).toBe(holds(a) || holds(b));
      }),
      runs,
    );
  });

  test("ne is the negation of eq on one value; of several, some other value is enough", () => {
    fc.assert(
      fc.property(words, forms, (word, form) => {
        const literal = JSON.stringify(word);
        const holds = (text: string) => evaluateFilter(resolve(text), form);
        expect(holds(`title ne ${literal}`)).toBe(!holds(`title eq ${literal}`));
        if (!holds(`emails.value eq ${literal}`)) {
          expect(holds(`emails.value ne ${literal}`)).toBe(true);
        }
        expect(evaluateFilter(resolve(`emails[value ne ${literal}]`), form)).toBe(
          evaluateFilter(resolve(`emails[not (value eq ${literal})]`), form),
        );
      }),
      runs,
    );
  });

  test("ordering is total and by code point, on singular attributes", () => {
    fc.assert(
      fc.property(words, words, (left, right) => {
        const holds = (operator: string) =>
          evaluateFilter(resolve(`title ${operator} ${JSON.stringify(right)}`), { title: left });
        const order = compareCodePoints(left, right);
        expect([holds("lt"), holds("eq"), holds("gt")]).toEqual([
          order < 0,
          order === 0,
          order > 0,
        ]);
        expect(holds("le")).toBe(order <= 0);
        expect(holds("ge")).toBe(order >= 0);
      }),
      runs,
    );
  });

  test("a value path with one term is that term on the attribute, except for ne", () => {
    const positive = operators.filter((operator) => operator !== "ne");
    fc.assert(
      fc.property(positive, words, forms, (operator, word, form) => {
        const term = `value ${operator} ${JSON.stringify(word)}`;
        expect(evaluateFilter(resolve(`emails[${term}]`), form)).toBe(
          evaluateFilter(resolve(`emails.${term}`), form),
        );
      }),
      runs,
    );
  });
});
