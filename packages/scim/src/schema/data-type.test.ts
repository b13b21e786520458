import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ScimError } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import type { Attribute, AttributeDefinition } from "./attribute.ts";
import { defineAttribute } from "./attribute.ts";
import {
  checkSimpleValue,
  comparableOf,
  compareCodePoints,
  fold,
  isIdentifier,
  isStorableText,
} from "./data-type.ts";

const anyText = fc.string({ unit: "binary", maxLength: 12 });

function attribute(definition: Partial<AttributeDefinition>): Attribute {
  return defineAttribute({ name: "x", description: "x", ...definition });
}

/** The detail of the error, which is always `invalidValue`. */
function detailOf(definition: Partial<AttributeDefinition>, value: JsonValue, strict = false) {
  try {
    checkSimpleValue(attribute(definition), value, "x.y", { strict });
  } catch (error) {
    expect(error).toBeInstanceOf(ScimError);
    expect(error).toMatchObject({ scimType: "invalidValue", status: 400 });
    return error instanceof ScimError ? error.message : "";
  }
  throw new TypeError("the value was accepted");
}

describe("fold", () => {
  test.each([
    ["", ""],
    ["abc 1", "abc 1"],
    ["BJensen@Example.COM", "bjensen@example.com"],
    ["ΟΔΥΣΣΕΥΣ", "οδυσσευσ"],
    ["οδυσσευς", "οδυσσευσ"],
    ["ｂｏｂ", "bob"],
    ["ＢＯＢ", "bob"],
    ["E\u0301", "é"],
    ["É", "é"],
    ["Łukasz Żółć", "łukasz żółć"],
    ["TITLE", "title"],
    ["I", "i"],
    ["İ", "i\u0307"],
    ["ı", "ı"],
    ["ﬁ", "fi"],
    ["J\u030c", "ǰ"],
    ["\u{10400}", "\u{10428}"],
  ])("%j becomes %j", (text, folded) => {
    expect(fold(text)).toBe(folded);
  });

  test("keeps apart what is not the same letter", () => {
    expect(fold("ß")).not.toBe(fold("ss"));
    expect(fold("ı")).not.toBe(fold("i"));
    expect(fold("é")).not.toBe(fold("e"));
  });

  test("is idempotent on every code point", () => {
    const changed: string[] = [];
    for (let codePoint = 0; codePoint <= 0x10ffff; codePoint += 1) {
      const once = fold(String.fromCodePoint(codePoint));
      if (fold(once) !== once) {
        changed.push(codePoint.toString(16));
      }
    }
    expect(changed).toEqual([]);
  });

  test("is idempotent on strings, and blind to case and composition", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const folded = fold(text);
        expect(fold(folded)).toBe(folded);
        expect(fold(text.normalize("NFD"))).toBe(folded);
        expect(fold(text.toLowerCase())).toBe(folded);
      }),
      { seed: 8265, numRuns: 2000 },
    );
  });

  test("lowers code point by code point", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const lowered = [...text.normalize("NFKC")].map((character) => character.toLowerCase());
        expect(fold(text)).toBe(lowered.join("").replaceAll("ς", "σ").normalize("NFKC"));
      }),
      { seed: 8265, numRuns: 2000 },
    );
  });
});

describe("compareCodePoints", () => {
  test("puts astral characters behind all others, which UTF-16 does not", () => {
    expect("\u{1f600}" < "\uffee").toBe(true);
    expect(compareCodePoints("\u{1f600}", "\uffee")).toBeGreaterThan(0);
    expect(compareCodePoints("\uffee", "\u{1f600}")).toBeLessThan(0);
    expect(compareCodePoints("\u{1f600}", "\u{1f601}")).toBeLessThan(0);
    expect(compareCodePoints("a", "a")).toBe(0);
    expect(compareCodePoints("a", "ab")).toBeLessThan(0);
  });

  test("agrees with the code points", () => {
    const wellFormed = fc.string({ unit: "binary", maxLength: 4 });
    fc.assert(
      fc.property(wellFormed, wellFormed, (left, right) => {
        const lefts = [...left].map((character) => character.codePointAt(0) ?? 0);
        const rights = [...right].map((character) => character.codePointAt(0) ?? 0);
        const at = lefts.findIndex((codePoint, index) => codePoint !== rights[index]);
        const expected =
          at === -1
            ? lefts.length - rights.length
            : (lefts[at] ?? 0) - (rights[at] ?? Number.NEGATIVE_INFINITY);
        expect(Math.sign(compareCodePoints(left, right))).toBe(Math.sign(expected));
      }),
      { seed: 3629, numRuns: 2000 },
    );
  });
});

