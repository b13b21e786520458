/** Compares all that groups and logins give in a tenant with what they should give, and mends it. */
import type { NamedMove } from "../../domain/access-move.ts";
import type { AccountId } from "../../domain/account.ts";
import type { Circumstances } from "../../domain/audit-entry.ts";
import type { GroupMapping } from "../../domain/group-mapping.ts";
import { groupTestOf } from "../../domain/group-mapping.ts";
import type { ConnectionId, MappingId, TenantId } from "../../domain/tenant.ts";
import type { FoundGroup, MappedGroup } from "./group-mappings.ts";
import {
  deleteMappedGroup,
  groupMappings,
  insertMappedGroups,
  mappableGroups,
} from "./group-mappings.ts";
import { teamsOfGroups } from "./group-team-rows.ts";
import { followAllGroups, withTeams, withTeamsTold } from "./group-teams.ts";
import { differingMoves, loginGrants, loginMoveRows, loginMovesOf } from "./login-grants.ts";
import type { MovedGrants } from "./move-grants.ts";
import { factsMoved, mappedRoles, mergedMoves } from "./move-grants.ts";
import { ownMappingId } from "./own-mappings.ts";
import { moveGroups } from "./reconcile-group.ts";
import { adminAuditEntry, consequenceRows } from "./record-consequences.ts";
import type { Script, Verdict } from "./script.ts";
import { rowsOf } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import { statement } from "./statement.ts";
import type { TellingSite } from "./tell-access.ts";
import { tellAccess, withAccess } from "./tell-access.ts";
import { lockTenantFacts } from "./tenant-facts.ts";
import { settingsOfTenant } from "./tenant-members.ts";

/** What was found. */
export interface Reconciled {
  /** How many grants were there and not due, or due and not there; and how many teams were not as their groups are. */
  readonly differences: number;
  readonly moves: readonly NamedMove[];
}

