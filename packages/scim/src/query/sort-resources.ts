/** Sorts resources in memory (RFC 7644 §3.4.2.3), reading their comparison forms. */
import type { ResolvedPath } from "../attribute-path/attribute-path.ts";
import type { Comparable } from "../filter/resolved-filter.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonArray, isJsonObject, memberOf } from "../json.ts";
import { compareCodePoints } from "../schema/data-type.ts";
import type { SortOrder } from "./resource-query.ts";

/** Something to sort by its comparison form. */
export interface Sortable {
  readonly form: JsonObject;
}

/**
 * Sorts by the order given: by code point, number or time; false before true; without value last, or first when
 * descending. What compares equal keeps its place, so input in order of creation makes the order total.
 */
export function sortResources<T extends Sortable>(
  items: readonly T[],
  sort: SortOrder,
): readonly T[] {
  return items
    .map((item) => ({ item, key: sortKeyOf(item.form, sort.path) }))
    .sort((left, right) => compareSortKeys(left.key, right.key, sort))
    .map(({ item }) => item);
}

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

/** Compares two keys by the order asked for: what has no value comes last, or first when descending. */
export function compareSortKeys(
  left: Comparable | undefined,
  right: Comparable | undefined,
  { descending }: Pick<SortOrder, "descending">,
): number {
  return (descending ? -1 : 1) * compareAscending(left, right);
}

function compareAscending(left: Comparable | undefined, right: Comparable | undefined): number {
  if (left === undefined || right === undefined) {
    return Number(left === undefined) - Number(right === undefined);
  }
  return typeof left === "string" && typeof right === "string"
    ? compareCodePoints(left, right)
    : Number(left) - Number(right);
}
