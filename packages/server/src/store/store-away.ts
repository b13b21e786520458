/** The error of a store that cannot answer now, the same for every database. */
import { ScimError } from "@rollcall/scim";

/** How long a client waits before it tries again, in seconds. */
const retryAfterSeconds = 5;

/** Makes the error; `reason` is for the request log and names no data. */
export function storeAwayError(reason: string, cause?: unknown): ScimError {
  return new ScimError(503, "The directory is not available at the moment; try again later.", {
    cause,
    reason: `store: ${reason}`,
    headers: { "Retry-After": String(retryAfterSeconds) },
  });
}
