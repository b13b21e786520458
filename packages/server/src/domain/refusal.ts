/** Refusals: what an operator asked for and cannot have, as opposed to a defect. One clear sentence, shown without a stack. */

/** The name that tells a refusal from a defect. */
const refusalName = "Refusal";

/**
 * Why something is refused, where programs have to tell it: what protects a member, a preview that is out of date, or that
 * somebody else has changed meanwhile what is to be changed.
 */
export type RefusalReason = "break-glass" | "last-owner" | "facts-moved" | "stale";

/** An operator asked for something and cannot have it. */
export interface Refusal extends Error {
  readonly refusedFor?: RefusalReason;
}

/** Makes the error that says why something cannot be done and what to do instead. */
export function refusal(message: string, refusedFor?: RefusalReason): Refusal {
  const told = refusedFor === undefined ? {} : { refusedFor };
  return Object.assign(new Error(message), { name: refusalName, ...told });
}

/** Tells whether something thrown is a refusal. */
export function isRefusal(error: unknown): error is Refusal {
  return error instanceof Error && error.name === refusalName;
}
