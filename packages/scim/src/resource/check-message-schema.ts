/** Checks that a request is the message it should be (RFC 7644 §3.1). */
import { ScimError } from "../errors.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonArray, memberInAnyCase } from "../json.ts";

/**
 * Checks that `schemas` of a message has the URI of its kind; throws `invalidSyntax`. Only strict reading asks for it:
 * Interop: authentik sends no `schemas` when it updates (authentik.json).
 */
export function checkMessageSchema(
  message: JsonObject,
  uri: string,
  { strict }: { readonly strict: boolean },
): void {
  const schemas = memberInAnyCase(message, "schemas");
  const isThis = (one: JsonValue): boolean =>
    typeof one === "string" && one.toLowerCase() === uri.toLowerCase();
  if (strict && (!isJsonArray(schemas) || !schemas.some(isThis))) {
    throw new ScimError("invalidSyntax", `schemas: expected an array with ${uri}`);
  }
}
