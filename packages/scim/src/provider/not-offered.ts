/** Parts of the protocol that this service provider does not offer (RFC 7644 §3.12: 501). */
import { ScimError } from "../errors.ts";

/** The 501 for an endpoint that is known and not offered, with what to do instead. */
export function notOffered(what: string, instead: string): ScimError {
  return new ScimError(501, `${what} not offered; ${instead}.`);
}
