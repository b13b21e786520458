/** A query as a store answers it (RFC 7644 §3.4.2): resolved, limited, ready to run. */
import type { ResolvedPath } from "../attribute-path/attribute-path.ts";
import type { ResolvedFilter } from "../filter/resolved-filter.ts";
import type { StoredResource } from "../resource/resource.ts";
import type { ResourceType } from "../schema/resource-type.ts";

/** What to sort by (RFC 7644 §3.4.2.3). */
export interface SortOrder {
  readonly path: ResolvedPath;
  readonly descending: boolean;
}

/** One query of one resource type. Without `sort` the order is that of creation, and always total. */
export interface ResourceQuery {
  readonly resourceType: ResourceType;
  readonly filter: ResolvedFilter | undefined;
  readonly sort: SortOrder | undefined;
  /** 1-based, at least 1. */
  readonly startIndex: number;
  /** How many resources at most; 0 asks for the total alone. */
  readonly count: number;
  /** Names of the relations and derived attributes to load into `relations`. */
  readonly relations: readonly string[];
  /** Base URL of the service, for filters on `$ref` and `meta.location`; without trailing slash. */
  readonly baseUrl: string;
}

/** One page of results. */
export interface ResourcePage {
  /** All matches, not only those on the page. */
  readonly totalResults: number;
  readonly resources: readonly StoredResource[];
}
