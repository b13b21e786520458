/** Reads the teams of groups, the groups that have or may have one, and which archived team a new group leads back to. */
import type { JsonObject, JsonValue, ResourceType } from "@rollcall/scim";
import type { GroupTeam, GroupWithTeam } from "../../domain/group-team.ts";
import type { ConnectionId, Scope, TenantId } from "../../domain/tenant.ts";
import type { Script } from "./script.ts";
import { rowsOf } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { compose, statement } from "./statement.ts";
import { storedFormOf } from "./stored-form.ts";
import type { TeamRow } from "./team-rows.ts";
import { teamColumns, teamOf } from "./team-rows.ts";

/** A group that is there, with what one that comes again is recognised by, in comparison form. */
export interface FollowedGroup extends GroupWithTeam {
  readonly nameKey: string | undefined;
  readonly externalIdKey: string | undefined;
}

/** The group that attributes make. */
export function followedGroupOf(
  { connectionId }: Scope,
  groupId: string,
  { resourceType, attributes }: { resourceType: ResourceType; attributes: JsonObject },
): FollowedGroup {
  const form = storedFormOf(resourceType, attributes);
  return {
    connectionId,
    groupId,
    name: textOf(attributes["displayName"]) ?? "",
    nameKey: textOf(form["displayName"]),
    externalIdKey: textOf(form["externalId"]),
  };
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

interface GroupTeamRow extends TeamRow {
  /** That of the mapping of the team's own; null where it follows no group at present. */
  readonly role: string | null;
}

const columns = teamColumns.map((column) => `t.${column}`).join(", ");

function roleIn(tenantId: TenantId): Statement {
  return compose`(SELECT m.role FROM group_mappings AS m
    WHERE m.tenant_id = ${tenantId} AND m.mapping_id = t.team_id) AS role`;
}

function groupTeamOf(tenantId: TenantId, row: GroupTeamRow): GroupTeam {
  return { team: teamOf(tenantId, row), role: row.role ?? undefined };
}

/** Reads the team of a group. */
export function* teamOfGroup(
  { tenantId, connectionId }: Scope,
  groupId: string,
): Script<GroupTeam | undefined> {
  const [row] = yield* rowsOf<GroupTeamRow>(
    compose`SELECT ${statement(columns)}, ${roleIn(tenantId)} FROM teams AS t
      WHERE t.tenant_id = ${tenantId} AND t.connection_id = ${connectionId}
        AND t.group_id = ${groupId} AND t.group_id IS NOT NULL`,
  );
  return row && groupTeamOf(tenantId, row);
}

/** Reads the teams of all groups of a tenant, or of one of its connections, those of groups that are gone too. */
export function* teamsOfGroups(
  tenantId: TenantId,
  connectionId?: ConnectionId,
): Script<readonly GroupTeam[]> {
  const which =
    connectionId === undefined ? statement("") : compose`AND t.connection_id = ${connectionId}`;
  const rows = yield* rowsOf<GroupTeamRow>(
    compose`SELECT ${statement(columns)}, ${roleIn(tenantId)} FROM teams AS t
      WHERE t.tenant_id = ${tenantId} ${which} AND t.group_id IS NOT NULL ORDER BY t.team_id`,
  );
  return rows.map((row) => groupTeamOf(tenantId, row));
}

/** Reads all groups of a tenant, in an order that no database chooses: names are given in it. */
export function* followedGroups(
  tenantId: TenantId,
  { documentIn, textAt }: SqlDialect,
): Script<readonly FollowedGroup[]> {
  const form = documentIn("r.folded");
  const rows = yield* rowsOf<{
    connection_id: ConnectionId;
    resource_id: string;
    display: string | null;
    name_key: string | null;
    external_id_key: string | null;
  }>(
    compose`SELECT r.connection_id, r.resource_id, r.display,
        ${textAt(form, ["displayName"])} AS name_key,
        ${textAt(form, ["externalId"])} AS external_id_key
      FROM connections AS c
      CROSS JOIN resources AS r
      WHERE c.tenant_id = ${tenantId} AND r.tenant_id = c.tenant_id
        AND r.connection_id = c.connection_id AND r.resource_type = 'Group'
      ORDER BY r.connection_id, r.resource_id`,
  );
  return rows.map((row) => ({
    connectionId: row.connection_id,
    groupId: row.resource_id,
    name: row.display ?? "",
    nameKey: textOf(row.name_key ?? undefined),
    externalIdKey: textOf(row.external_id_key ?? undefined),
  }));
}

interface LeftRow extends GroupTeamRow {
  readonly key_hash: string;
  /** The group that is gone. */
  readonly resource_id: string;
}

/**
 * Finds the archived teams that groups lead back to which were created again: recognised as Users are, by the tombstone
 * with the same externalId, else by the one with the same name, unless both have an externalId and those differ.
 */
export function* teamsComingBack(
  scope: Scope,
  groups: readonly FollowedGroup[],
  context: SqlContext,
): Script<ReadonlyMap<string, GroupTeam>> {
  const { keyedHash, dialect } = context;
  const hashed = (key: string | undefined) => (key === undefined ? undefined : keyedHash(key));
  const wanted = groups.map(({ groupId, nameKey, externalIdKey }) => ({
    groupId,
    name: hashed(nameKey),
    externalId: hashed(externalIdKey),
  }));
  const byExternalId = yield* teamsLeft(
    { scope, path: "externalId" },
    wanted.flatMap(({ externalId }) => externalId ?? []),
    dialect,
  );
  const byName = yield* teamsLeft(
    { scope, path: "displayName" },
    wanted.flatMap(({ name }) => name ?? []),
    dialect,
  );
  const externalIds = yield* externalIdsLeft(
    scope,
    byName.map(({ resource_id }) => resource_id),
    dialect,
  );
  const used = new Set<string>();
  const found = wanted.flatMap(({ groupId, name, externalId }) => {
    const isSame = ({ resource_id }: LeftRow) => {
      const had = externalIds.get(resource_id);
      return externalId === undefined || had === undefined || had.has(externalId);
    };
    const row = [
      ...byExternalId.filter(({ key_hash }) => key_hash === externalId),
      ...byName.filter((one) => one.key_hash === name && isSame(one)),
    ].find(({ team_id }) => !used.has(team_id));
    if (row === undefined) {
      return [];
    }
    used.add(row.team_id);
    return [[groupId, groupTeamOf(scope.tenantId, row)] as const];
  });
  return new Map(found);
}

/** The teams of groups that are gone and had one of some keys, the latest archived first. */
function* teamsLeft(
  {
    scope: { tenantId, connectionId },
    path,
  }: { readonly scope: Scope; readonly path: "externalId" | "displayName" },
  hashes: readonly string[],
  { listTable, eachOf }: SqlDialect,
): Script<readonly LeftRow[]> {
  if (hashes.length === 0) {
    return [];
  }
  const rows = yield* rowsOf<LeftRow>(
    compose`SELECT k.key_hash, k.resource_id, ${statement(columns)}, NULL AS role
      FROM ${statement(listTable, JSON.stringify([...new Set(hashes)]))} AS ids
      ${eachOf("tombstone_keys", "k", ["key_hash", "resource_id"], compose`k.tenant_id = ${tenantId} AND k.connection_id = ${connectionId} AND k.resource_type = 'Group' AND k.path = ${path} AND k.key_hash = ids.value`)}
      ${eachOf("teams", "t", teamColumns, compose`t.tenant_id = ${tenantId} AND t.connection_id = ${connectionId} AND t.group_id = k.resource_id AND t.group_id IS NOT NULL AND t.archived_at IS NOT NULL`)}
      WHERE NOT EXISTS (SELECT 1 FROM group_mappings AS m
        WHERE m.tenant_id = ${tenantId} AND m.mapping_id = t.team_id)`,
  );
  const latestFirst = (one: LeftRow, other: LeftRow) => {
    const [left, right] = [one, other].map(
      ({ archived_at, team_id }) => `${archived_at ?? ""} ${team_id}`,
    );
    return (left ?? "") < (right ?? "") ? 1 : -1;
  };
  return rows.toSorted(latestFirst);
}

function* externalIdsLeft(
  { tenantId, connectionId }: Scope,
  groupIds: readonly string[],
  { listTable, eachOf }: SqlDialect,
): Script<ReadonlyMap<string, ReadonlySet<string>>> {
  const found = new Map<string, Set<string>>();
  if (groupIds.length === 0) {
    return found;
  }
  const rows = yield* rowsOf<{ resource_id: string; key_hash: string }>(
    compose`SELECT k.resource_id, k.key_hash
      FROM ${statement(listTable, JSON.stringify([...new Set(groupIds)]))} AS ids
      ${eachOf("tombstone_keys", "k", ["resource_id", "key_hash"], compose`k.tenant_id = ${tenantId} AND k.connection_id = ${connectionId} AND k.resource_id = ids.value AND k.path = 'externalId'`)}`,
  );
  for (const { resource_id, key_hash } of rows) {
    found.set(resource_id, (found.get(resource_id) ?? new Set()).add(key_hash));
  }
  return found;
}
