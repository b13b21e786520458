/** What resources are sorted by, read from the database and made by the library (RFC 7644 §3.4.2.3). */
import type { Comparable, JsonObject, ResolvedPath } from "@rollcall/scim";
import { sortKeyOf } from "@rollcall/scim";
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
    keyOf: (json) => {
      if (json === null) {
        return undefined;
      }
      const holder: JsonObject = { [name]: jsonColumn(json) };
      return sortKeyOf(extension === undefined ? holder : { [extension]: holder }, path);
    },
  };
}
