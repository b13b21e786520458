/**
 * Who is a member of a group, direct or through other groups, and what mappings give for it, as statements on sets: cycles
 * end because nothing is reached twice. CROSS JOIN leads from what was reached to what it leads to.
 */
import type { MappingId, Scope } from "../../domain/tenant.ts";
import type { Provenance } from "./members.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { compose, joined, statement } from "./statement.ts";

/** The relation that has the members of groups. */
export const groupMembers = "Group.members";

/** A grant that came or went. */
export interface GrantRow {
  readonly resource_id: string;
  readonly group_id: string;
  readonly mapping_id: MappingId;
}

/** Which grants are looked at: those of these Users for these groups, or all of some groups. */
export type GrantSelection =
  /** `seeds`: Users, and groups of which all Users are meant. */
  | { readonly kind: "users"; readonly seeds: readonly string[] }
  | { readonly kind: "groups"; readonly groupIds: readonly string[] };

/** Finds the mapped groups that have a group as a member, direct or through others, and itself. */
export function mappedAbove(
  { tenantId, connectionId }: Scope,
  groupIds: readonly string[],
  { listTable, eachOf }: SqlDialect,
): Statement {
  return compose`WITH RECURSIVE above (group_id) AS (
       SELECT ids.value FROM ${statement(listTable, JSON.stringify(groupIds))} AS ids
       UNION
       SELECT m.resource_id FROM above
       CROSS JOIN members AS m
       WHERE m.tenant_id = ${tenantId} AND m.connection_id = ${connectionId}
         AND m.value = above.group_id AND m.relation = ${groupMembers})
     SELECT DISTINCT p.group_id FROM above
     ${eachOf(
       "mapped_groups",
       "p",
       ["group_id"],
       compose`p.tenant_id = ${tenantId} AND p.connection_id = ${connectionId} AND p.group_id = above.group_id`,
     )}
     ORDER BY p.group_id`;
}

/** Takes away what is not due any more; gives what went. */
export function takeGrants(
  scope: Scope,
  selection: GrantSelection,
  dialect: SqlDialect,
): Statement {
  const { tenantId, connectionId } = scope;
  const { tables, wanted, held, within } = partsOf(scope, selection, dialect);
  return compose`WITH RECURSIVE ${tables}
     DELETE FROM group_grants
     WHERE tenant_id = ${tenantId} AND connection_id = ${connectionId} AND ${within}
       AND (resource_id, group_id, mapping_id) IN (${held} EXCEPT ${wanted})
     RETURNING resource_id, group_id, mapping_id`;
}

/** Gives what is due and is not there; gives what came. */
export function giveGrants(
  scope: Scope,
  selection: GrantSelection,
  { at, requestId }: Provenance,
  dialect: SqlDialect,
): Statement {
  const { tenantId, connectionId } = scope;
  const { tables, wanted, held } = partsOf(scope, selection, dialect);
  return compose`INSERT INTO group_grants
       (tenant_id, connection_id, resource_id, group_id, mapping_id, at, request_id)
     WITH RECURSIVE ${tables}
     SELECT ${tenantId}, ${connectionId}, page.resource_id, page.group_id, page.mapping_id, ${at}, ${requestId ?? null}
     FROM (${wanted} EXCEPT ${held}) AS page
     RETURNING resource_id, group_id, mapping_id`;
}

interface SelectionParts {
  readonly tables: Statement;
  /** What is due. */
  readonly wanted: Statement;
  /** What is there. */
  readonly held: Statement;
  /** Whether a row is one of those that are looked at. */
  readonly within: Statement;
}

function partsOf(
  { tenantId, connectionId }: Scope,
  selection: GrantSelection,
  { listTable, eachOf, oneOf, oneOfThose }: SqlDialect,
): SelectionParts {
  const below = (column: string) => compose`m.tenant_id = ${tenantId}
    AND m.connection_id = ${connectionId} AND m.resource_id = ${statement(column)}
    AND m.relation = ${groupMembers}`;
  const above = (column: string) => compose`m.tenant_id = ${tenantId}
    AND m.connection_id = ${connectionId} AND m.value = ${statement(column)}
    AND m.relation = ${groupMembers}`;
  const mapped = eachOf(
    "mapped_groups",
    "p",
    ["mapping_id"],
    compose`p.tenant_id = ${tenantId} AND p.connection_id = ${connectionId} AND p.group_id = c.group_id`,
  );
  const users = eachOf(
    "resources",
    "u",
    ["resource_id"],
    compose`u.tenant_id = ${tenantId} AND u.connection_id = ${connectionId} AND u.resource_id = c.resource_id AND u.resource_type = 'User'`,
  );
  const grantsBy = (condition: string) =>
    eachOf(
      "group_grants",
      "g",
      ["resource_id", "group_id", "mapping_id"],
      compose`g.tenant_id = ${tenantId} AND g.connection_id = ${connectionId} AND ${statement(condition)}`,
    );
  const wanted = compose`SELECT c.resource_id, c.group_id, p.mapping_id
    FROM closure AS c ${mapped} ${users}`;
  if (selection.kind === "groups") {
    const groups = statement(listTable, JSON.stringify(selection.groupIds));
    return {
      tables: compose`closure (group_id, resource_id) AS (
         SELECT m.resource_id, m.value FROM ${groups} AS ids
         CROSS JOIN members AS m WHERE ${below("ids.value")}
         UNION
         SELECT closure.group_id, m.value FROM closure
         CROSS JOIN members AS m WHERE ${below("closure.resource_id")})`,
      wanted,
      held: compose`SELECT g.resource_id, g.group_id, g.mapping_id FROM ${groups} AS ids
         ${grantsBy("g.group_id = ids.value")}`,
      within: oneOf("group_id", selection.groupIds),
    };
  }
  const reached = compose`reached (resource_id) AS (
     SELECT ids.value FROM ${statement(listTable, JSON.stringify(selection.seeds))} AS ids
     UNION
     SELECT m.value FROM reached
     CROSS JOIN members AS m WHERE ${below("reached.resource_id")})`;
  const closure = compose`closure (group_id, resource_id) AS (
     SELECT m.resource_id, m.value FROM reached
     CROSS JOIN members AS m WHERE ${above("reached.resource_id")}
     UNION
     SELECT m.resource_id, closure.resource_id FROM closure
     CROSS JOIN members AS m WHERE ${above("closure.group_id")})`;
  return {
    tables: joined([reached, closure], ", "),
    wanted,
    held: compose`SELECT g.resource_id, g.group_id, g.mapping_id FROM reached
       ${grantsBy("g.resource_id = reached.resource_id")}`,
    within: oneOfThose("resource_id", statement("SELECT reached.resource_id FROM reached")),
  };
}
