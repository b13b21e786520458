import { compareSortKeys } from "@rollcall/scim";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Match } from "./matches.ts";
import { createMatches } from "./matches.ts";

const path = { extension: undefined, attribute: undefined, subAttribute: undefined };
const wishes = fc.record({
  startIndex: fc.integer({ min: 1, max: 40 }),
  count: fc.integer({ min: 0, max: 15 }),
  sort: fc.option(fc.record({ path: fc.constant(path), descending: fc.boolean() }), {
    nil: undefined,
  }),
});
const keys = fc.option(fc.constantFrom("a", "b", "c"), { nil: undefined });
const parts = fc.array(fc.array(keys, { maxLength: 12 }), { maxLength: 8 });

type Wish = typeof wishes extends fc.Arbitrary<infer One> ? One : never;

function matchesOf(keysOfParts: readonly (readonly (string | undefined)[])[]): Match[][] {
  let sequence = 0;
  return keysOfParts.map((part) =>
    part.map((key) => {
      sequence += 1;
      return { id: `id ${sequence}`, sequence, key };
    }),
  );
}

function pageOf(all: readonly Match[], { startIndex, count, sort }: Wish): readonly string[] {
  const ordered = [...all].sort(
    (left, right) =>
      (sort ? compareSortKeys(left.key, right.key, sort) : 0) || left.sequence - right.sequence,
  );
  return ordered.slice(startIndex - 1, startIndex - 1 + count).map(({ id }) => id);
}

for (const coming of ["in order", "in any order"] as const) {
  test(`what comes ${coming} gives the page that sorting everything gives`, () => {
    fc.assert(
      fc.property(wishes, parts, (wish, keysOfParts) => {
        const ordered = matchesOf(keysOfParts);
        const given =
          coming === "in order" ? ordered : ordered.map((part) => part.reverse()).reverse();
        const matches = createMatches(wish, coming);
        for (const part of given) {
          if (matches.wanted) {
            matches.add(part);
          } else {
            matches.count(part.length);
          }
        }
        expect(matches.total).toBe(given.flat().length);
        expect(matches.page()).toEqual(pageOf(given.flat(), wish));
      }),
      { seed: 20, numRuns: 500 },
    );
  });
}

test("rows are wanted until the page is full, and never for the total alone", () => {
  const some = matchesOf([["a", "b", "c"]]).flat();
  const unsorted = { startIndex: 2, count: 3, sort: undefined };
  const page = createMatches(unsorted, "in order");
  page.add(some);
  expect(page.wanted).toBe(true);
  page.add(some);
  expect(page.wanted).toBe(false);
  const sorted = createMatches({ ...unsorted, sort: { path, descending: false } }, "in order");
  sorted.add(some);
  sorted.add(some);
  expect(sorted.wanted).toBe(true);
  for (const coming of ["in order", "in any order"] as const) {
    expect(createMatches({ ...unsorted, count: 0 }, coming).wanted).toBe(false);
  }
});

test("more than fits is sorted and cut on the way, without losing any of the page", () => {
  const matches = createMatches(
    { startIndex: 2, count: 2, sort: { path, descending: true } },
    "in order",
  );
  for (let part = 0; part < 5; part += 1) {
    matches.add(
      Array.from({ length: 700 }, (_, index) => {
        const sequence = part * 700 + index;
        return { id: String(sequence), sequence, key: String(sequence).padStart(5, "0") };
      }),
    );
  }
  expect([matches.total, matches.page()]).toEqual([3500, ["3498", "3497"]]);
});
