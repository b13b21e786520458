import fc from "fast-check";
import { expect, test } from "vitest";
import { attributeNamed } from "../schema/schema.ts";
import { userResourceType } from "../schema/user.ts";
import { sortKeyOf, sortResources } from "./sort-resources.ts";

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

test("numbers sort by value", () => {
  const items = [10, 9, 2].map((title) => ({ form: { title } }));
  const sorted = sortResources(items, { path: path("title"), descending: false });
  expect(sorted.map(({ form }) => form.title)).toEqual([2, 9, 10]);
});

test("what is equal keeps its place, whichever way the order goes", () => {
  fc.assert(
    fc.property(
      fc.array(fc.option(fc.constantFrom("a", "b", "c"), { nil: undefined })),
      fc.boolean(),
      (titles, descending) => {
        const items = titles.map((title, index) => ({
          index,
          form: title === undefined ? {} : { title },
        }));
        const sorted = sortResources(items, { path: path("title"), descending });
        expect(sorted).toHaveLength(items.length);
        sorted.slice(1).forEach((item, before) => {
          const previous = sorted[before];
          const [left, right] = [previous?.form.title, item.form.title];
          if (left === right) {
            expect(previous?.index).toBeLessThan(item.index);
          } else if (descending) {
            expect(left === undefined || (right !== undefined && left > right)).toBe(true);
          } else {
            expect(right === undefined || (left !== undefined && left < right)).toBe(true);
          }
        });
      },
    ),
    { seed: 7644 },
  );
});
