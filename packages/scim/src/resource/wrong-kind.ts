/** The refusal of a value of the wrong kind (RFC 7644 §3.12 invalidValue). */
import { ScimError } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import { isJsonArray } from "../json.ts";

/** An `invalidValue` error that names the attribute, the kind of value sent and what was expected. */
export function wrongKindError(
  path: string,
  value: JsonValue | undefined,
  expected: string,
): ScimError {
  return new ScimError("invalidValue", `${path} is ${kindOfValue(value)}; expected ${expected}`);
}

/** The kind of a JSON value in words, never the value itself. */
function kindOfValue(value: JsonValue | undefined): string {
  if (value === undefined) {
    return "missing";
  }
  if (value === null) {
    return "null";
  }
  if (isJsonArray(value)) {
    return value.length === 0 ? "an empty array" : "an array";
  }
  if (typeof value === "string") {
    return value.trim() === "" ? "an empty string" : "a string";
  }
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
