/** Records a change on a population that is prepared for it, and prepares it where it is not. */
import type { CommitOutcome, ResourceChange } from "@rollcall/scim";
import type { Recording } from "./record-resource-change.ts";
import { preparePopulation, recordResourceChange } from "./record-resource-change.ts";
import type { Script, Verdict } from "./script.ts";

/** Runs a script as one transaction. */
export type RunWrite = <Result>(script: () => Script<Verdict<Result>>) => Promise<Result>;

/** How often a population is prepared before something must be wrong: programs that disagree take turns. */
const preparationsMax = 5;

/** Records it, preparing first when that is asked for. */
export async function recordPrepared(
  recording: Recording<ResourceChange>,
  write: RunWrite,
): Promise<CommitOutcome> {
  for (let round = 0; round < preparationsMax; round++) {
    const outcome = await write(() => recordResourceChange(recording));
    if (outcome.kind !== "unprepared") {
      return outcome;
    }
    const { scope, change, context } = recording;
    await write(() => preparePopulation(scope, change.resourceType, context));
  }
  return { kind: "stale" };
}
