/** The statements of a query: a page in the order of creation, and the matches among a part of the resources. */
import type { ResolvedFilter, ResourceType } from "@rollcall/scim";
import type { Scope } from "../../domain/tenant.ts";
import type { FilterSite } from "./filter-site.ts";
import { filterToSql } from "./filter-to-sql.ts";
import type { Statement } from "./statement.ts";
import { compose, statement } from "./statement.ts";

/** Which resources of a population to look at. */
export type Part =
  /** Those with one of the ids. */
  | { readonly kind: "ids"; readonly ids: readonly string[] }
  /** Those with a sequence above the first number, up to the second if there is one. */
  | { readonly kind: "sequences"; readonly after: number; readonly upTo: number | undefined };

/** Which resources of a part are wanted; without filter all of them. */
export interface PartSearch {
  readonly part: Part;
  readonly filter: ResolvedFilter | undefined;
  readonly site: FilterSite;
}

/** Finds the matches in a part, with the text they are sorted by; those of a range in the order of creation. */
export function matchesToSql(search: PartSearch, sortText: Statement): Statement {
  const order = statement(search.part.kind === "ids" ? "" : " ORDER BY r.sequence");
  return compose`SELECT r.sequence, r.resource_id, ${sortText} AS sort_text FROM ${matching(search)}${order}`;
}

/** Finds the matches in a part with all that is stored of them. */
export function matchingRowsToSql(search: PartSearch): Statement {
  return compose`SELECT r.resource_id, r.sequence, r.revision, r.created_at, r.last_modified, r.attributes FROM ${matching(search)} ORDER BY r.sequence`;
}

/** Counts the matches in a part. */
export function matchCountToSql(search: PartSearch): Statement {
  return compose`SELECT count(*) AS total FROM ${matching(search)}`;
}

function matching({ part, filter, site }: PartSearch): Statement {
  const { scope, resourceType } = site;
  const own = compose`r.tenant_id = ${scope.tenantId} AND r.connection_id = ${scope.connectionId}`;
  const condition =
    filter === undefined ? statement("") : compose` AND (${filterToSql(filter, site)})`;
  if (part.kind === "ids") {
    const list = statement(site.dialect.listTable, JSON.stringify(part.ids));
    // CROSS JOIN: the ids come first, whatever the planner thinks of the order.
    return compose`${list} AS ids CROSS JOIN resources AS r WHERE ${own} AND r.resource_id = ids.value AND r.resource_type = ${resourceType.name}${condition}`;
  }
  const end = part.upTo === undefined ? statement("") : compose` AND r.sequence <= ${part.upTo}`;
  return compose`resources AS r WHERE ${own} AND r.resource_type = ${resourceType.name} AND r.sequence > ${part.after}${end}${condition}`;
}

/** Finds the sequence of the resource that many places behind another one, by the narrow index alone. */
export function sequenceBehindToSql(
  { tenantId, connectionId }: Scope,
  { name }: ResourceType,
  after: number,
  places: number,
): Statement {
  return statement(
    `SELECT sequence FROM resources
     WHERE tenant_id = ? AND connection_id = ? AND resource_type = ? AND sequence > ?
     ORDER BY sequence LIMIT 1 OFFSET ?`,
    tenantId,
    connectionId,
    name,
    after,
    places - 1,
  );
}

/** Some of all resources in the order of creation, counted from the first or from a place in that order. */
export type Slice =
  /** `live` is how many there are. */
  | {
      readonly by: "offset";
      readonly offset: number;
      readonly count: number;
      readonly live: number;
    }
  | { readonly by: "after" | "before"; readonly sequence: number; readonly count: number };

/** A page of all resources in the order of creation. */
export function sliceToSql(scope: Scope, resourceType: ResourceType, slice: Slice): Statement {
  return slice.by === "offset"
    ? offsetPageToSql(scope, resourceType, slice)
    : neighboursToSql(scope, resourceType, slice);
}

/** Walks the narrow index to the page from the end that is nearer, then joins. */
function offsetPageToSql(
  { tenantId, connectionId }: Scope,
  { name }: ResourceType,
  page: Extract<Slice, { by: "offset" }>,
): Statement {
  const places = Math.min(page.count, page.live - page.offset);
  const behind = page.live - page.offset - places;
  const isNearEnd = behind < page.offset;
  return statement(
    `SELECT r.resource_id, r.sequence, r.revision, r.created_at, r.last_modified, r.attributes
     FROM (
       SELECT sequence FROM resources
       WHERE tenant_id = ? AND connection_id = ? AND resource_type = ?
       ORDER BY sequence ${isNearEnd ? "DESC" : "ASC"} LIMIT ? OFFSET ?) AS page
     CROSS JOIN resources AS r
     WHERE r.tenant_id = ? AND r.connection_id = ? AND r.resource_type = ?
       AND r.sequence = page.sequence
     ORDER BY r.sequence`,
    ...[tenantId, connectionId, name, places, isNearEnd ? behind : page.offset],
    ...[tenantId, connectionId, name],
  );
}

/** Those next to a place, on one side of it; what is before it comes in the opposite order. */
function neighboursToSql(
  { tenantId, connectionId }: Scope,
  { name }: ResourceType,
  { by, sequence, count }: Extract<Slice, { by: "after" | "before" }>,
): Statement {
  const [sign, order] = by === "after" ? [">", "ASC"] : ["<", "DESC"];
  return statement(
    `SELECT resource_id, sequence, revision, created_at, last_modified, attributes FROM resources
     WHERE tenant_id = ? AND connection_id = ? AND resource_type = ? AND sequence ${sign} ?
     ORDER BY sequence ${order} LIMIT ?`,
    ...[tenantId, connectionId, name, sequence, count],
  );
}
