/**
 * What an answer costs to read, told before it is read: a database whose calls stop the process has to know. The unit
 * is about one resource, one value of a relation, or one resource that a filter is tried on.
 */
import type { QueryPart, ResolvedFilter, ResourceType } from "@rollcall/scim";
import { coreAttributesOf } from "@rollcall/scim";
import type { Scope } from "../../domain/tenant.ts";
import { namesExactId } from "./candidates.ts";
import type { Script } from "./script.ts";
import { firstRowOf } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { compose, statement } from "./statement.ts";

/** What may be read at once where reading stops everything else: some milliseconds. */
export const readingCostMax: number = 500;

/** Some resources: those with the ids, or all of a type. */
export type Some = { readonly ids: readonly string[] } | { readonly resourceType: ResourceType };

/** Following relations backwards takes so many times what reading a resource does. */
const derivedCost = 15;

/** What following relations backwards costs for so many resources, before anything is known of them. */
export function derivedCostOf(
  resourceType: ResourceType,
  names: readonly string[],
  count: number,
): number {
  const isAsked = coreAttributesOf(resourceType).some(
    ({ name, stored }) => stored === "derived" && names.includes(name),
  );
  return isAsked ? count * derivedCost : 0;
}

/** What loading the relations named costs, for resources whose ids are known. */
export function* relationsCost(
  scope: Scope,
  resourceType: ResourceType,
  ids: readonly string[],
  names: readonly string[],
  dialect: SqlDialect,
): Script<number> {
  const hasRelation = coreAttributesOf(resourceType).some(
    ({ name, stored }) => stored === "relation" && names.includes(name),
  );
  const values = ids.length > 0 && hasRelation ? yield* valuesOf(scope, { ids }, dialect) : 0;
  return values + derivedCostOf(resourceType, names, ids.length);
}

/** What trying the filter on some resources and finding what they are sorted by costs. */
export function* searchCost(
  scope: Scope,
  { filter, sortBy }: Pick<QueryPart, "filter" | "sortBy">,
  some: Some,
  count: number,
  dialect: SqlDialect,
): Script<number> {
  const walked = [
    ...(filter === undefined ? [] : relationsWalked(filter)),
    ...(sortBy?.attribute?.stored === "derived" ? (["derived"] as const) : []),
  ];
  const values = walked.includes("relation") ? yield* valuesOf(scope, some, dialect) : 0;
  return values + count * (walked.includes("derived") ? derivedCost : 1);
}

/** The kinds of relations that a filter goes through value by value; whether an id is among them an index tells. */
function relationsWalked(filter: ResolvedFilter): readonly ("relation" | "derived")[] {
  switch (filter.kind) {
    case "and":
    case "or":
      return filter.operands.flatMap(relationsWalked);
    case "not":
      return relationsWalked(filter.operand);
    default: {
      const { attribute, subAttribute } = filter.path;
      const stored = attribute?.stored ?? "inline";
      const isLookUp =
        stored === "relation" &&
        filter.kind === "comparison" &&
        filter.operator === "eq" &&
        namesExactId(subAttribute);
      return (stored === "relation" && !isLookUp) || stored === "derived" ? [stored] : [];
    }
  }
}

/** How many values the relations of some resources have together. */
function* valuesOf(scope: Scope, some: Some, dialect: SqlDialect): Script<number> {
  const row = yield* firstRowOf<{ total: number | null }>(
    compose`SELECT CAST(SUM(x.value_count) AS BIGINT) AS total FROM ${holders(scope, some, dialect)} CROSS JOIN relations AS x WHERE x.tenant_id = ${scope.tenantId} AND x.connection_id = ${scope.connectionId} AND x.resource_id = ids.value`,
  );
  return row?.total ?? 0;
}

function holders(scope: Scope, some: Some, { listTable }: SqlDialect): Statement {
  return "ids" in some
    ? compose`${statement(listTable, JSON.stringify(some.ids))} AS ids`
    : compose`(SELECT resource_id AS value FROM resources WHERE tenant_id = ${scope.tenantId} AND connection_id = ${scope.connectionId} AND resource_type = ${some.resourceType.name}) AS ids`;
}
