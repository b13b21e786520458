/** Records a change on a population that is prepared for it, and prepares it where it is not. */
import type { CommitOutcome, DeleteChange, ResourceChange } from "@rollcall/scim";
import type { DeletionPreview } from "../store.ts";
import { preparePopulation, recordResourceChange } from "./record-resource-change.ts";
import type { Recording, RecordOutcome } from "./recording.ts";
import type { Script, Verdict } from "./script.ts";

/** Runs a script as one transaction. */
export type RunWrite = <Result>(script: () => Script<Verdict<Result>>) => Promise<Result>;

/** How often a population is prepared before something must be wrong: programs that disagree take turns. */
const preparationsMax = 5;

/** Records it, preparing first when that is asked for; throws the ScimError of what accounts forbid. */
export async function recordPrepared(
  recording: Recording<ResourceChange>,
  write: RunWrite,
): Promise<CommitOutcome> {
  const outcome = await runPrepared(recording, write);
  if (outcome.kind === "preview") {
    throw new TypeError("what is recorded is no preview");
  }
  return outcome;
}

/** Tells what a deletion would do to people; undefined where the resource is not what it was read as. */
export async function previewPrepared(
  recording: Recording<DeleteChange>,
  write: RunWrite,
): Promise<DeletionPreview | undefined> {
  const outcome = await runPrepared({ ...recording, isPreview: true }, write);
  return outcome.kind === "preview" ? outcome : undefined;
}

async function runPrepared(
  recording: Recording<ResourceChange>,
  write: RunWrite,
): Promise<CommitOutcome | Extract<RecordOutcome, { kind: "preview" }>> {
  const { scope, change, context } = recording;
  let isAlone = false;
  for (let round = 0; round < preparationsMax; round++) {
    const outcome = await write(() => recordResourceChange({ ...recording, isAlone }));
    switch (outcome.kind) {
      case "unprepared":
        await write(() => preparePopulation(scope, change.resourceType, context));
        break;
      case "alone":
        isAlone = true;
        break;
      case "again":
        break;
      case "refused":
        throw outcome.error;
      default:
        return outcome;
    }
  }
  return { kind: "stale" };
}
