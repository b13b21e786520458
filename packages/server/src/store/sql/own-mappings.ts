/** The mappings of teams that follow a group: each has the id of its team, and no operator lists, changes or removes it. */
import type { Team } from "../../domain/team.ts";
import type { ConnectionId, MappingId, TeamId, TenantId } from "../../domain/tenant.ts";
import type { GrantRow } from "./group-closure.ts";
import { insertMappedGroups } from "./group-mappings.ts";
import { insertRows } from "./insert-rows.ts";
import type { MovedGrants } from "./move-grants.ts";
import type { Script } from "./script.ts";
import { rowsOf } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { compose, statement } from "./statement.ts";

/** The id of the mapping of a team's own. */
export function ownMappingId(teamId: TeamId): MappingId {
  return String(teamId) as MappingId;
}

/** Has the members of the groups of some teams get a role in them, once their grants are moved. */
export function insertOwnMappings(
  tenantId: TenantId,
  teams: readonly Team[],
  { role, at }: { readonly role: string; readonly at: string },
): readonly Statement[] {
  const groups = teams.flatMap(({ teamId, group }) =>
    group === undefined ? [] : [{ ...group, mappingId: ownMappingId(teamId) }],
  );
  return [
    ...insertRows({
      into: `group_mappings (tenant_id, mapping_id, connection_id, pattern_kind, pattern, team_id,
        role, version, created_at)`,
      shared: [tenantId],
      rows: groups.map(({ connectionId, groupId, mappingId }) => [
        ...[mappingId, connectionId, "team", groupId, mappingId, role, 1, at],
      ]),
    }),
    ...insertMappedGroups(tenantId, groups),
  ];
}

/** Removes the mappings of some teams, but not what they gave. */
export function deleteOwnMappings(
  tenantId: TenantId,
  teamIds: readonly TeamId[],
  { oneOf }: SqlDialect,
): readonly Statement[] {
  return teamIds.length === 0
    ? []
    : ["mapped_groups", "group_mappings"].map(
        (table) =>
          compose`DELETE FROM ${statement(table)}
            WHERE tenant_id = ${tenantId} AND ${oneOf("mapping_id", teamIds)}`,
      );
}

/** Gives the members of the groups of some teams another role. */
export function updateOwnMappings(
  tenantId: TenantId,
  teamIds: readonly TeamId[],
  role: string,
  { oneOf }: SqlDialect,
): readonly Statement[] {
  return teamIds.length === 0
    ? []
    : [
        compose`UPDATE group_mappings SET role = ${role}, version = version + 1
          WHERE tenant_id = ${tenantId} AND ${oneOf("mapping_id", teamIds)}`,
      ];
}

/** What the mappings of some teams give at present, as if it had just been taken and given again. */
export function* grantsOfOwnMappings(
  tenantId: TenantId,
  teamIds: readonly TeamId[],
  { listTable, eachOf }: SqlDialect,
): Script<readonly MovedGrants[]> {
  if (teamIds.length === 0) {
    return [];
  }
  const rows = yield* rowsOf<GrantRow & { readonly connection_id: ConnectionId }>(
    compose`SELECT p.connection_id, g.resource_id, g.group_id, g.mapping_id
      FROM ${statement(listTable, JSON.stringify(teamIds))} AS ids
      ${eachOf("mapped_groups", "p", ["connection_id", "group_id", "mapping_id"], compose`p.tenant_id = ${tenantId} AND p.mapping_id = ids.value`)}
      ${eachOf("group_grants", "g", ["resource_id", "group_id", "mapping_id"], compose`g.tenant_id = ${tenantId} AND g.connection_id = p.connection_id AND g.group_id = p.group_id AND g.mapping_id = p.mapping_id`)}`,
  );
  return [...new Set(rows.map(({ connection_id }) => connection_id))].map((connectionId) => {
    const own = rows.filter(({ connection_id }) => connection_id === connectionId);
    return { connectionId, given: own, taken: own };
  });
}