describe("isIdentifier", () => {
  test.each(["bob", "a b+c@x", "DOMAIN\\user.name", "łukasz", "山田", "\u{10428}", "O'Malley"])(
    "accepts %j",
    (text) => {
      expect(isIdentifier(text)).toBe(true);
    },
  );

  test.each([
    ["nothing", ""],
    ["blanks", " \u3000"],
    ["NUL", "a\0b"],
    ["a line feed", "bob\n"],
    ["a C1 control", "a\u0085b"],
    ["a line separator", "a\u2028b"],
    ["right-to-left override", "a\u202eb"],
    ["an isolate", "a\u2066b"],
    ["a zero-width space", "a\u200bb"],
    ["a zero-width joiner", "a\u200db"],
    ["a byte order mark", "\ufeffbob"],
    ["a soft hyphen", "bo\u00adb"],
    ["a Hangul filler", "bob\u3164"],
    ["a tag", "bob\u{e0041}"],
    ["an unassigned code point", "a\u0378b"],
    ["a noncharacter", "a\uffffb"],
    ["a lone surrogate", "a\ud800b"],
  ])("refuses %s", (_, text) => {
    expect(isIdentifier(text)).toBe(false);
  });
});

test("text is storable without NUL and lone surrogates", () => {
  expect(isStorableText("a\t\u{1f600}")).toBe(true);
  expect(isStorableText("a\0")).toBe(false);
  expect(isStorableText("\udc00a")).toBe(false);
});

