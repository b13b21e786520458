/** Folding of relation steps. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ResolvedFilter } from "../filter/resolved-filter.ts";
import type { RelationStep } from "../resource/relation-delta.ts";
import { foldRelationSteps } from "./fold-relation-steps.ts";

/** Stands for a filter that selects every second id. */
const filter: ResolvedFilter = { kind: "and", operands: [] };
const isSelected = (id: string) => Number(id) % 2 === 0;

function afterStep(ids: readonly string[], step: RelationStep): readonly string[] {
  switch (step.op) {
    case "add":
      return [...new Set([...ids, ...step.ids])];
    case "remove":
      return ids.filter((id) => !step.ids.includes(id));
    case "removeWhere":
      return ids.filter((id) => !isSelected(id));
    case "replace":
      return [...new Set(step.ids)];
  }
}

const after = (ids: readonly string[], steps: readonly RelationStep[]) =>
  steps.reduce(afterStep, ids);

const ids = fc.array(fc.integer({ min: 0, max: 6 }).map(String), { maxLength: 4 });
const anyStep: fc.Arbitrary<RelationStep> = fc.oneof(
  fc.record({ op: fc.constantFrom("add", "remove", "replace"), ids }),
  fc.constant<RelationStep>({ op: "removeWhere", filter }),
);

test("the folded steps have the same effect on whatever was there, and are few", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 6 }).map(String)),
      fc.array(anyStep),
      (before, steps) => {
        const folded = foldRelationSteps(steps);
        expect([...after(before, folded)].sort()).toEqual([...after(before, steps)].sort());
        const splits = folded.filter(({ op }) => op === "removeWhere").length;
        expect(folded.length).toBeLessThanOrEqual(3 * splits + 2);
        expect(foldRelationSteps(folded)).toEqual(folded);
      },
    ),
    { seed: 7644, numRuns: 1000 },
  );
});

test.each([
  [[], []],
  [[{ op: "add", ids: [] }], []],
  [
    [
      { op: "add", ids: ["a"] },
      { op: "remove", ids: ["a"] },
    ],
    [{ op: "remove", ids: ["a"] }],
  ],
  [
    [
      { op: "add", ids: ["b", "a"] },
      { op: "add", ids: ["a", "c"] },
      { op: "remove", ids: ["d"] },
    ],
    [
      { op: "remove", ids: ["d"] },
      { op: "add", ids: ["b", "a", "c"] },
    ],
  ],
  [
    [
      { op: "removeWhere", filter },
      { op: "replace", ids: ["a"] },
      { op: "add", ids: ["b"] },
    ],
    [{ op: "replace", ids: ["a", "b"] }],
  ],
  [
    [
      { op: "add", ids: ["a"] },
      { op: "removeWhere", filter },
      { op: "add", ids: ["a"] },
    ],
    [
      { op: "add", ids: ["a"] },
      { op: "removeWhere", filter },
      { op: "add", ids: ["a"] },
    ],
  ],
] satisfies [RelationStep[], RelationStep[]][])("%j folds to %j", (steps, folded) => {
  expect(foldRelationSteps(steps)).toEqual(folded);
});
