/** What resources are sorted by, read from the database and compared as the library does (RFC 7644 §3.4.2.3). */
import type { Comparable, JsonValue, ResolvedPath, SortOrder } from "@rollcall/scim";
import { compareCodePoints, isJsonArray, isJsonObject, memberOf } from "@rollcall/scim";
import type { FilterSite } from "./filter-site.ts";
import { memberOfTarget } from "./filter-target.ts";
import { jsonColumn } from "./json-column.ts";
import { firstRelatedText } from "./relation-target.ts";
import { resourceTarget } from "./resource-target.ts";
import type { Statement } from "./statement.ts";
import { statement } from "./statement.ts";

/** The value a resource is sorted by. */
export type SortKey = Comparable | undefined;

/** How to get the key: the text a statement selects, and what to make of it. */
export interface SortKeyReading {
  readonly text: Statement;
  readonly keyOf: (text: string | null) => SortKey;
}

/** Reads the key of the resource `r`. */
export function sortKeyReading(path: ResolvedPath, site: FilterSite): SortKeyReading {
  const { extension, attribute, subAttribute } = path;
  if (attribute === undefined) {
    return { text: statement("NULL"), keyOf: () => undefined };
  }
  const { stored, name } = attribute;
  if (stored === "relation" || stored === "derived") {
    const text =
      subAttribute === undefined
        ? statement("NULL")
        : firstRelatedText(attribute, subAttribute, site);
    return { text, keyOf: (key) => key ?? undefined };
  }
  const isColumn = extension === undefined && (name === "id" || name === "meta");
  if (isColumn || subAttribute?.name === "$ref") {
    const target = resourceTarget(path, site);
    const leaf = subAttribute === undefined ? target : memberOfTarget(target, subAttribute.name);
    const text = leaf.kind === "scalar" ? leaf.scalar.text : statement("NULL");
    return { text, keyOf: (key) => key ?? undefined };
  }
  const names = extension === undefined ? [name] : [extension, name];
  return {
    text: site.dialect.jsonAt(statement("r.folded"), names),
    keyOf: (json) => (json === null ? undefined : keyIn(jsonColumn(json), subAttribute?.name)),
  };
}

/** Of a multi-valued attribute the primary value, else the first. */
function keyIn(value: JsonValue, subAttribute: string | undefined): SortKey {
  const chosen = isJsonArray(value) ? (value.find(isPrimary) ?? value[0]) : value;
  const part =
    subAttribute === undefined
      ? chosen
      : isJsonObject(chosen)
        ? memberOf(chosen, subAttribute)
        : undefined;
  return part === null || typeof part === "object" ? undefined : part;
}

function isPrimary(value: JsonValue): boolean {
  return isJsonObject(value) && memberOf(value, "primary") === true;
}

/** Compares by the order asked for: what has no value comes last, or first when descending. */
export function compareSortKeys(left: SortKey, right: SortKey, { descending }: SortOrder): number {
  return (descending ? -1 : 1) * compareAscending(left, right);
}

function compareAscending(left: SortKey, right: SortKey): number {
  if (left === undefined || right === undefined) {
    return Number(left === undefined) - Number(right === undefined);
  }
  return typeof left === "string" && typeof right === "string"
    ? compareCodePoints(left, right)
    : Number(left) - Number(right);
}
