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
import { differingMoves, loginGrants, loginMoveRows, loginMovesOf } from "./login-grants.ts";
import type { MovedGrants } from "./move-grants.ts";
import { factsMoved, mappedRoles } from "./move-grants.ts";
import { moveGrants } from "./reconcile-group.ts";
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
  /** How many grants were there and not due, or due and not there. */
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
  const roles = yield* mappedRoles(tenantId);
  const remapped = yield* mapGroupsAnew(tenantId, mappings, context);
  const byConnection = yield* moveAll(site, circumstances);
  const logins = yield* moveLogins(mappings, site);
  const moved = [...byConnection, logins];
  const differences = moved.reduce(
    (sum, { given, taken }) => sum + given.length + taken.length,
    remapped,
  );
  const told = yield* tellAccess(
    site,
    yield* factsMoved(tenantId, { byConnection, logins }, roles, context),
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

function* moveAll(
  { tenantId, at, context: { dialect } }: TellingSite,
  { requestId }: Circumstances,
): Script<readonly MovedGrants[]> {
  const rows = yield* rowsOf<{ connection_id: ConnectionId; group_id: string }>(
    statement(
      `SELECT DISTINCT connection_id, group_id FROM mapped_groups WHERE tenant_id = ?
       UNION SELECT DISTINCT connection_id, group_id FROM group_grants WHERE tenant_id = ?`,
      tenantId,
      tenantId,
    ),
  );
  const moved: MovedGrants[] = [];
  for (const connectionId of new Set(rows.map(({ connection_id }) => connection_id))) {
    const groupIds = rows
      .filter(({ connection_id }) => connection_id === connectionId)
      .map(({ group_id }) => group_id);
    const selection = { kind: "groups", groupIds } as const;
    const scope = { tenantId, connectionId };
    moved.push(yield* moveGrants({ scope, selection, provenance: { at, requestId } }, dialect));
  }
  return moved;
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
