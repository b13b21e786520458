import { comparePlaces } from "@rollcall/scim";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Match, Matches } from "./matches.ts";
import { createMatches } from "./matches.ts";

const wishes = fc.record({
  startIndex: fc.integer({ min: 1, max: 40 }),
  count: fc.integer({ min: 0, max: 15 }),
  order: fc.constantFrom("created", "ascending", "descending"),
});
const keys = fc.option(fc.constantFrom("a", "b", "c"), { nil: undefined });
const parts = fc.array(fc.array(keys, { maxLength: 12 }), { maxLength: 8 });

type Wish = typeof wishes extends fc.Arbitrary<infer One> ? One : never;

function matchesOf(keysOfParts: readonly (readonly (string | undefined)[])[]): Match[][] {
  let sequence = 0;
  return keysOfParts.map((part) =>
    part.map((key) => {
      sequence += 1;
      return { id: `id ${sequence}`, part: sequence > 20 ? 1 : 0, sequence, key };
    }),
  );
}

function idsOf(places: readonly Match[]): readonly string[] {
  return places.map(({ id }) => id);
}

function pageOf(all: readonly Match[], { startIndex, count, order }: Wish): readonly string[] {
  const ordered = all.toSorted((left, right) => comparePlaces(left, right, order));
  return idsOf(ordered.slice(startIndex - 1, startIndex - 1 + count));
}

/** What comes of a collection that gets the matches part by part. */
function collected(
  matches: Matches,
  given: readonly (readonly Match[])[],
): ReturnType<Matches["page"]> {
  for (const part of given) {
    if (matches.wanted) {
      matches.add(part);
    } else {
      matches.count(part.length);
    }
  }
  expect(matches.total).toBe(given.flat().length);
  return matches.page();
}

for (const coming of ["in order", "in any order"] as const) {
  test(`what comes ${coming} gives the page that sorting everything gives`, () => {
    fc.assert(
      fc.property(wishes, parts, (wish, keysOfParts) => {
        const ordered = matchesOf(keysOfParts);
        const given =
          coming === "in order" ? ordered : ordered.map((part) => part.reverse()).reverse();
        const { places } = collected(createMatches(wish, coming), given);
        expect(idsOf(places)).toEqual(pageOf(given.flat(), wish));
      }),
      { seed: 20, numRuns: 500 },
    );
  });
}

for (const coming of ["in order", "in any order"] as const) {
  test(`walks through what comes ${coming} meet everything once, and lead back`, () => {
    fc.assert(
      fc.property(wishes, parts, ({ order, count: some }, keysOfParts) => {
        const ordered = matchesOf(keysOfParts);
        const given =
          coming === "in order" ? ordered : ordered.map((part) => part.reverse()).reverse();
        const count = some + 1;
        const all = pageOf(given.flat(), { order, startIndex: 1, count: 1000 });
        const pageAt = (way: "forward" | "backward", position: string | undefined) =>
          collected(
            createMatches({ order, count, startIndex: 1, walk: { way, position } }, coming),
            given,
          );
        const pages = [pageAt("forward", undefined)];
        for (let next = pages[0]?.next; next !== undefined; next = pages.at(-1)?.next) {
          pages.push(pageAt("forward", next));
        }
        expect(pages.flatMap(({ places }) => idsOf(places))).toEqual(all);
        expect(pages.slice(0, -1).every(({ places }) => places.length === count)).toBe(true);
        const back = [pages.at(-1)];
        for (
          let previous = back[0]?.previous;
          previous !== undefined;
          previous = back.at(-1)?.previous
        ) {
          back.push(pageAt("backward", previous));
        }
        expect(back.toReversed().flatMap((page) => idsOf(page?.places ?? []))).toEqual(all);
      }),
      { seed: 9865, numRuns: 300 },
    );
  });
}

test("rows are wanted until the page is full, and never for the total alone", () => {
  const some = matchesOf([["a", "b", "c"]]).flat();
  const unsorted = { startIndex: 2, count: 3, order: "created" } as const;
  const page = createMatches(unsorted, "in order");
  page.add(some);
  expect(page.wanted).toBe(true);
  page.add(some);
  expect(page.wanted).toBe(false);
  const sorted = createMatches({ ...unsorted, order: "ascending" }, "in order");
  sorted.add(some);
  sorted.add(some);
  expect(sorted.wanted).toBe(true);
  for (const coming of ["in order", "in any order"] as const) {
    expect(createMatches({ ...unsorted, count: 0 }, coming).wanted).toBe(false);
  }
  const walk = { way: "forward", position: undefined } as const;
  const walked = createMatches({ ...unsorted, walk }, "in order");
  walked.add(some);
  expect(walked.wanted).toBe(true);
  walked.add(some);
  expect(walked.wanted).toBe(false);
});

test("more than fits is sorted and cut on the way, without losing any of the page", () => {
  const matches = createMatches({ startIndex: 2, count: 2, order: "descending" }, "in order");
  for (let part = 0; part < 5; part += 1) {
    matches.add(
      Array.from({ length: 700 }, (_, index) => {
        const sequence = part * 700 + index;
        return { id: String(sequence), part: 0, sequence, key: String(sequence).padStart(5, "0") };
      }),
    );
  }
  expect([matches.total, idsOf(matches.page().places)]).toEqual([3500, ["3498", "3497"]]);
});
