/** What mappings give to people for the groups that their last login brought. */
import type { AccountId, Grant } from "../../domain/account.ts";
import type { GroupMapping } from "../../domain/group-mapping.ts";
import { groupTestOf, mappingsOfLogin } from "../../domain/group-mapping.ts";
import type { MappingId, TeamId, TenantId } from "../../domain/tenant.ts";
import { deleteGrant, saveGrant } from "./membership-facts.ts";
import type { LoginMove } from "./move-grants.ts";
import type { Script } from "./script.ts";
import { rowsOf } from "./script.ts";
import type { Statement } from "./statement.ts";
import { compose, statement } from "./statement.ts";
import type { TellingSite } from "./tell-access.ts";

interface LoginGrantRow {
  readonly account_id: AccountId;
  readonly team_id: TeamId | "";
  readonly role: string;
  readonly at: string;
}

/** Gives what a mapping says to everybody whose last login brought a group that it speaks of; tells who got it. */
export function* giveByLogin(
  mapping: GroupMapping,
  { tenantId, at, context: { dialect } }: TellingSite,
): Script<readonly LoginMove[]> {
  if (mapping.connectionId !== undefined) {
    return [];
  }
  const names = yield* rowsOf<{ name: string }>(
    statement(`SELECT DISTINCT name FROM login_groups WHERE tenant_id = ?`, tenantId),
  );
  const fits = groupTestOf(mapping);
  const fitting = names
    .map(({ name }) => name)
    .filter((name) => fits({ connectionId: undefined, ids: [name], name }));
  if (fitting.length === 0) {
    return [];
  }
  const rows = yield* rowsOf<LoginGrantRow>(
    compose`INSERT INTO grants (tenant_id, account_id, team_id, source, source_id, role, at)
       SELECT DISTINCT m.tenant_id, l.account_id, m.team_id, 'login', m.mapping_id, m.role, ${at}
       FROM group_mappings AS m
       CROSS JOIN ${statement(dialect.listTable, JSON.stringify(fitting))} AS ids
       ${dialect.eachOf("login_groups", "l", ["account_id"], compose`l.tenant_id = ${tenantId} AND l.name = ids.value`)}
       WHERE m.tenant_id = ${tenantId} AND m.mapping_id = ${mapping.mappingId}
       RETURNING account_id, team_id, role, at`,
  );
  return rows.map((row) => moveOf(mapping, row));
}

/** Takes what a mapping has given by logins; tells who had it. */
export function* takeByLogin(mapping: GroupMapping): Script<readonly LoginMove[]> {
  const rows = yield* rowsOf<LoginGrantRow>(
    statement(
      `DELETE FROM grants WHERE tenant_id = ? AND source = 'login' AND source_id = ?
       RETURNING account_id, team_id, role, at`,
      mapping.tenantId,
      mapping.mappingId,
    ),
  );
  return rows.map((row) => moveOf(mapping, row));
}

function moveOf(
  { mappingId }: Pick<GroupMapping, "mappingId">,
  { account_id, team_id, role, at }: LoginGrantRow,
): LoginMove {
  const teamId = team_id === "" ? undefined : team_id;
  const grant: Grant = { source: "login", sourceId: mappingId, teamId, role, at };
  return { accountId: account_id, grant };
}

/** What mappings give to one person for the groups of a login. */
export function loginMovesOf(
  accountId: AccountId,
  groupNames: readonly string[],
  mappings: readonly GroupMapping[],
  at: string,
): readonly LoginMove[] {
  return mappingsOfLogin(mappings, groupNames).map(({ mappingId, teamId, role }) => ({
    accountId,
    grant: { source: "login", sourceId: mappingId, teamId, role, at },
  }));
}

/** Everything that logins have given in a tenant. */
export function* loginGrants(tenantId: TenantId): Script<readonly LoginMove[]> {
  const rows = yield* rowsOf<LoginGrantRow & { readonly source_id: MappingId }>(
    statement(
      `SELECT account_id, team_id, source_id, role, at FROM grants
       WHERE tenant_id = ? AND source = 'login'`,
      tenantId,
    ),
  );
  return rows.map((row) => moveOf({ mappingId: row.source_id }, row));
}

/** What logins have given to one person; those for archived teams too. */
export function* loginGrantsOf(
  tenantId: TenantId,
  accountId: AccountId,
): Script<readonly LoginMove[]> {
  const rows = yield* rowsOf<LoginGrantRow & { readonly source_id: MappingId }>(
    statement(
      `SELECT account_id, team_id, source_id, role, at FROM grants
       WHERE tenant_id = ? AND account_id = ? AND source = 'login'`,
      tenantId,
      accountId,
    ),
  );
  return rows.map((row) => moveOf({ mappingId: row.source_id }, row));
}

/** What was given and is not due, and what is due and was not given; a grant with another role is both. */
export function differingMoves(
  held: readonly LoginMove[],
  wanted: readonly LoginMove[],
): { readonly given: readonly LoginMove[]; readonly taken: readonly LoginMove[] } {
  const heldKeys = new Set(held.map(keyOf));
  const wantedKeys = new Set(wanted.map(keyOf));
  return {
    taken: held.filter((move) => !wantedKeys.has(keyOf(move))),
    given: wanted.filter((move) => !heldKeys.has(keyOf(move))),
  };
}

/** Writes them. */
export function loginMoveRows(
  tenantId: TenantId,
  { given, taken }: ReturnType<typeof differingMoves>,
  at: string,
): readonly Statement[] {
  return [
    ...taken.map(({ accountId, grant }) => deleteGrant(tenantId, accountId, grant)),
    ...given.map(({ accountId, grant }) => saveGrant(tenantId, accountId, grant, at)),
  ];
}

function keyOf({ accountId, grant: { sourceId, teamId, role } }: LoginMove): string {
  return JSON.stringify([accountId, sourceId, teamId ?? "", role]);
}
