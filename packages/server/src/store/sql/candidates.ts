/** Finds the few resources that can satisfy a filter through an index, so that the filter itself reads only those. */
import type { Attribute, ResolvedFilter, ResolvedPath } from "@rollcall/scim";
import { formatResolvedPath } from "@rollcall/scim";
import type { FilterSite } from "./filter-site.ts";
import { relationOf } from "./members.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { compose, joined } from "./statement.ts";

/**
 * Makes a query for the ids of resources among which all that satisfy the filter are; nothing when only reading every
 * resource can tell. `indexed` names the point attributes that have an index.
 */
export function candidates(
  filter: ResolvedFilter,
  indexed: ReadonlySet<string>,
  site: FilterSite,
): Statement | undefined {
  switch (filter.kind) {
    case "comparison":
      return filter.operator === "eq" && typeof filter.comparable === "string"
        ? holdersOf(filter.path, filter.comparable, indexed, site)
        : undefined;
    case "and":
      for (const operand of filter.operands) {
        const found = candidates(operand, indexed, site);
        if (found !== undefined) {
          return found;
        }
      }
      return undefined;
    case "or": {
      const found = filter.operands.map((operand) => candidates(operand, indexed, site));
      const queries = found.filter((query) => query !== undefined);
      return queries.length === found.length && found.length > 0
        ? joined(queries, " UNION ")
        : undefined;
    }
    case "any":
      return candidates(withParent(filter.filter, filter.path), indexed, site);
    default:
      return undefined;
  }
}

/** No stored text has one, but as a parameter it becomes U+FFFD, which one may have. */
const loneSurrogate = /\p{Surrogate}/u;

/**
 * Tells whether all resources of the type that {@link candidates} finds satisfy the filter, so that nobody has to try
 * it on them.
 */
export function areMatches(filter: ResolvedFilter, dialect: SqlDialect): boolean {
  switch (filter.kind) {
    case "comparison":
      return (
        typeof filter.comparable === "string" &&
        !loneSurrogate.test(filter.comparable) &&
        dialect.indexed.value(filter.comparable) === filter.comparable
      );
    case "or":
      return filter.operands.every((operand) => areMatches(operand, dialect));
    case "any":
      return filter.filter.kind === "comparison" && areMatches(filter.filter, dialect);
    default:
      return false;
  }
}

/** Turns paths inside the brackets of a value path into paths of the resource; what becomes wider by it is fine. */
function withParent(filter: ResolvedFilter, parent: ResolvedPath): ResolvedFilter {
  switch (filter.kind) {
    case "and":
    case "or":
      return {
        kind: filter.kind,
        operands: filter.operands.map((operand) => withParent(operand, parent)),
      };
    case "comparison":
    case "present":
      return {
        ...filter,
        path:
          parent.attribute?.type === "complex"
            ? { ...parent, subAttribute: filter.path.attribute }
            : parent,
      };
    default:
      return filter;
  }
}

function holdersOf(
  path: ResolvedPath,
  value: string,
  indexed: ReadonlySet<string>,
  { scope, resourceType, dialect }: FilterSite,
): Statement | undefined {
  const { attribute } = path;
  if (path.extension === undefined && attribute?.name === "id") {
    return compose`SELECT resource_id FROM resources WHERE tenant_id = ${scope.tenantId} AND connection_id = ${scope.connectionId} AND resource_id = ${value}`;
  }
  const text = formatResolvedPath(path);
  if (indexed.has(text)) {
    return compose`SELECT resource_id FROM point_values WHERE tenant_id = ${scope.tenantId} AND connection_id = ${scope.connectionId} AND resource_type = ${resourceType.name} AND path = ${text} AND value = ${dialect.indexed.value(value)}`;
  }
  if (attribute?.stored === undefined || !namesExactId(path.subAttribute)) {
    return undefined;
  }
  if (attribute.stored === "relation") {
    return compose`SELECT resource_id FROM members WHERE tenant_id = ${scope.tenantId} AND connection_id = ${scope.connectionId} AND value = ${value} AND relation = ${relationOf(resourceType.name, attribute.name)}`;
  }
  return attribute.stored === "derived" ? reachedFrom(attribute, value, scope) : undefined;
}

/** Tells whether a sub-attribute of a relation is the id of the resource it names, as it is written. */
export function namesExactId(subAttribute: Attribute | undefined): boolean {
  return subAttribute?.name === "value" && subAttribute.caseExact;
}

/** Everybody who is in a relation of the holder, or of one that is. */
function reachedFrom(
  { reverseOf }: Attribute,
  holderId: string,
  scope: FilterSite["scope"],
): Statement | undefined {
  if (reverseOf === undefined) {
    return undefined;
  }
  const relation = relationOf(reverseOf.resourceType, reverseOf.attribute);
  return compose`SELECT resource_id FROM (WITH RECURSIVE reached (resource_id) AS (SELECT value FROM members WHERE tenant_id = ${scope.tenantId} AND connection_id = ${scope.connectionId} AND resource_id = ${holderId} AND relation = ${relation} UNION SELECT m.value FROM reached CROSS JOIN members AS m WHERE m.tenant_id = ${scope.tenantId} AND m.connection_id = ${scope.connectionId} AND m.resource_id = reached.resource_id AND m.relation = ${relation}) SELECT resource_id FROM reached) AS reached_from`;
}
