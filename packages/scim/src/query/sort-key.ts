/** What resources are sorted by, and in which order (RFC 7644 §3.4.2.3), read from their comparison forms. */
import type { ResolvedPath } from "../attribute-path/attribute-path.ts";
import type { Comparable } from "../filter/resolved-filter.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonArray, isJsonObject, memberOf } from "../json.ts";
import { compareCodePoints } from "../schema/data-type.ts";

/** The value a resource is sorted by: of a multi-valued attribute the primary value, else the first. */
export function sortKeyOf(form: JsonObject, path: ResolvedPath): Comparable | undefined {
  if (path.attribute === undefined) {
    return undefined;
  }
  const holder = path.extension === undefined ? form : memberOf(form, path.extension);
  const value = isJsonObject(holder) ? memberOf(holder, path.attribute.name) : undefined;
  const chosen = isJsonArray(value) ? primaryOrFirst(value) : value;
  if (path.subAttribute === undefined) {
    return comparableOrNothing(chosen);
  }
  return isJsonObject(chosen)
    ? comparableOrNothing(memberOf(chosen, path.subAttribute.name))
    : undefined;
}

function primaryOrFirst(values: readonly JsonValue[]): JsonValue | undefined {
  const primary = values.find(
    (value) => isJsonObject(value) && memberOf(value, "primary") === true,
  );
  return primary ?? values[0];
}

function comparableOrNothing(value: JsonValue | undefined): Comparable | undefined {
  return value === null || typeof value === "object" ? undefined : value;
}

/**
 * Compares two keys by the order asked for: by code point, number or time; false before true; what has no value comes
 * last, or first when descending.
 */
export function compareSortKeys(
  left: Comparable | undefined,
  right: Comparable | undefined,
  { descending }: { readonly descending: boolean },
): number {
  return (descending ? -1 : 1) * compareAscending(left, right);
}

function compareAscending(left: Comparable | undefined, right: Comparable | undefined): number {
  if (left === undefined || right === undefined) {
    return Number(left === undefined) - Number(right === undefined);
  }
  if (typeof left === "string" && typeof right === "string") {
    return compareCodePoints(left, right);
  }
  // Of different resource types, whose attributes share a name alone.
  return typeof left === typeof right
    ? Number(left) - Number(right)
    : compareCodePoints(typeof left, typeof right);
}
