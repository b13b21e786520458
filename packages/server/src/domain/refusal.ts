/** Refusals: what an operator asked for and cannot have, as opposed to a defect. One clear sentence, shown without a stack. */

/** The name that tells a refusal from a defect. */
const refusalName = "Refusal";

/** Makes the error that says why something cannot be done and what to do instead. */
export function refusal(message: string): Error {
  const error = new Error(message);
  error.name = refusalName;
  return error;
}

/** Tells whether something thrown is a refusal. */
export function isRefusal(error: unknown): error is Error {
  return error instanceof Error && error.name === refusalName;
}
