/** From the parameters of a query to the query a store answers (RFC 7644 §3.4.2, §3.4.2.1). */
import { foldFilter } from "../filter/fold-filter.ts";
import { parseFilter } from "../filter/parse-filter.ts";
import { resolveFilter } from "../filter/resolve-filter.ts";
import { parseProjection } from "../resource/parse-projection.ts";
import { relationsShown } from "../resource/project-resource.ts";
import type { Projection } from "../resource/projection.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import type { SortReading } from "./resolve-sort-path.ts";
import { noSortAttribute, resolveSortPath } from "./resolve-sort-path.ts";
import type { QueryPart, ResourceQuery } from "./resource-query.ts";
import type { SearchRequest } from "./search-request.ts";

/** How a query is read and where its resources live. */
export interface SearchReading extends SortReading {
  readonly strict: boolean;
  /** Without trailing slash. */
  readonly baseUrl: string;
  /** What becomes of attributes that a resource type does not have: refused, unless the query is over all types. */
  readonly unknownAttributes?: "refused" | "absent";
}

/** A query with the projections of its results. */
export interface ResolvedSearch {
  /** Without the types none of whose resources can match; without any part nothing does. */
  readonly query: ResourceQuery;
  /** By part. */
  readonly projections: readonly Projection[];
}

/** Resolves every name. Throws `invalidFilter`, `invalidValue` or `invalidPath`. */
export function resolveSearchRequest(
  search: SearchRequest,
  resourceTypes: readonly ResourceType[],
  reading: SearchReading,
): ResolvedSearch {
  const { sortBy, sortOrder, startIndex, count } = search;
  const filter = search.filter === undefined ? undefined : parseFilter(search.filter, reading);
  const resolved = resourceTypes.map((resourceType) => {
    const projection = parseProjection(search, resourceType, reading.schemaUris, reading);
    const folded = foldFilter(filter && resolveFilter(filter, resourceType, reading), resourceType);
    const sortPath =
      sortBy === undefined ? undefined : resolveSortPath(sortBy, resourceType, reading);
    const part: QueryPart = {
      resourceType,
      filter: folded.kind === "some" ? folded.filter : undefined,
      sortBy: sortPath,
      relations: relationsShown(resourceType, projection),
    };
    return { part, projection, canMatch: folded.kind !== "none" };
  });
  if (sortBy !== undefined && resolved.every(({ part }) => part.sortBy === undefined)) {
    throw noSortAttribute(sortBy, resourceTypes.map(({ name }) => name).join(" or "));
  }
  const wanted = resolved.filter(({ canMatch }) => canMatch);
  return {
    projections: wanted.map(({ projection }) => projection),
    query: {
      parts: wanted.map(({ part }) => part),
      order: sortBy === undefined ? "created" : sortOrder,
      startIndex,
      count,
      baseUrl: reading.baseUrl,
    },
  };
}
