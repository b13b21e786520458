/** Mappings of groups, which groups they speak of, and what they give, row by row. */
import type { GroupMapping, GroupPatternKind, MappableGroup } from "../../domain/group-mapping.ts";
import type { ConnectionId, MappingId, Scope, TeamId, TenantId } from "../../domain/tenant.ts";
import { insertRows } from "./insert-rows.ts";
import type { Script } from "./script.ts";
import { rowsOf } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { compose, statement } from "./statement.ts";

interface MappingRow {
  readonly mapping_id: MappingId;
  readonly connection_id: ConnectionId | "";
  readonly pattern_kind: GroupPatternKind;
  readonly pattern: string;
  readonly team_id: TeamId | "";
  readonly role: string;
  readonly version: number;
  readonly created_at: string;
}

const columns =
  "mapping_id, connection_id, pattern_kind, pattern, team_id, role, version, created_at";

/**
 * Lists the mappings that operators have made, in the order of their ids, which is that of their creation. Those of teams
 * that follow a group are the teams' own (`group-teams.ts`).
 */
export function* groupMappings(tenantId: TenantId): Script<readonly GroupMapping[]> {
  const rows = yield* rowsOf<MappingRow>(
    statement(
      `SELECT ${columns} FROM group_mappings
       WHERE tenant_id = ? AND pattern_kind <> 'team' ORDER BY mapping_id`,
      tenantId,
    ),
  );
  return rows.map((row) => mappingOf(tenantId, row));
}

/** Asks whether a tenant has any mapping, those of teams that follow a group among them. */
export function anyMapping(tenantId: TenantId): Statement {
  return statement(`SELECT mapping_id FROM group_mappings WHERE tenant_id = ? LIMIT 1`, tenantId);
}

/** Adds a mapping; no change where the tenant has the same. */
export function insertMapping(mapping: GroupMapping): Statement {
  const { tenantId, mappingId, connectionId, pattern, teamId, role, version, created } = mapping;
  return statement(
    `INSERT INTO group_mappings (tenant_id, ${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (tenant_id, connection_id, pattern_kind, pattern, team_id, role) DO NOTHING`,
    ...[tenantId, mappingId, connectionId ?? "", pattern.kind, pattern.text],
    ...[teamId ?? "", role, version, created],
  );
}

/** Gives the members of the groups of a mapping another role; counts the change. */
export function updateMappingRole({
  tenantId,
  mappingId,
  role,
  version,
}: Pick<GroupMapping, "tenantId" | "mappingId" | "role" | "version">): Statement {
  return statement(
    `UPDATE group_mappings SET role = ?, version = ? WHERE tenant_id = ? AND mapping_id = ?`,
    ...[role, version, tenantId, mappingId],
  );
}

/** Removes a mapping, but not what it gave. */
export function deleteMapping(tenantId: TenantId, mappingId: MappingId): Statement {
  return statement(
    `DELETE FROM group_mappings WHERE tenant_id = ? AND mapping_id = ?`,
    tenantId,
    mappingId,
  );
}

/** A group that a mapping speaks of. */
export interface MappedGroup {
  readonly connectionId: ConnectionId;
  readonly groupId: string;
  readonly mappingId: MappingId;
}

/** Notes that mappings speak of groups. */
export function insertMappedGroups(
  tenantId: TenantId,
  groups: readonly MappedGroup[],
): readonly Statement[] {
  return insertRows({
    into: "mapped_groups (tenant_id, connection_id, group_id, mapping_id)",
    shared: [tenantId],
    rows: groups.map(({ connectionId, groupId, mappingId }) => [connectionId, groupId, mappingId]),
    ending: "ON CONFLICT (tenant_id, connection_id, group_id, mapping_id) DO NOTHING",
  });
}

/** Forgets that mappings speak of a group; all of them where none are named. */
export function deleteMappedGroup(
  { tenantId, connectionId }: Scope,
  groupId: string,
  mappingIds: readonly MappingId[] | undefined,
  { oneOf }: SqlDialect,
): Statement {
  const which =
    mappingIds === undefined ? statement("") : compose`AND ${oneOf("mapping_id", mappingIds)}`;
  return compose`DELETE FROM mapped_groups
    WHERE tenant_id = ${tenantId} AND connection_id = ${connectionId} AND group_id = ${groupId} ${which}`;
}

