import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ScimError } from "../errors.ts";
import { createStandardRegistry } from "../schema/standard-registry.ts";
import {
  filterDepthMax,
  filterLengthMax,
  filterTermsMax,
  parseFilter,
  parseValueFilter,
} from "./parse-filter.ts";

const { schemaUris } = createStandardRegistry();
const strict = { strict: true, schemaUris };
const lenient = { strict: false, schemaUris };
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const path = (attribute: string, subAttribute?: string) => ({
  schema: undefined,
  attribute,
  subAttribute,
});
const present = (attribute: string) => ({ kind: "present", path: path(attribute) });
const eq = (attribute: string, value: unknown, bare = false) => ({
  kind: "comparison",
  path: path(attribute),
  operator: "eq",
  literal: { value, bare },
});
const invalidFilter = expect.objectContaining({ scimType: "invalidFilter", status: 400 });

/** The detail of the error. */
function detailOf(text: string, reading = strict, parse = parseFilter): string {
  try {
    parse(text, reading);
  } catch (error) {
    expect(error).toEqual(invalidFilter);
    return error instanceof ScimError ? error.message : "";
  }
  throw new TypeError(`${text} was accepted`);
}

describe("FILT-41 trees, of names that are words of the grammar too", () => {
  test.each([
    ["pr pr", present("pr")],
    ["not pr", present("not")],
    ["not eq 1", eq("not", 1)],
    ["and eq 1", eq("and", 1)],
    ["NOT(title pr)", { kind: "not", operand: present("title") }],
    ["not \t( title PR )", { kind: "not", operand: present("title") }],
    ['userName eq"a"', eq("userName", "a")],
    ["a pr and(b pr)", { kind: "and", operands: [present("a"), present("b")] }],
    ["(a pr)or(b pr)", { kind: "or", operands: [present("a"), present("b")] }],
    [
      "a pr and b pr and (c pr and d pr)",
      { kind: "and", operands: ["a", "b", "c", "d"].map(present) },
    ],
    [
      "a pr or b pr and not (c pr)",
      {
        kind: "or",
        operands: [
          present("a"),
          { kind: "and", operands: [present("b"), { kind: "not", operand: present("c") }] },
        ],
      },
    ],
    [
      `${enterprise} pr`,
      {
        kind: "present",
        path: { schema: enterprise, attribute: undefined, subAttribute: undefined },
      },
    ],
    ["members.$ref pr", { kind: "present", path: path("members", "$ref") }],
    ["members[$ref pr]", { kind: "valuePath", path: path("members"), filter: present("$ref") }],
    [
      'emails[type eq "work"].value eq "a"',
      {
        kind: "valuePath",
        path: path("emails"),
        filter: { kind: "and", operands: [eq("type", "work"), eq("value", "a")] },
      },
    ],
    [
      "a[x pr and y pr].z pr",
      {
        kind: "valuePath",
        path: path("a"),
        filter: { kind: "and", operands: ["x", "y", "z"].map(present) },
      },
    ],
    [
      "a[x pr or y pr].z pr and b pr",
      {
        kind: "and",
        operands: [
          {
            kind: "valuePath",
            path: path("a"),
            filter: {
              kind: "and",
              operands: [{ kind: "or", operands: ["x", "y"].map(present) }, present("z")],
            },
          },
          present("b"),
        ],
      },
    ],
  ])("%s", (text, tree) => {
    expect(parseFilter(text, strict)).toEqual(tree);
  });

  test.each(["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"])(
    "operator %s in any case",
    (operator) => {
      expect(parseFilter(`a ${operator.toUpperCase()} 1`, strict)).toMatchObject({ operator });
    },
  );

  test.each([
    ['"a\\"b\\\\c\\u00e9\\n\\/"', 'a"b\\cé\n/'],
    ['"\\ud83d\\ude00"', "😀"],
    ['""', ""],
    ['"and or not pr ( ) [ ]"', "and or not pr ( ) [ ]"],
    ["0", 0],
    ["-0", 0],
    ["-1.5e+2", -150],
    ["1E2", 100],
    ["true", true],
    ["false", false],
    ["null", null],
  ])("literal %s", (text, value) => {
    expect(parseFilter(`a eq ${text}`, strict)).toEqual(eq("a", value));
  });

  test("inside a value path, paths are names of sub-attributes", () => {
    expect(parseValueFilter('type eq "work" and not (primary eq true)', strict)).toEqual({
      kind: "and",
      operands: [eq("type", "work"), { kind: "not", operand: eq("primary", true) }],
    });
    for (const text of ["a.b pr", "urn:a:b pr", "a[b pr]", `${enterprise} pr`]) {
      expect(() => parseValueFilter(text, lenient)).toThrow(invalidFilter);
    }
  });
});

