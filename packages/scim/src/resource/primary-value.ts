/** The one primary value of a multi-valued attribute (RFC 7643 §2.4). */
import { ScimError } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import { isJsonObject, memberOf } from "../json.ts";

/** Tells whether an element is marked as the primary one. */
export function isPrimary(element: JsonValue): boolean {
  return isJsonObject(element) && memberOf(element, "primary") === true;
}

/** Refuses a list in which two elements are primary. */
export function checkPrimary(elements: readonly JsonValue[], path: string): void {
  if (elements.filter(isPrimary).length > 1) {
    throw new ScimError("invalidValue", `${path}: expected at most one value with primary true`);
  }
}

/** The elements with `primary` left only where `isNew` says so, if it says so anywhere (RFC 7644 §3.5.2). */
export function withNewPrimary(
  elements: readonly JsonValue[],
  isNew: (element: JsonValue) => boolean,
): readonly JsonValue[] {
  if (!elements.some((element) => isPrimary(element) && isNew(element))) {
    return elements;
  }
  return elements.map((element) =>
    isJsonObject(element) && isPrimary(element) && !isNew(element)
      ? { ...element, primary: false }
      : element,
  );
}
