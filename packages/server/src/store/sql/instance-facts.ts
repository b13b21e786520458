/** Facts of the whole instance, each under a name, the first to say one is right. */
import type { Script, Verdict } from "./script.ts";
import { changesOf, firstRowOf } from "./script.ts";
import { statement } from "./statement.ts";

/** Notes a fact unless it is noted; gives what is noted. */
export function* claimInstanceFact(name: string, value: string): Script<Verdict<string>> {
  const known = yield* instanceFact(name);
  if (known !== undefined) {
    return { kind: "undo", result: known };
  }
  yield* changesOf(
    statement(
      `INSERT INTO instance_facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING`,
      name,
      value,
    ),
  );
  return { kind: "keep", result: (yield* instanceFact(name)) ?? value };
}

/** Reads a fact that is noted. */
export function* instanceFact(name: string): Script<string | undefined> {
  const row = yield* firstRowOf<{ value: string }>(
    statement(`SELECT value FROM instance_facts WHERE name = ?`, name),
  );
  return row?.value;
}