describe("checkSimpleValue", () => {
  test.each<[Partial<AttributeDefinition>, JsonValue]>([
    [{ type: "string" }, "007"],
    [{ type: "string" }, ""],
    [{ type: "string", format: "identifier" }, "BJensen"],
    [{ type: "boolean" }, true],
    [{ type: "boolean" }, false],
    [{ type: "integer" }, 5],
    [{ type: "integer" }, Number.MAX_SAFE_INTEGER],
    [{ type: "decimal" }, 3.25],
    [{ type: "decimal" }, -5],
    [{ type: "dateTime" }, "2011-05-13T04:42:34+02:00"],
    [{ type: "binary" }, "AQIDBA=="],
    [{ type: "binary" }, "AQIDBA"],
    [{ type: "binary" }, "AQID"],
    [{ type: "binary" }, "AQI="],
    [{ type: "binary" }, ""],
    [{ type: "reference" }, "https://example.com/a"],
    [{ type: "reference" }, "../Users/2819c223"],
    [{ type: "reference" }, "https://example.com/straße"],
  ])("%j takes %j as it is, strict or not", (definition, value) => {
    for (const strict of [true, false]) {
      expect(checkSimpleValue(attribute(definition), value, "x", { strict })).toBe(value);
    }
  });

  test.each<[Partial<AttributeDefinition>, JsonValue, string]>([
    [{ type: "string" }, 5, "x.y is a number that does not fit; expected a string"],
    [{ type: "string" }, true, "x.y is a boolean that does not fit; expected a string"],
    [{ type: "string" }, null, "x.y is a null that does not fit; expected a string"],
    [{ type: "string" }, ["a"], "x.y is an array that does not fit; expected a string"],
    [{ type: "string" }, { a: 1 }, "x.y is an object that does not fit; expected a string"],
    [{ type: "string" }, "a\0", "x.y has a NUL or a lone surrogate; expected text"],
    [{ type: "reference" }, "\ud800", "x.y has a NUL or a lone surrogate; expected text"],
    [{ type: "reference" }, 1, "x.y is a number that does not fit; expected a string"],
    [
      { type: "string", format: "identifier" },
      "a\u200bb",
      "x.y is a string that does not fit; expected a string that is not blank, without control, invisible or unassigned characters",
    ],
    [{ type: "boolean" }, "yes", "x.y is a string that does not fit; expected true or false"],
    [{ type: "boolean" }, 1, "x.y is a number that does not fit; expected true or false"],
    [
      { type: "integer" },
      1.5,
      "x.y is a number that does not fit; expected an integer between -9007199254740991 and 9007199254740991",
    ],
    [
      { type: "integer" },
      2 ** 53,
      "x.y is a number that does not fit; expected an integer between -9007199254740991 and 9007199254740991",
    ],
    [{ type: "integer" }, "5", "x.y is a string that does not fit; expected an integer"],
    [{ type: "decimal" }, "5", "x.y is a string that does not fit; expected a number"],
    [
      { type: "decimal" },
      Number.POSITIVE_INFINITY,
      "x.y is a number that does not fit; expected a number",
    ],
    [
      { type: "dateTime" },
      "2024-01-01",
      "x.y is a string that does not fit; expected a date and time such as 2011-05-13T04:42:34Z",
    ],
    [{ type: "binary" }, "%%%", "x.y is a string that does not fit; expected base64 text"],
    [{ type: "binary" }, "AQIDB", "x.y is a string that does not fit; expected base64 text"],
    [{ type: "binary" }, "AQIDBA=", "x.y is a string that does not fit; expected base64 text"],
    [{ type: "binary" }, "AQ-_", "x.y is a string that does not fit; expected base64 text"],
    [{ type: "binary" }, "====", "x.y is a string that does not fit; expected base64 text"],
  ])("%j refuses %j", (definition, value, detail) => {
    expect(detailOf(definition, value)).toBe(detail);
  });

  test.each(["True", "FALSE", "true", "false"])("reads %j as a boolean unless strict", (text) => {
    const { strict, lenient } = { strict: { strict: true }, lenient: { strict: false } };
    const boolean = attribute({ type: "boolean" });
    expect(checkSimpleValue(boolean, text, "x", lenient)).toBe(text.toLowerCase() === "true");
    expect(() => checkSimpleValue(boolean, text, "x", strict)).toThrow("expected true or false");
  });

  test.each(["not a uri", "<x>", ""])("takes %j for a reference unless strict", (text) => {
    expect(checkSimpleValue(attribute({ type: "reference" }), text, "x", { strict: false })).toBe(
      text,
    );
    expect(detailOf({ type: "reference" }, text, true)).toContain("expected a URI");
  });

  test("makes no difference between 0 and -0", () => {
    const zero = checkSimpleValue(attribute({ type: "integer" }), -0, "x", { strict: true });
    expect(Object.is(zero, 0)).toBe(true);
  });

  test("never echoes the value", () => {
    expect(detailOf({ type: "dateTime" }, "hunter2")).not.toContain("hunter2");
  });

  test("is not for complex attributes", () => {
    const complex = attribute({ type: "complex" });
    expect(() => checkSimpleValue(complex, {}, "x", { strict: true })).toThrow(TypeError);
  });
});

describe("comparableOf", () => {
  test.each<[Partial<AttributeDefinition>, string | number | boolean, string | number | boolean]>([
    [{ type: "string" }, "BoB", "bob"],
    [{ type: "string", caseExact: true }, "BoB", "BoB"],
    [{ type: "reference", caseExact: true }, "HTTPS://X", "HTTPS://X"],
    [{ type: "reference" }, "HTTPS://X", "https://x"],
    [{ type: "binary" }, "AQ==", "AQ=="],
    [{ type: "dateTime" }, "2011-05-13T06:42:34+02:00", "2011-05-13T04:42:34.000000000Z"],
    [{ type: "dateTime" }, "soon", "soon"],
    [{ type: "integer" }, 5, 5],
    [{ type: "boolean" }, true, true],
  ])("%j makes of %j %j", (definition, value, comparable) => {
    expect(comparableOf(attribute(definition), value)).toBe(comparable);
  });
});
