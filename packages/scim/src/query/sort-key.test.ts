import { expect, test } from "vitest";
import { attributeNamed } from "../schema/schema.ts";
import { userResourceType } from "../schema/user.ts";
import { compareSortKeys, sortKeyOf } from "./sort-key.ts";

function path(name: string, part?: string) {
  const attribute = attributeNamed(userResourceType.schema.attributes, name);
  const subAttribute =
    part === undefined ? undefined : attributeNamed(attribute?.subAttributes ?? [], part);
  return { extension: undefined, attribute, subAttribute };
}

test("the key is the primary value, else the first", () => {
  const emails = path("emails", "value");
  const first = { value: "a", primary: false };
  expect(sortKeyOf({ emails: [first, { value: "b", primary: true }] }, emails)).toBe("b");
  expect(sortKeyOf({ emails: [first, { value: "b" }] }, emails)).toBe("a");
  expect(sortKeyOf({ emails: [{ type: "work" }] }, emails)).toBeUndefined();
  expect(sortKeyOf({}, emails)).toBeUndefined();
});

test("an extension or a complex value is no key", () => {
  const name = { name: { familyName: "a" } };
  expect(sortKeyOf(name, path("name"))).toBeUndefined();
  expect(sortKeyOf(name, { ...path("name"), attribute: undefined })).toBeUndefined();
});

test.each([
  [
    [10, 9, 2],
    [2, 9, 10],
  ],
  [
    [true, false],
    [false, true],
  ],
  [
    ["b", undefined, "a"],
    ["a", "b", undefined],
  ],
  [
    ["1", 2, true, undefined],
    [true, 2, "1", undefined],
  ],
  [
    ["\u{10000}", "\u{E000}", "z"],
    ["z", "\u{E000}", "\u{10000}"],
  ],
])("%j in order is %j, and descending the other way round", (keys, expected) => {
  const sorted = (descending: boolean) =>
    // Not sort, which puts undefined last whatever it is told.
    keys
      .map((key) => ({ key }))
      .toSorted((left, right) => compareSortKeys(left.key, right.key, { descending }))
      .map(({ key }) => key);
  expect(sorted(false)).toEqual(expected);
  expect(sorted(true)).toEqual(expected.toReversed());
});
