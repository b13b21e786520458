/** What the paths of a filter lead to in a relation (such as members) or a derived attribute (such as groups). */
import type { Attribute } from "@rollcall/scim";
import type { FilterSite } from "./filter-site.ts";
import type { FilterTarget } from "./filter-target.ts";
import { always, textTarget } from "./filter-target.ts";
import { relationOf } from "./members.ts";
import type { Statement } from "./statement.ts";
import { compose, statement } from "./statement.ts";

/** The columns that the values of a relation are read from. */
interface ElementColumns {
  readonly value: Statement;
  readonly type: Statement;
  readonly display: Statement;
  readonly foldedDisplay: Statement;
  readonly endpoint: Statement;
}

/**
 * The values of a relation or a derived attribute of the resource `r`, as parts of a query. CROSS JOIN keeps the order
 * of the tables, from the few rows to what belongs to them, whatever the planner thinks.
 */
interface RelatedRows {
  /** What stands before SELECT. */
  readonly before: Statement;
  /** FROM and WHERE, whose conditions more can be added to. */
  readonly from: Statement;
  readonly order: Statement;
  readonly columns: ElementColumns;
}

/** The values of a relation (such as members) or a derived attribute (such as groups) of the resource `r`. */
export function relationTarget(attribute: Attribute, site: FilterSite): FilterTarget {
  return {
    kind: "list",
    any: (test) => {
      const { before, from, columns } = relatedRows(attribute, site);
      return compose`EXISTS (${before} SELECT 1 ${from} AND ${test(elementTarget(attribute, columns, site))})`;
    },
  };
}

/** The text that the first value of a relation or a derived attribute of the resource `r` has in a sub-attribute. */
export function firstRelatedText(
  attribute: Attribute,
  subAttribute: Attribute,
  site: FilterSite,
): Statement {
  const { before, from, order, columns } = relatedRows(attribute, site);
  const text = elementText(subAttribute, columns, site) ?? statement("NULL");
  return compose`(${before} SELECT ${text} ${from} ORDER BY ${order} LIMIT 1)`;
}

/** One value of a relation: the member row is `m`, the resource it names `o`. */
export function relationElementTarget(attribute: Attribute, site: FilterSite): FilterTarget {
  return elementTarget(attribute, memberColumns("m", "o", site), site);
}

function relatedRows(attribute: Attribute, site: FilterSite): RelatedRows {
  return attribute.reverseOf === undefined
    ? memberRows(attribute, site)
    : holderRows(relationOf(attribute.reverseOf.resourceType, attribute.reverseOf.attribute), site);
}

function memberRows({ name }: Attribute, site: FilterSite): RelatedRows {
  const { scope, resourceType, newAlias } = site;
  const member = newAlias();
  const other = newAlias();
  const m = statement(member);
  const o = statement(other);
  return {
    before: statement(""),
    from: compose`FROM members AS ${m} CROSS JOIN resources AS ${o} WHERE ${o}.tenant_id = ${m}.tenant_id AND ${o}.connection_id = ${m}.connection_id AND ${o}.resource_id = ${m}.value AND ${m}.tenant_id = ${scope.tenantId} AND ${m}.connection_id = ${scope.connectionId} AND ${m}.resource_id = r.resource_id AND ${m}.relation = ${relationOf(resourceType.name, name)}`,
    order: statement(`${member}.position`),
    columns: memberColumns(member, other, site),
  };
}

/** Who has the resource `r` in a relation, and who has those, and so on; UNION ends the cycles. */
function holderRows(relation: string, site: FilterSite): RelatedRows {
  const { scope, newAlias } = site;
  const holder = newAlias();
  const h = statement(holder);
  const c = statement(newAlias());
  const own = compose`m.tenant_id = ${scope.tenantId} AND m.connection_id = ${scope.connectionId} AND m.relation = ${relation}`;
  const direct = compose`EXISTS (SELECT 1 FROM members AS m WHERE ${own} AND m.value = r.resource_id AND m.resource_id = ${h}.resource_id)`;
  return {
    before: compose`WITH RECURSIVE ${c} (resource_id) AS (SELECT m.resource_id FROM members AS m WHERE ${own} AND m.value = r.resource_id UNION SELECT m.resource_id FROM ${c} CROSS JOIN members AS m WHERE ${own} AND m.value = ${c}.resource_id)`,
    from: compose`FROM ${c} CROSS JOIN resources AS ${h} WHERE ${h}.tenant_id = ${scope.tenantId} AND ${h}.connection_id = ${scope.connectionId} AND ${h}.resource_id = ${c}.resource_id`,
    order: compose`${direct} DESC, ${h}.sequence`,
    columns: {
      value: statement(`${holder}.resource_id`),
      type: compose`CASE WHEN ${direct} THEN 'direct' ELSE 'indirect' END`,
      display: statement(`${holder}.display`),
      foldedDisplay: statement(`${holder}.folded_display`),
      endpoint: endpointOf(holder, site),
    },
  };
}

function memberColumns(member: string, other: string, site: FilterSite): ElementColumns {
  return {
    value: statement(`${member}.value`),
    type: statement(`${other}.resource_type`),
    display: statement(`${other}.display`),
    foldedDisplay: statement(`${other}.folded_display`),
    endpoint: endpointOf(other, site),
  };
}

function endpointOf(resource: string, { scope }: FilterSite): Statement {
  return compose`(SELECT endpoint FROM resource_totals WHERE tenant_id = ${scope.tenantId} AND connection_id = ${scope.connectionId} AND resource_type = ${statement(resource)}.resource_type)`;
}

function elementTarget(
  attribute: Attribute,
  columns: ElementColumns,
  site: FilterSite,
): FilterTarget {
  return {
    kind: "object",
    exists: always,
    members: new Map(
      attribute.subAttributes.flatMap((subAttribute) => {
        const text = elementText(subAttribute, columns, site);
        return text === undefined ? [] : [[subAttribute.name, () => textTarget(text)] as const];
      }),
    ),
  };
}

function elementText(
  { name, caseExact }: Attribute,
  columns: ElementColumns,
  { dialect, baseUrl }: FilterSite,
): Statement | undefined {
  const cased = (text: Statement) => (caseExact ? text : dialect.folded(text));
  switch (name) {
    case "value":
      return cased(columns.value);
    case "type":
      return cased(columns.type);
    case "display":
      return caseExact ? columns.display : columns.foldedDisplay;
    case "$ref":
      // Ids are made of characters that stand in a URL as they are.
      return cased(compose`(${baseUrl} || ${columns.endpoint} || '/' || ${columns.value})`);
    default:
      return undefined;
  }
}