describe("bare words", () => {
  test.each([
    ["bob", "bob"],
    ["True", "True"],
    ["NULL", "NULL"],
    ["2015-10-10T14:38:21Z", "2015-10-10T14:38:21Z"],
    ["007", "007"],
    ["O'Malley", "O'Malley"],
    ["-", "-"],
    ["constructor", "constructor"],
  ])("%s is read leniently and refused strictly", (text, value) => {
    expect(parseFilter(`a eq ${text}`, lenient)).toEqual(eq("a", value, true));
    expect(detailOf(`a eq ${text}`)).toContain("found a word without quotes, expected a string");
  });

  test("one ends at a blank, a parenthesis or a bracket", () => {
    expect(parseFilter("(a eq x)", lenient)).toEqual(eq("a", "x", true));
    expect(parseFilter("m[a eq x]", lenient)).toMatchObject({ filter: eq("a", "x", true) });
    expect(parseFilter("a eq x and b pr", lenient)).toMatchObject({ kind: "and" });
  });

  test.each(["'x'", "and b pr", "OR", "{", "[1]", "(x)", 'a"b', '"a', ""])("%s is none", (text) => {
    expect(() => parseFilter(`a eq ${text}`, lenient)).toThrow(invalidFilter);
  });
});

test.each([
  ["", "filter, position 1: found the end, expected an attribute, `not (` or `(`"],
  ["  ", "filter, position 3: found the end, expected an attribute, `not (` or `(`"],
  [
    "userName",
    "filter, position 9: found the end, expected an operator (eq, ne, co, sw, ew, gt, ge, lt, le or pr)",
  ],
  [
    'userName regex "a"',
    "filter, position 10: found `regex`, expected an operator (eq, ne, co, sw, ew, gt, ge, lt, le or pr)",
  ],
  [
    'userName ("a")',
    "filter, position 10: found `(`, expected an operator (eq, ne, co, sw, ew, gt, ge, lt, le or pr)",
  ],
  [
    "userName eq",
    "filter, position 12: found nothing, expected a string in double quotes, a number, true, false or null",
  ],
  [
    "userName eq 'a'",
    "filter, position 13: found a single quote, expected a string in double quotes, a number, true, false or null",
  ],
  [
    "userName eq [1]",
    "filter, position 13: found no JSON literal, expected a string in double quotes, a number, true, false or null",
  ],
  ['userName eq "a"x', "filter, position 16: found a word, expected a blank behind the string"],
  [
    'userName eq "a',
    "filter, position 15: found the end, expected the closing double quote of the string",
  ],
  [
    'userName eq "a\n"',
    "filter, position 15: found a control character, expected the closing double quote of the string",
  ],
  [
    'userName eq "a\\x"',
    'filter, position 15: found a backslash, expected one of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX',
  ],
  [
    'userName eq "a\\u12g4"',
    'filter, position 15: found a backslash, expected one of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX',
  ],
  [
    'userName eq "a\\',
    'filter, position 15: found a backslash, expected one of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX',
  ],
  [
    'userName eq "\\ud800"',
    "filter, position 13: found a string with a NUL or a lone surrogate, expected text",
  ],
  [
    'userName eq "\\u0000"',
    "filter, position 13: found a string with a NUL or a lone surrogate, expected text",
  ],
  [
    "userName eq 1e999",
    "filter, position 13: found a number out of range, expected a number between -1.7e308 and 1.7e308",
  ],
  ['userName eq "a" "b"', "filter, position 17: found a string, expected `and`, `or` or the end"],
  [
    'userName eq "a" userName pr',
    "filter, position 17: found a word, expected `and`, `or` or the end",
  ],
  ["(userName pr", "filter, position 13: found the end, expected `and`, `or` or `)`"],
  ["userName pr)", "filter, position 12: found `)`, expected `and`, `or` or the end"],
  ["emails[type pr", "filter, position 15: found the end, expected `and`, `or` or `]`"],
  ["emails[type pr)", "filter, position 15: found `)`, expected `and`, `or` or `]`"],
  [
    "emails[emails[type pr]]",
    "filter, position 8: found a value path, expected no brackets inside brackets",
  ],
  ["emails[a.b pr]", "filter, position 8: found no attribute name, expected a sub-attribute"],
  [
    "name.x[a pr]",
    "filter, position 1: found a path with a sub-attribute or without an attribute, expected an attribute before `[`",
  ],
  [
    `${enterprise}[a pr]`,
    "filter, position 1: found a path with a sub-attribute or without an attribute, expected an attribute before `[`",
  ],
  [
    "emails[type pr].1x pr",
    "filter, position 17: found no attribute name, expected a sub-attribute",
  ],
  [
    "emails[type pr].value",
    "filter, position 22: found the end, expected an operator (eq, ne, co, sw, ew, gt, ge, lt, le or pr)",
  ],
  [
    "1userName pr",
    "filter, position 1: found no attribute name, expected an attribute, `not (` or `(`",
  ],
  [
    "'userName' pr",
    "filter, position 1: found a single quote, expected an attribute, `not (` or `(`",
  ],
  [
    "not userName pr",
    "filter, position 5: found a word that is no operator, expected an operator (eq, ne, co, sw, ew, gt, ge, lt, le or pr)",
  ],
  [
    "userName\u00a0pr",
    "filter, position 1: found no attribute name, expected an attribute, `not (` or `(`",
  ],
])("%j is refused", (text, detail) => {
  expect(detailOf(text)).toBe(detail);
});

