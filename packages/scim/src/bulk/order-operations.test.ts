import fc from "fast-check";
import { expect, test } from "vitest";
import type { BulkStep, OperationNeeds } from "./order-operations.ts";
import { orderOperations } from "./order-operations.ts";

/** Operations written as `a: b c`: creates a, needs b and c. */
function operationsOf(...texts: readonly string[]): readonly OperationNeeds[] {
  return texts.map((text) => {
    const [creates = "", needs = ""] = text.split(":");
    return {
      creates: creates === "" ? undefined : creates,
      needs: needs.split(" ").filter((one) => one !== ""),
    };
  });
}

/** Steps written as `0`, `0-b` (without b) and `0+b` (completed by b). */
function stepsOf(...texts: readonly string[]): readonly string[] {
  return orderOperations(operationsOf(...texts)).map((step) =>
    step.kind === "perform"
      ? [step.index, ...step.without].join("-")
      : [step.index, ...step.references].join("+"),
  );
}

test.each([
  ["what needs nothing keeps its order", ["a", "", "b", ""], ["0", "1", "2", "3"]],
  ["what refers back keeps its place", ["a", "b: a", ": a b", "c"], ["0", "1", "2", "3"]],
  ["what refers ahead waits, and nothing else moves", ["g: u", "x", "u", ""], ["1", "2", "0", "3"]],
  ["it waits for all that it needs", ["g: u v", "u", "", "v"], ["1", "2", "3", "0"]],
  ["chains unroll from their end", ["a: b", "b: c", "c"], ["2", "1", "0"]],
  ["several that wait for one keep their order", ["g: u", "h: u", "u"], ["2", "0", "1"]],
  ["two in a circle", ["a: b", "b: a"], ["0-b", "1", "0+b"]],
  ["one that needs itself", ["a: a", ""], ["1", "0-a", "0+a"]],
  ["three in a circle", ["a: b", "b: c", "c: a"], ["0-b", "2", "1", "0+b"]],
  ["what is behind a circle is no part of it", ["x: a", "a: b", "b: a"], ["1-b", "0", "2", "1+b"]],
  [
    "two circles with one operation in common",
    ["a: b c", "b: a", "c: a"],
    ["0-b-c", "1", "2", "0+b+c"],
  ],
  ["unknown bulkIds are not waited for", ["a: nobody", ": nobody"], ["0", "1"]],
  ["of two that create one the first counts", ["g: u", "u", "u"], ["1", "0", "2"]],
])("%s", (_, operations, expected) => {
  expect(stepsOf(...operations)).toEqual(expected);
});

const bulkIds = ["a", "b", "c", "d", "e", "f"];
const operation = fc.record({
  creates: fc.option(fc.constantFrom(...bulkIds), { nil: undefined }),
  needs: fc.array(fc.constantFrom(...bulkIds, "nobody"), { maxLength: 3 }),
});

test("whatever refers to whatever, all is carried out once and nothing before what it needs", () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 12 }), (operations) => {
      const steps = orderOperations(operations);
      checkSteps(operations, steps);
    }),
    { seed: 7644, numRuns: 500 },
  );
});

function checkSteps(operations: readonly OperationNeeds[], steps: readonly BulkStep[]): void {
  const creatorOf = (bulkId: string) => operations.findIndex(({ creates }) => creates === bulkId);
  const placeOf = (index: number) =>
    steps.findIndex((step) => step.kind === "perform" && step.index === index);
  const performed = steps.flatMap((step) => (step.kind === "perform" ? [step.index] : []));
  expect(performed.toSorted((one, other) => one - other)).toEqual([...operations.keys()]);
  for (const [place, step] of steps.entries()) {
    const { needs = [] } = operations[step.index] ?? {};
    const known = needs.filter((bulkId) => creatorOf(bulkId) !== -1);
    const there = (bulkId: string) => placeOf(creatorOf(bulkId)) < place;
    if (step.kind === "perform") {
      expect(new Set(known.filter((bulkId) => !there(bulkId)))).toEqual(new Set(step.without));
      const completions = steps.filter(
        (other) => other.kind === "complete" && other.index === step.index,
      );
      expect(completions).toEqual(
        step.without.length === 0
          ? []
          : [{ kind: "complete", index: step.index, references: step.without }],
      );
    } else {
      expect(placeOf(step.index)).toBeLessThan(place);
      expect(step.references.every(there)).toBe(true);
    }
  }
  const waited = steps.filter((step) => step.kind === "perform" && step.without.length > 0);
  expect(waited.length === 0 || waited.every(({ index }) => isInCircle(operations, index))).toBe(
    true,
  );
}

function isInCircle(operations: readonly OperationNeeds[], index: number): boolean {
  const reached = new Set<number>();
  const go = (from: number): void => {
    for (const bulkId of operations[from]?.needs ?? []) {
      const to = operations.findIndex(({ creates }) => creates === bulkId);
      if (to !== -1 && !reached.has(to)) {
        reached.add(to);
        go(to);
      }
    }
  };
  go(index);
  return reached.has(index);
}
