/** Changes that accounts forbid or put off: what is answered, and what of it the audit log keeps. */
import type { ResourceChange } from "@rollcall/scim";
import { consequencesOf } from "../../domain/consequences.ts";
import type { PersonOutcome } from "./person-site.ts";
import { consequenceRows } from "./record-consequences.ts";
import type { Recording, RecordOutcome } from "./recording.ts";
import type { Script, Verdict } from "./script.ts";

/** Ends a change that is not recorded; a refusal on a protected member leaves its entry and nothing else. */
export function* unrecorded(
  outcome: Exclude<PersonOutcome, { kind: "effect" }>,
  { scope, change, circumstances, context }: Recording<ResourceChange>,
  times: { readonly revision: number; readonly lastModified: string },
): Script<Verdict<RecordOutcome>> {
  if (outcome.kind === "alone" || outcome.kind === "again") {
    return { kind: "undo", result: { kind: outcome.kind } };
  }
  const { error } = outcome;
  if (outcome.kind === "refused") {
    return { kind: "undo", result: { kind: "refused", error } };
  }
  const { auditEntry } = consequencesOf(
    change,
    { ...times, relations: [], leftRelationsOf: [] },
    { ...circumstances, newId: context.newId },
  );
  const refused = { ...auditEntry, outcome: "refused" as const };
  yield yield* consequenceRows(scope.tenantId, { auditEntry: refused, outboxEvents: [] }, context);
  return { kind: "keep", result: { kind: "refused", error } };
}
