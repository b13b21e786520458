/** The loop around every write: when the ground has moved between reading and committing, decide again (RFC 7644 §3.14). */
import { ScimError } from "../errors.ts";
import type { OperationAnswer } from "./operation-answer.ts";
import type { WriteRequest } from "./operation-request.ts";
import type { CommitOutcome } from "./resource-store.ts";
import type { ScimContext } from "./scim-context.ts";

/** How often one request is decided before a key that stays taken is a refusal. */
export const decisionsMax: number = 5;

/**
 * How often one request is decided before a resource that never holds still is too much: each of several processes
 * gives turns to its own requests alone, and of those that meet one wins each time.
 */
export const staleDecisionsMax: number = 50;

/** A commit that was refused because something else happened first. */
export type Conflict = Extract<CommitOutcome, { kind: "stale" | "taken" }>;

/** What one decision led to. */
export type Decided = { readonly kind: "answered"; readonly answer: OperationAnswer } | Conflict;

/** Marks an answer as final. */
export function answered(answer: OperationAnswer): Decided {
  return { kind: "answered", answer };
}

/**
 * Runs `decide` until it is answered, {@link decisionsMax} or {@link staleDecisionsMax} times at most; then 409 or 503.
 * The first try is made at once, since most writes meet nobody; whoever has met somebody waits for a turn, if `inTurn`
 * gives one.
 */
export async function decideAgain(
  decide: () => Promise<Decided>,
  inTurn: <Result>(work: () => Promise<Result>) => Promise<Result> = (work) => work(),
): Promise<OperationAnswer> {
  const first = await decide();
  if (first.kind === "answered") {
    return first.answer;
  }
  return inTurn(async () => {
    let last: Conflict = first;
    for (let round = 1; round < roundsMax[last.kind]; round++) {
      const decided = await decide();
      if (decided.kind === "answered") {
        return decided.answer;
      }
      last = decided;
    }
    throw last.kind === "taken" ? uniquenessError(last.path, last.holderId) : busyError();
  });
}

const roundsMax = { taken: decisionsMax, stale: staleDecisionsMax } as const;

/** Gives turns on one resource, where the context has turns to give. */
export function turnOn(
  { resourceType, id }: Pick<WriteRequest, "resourceType" | "id">,
  { takeTurn }: ScimContext,
): <Result>(work: () => Promise<Result>) => Promise<Result> {
  return (work) => (takeTurn === undefined ? work() : takeTurn(`${resourceType.name}/${id}`, work));
}

/** The 409 for a value that another live resource holds (RFC 7644 §3.3); the log gets the id of the one changed too. */
export function uniquenessError(path: string, holderId: string, changedId?: string): ScimError {
  const changed = changedId === undefined ? "" : `, wanted by ${changedId}`;
  return new ScimError(
    "uniqueness",
    `${path} is not unique: resource ${holderId} has the same value.`,
    { reason: `constraint ${path}, existing ${holderId}${changed}` },
  );
}

function busyError(): ScimError {
  return new ScimError(
    503,
    "The resource is being changed by too many requests at once; try again in a second.",
    { headers: { "Retry-After": "1" }, reason: `stale ${staleDecisionsMax} times` },
  );
}
