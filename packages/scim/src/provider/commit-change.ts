/** Hands a decided change to the store and tells the client what came of it (RFC 7644 §3.3, §3.5). */
import { ScimError } from "../errors.ts";
import type { ResourceChange } from "../resource/resource-change.ts";
import type { Conflict } from "./decide-again.ts";
import type { CommitOutcome } from "./resource-store.ts";
import type { ScimContext } from "./scim-context.ts";

/** A commit that took place. */
export type Committed = Extract<CommitOutcome, { kind: "committed" }>;

const idsListedMax = 10;
const idLengthListedMax = 64;

/** Commits. Warns of references that were skipped; throws `invalidValue` for those that were refused. */
export async function commitChange(
  change: ResourceChange,
  expectedRevision: number | undefined,
  { store, settings, now, baseUrl, warn }: ScimContext,
): Promise<Committed | Conflict> {
  const { strictReferences } = settings;
  const outcome = await store.commit(change, {
    expectedRevision,
    strictReferences,
    nowMs: now(),
    baseUrl,
  });
  if (outcome.kind === "unknownReferences") {
    throw new ScimError(
      "invalidValue",
      `${relationsOf(change)}: no resource has the id ${listIds(outcome.ids)}.`,
    );
  }
  if (outcome.kind === "committed" && outcome.skippedReferences.length > 0) {
    const { skippedReferences: ids } = outcome;
    warn(
      `${relationsOf(change)}: skipped ${ids.length} of the ids, which no other resource has: ${listIds(ids)}`,
    );
  }
  if (outcome.kind === "committed") {
    outcome.warnings?.forEach(warn);
  }
  return outcome;
}

function relationsOf(change: ResourceChange): string {
  return change.kind === "delete"
    ? ""
    : change.relations
        .filter(({ steps }) => steps.length > 0)
        .map(({ attribute }) => attribute)
        .join(", ");
}

/** Lists ids for people and logs: the first few, cut to a sensible length, without control characters. */
function listIds(ids: readonly string[]): string {
  const listed = ids
    .slice(0, idsListedMax)
    .map((id) => id.slice(0, idLengthListedMax).replace(/\p{Cc}/gu, "\u{FFFD}"));
  const left = ids.length - listed.length;
  return listed.join(", ") + (left > 0 ? ` and ${left} more` : "");
}
