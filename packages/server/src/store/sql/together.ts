/** Runs scripts side by side, so that a database that is asked from afar is asked once for all of them. */
import type { Script } from "./script.ts";
import type { Statement } from "./statement.ts";

/** Runs reading scripts of which none waits for another; gives their results in order. */
export function* together<Result>(scripts: readonly Script<Result>[]): Script<readonly Result[]> {
  const results: Result[] = [];
  let running = scripts.map((script, index) => ({ script, index, step: script.next() }));
  for (;;) {
    const asked: Statement[] = [];
    const waiting: {
      readonly script: Script<Result>;
      readonly index: number;
      readonly from: number;
    }[] = [];
    for (const { script, index, step } of running) {
      if (step.done === true) {
        results[index] = step.value;
      } else {
        waiting.push({ script, index, from: asked.length });
        asked.push(...step.value);
      }
    }
    if (waiting.length === 0) {
      return results;
    }
    const answers = yield asked;
    running = waiting.map(({ script, index, from }, place) => ({
      script,
      index,
      step: script.next(answers.slice(from, waiting[place + 1]?.from)),
    }));
  }
}

/** Runs two reading scripts side by side. */
export function* bothOf<First, Second>(
  first: Script<First>,
  second: Script<Second>,
): Script<readonly [First, Second]> {
  const found: { first?: { readonly value: First }; second?: { readonly value: Second } } = {};
  function* findFirst(): Script<void> {
    found.first = { value: yield* first };
  }
  function* findSecond(): Script<void> {
    found.second = { value: yield* second };
  }
  yield* together([findFirst(), findSecond()]);
  if (found.first === undefined || found.second === undefined) {
    throw new TypeError("both scripts have run to their end");
  }
  return [found.first.value, found.second.value];
}