describe("limits: the limit passes, one more does not", () => {
  const nested = (depth: number) => `${"(".repeat(depth)}a pr${")".repeat(depth)}`;
  const negated = (depth: number) => `${"not (".repeat(depth)}a pr${")".repeat(depth)}`;
  const bracketed = (depth: number) => `${"(".repeat(depth - 1)}a[b pr]${")".repeat(depth - 1)}`;
  const terms = (count: number) => Array.from({ length: count }, () => "a pr").join(" or ");
  const long = (bytes: number, character = "x") => {
    const size = new TextEncoder().encode(character).length;
    const room = bytes - 'a eq ""'.length;
    return `a eq "${character.repeat(Math.floor(room / size))}${"x".repeat(room % size)}"`;
  };

  test.each([
    ["parentheses", nested, filterDepthMax, "32 levels of parentheses and brackets"],
    ["not", negated, filterDepthMax, "32 levels of parentheses and brackets"],
    ["brackets", bracketed, filterDepthMax, "32 levels of parentheses and brackets"],
    ["terms", terms, filterTermsMax, "100 comparisons"],
    ["bytes", long, filterLengthMax, "8192 bytes"],
    ["bytes of two", (bytes: number) => long(bytes, "é"), filterLengthMax, "8192 bytes"],
    ["bytes of three", (bytes: number) => long(bytes, "山"), filterLengthMax, "8192 bytes"],
    ["bytes of four", (bytes: number) => long(bytes, "😀"), filterLengthMax, "8192 bytes"],
  ])("%s", (_, make, limit, words) => {
    expect(() => parseFilter(make(limit), strict)).not.toThrow();
    expect(detailOf(make(limit + 1))).toBe(`the filter is over the limit of ${words}`);
  });

  test("terms in brackets and behind them count", () => {
    expect(() => parseFilter(`a[${terms(99)}].b pr`, strict)).not.toThrow();
    expect(detailOf(`a[${terms(100)}].b pr`)).toContain("100 comparisons");
  });

  test("ten thousand parentheses are refused, not a stack overflow", () => {
    expect(detailOf("(".repeat(8000))).toContain("32 levels");
    expect(detailOf("(".repeat(10000))).toContain("8192 bytes");
  });
});

test("whatever the text, the answer is a tree or invalidFilter", () => {
  const pieces = fc.array(
    fc.constantFrom(
      ..."()[]. \t\"'\\\0\ud800😀".split(""),
      ...[
        "and",
        "or",
        "not",
        "pr",
        "eq",
        "a",
        "a.b",
        "$ref",
        '"x"',
        "1",
        "true",
        "null",
        enterprise,
        "__proto__",
      ],
      ...[" eq ", " and ", "not (", "a pr", "a[", "]."],
    ),
    { maxLength: 14 },
  );
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    pieces.map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(texts, fc.boolean(), (text, isStrict) => {
      for (const parse of [parseFilter, parseValueFilter]) {
        try {
          parse(text, { strict: isStrict, schemaUris });
        } catch (error) {
          expect(error).toEqual(invalidFilter);
        }
      }
    }),
    { seed: 7644, numRuns: 5000 },
  );
  expect(Object.keys(Object.prototype)).toEqual([]);
});

test.each(["a\0b", "\ud800"])("%j is no bare word: it cannot be stored anywhere", (word) => {
  expect(() => parseFilter(`userName eq ${word}`, { strict: false, schemaUris: [] })).toThrow(
    /found no JSON literal/,
  );
});

test("a message repeats no word that may be somebody's name", () => {
  const reading = { strict: false, schemaUris: [] };
  expect(() => parseFilter('userName alice@example.com "a"', reading)).toThrow(
    /found a word that is no operator/,
  );
  expect(() => parseFilter('userName LIKE "a"', reading)).toThrow(/found `like`/);
});
