/** From the parameters of a query to the query a store answers (RFC 7644 §3.4.2). */
import { parseFilter } from "../filter/parse-filter.ts";
import { resolveFilter } from "../filter/resolve-filter.ts";
import type { ResolvedFilter } from "../filter/resolved-filter.ts";
import { parseProjection } from "../resource/parse-projection.ts";
import { relationsShown } from "../resource/project-resource.ts";
import type { Projection } from "../resource/projection.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import type { SortReading } from "./resolve-sort-order.ts";
import { resolveSortOrder } from "./resolve-sort-order.ts";
import type { ResourceQuery } from "./resource-query.ts";
import type { SearchRequest } from "./search-request.ts";

/** How a query is read and where its resources live. */
export interface SearchReading extends SortReading {
  readonly strict: boolean;
  /** Without trailing slash. */
  readonly baseUrl: string;
}

/** A query with the projection of its results. */
export interface ResolvedSearch {
  readonly query: ResourceQuery;
  readonly projection: Projection;
}

/** Resolves every name. Throws `invalidFilter`, `invalidValue` or `invalidPath`. */
export function resolveSearchRequest(
  search: SearchRequest,
  resourceType: ResourceType,
  reading: SearchReading,
): ResolvedSearch {
  const projection = parseProjection(search, resourceType, reading.schemaUris, reading);
  return {
    projection,
    query: {
      resourceType,
      filter: readFilter(search.filter, resourceType, reading),
      sort:
        search.sortBy === undefined
          ? undefined
          : resolveSortOrder(
              { sortBy: search.sortBy, sortOrder: search.sortOrder },
              resourceType,
              reading,
            ),
      startIndex: search.startIndex,
      count: search.count,
      relations: relationsShown(resourceType, projection),
      baseUrl: reading.baseUrl,
    },
  };
}

function readFilter(
  text: string | undefined,
  resourceType: ResourceType,
  reading: SearchReading,
): ResolvedFilter | undefined {
  return text === undefined
    ? undefined
    : resolveFilter(parseFilter(text, reading), resourceType, reading);
}
