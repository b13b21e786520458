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
  /** Those with a sequence above the first number, up to the second. */
  | { readonly kind: "sequences"; readonly after: number; readonly upTo: number };

/** Finds the matches in a part, with the text they are sorted by. */
export function matchesToSql(
  filter: ResolvedFilter | undefined,
  sortText: Statement,
  part: Part,
  site: FilterSite,
): Statement {
  const { scope, resourceType } = site;
  const condition = filter === undefined ? statement("1 = 1") : filterToSql(filter, site);
  const own = compose`r.tenant_id = ${scope.tenantId} AND r.connection_id = ${scope.connectionId}`;
  if (part.kind === "ids") {
    const list = statement(site.dialect.listTable, JSON.stringify(part.ids));
    // CROSS JOIN: the ids come first, whatever the planner thinks of the order.
    return compose`SELECT r.sequence, r.resource_id, ${sortText} AS sort_text FROM ${list} AS ids CROSS JOIN resources AS r WHERE ${own} AND r.resource_id = ids.value AND r.resource_type = ${resourceType.name} AND (${condition})`;
  }
  return compose`SELECT r.sequence, r.resource_id, ${sortText} AS sort_text FROM resources AS r WHERE ${own} AND r.resource_type = ${resourceType.name} AND r.sequence > ${part.after} AND r.sequence <= ${part.upTo} AND (${condition}) ORDER BY r.sequence`;
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

/** A page of all resources in the order of creation: walks the narrow index to the page, then joins. */
export function pageToSql(
  { tenantId, connectionId }: Scope,
  { name }: ResourceType,
  { offset, count }: { readonly offset: number; readonly count: number },
): Statement {
  return statement(
    `SELECT r.resource_id, r.sequence, r.revision, r.created_at, r.last_modified, r.attributes
     FROM (
       SELECT sequence FROM resources
       WHERE tenant_id = ? AND connection_id = ? AND resource_type = ?
       ORDER BY sequence LIMIT ? OFFSET ?) AS page
     CROSS JOIN resources AS r
     WHERE r.tenant_id = ? AND r.connection_id = ? AND r.resource_type = ?
       AND r.sequence = page.sequence
     ORDER BY r.sequence`,
    ...[tenantId, connectionId, name, count, offset],
    ...[tenantId, connectionId, name],
  );
}
