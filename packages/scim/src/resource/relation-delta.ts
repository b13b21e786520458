/** What a write does to a relation, without the relation having been loaded (RFC 7644 §3.5.2). */
import type { ResolvedFilter } from "../filter/resolved-filter.ts";

/**
 * One step, applied in order. Ids are those the client sent; the store skips the ones that are no live
 * resource of the population (or refuses, see `strictReferences`), and a resource's own id.
 * `removeWhere`: the filter reads `value`, `type`, `display` and `$ref` of each value.
 */
export type RelationStep =
  | { readonly op: "add"; readonly ids: readonly string[] }
  | { readonly op: "remove"; readonly ids: readonly string[] }
  | { readonly op: "removeWhere"; readonly filter: ResolvedFilter }
  | { readonly op: "replace"; readonly ids: readonly string[] };

/** All that one write does to one relation attribute. */
export interface RelationDelta {
  readonly attribute: string;
  readonly steps: readonly RelationStep[];
}