/** Reconciles a tenant, or tells what that would do; undefined where there is no such tenant. */
export function* reconcileTenant(
  { tenantId, isCheck }: { readonly tenantId: TenantId; readonly isCheck: boolean },
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<Reconciled | undefined>> {
  yield lockTenantFacts(tenantId, "alone", context.dialect);
  const settings = yield* settingsOfTenant(tenantId, context);
  if (settings === undefined) {
    return { kind: "undo", result: undefined };
  }
  const at = new Date(context.nowMs()).toISOString();
  const site = { tenantId, settings, at, context };
  const mappings = yield* groupMappings(tenantId);
  const roles = yield* mappedRoles(tenantId, context.dialect);
  const teams = yield* followAllGroups(site);
  const remapped = yield* mapGroupsAnew(tenantId, mappings, context);
  const moved = yield* moveAll(site, circumstances);
  const logins = yield* moveLogins(mappings, site);
  const differences = [...moved, logins].reduce(
    (sum, { given, taken }) => sum + given.length + taken.length,
    remapped + teams.changes.length,
  );
  const byConnection = mergedMoves([...teams.otherRoles, ...moved]);
  const changes = yield* factsMoved(tenantId, { byConnection, logins }, roles, context);
  const told = withTeamsTold(
    yield* tellAccess(site, yield* withTeams(teams, changes, site)),
    teams,
  );
  const result = { differences, moves: told.moves };
  if (isCheck || differences === 0) {
    return { kind: "undo", result };
  }
  const action = {
    action: "access.reconcile",
    target: { type: "tenant", id: tenantId, name: tenantId },
    differences: [{ path: "differences", after: differences }],
  };
  const auditEntry = withAccess(adminAuditEntry(action, circumstances, context), told);
  yield yield* consequenceRows(tenantId, { auditEntry, outboxEvents: [] }, context);
  return { kind: "keep", result };
}

/** Writes which mappings speak of which groups; tells how many rows were wrong. */
function* mapGroupsAnew(
  tenantId: TenantId,
  mappings: readonly GroupMapping[],
  { dialect }: SqlContext,
): Script<number> {
  const found: readonly FoundGroup[] = yield* mappableGroups(tenantId, undefined, dialect);
  const wanted = mappings.flatMap((mapping) => {
    const fits = groupTestOf(mapping);
    return found
      .filter(({ group }) => fits(group))
      .map(({ connectionId, groupId }) => ({
        connectionId,
        groupId,
        mappingId: mapping.mappingId,
      }));
  });
  wanted.push(...(yield* ownMappedGroups(tenantId, found)));
  const held = yield* mappedGroupsOf(tenantId);
  const [wantedKeys, heldKeys] = [new Set(wanted.map(keyOf)), new Set(held.map(keyOf))];
  const added = wanted.filter((row) => !heldKeys.has(keyOf(row)));
  const gone = held.filter((row) => !wantedKeys.has(keyOf(row)));
  yield [
    ...gone.map(({ connectionId, groupId, mappingId }) =>
      deleteMappedGroup({ tenantId, connectionId }, groupId, [mappingId], dialect),
    ),
    ...insertMappedGroups(tenantId, added),
  ];
  return added.length + gone.length;
}

/** What the teams say that follow a group: each speaks of that one. */
function* ownMappedGroups(
  tenantId: TenantId,
  found: readonly FoundGroup[],
): Script<readonly MappedGroup[]> {
  const there = new Set(found.map(({ connectionId, groupId }) => `${connectionId}/${groupId}`));
  return (yield* teamsOfGroups(tenantId)).flatMap(({ team: { teamId, group }, role }) =>
    role === undefined ||
    group === undefined ||
    !there.has(`${group.connectionId}/${group.groupId}`)
      ? []
      : [{ ...group, mappingId: ownMappingId(teamId) }],
  );
}

function keyOf({ connectionId, groupId, mappingId }: MappedGroup): string {
  return `${connectionId}/${groupId}/${mappingId}`;
}

function* mappedGroupsOf(tenantId: TenantId): Script<readonly MappedGroup[]> {
  const rows = yield* rowsOf<{
    connection_id: ConnectionId;
    group_id: string;
    mapping_id: MappingId;
  }>(
    statement(
      `SELECT connection_id, group_id, mapping_id FROM mapped_groups WHERE tenant_id = ?`,
      tenantId,
    ),
  );
  return rows.map((row) => ({
    connectionId: row.connection_id,
    groupId: row.group_id,
    mappingId: row.mapping_id,
  }));
}

function* moveAll(site: TellingSite, { requestId }: Circumstances): Script<readonly MovedGrants[]> {
  const { tenantId } = site;
  const rows = yield* rowsOf<{ connection_id: ConnectionId; group_id: string }>(
    statement(
      `SELECT DISTINCT connection_id, group_id FROM mapped_groups WHERE tenant_id = ?
       UNION SELECT DISTINCT connection_id, group_id FROM group_grants WHERE tenant_id = ?`,
      tenantId,
      tenantId,
    ),
  );
  const groups = rows.map((row) => ({ connectionId: row.connection_id, groupId: row.group_id }));
  return yield* moveGroups(groups, site, requestId);
}

interface LoginRow {
  readonly account_id: AccountId;
  readonly name: string;
}

/** Takes what logins should not give any more, and gives what they should. */
function* moveLogins(
  mappings: readonly GroupMapping[],
  { tenantId, at }: TellingSite,
): Script<ReturnType<typeof differingMoves>> {
  const rows = yield* rowsOf<LoginRow>(
    statement(`SELECT account_id, name FROM login_groups WHERE tenant_id = ?`, tenantId),
  );
  const names = new Map<AccountId, string[]>();
  for (const { account_id, name } of rows) {
    names.set(account_id, [...(names.get(account_id) ?? []), name]);
  }
  const wanted = [...names].flatMap(([accountId, groups]) =>
    loginMovesOf(accountId, groups, mappings, at),
  );
  const moves = differingMoves(yield* loginGrants(tenantId), wanted);
  yield loginMoveRows(tenantId, moves, at);
  return moves;
}
