import { expect, test } from "vitest";
import type { Script } from "./script.ts";
import { firstRowOf } from "./script.ts";
import { statement } from "./statement.ts";
import { together } from "./together.ts";

/** Asks so many times, and gives what it was answered. */
function* asking(name: string, times: number): Script<readonly unknown[]> {
  const answers: unknown[] = [];
  for (let time = 1; time <= times; time += 1) {
    answers.push(yield* firstRowOf(statement(`${name}${time}`)));
  }
  return answers;
}

function* askingTwice(name: string): Script<number> {
  const results = yield [statement(`${name}1`), statement(`${name}2`)];
  return results.length;
}

/** Runs a script on a database that answers each statement with its text; gives the steps that it took. */
function run<Result>(script: Script<Result>): {
  readonly result: Result;
  readonly steps: readonly (readonly string[])[];
} {
  const steps: string[][] = [];
  let step = script.next();
  while (step.done !== true) {
    const texts = step.value.map(({ sql }) => sql);
    steps.push(texts);
    step = script.next(texts.map((text) => ({ rows: [text], changes: 1 })));
  }
  return { result: step.value, steps };
}

test("each script gets the answers to its own questions, in one step with the others", () => {
  const { result, steps } = run(together([asking("a", 1), asking("b", 3), asking("c", 2)]));
  expect(result).toEqual([["a1"], ["b1", "b2", "b3"], ["c1", "c2"]]);
  expect(steps).toEqual([["a1", "b1", "c1"], ["b2", "c2"], ["b3"]]);
});

test("a step of several statements stays together", () => {
  const { result, steps } = run(together([askingTwice("a"), askingTwice("b")]));
  expect(result).toEqual([2, 2]);
  expect(steps).toEqual([["a1", "a2", "b1", "b2"]]);
});

test("scripts that ask nothing take no step", () => {
  expect(run(together([asking("a", 0), asking("b", 0)]))).toEqual({ result: [[], []], steps: [] });
  expect(run(together([]))).toEqual({ result: [], steps: [] });
});
