/** Reads what of a tenant goes into another instance, in an order in which it can be imported: what is named comes first. */
import type { ConnectionId, TenantId } from "../../domain/tenant.ts";
import type { TableRows, TakeRows } from "../store.ts";
import type { Statement } from "./statement.ts";
import { statement } from "./statement.ts";

/** Reads all rows of a statement, some at a time, on the snapshot that is read. */
export type ReadRows = (table: string, select: Statement, take: TakeRows) => Promise<void>;

/** Gives all of it: accounts and what people have set by hand, users, groups, members, links. */
export async function readTenant(
  tenantId: TenantId,
  read: ReadRows,
  take: TakeRows,
): Promise<void> {
  const connectionIds: ConnectionId[] = [];
  for (const [table, select] of byTenant(tenantId)) {
    await read(table, select, async (rows) => {
      if (table === "connections") {
        connectionIds.push(...idsIn(rows));
      }
      await take(rows);
    });
  }
  for (const resourceType of ["User", "Group"]) {
    for (const connectionId of connectionIds) {
      await read("resources", resourcesOf(tenantId, connectionId, resourceType), take);
    }
  }
  for (const connectionId of connectionIds) {
    await read("members", membersOf(tenantId, connectionId), take);
  }
  for (const [table, select] of afterUsers(tenantId)) {
    await read(table, select, take);
  }
}

/** An account without address and without id of the application is nothing that another instance could find again: it makes one. */
const isNamed = "(a.email IS NOT NULL OR a.ref IS NOT NULL)";

function byTenant(tenantId: TenantId): readonly (readonly [table: string, select: Statement])[] {
  return [
    [
      "tenants",
      statement(`SELECT slug, name, settings FROM tenants WHERE tenant_id = ?`, tenantId),
    ],
    [
      "connections",
      statement(
        `SELECT connection_id, slug, name, profile, settings, disabled, staged, index_paths
         FROM connections WHERE tenant_id = ? ORDER BY slug`,
        tenantId,
      ),
    ],
    [
      "domains",
      statement(
        `SELECT d.domain, d.method, c.is_shared FROM domains AS d
         LEFT JOIN domain_claims AS c ON c.domain = d.domain AND c.tenant_id = d.tenant_id
         WHERE d.tenant_id = ? ORDER BY d.domain`,
        tenantId,
      ),
    ],
    [
      "teams",
      statement(
        `SELECT team_id, name, connection_id, group_id, archived_at, named_by_hand, archived_by_hand
         FROM teams WHERE tenant_id = ? ORDER BY created_at, team_id`,
        tenantId,
      ),
    ],
    ["default_team", statement(`SELECT slug, settings FROM tenants WHERE tenant_id = ?`, tenantId)],
    [
      "group_mappings",
      statement(
        `SELECT m.connection_id, m.pattern_kind, m.pattern, m.team_id, m.role, t.name AS team_name
         FROM group_mappings AS m
         LEFT JOIN teams AS t ON t.tenant_id = m.tenant_id AND t.team_id = m.team_id
         WHERE m.tenant_id = ? AND m.pattern_kind <> 'team' ORDER BY m.mapping_id`,
        tenantId,
      ),
    ],
    [
      "accounts",
      statement(
        `SELECT a.account_id, a.email, a.email_verified, a.has_login, a.name,
           a.preferred_language, a.ref, a.made_by_tenant, a.made_by_connection
         FROM account_tenants AS t JOIN accounts AS a ON a.account_id = t.account_id
         WHERE t.tenant_id = ? AND ${isNamed} ORDER BY t.account_id`,
        tenantId,
      ),
    ],
    [
      "grants",
      statement(
        `SELECT g.account_id, g.role, g.team_id, t.name AS team_name FROM grants AS g
         JOIN accounts AS a ON a.account_id = g.account_id
         LEFT JOIN teams AS t ON t.tenant_id = g.tenant_id AND t.team_id = g.team_id
         WHERE g.tenant_id = ? AND g.source = 'manual' AND ${isNamed}
         ORDER BY g.account_id, g.team_id`,
        tenantId,
      ),
    ],
    [
      "declines",
      statement(
        `SELECT d.account_id FROM declines AS d JOIN accounts AS a ON a.account_id = d.account_id
         WHERE d.tenant_id = ? AND ${isNamed} ORDER BY d.account_id`,
        tenantId,
      ),
    ],
  ];
}

function resourcesOf(
  tenantId: TenantId,
  connectionId: ConnectionId,
  resourceType: string,
): Statement {
  return statement(
    `SELECT connection_id, resource_id, resource_type, attributes FROM resources
     WHERE tenant_id = ? AND connection_id = ? AND resource_type = ? ORDER BY sequence`,
    tenantId,
    connectionId,
    resourceType,
  );
}

function membersOf(tenantId: TenantId, connectionId: ConnectionId): Statement {
  return statement(
    `SELECT connection_id, resource_id, value FROM members
     WHERE tenant_id = ? AND connection_id = ? AND relation = 'Group.members'
     ORDER BY resource_id, relation, position`,
    tenantId,
    connectionId,
  );
}

/** Behind the users: protection needs a member, and a lock is one of a member. */
function afterUsers(tenantId: TenantId): readonly (readonly [table: string, select: Statement])[] {
  return [
    [
      "links",
      statement(
        `SELECT l.connection_id, l.resource_id, l.active, CASE WHEN ${isNamed} THEN l.account_id END AS account_id
         FROM links AS l JOIN accounts AS a ON a.account_id = l.account_id
         WHERE l.tenant_id = ? AND l.state = 'linked' ORDER BY l.connection_id, l.resource_id`,
        tenantId,
      ),
    ],
    [
      "memberships",
      statement(
        `SELECT m.account_id, m.protection FROM memberships AS m
         JOIN accounts AS a ON a.account_id = m.account_id
         WHERE m.tenant_id = ? AND m.protection IS NOT NULL AND ${isNamed} ORDER BY m.account_id`,
        tenantId,
      ),
    ],
    [
      "locks",
      statement(
        `SELECT l.account_id, l.source, l.reason FROM locks AS l
         JOIN accounts AS a ON a.account_id = l.account_id
         WHERE l.tenant_id = ? AND l.source IN ('admin', 'security') AND ${isNamed}
         ORDER BY l.account_id, l.source`,
        tenantId,
      ),
    ],
  ];
}

function idsIn({ columns, rows }: TableRows): readonly ConnectionId[] {
  const at = columns.indexOf("connection_id");
  return rows.map((row) => String(row[at]) as ConnectionId);
}
