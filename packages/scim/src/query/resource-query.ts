/** A query as a store answers it (RFC 7644 §3.4.2, RFC 9865 §2): resolved, limited, ready to run. */
import type { ResolvedPath } from "../attribute-path/attribute-path.ts";
import type { ResolvedFilter } from "../filter/resolved-filter.ts";
import type { StoredResource } from "../resource/resource.ts";
import type { ResourceType } from "../schema/resource-type.ts";

/** What is asked of the resources of one type. */
export interface QueryPart {
  readonly resourceType: ResourceType;
  readonly filter: ResolvedFilter | undefined;
  /** What to sort by (RFC 7644 §3.4.2.3); undefined where the type has no such attribute, and in order of creation. */
  readonly sortBy: ResolvedPath | undefined;
  /** Names of the relations and derived attributes to load into `relations`. */
  readonly relations: readonly string[];
}

/**
 * The order of results, which is always total. `created`: part after part, in each by creation. Otherwise by what each
 * part is sorted by; what compares equal, or has no value, is again in the order of parts and of creation.
 */
export type QueryOrder = "created" | "ascending" | "descending";

/** Which way to go on from a place in the order of results; without position from their beginning. */
export interface PageWalk {
  readonly way: "forward" | "backward";
  /** As a store gave it in a {@link ResourcePage}. */
  readonly position: string | undefined;
}

/** One query of one or more resource types. */
export interface ResourceQuery {
  /** At least one; no type twice. */
  readonly parts: readonly QueryPart[];
  readonly order: QueryOrder;
  /** 1-based, at least 1; a walk does not count. */
  readonly startIndex: number;
  /** How many resources at most; 0 asks for the total alone. */
  readonly count: number;
  /**
   * Goes by positions: between two pages nothing that is there all the while, and keeps its place, is left out or comes
   * twice, whatever else comes and goes.
   */
  readonly walk?: PageWalk | undefined;
  /** Base URL of the service, for filters on `$ref` and `meta.location`; without trailing slash. */
  readonly baseUrl: string;
}

/** A resource that a query has found. */
export interface FoundResource extends StoredResource {
  /** The index of the part of the query that it answers. */
  readonly part: number;
}

/** One page of results. */
export interface ResourcePage {
  /** All matches, not only those on the page. */
  readonly totalResults: number;
  readonly resources: readonly FoundResource[];
  /** Of a walk: the position to go forward from, where there is more behind the page. */
  readonly next?: string | undefined;
  /** Of a walk: the position to go backward from, where there is something before the page. */
  readonly previous?: string | undefined;
}