/** Lists the groups that a mapping speaks of. */
export function* groupsOfMapping(
  tenantId: TenantId,
  mappingId: MappingId,
): Script<readonly MappedGroup[]> {
  const rows = yield* rowsOf<{ connection_id: ConnectionId; group_id: string }>(
    statement(
      `SELECT connection_id, group_id FROM mapped_groups WHERE tenant_id = ? AND mapping_id = ?
       ORDER BY connection_id, group_id`,
      tenantId,
      mappingId,
    ),
  );
  return rows.map((row) => ({
    connectionId: row.connection_id,
    groupId: row.group_id,
    mappingId,
  }));
}

/** Lists which mappings speak of a group that operators have made. */
export function mappingsOfGroup({ tenantId, connectionId }: Scope, groupId: string): Statement {
  return statement(
    `SELECT p.mapping_id FROM mapped_groups AS p
     WHERE p.tenant_id = ? AND p.connection_id = ? AND p.group_id = ? AND NOT EXISTS (
       SELECT 1 FROM group_mappings AS m
       WHERE m.tenant_id = p.tenant_id AND m.mapping_id = p.mapping_id AND m.pattern_kind = 'team')`,
    tenantId,
    connectionId,
    groupId,
  );
}

/** Forgets all groups of a mapping. */
export function deleteGroupsOfMapping(tenantId: TenantId, mappingId: MappingId): Statement {
  return statement(
    `DELETE FROM mapped_groups WHERE tenant_id = ? AND mapping_id = ?`,
    tenantId,
    mappingId,
  );
}

/** Everything that Users of a connection have from a mapping of some groups. */
export function grantsOfMapping(
  { tenantId, connectionId }: Scope,
  mappingId: MappingId,
  groupIds: readonly string[],
  { listTable }: SqlDialect,
): Statement {
  return statement(
    `SELECT g.resource_id, g.group_id, g.mapping_id FROM ${listTable} AS ids
     CROSS JOIN group_grants AS g
     WHERE g.tenant_id = ? AND g.connection_id = ? AND g.group_id = ids.value AND g.mapping_id = ?`,
    ...[JSON.stringify(groupIds), tenantId, connectionId, mappingId],
  );
}

/** Drops everything that a User has from groups. */
export function deleteGrantsOfUser({ tenantId, connectionId }: Scope, userId: string): Statement {
  return statement(
    `DELETE FROM group_grants WHERE tenant_id = ? AND connection_id = ? AND resource_id = ?`,
    tenantId,
    connectionId,
    userId,
  );
}

function mappingOf(tenantId: TenantId, row: MappingRow): GroupMapping {
  return {
    tenantId,
    mappingId: row.mapping_id,
    connectionId: row.connection_id === "" ? undefined : row.connection_id,
    pattern: { kind: row.pattern_kind, text: row.pattern },
    teamId: row.team_id === "" ? undefined : row.team_id,
    role: row.role,
    version: row.version,
    created: row.created_at,
  };
}

/** A group, as far as mappings look at it. */
export interface FoundGroup {
  readonly connectionId: ConnectionId;
  readonly groupId: string;
  readonly group: MappableGroup;
}

/** Reads the groups of a tenant, or of one of its connections. */
export function* mappableGroups(
  tenantId: TenantId,
  connectionId: ConnectionId | undefined,
  dialect: SqlDialect,
): Script<readonly FoundGroup[]> {
  const externalId = dialect.textAt(dialect.documentIn("r.attributes"), ["externalId"]);
  const which =
    connectionId === undefined ? statement("") : compose`AND c.connection_id = ${connectionId}`;
  const rows = yield* rowsOf<{
    connection_id: ConnectionId;
    resource_id: string;
    display: string | null;
    external_id: string | null;
  }>(
    compose`SELECT r.connection_id, r.resource_id, r.display, ${externalId} AS external_id
      FROM connections AS c
      CROSS JOIN resources AS r
      WHERE c.tenant_id = ${tenantId} ${which} AND r.tenant_id = c.tenant_id
        AND r.connection_id = c.connection_id AND r.resource_type = 'Group'`,
  );
  return rows.map((row) => ({
    connectionId: row.connection_id,
    groupId: row.resource_id,
    group: {
      connectionId: row.connection_id,
      ids: row.external_id === null ? [row.resource_id] : [row.resource_id, row.external_id],
      name: row.display ?? "",
    },
  }));
}
