/** Says which operation of a message failed (RFC 7644 §3.5.2). */
import { ScimError } from "../errors.ts";

/** Runs the part that belongs to the operation at `index`; an error tells its number, counted from 1. */
export function inOperation<T>(index: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof ScimError) {
      throw new ScimError(
        error.scimType ?? error.status,
        `operation ${index + 1}: ${error.message}`,
        {
          cause: error,
        },
      );
    }
    throw error;
  }
}
