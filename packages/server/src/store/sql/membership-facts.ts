/** What a tenant has on accounts: memberships, links, grants, locks and who has declined, read and written row by row. */
import type {
  AccountId,
  Grant,
  GroupGrant,
  Link,
  LinkProof,
  LinkState,
  Lock,
  LockSource,
  MembershipFacts,
  Protection,
} from "../../domain/account.ts";
import type { ConnectionId, MappingId, Scope, TeamId, TenantId } from "../../domain/tenant.ts";
import type { Asked } from "./asked.ts";
import { rowsIn } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { SqlValue, Statement } from "./statement.ts";
import { compose, statement } from "./statement.ts";

/** What a tenant has on one account. */
export interface TenantAccount {
  readonly facts: MembershipFacts;
  readonly isMember: boolean;
  readonly hasDeclined: boolean;
  /** The last revision of the access that the application was told of; undefined where nobody is a member. */
  readonly accessRevision: number | undefined;
}

interface MembershipRow {
  readonly account_id: AccountId;
  readonly protection: Protection | null;
  readonly by_login: number;
  readonly access_revision: number;
}

interface LinkRow {
  readonly connection_id: ConnectionId;
  readonly resource_id: string;
  readonly state: LinkState;
  readonly account_id: AccountId | null;
  readonly active: number;
  readonly role: string | null;
  readonly reason: string | null;
  readonly proof: LinkProof | null;
}

interface GrantRow {
  readonly account_id: AccountId;
  readonly source: Grant["source"];
  readonly source_id: string;
  readonly team_id: TeamId | "";
  readonly role: string;
  readonly at: string;
  readonly is_idle: number;
}

interface GroupGrantRow {
  readonly connection_id: ConnectionId;
  readonly resource_id: string;
  readonly group_id: string;
  readonly mapping_id: MappingId;
  readonly team_id: TeamId | "";
  readonly role: string;
  readonly at: string;
  readonly request_id: string | null;
}

interface LockRow {
  readonly account_id: AccountId;
  readonly source: LockSource;
  readonly connection_id: ConnectionId | "";
  readonly reason: string | null;
  readonly at: string;
}

/** How to read: `lock` makes whoever changes the access of the same account wait. */
export interface FactsReading {
  readonly lock: boolean;
  readonly dialect: SqlDialect;
}

/** Asks what a tenant has on some accounts; the answer has each of them. */
export function tenantAccountsAsked(
  tenantId: TenantId,
  accountIds: readonly AccountId[],
  { lock, dialect }: FactsReading,
): Asked<ReadonlyMap<AccountId, TenantAccount>> {
  const of =
    accountIds.length === 1 ? "= ?" : `IN (SELECT ids.value FROM ${dialect.listTable} AS ids)`;
  const which: SqlValue =
    accountIds.length === 1 ? (accountIds[0] ?? "") : JSON.stringify(accountIds);
  const locking = lock && dialect.writers === "many" ? "ORDER BY account_id FOR NO KEY UPDATE" : "";
  const read = (columns: string, table: string, ending = "") =>
    statement(
      `SELECT ${columns} FROM ${table} WHERE tenant_id = ? AND account_id ${of} ${ending}`.trimEnd(),
      tenantId,
      which,
    );
  return {
    statements: [
      // First: what is read behind the lock is what the one before has left.
      read("account_id, protection, by_login, access_revision", "memberships", locking),
      read("connection_id, resource_id, state, account_id, active, role, reason, proof", "links"),
      read(
        `account_id, source, source_id, team_id, role, at,
           CASE WHEN ${isForLiveTeam("g")} THEN 0 ELSE 1 END AS is_idle`,
        "grants AS g",
      ),
      groupGrantsBehind(statement(`l.account_id ${of}`, which), tenantId),
      read("account_id, source, connection_id, reason, at", "locks"),
      read("account_id", "declines"),
    ],
    answer: ([memberships, links, grants, groupGrants, locks, declines]) => {
      const members = new Map(
        rowsIn<MembershipRow>(memberships).map((row) => [row.account_id, row]),
      );
      const given = byKey(rowsIn<GroupGrantRow>(groupGrants), keyOfLink);
      const linked = byKey(rowsIn<LinkRow>(links), ({ account_id }) => account_id ?? "");
      const granted = byKey(rowsIn<GrantRow>(grants), ({ account_id }) => account_id);
      const locked = byKey(rowsIn<LockRow>(locks), ({ account_id }) => account_id);
      const declined = new Set(rowsIn<GrantRow>(declines).map(({ account_id }) => account_id));
      return new Map(
        accountIds.map((accountId): [AccountId, TenantAccount] => [
          accountId,
          {
            isMember: members.has(accountId),
            hasDeclined: declined.has(accountId),
            accessRevision: members.get(accountId)?.access_revision,
            facts: {
              accountId,
              protection: members.get(accountId)?.protection ?? undefined,
              byLogin: members.get(accountId)?.by_login === 1,
              links: inOrder(linked.get(accountId) ?? [], keyOfLink).map((row) =>
                linkOf(row, given.get(keyOfLink(row)) ?? []),
              ),
              grants: inOrder(granted.get(accountId) ?? [], keyOfGrant).map(grantOf),
              locks: (locked.get(accountId) ?? []).map(lockOf),
            },
          },
        ]),
      );
    },
  };
}

/** Rows by a key. */
function byKey<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): ReadonlyMap<string, readonly Row[]> {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const others = found.get(key);
    if (others === undefined) {
      found.set(key, [row]);
    } else {
      others.push(row);
    }
  }
  return found;
}

/** In an order that no database chooses: the same access is told in the same bytes. */
function inOrder<Row>(rows: readonly Row[], keyOf: (row: Row) => string): readonly Row[] {
  return rows.length < 2
    ? rows
    : rows.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

function keyOfGrant({ team_id, source, source_id }: GrantRow): string {
  return `${team_id}/${source}/${source_id}`;
}

function keyOfLink({
  connection_id,
  resource_id,
}: Pick<LinkRow, "connection_id" | "resource_id">): string {
  return `${connection_id}/${resource_id}`;
}

/** What is for an archived team is left out. */
function forLiveTeam(table: string): string {
  return `AND ${isForLiveTeam(table)}`;
}

function isForLiveTeam(table: string): string {
  return `(${table}.team_id = '' OR EXISTS (
    SELECT 1 FROM teams AS t WHERE t.tenant_id = ${table}.tenant_id AND t.team_id = ${table}.team_id
      AND t.archived_at IS NULL))`;
}

/** What groups give to the Users of some links. */
function groupGrantsBehind(links: Statement, tenantId: TenantId): Statement {
  return compose`SELECT g.connection_id, g.resource_id, g.group_id, g.mapping_id, m.team_id, m.role, g.at, g.request_id
     FROM links AS l
     CROSS JOIN group_grants AS g
     CROSS JOIN group_mappings AS m
     WHERE l.tenant_id = ${tenantId} AND ${links} AND g.tenant_id = l.tenant_id
       AND g.connection_id = l.connection_id AND g.resource_id = l.resource_id
       AND m.tenant_id = g.tenant_id AND m.mapping_id = g.mapping_id ${statement(forLiveTeam("m"))}
     ORDER BY g.group_id, g.mapping_id`;
}

/** Asks what groups give to a User, linked or not. */
export function groupGrantsAsked(
  { tenantId, connectionId }: Scope,
  resourceId: string,
): Asked<readonly GroupGrant[]> {
  return {
    statements: [
      statement(
        `SELECT g.connection_id, g.resource_id, g.group_id, g.mapping_id, m.team_id, m.role, g.at, g.request_id
         FROM group_grants AS g
         JOIN group_mappings AS m ON m.tenant_id = g.tenant_id AND m.mapping_id = g.mapping_id
         WHERE g.tenant_id = ? AND g.connection_id = ? AND g.resource_id = ? ${forLiveTeam("m")}
         ORDER BY g.group_id, g.mapping_id`,
        tenantId,
        connectionId,
        resourceId,
      ),
    ],
    answer: ([result]) => rowsIn<GroupGrantRow>(result).map(groupGrantOf),
  };
}

/** Asks what a tenant has on one account. */
export function tenantAccountAsked(
  tenantId: TenantId,
  accountId: AccountId,
  reading: FactsReading,
): Asked<TenantAccount> {
  const { statements, answer } = tenantAccountsAsked(tenantId, [accountId], reading);
  return {
    statements,
    answer: (results) => {
      const found = answer(results).get(accountId);
      if (found === undefined) {
        throw new TypeError("every account that is asked for is in the answer");
      }
      return found;
    },
  };
}

/** A link, and why it has no account. */
export interface StoredLink extends Link {
  readonly reason: string | undefined;
}

/** Asks for the link of a resource; undefined where it was never tried. */
export function linkAsked(scope: Scope, resourceId: string): Asked<StoredLink | undefined> {
  const { statements, answer } = linkAndGroupsAsked(scope, resourceId);
  return { statements, answer: (results) => answer(results).link };
}

/** What a User has, and would give whoever it is linked to. */
export interface LinkAndGroups {
  readonly link: StoredLink | undefined;
  readonly groupGrants: readonly GroupGrant[];
}

/** Asks for the link of a resource, and for what groups give to it whether it is linked or not. */
export function linkAndGroupsAsked(
  { tenantId, connectionId }: Scope,
  resourceId: string,
): Asked<LinkAndGroups> {
  const groupGrants = groupGrantsAsked({ tenantId, connectionId }, resourceId);
  return {
    statements: [
      statement(
        `SELECT connection_id, resource_id, state, account_id, active, role, reason, proof FROM links
         WHERE tenant_id = ? AND connection_id = ? AND resource_id = ?`,
        tenantId,
        connectionId,
        resourceId,
      ),
      ...groupGrants.statements,
    ],
    answer: ([result, ...results]) => {
      const [row] = rowsIn<LinkRow>(result);
      const given = groupGrants.answer(results);
      const link = row && {
        ...linkOf(row, []),
        groupGrants: given,
        reason: row.reason ?? undefined,
      };
      return { link, groupGrants: given };
    },
  };
}

/** Writes the link of a resource. */
export function saveLink(
  tenantId: TenantId,
  { connectionId, resourceId, state, accountId, active, role, proof }: Link,
  { at, reason }: { readonly at: string; readonly reason?: string | undefined },
): Statement {
  return statement(
    `INSERT INTO links (tenant_id, connection_id, resource_id, state, account_id, active, role,
       reason, proof, at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (tenant_id, connection_id, resource_id) DO UPDATE SET
       state = excluded.state, account_id = excluded.account_id, active = excluded.active,
       role = excluded.role, reason = excluded.reason, proof = excluded.proof, at = excluded.at`,
    ...[tenantId, connectionId, resourceId, state, accountId ?? null],
    ...[active ? 1 : 0, role ?? null, reason ?? null, proof ?? null, at],
  );
}

/** Removes the link of a resource. */
export function deleteLink({ tenantId, connectionId }: Scope, resourceId: string): Statement {
  return statement(
    `DELETE FROM links WHERE tenant_id = ? AND connection_id = ? AND resource_id = ?`,
    tenantId,
    connectionId,
    resourceId,
  );
}

/** Makes an account a member; no change where it is. */
export function insertMembership(tenantId: TenantId, accountId: AccountId, at: string): Statement {
  return statement(
    `INSERT INTO memberships (tenant_id, account_id, protection, created_at) VALUES (?, ?, NULL, ?)
     ON CONFLICT (tenant_id, account_id) DO NOTHING`,
    tenantId,
    accountId,
    at,
  );
}

/**
 * Ends memberships. The groups of the last login are forgotten with them: a mapping that comes later would else give
 * something for them to somebody who is no member any more.
 */
export function endMemberships(
  tenantId: TenantId,
  accountIds: readonly AccountId[],
  { listTable }: SqlDialect,
): readonly Statement[] {
  return ["memberships", "login_groups"].map((table) =>
    statement(
      `DELETE FROM ${table} WHERE tenant_id = ?
         AND account_id IN (SELECT ids.value FROM ${listTable} AS ids)`,
      tenantId,
      JSON.stringify(accountIds),
    ),
  );
}

/** Ends a membership, likewise. */
export function endMembership(tenantId: TenantId, accountId: AccountId): readonly Statement[] {
  return ["memberships", "login_groups"].map((table) =>
    statement(`DELETE FROM ${table} WHERE tenant_id = ? AND account_id = ?`, tenantId, accountId),
  );
}

/** Notes whether a login has made somebody a member. */
export function saveByLogin(tenantId: TenantId, accountId: AccountId, byLogin: boolean): Statement {
  return statement(
    `UPDATE memberships SET by_login = ? WHERE tenant_id = ? AND account_id = ?`,
    byLogin ? 1 : 0,
    tenantId,
    accountId,
  );
}

/** Protects a member, or no longer. */
export function saveProtection(
  tenantId: TenantId,
  accountId: AccountId,
  protection: Protection | undefined,
): Statement {
  return statement(
    `UPDATE memberships SET protection = ? WHERE tenant_id = ? AND account_id = ?`,
    protection ?? null,
    tenantId,
    accountId,
  );
}

/** Writes a grant; one of the same source is replaced. */
export function saveGrant(
  tenantId: TenantId,
  accountId: AccountId,
  { source, sourceId, teamId, role }: Pick<Grant, "source" | "sourceId" | "teamId" | "role">,
  at: string,
): Statement {
  return statement(
    `INSERT INTO grants (tenant_id, account_id, team_id, source, source_id, role, at)
     VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (tenant_id, account_id, team_id, source, source_id)
     DO UPDATE SET role = excluded.role, at = excluded.at`,
    ...[tenantId, accountId, teamId ?? "", source, sourceId ?? "", role, at],
  );
}

/** Removes a grant. */
export function deleteGrant(
  tenantId: TenantId,
  accountId: AccountId,
  { source, sourceId, teamId }: Pick<Grant, "source" | "sourceId" | "teamId">,
): Statement {
  return statement(
    `DELETE FROM grants
     WHERE tenant_id = ? AND account_id = ? AND team_id = ? AND source = ? AND source_id = ?`,
    ...[tenantId, accountId, teamId ?? "", source, sourceId ?? ""],
  );
}

/** Adds a lock; one of the same source stays as it is. */
export function insertLock(tenantId: TenantId, accountId: AccountId, lock: Lock): Statement {
  return statement(
    `INSERT INTO locks (tenant_id, account_id, source, connection_id, reason, at)
     VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (tenant_id, account_id, source, connection_id) DO NOTHING`,
    ...[tenantId, accountId, lock.source, lock.connectionId ?? "", lock.reason ?? null, lock.at],
  );
}

/** Removes a lock. */
export function deleteLock(
  tenantId: TenantId,
  accountId: AccountId,
  { source, connectionId }: Pick<Lock, "source" | "connectionId">,
): Statement {
  return statement(
    `DELETE FROM locks WHERE tenant_id = ? AND account_id = ? AND source = ? AND connection_id = ?`,
    tenantId,
    accountId,
    source,
    connectionId ?? "",
  );
}

/** Notes that a person has left or declined. */
export function insertDecline(tenantId: TenantId, accountId: AccountId, at: string): Statement {
  return statement(
    `INSERT INTO declines (tenant_id, account_id, at) VALUES (?, ?, ?)
     ON CONFLICT (tenant_id, account_id) DO NOTHING`,
    tenantId,
    accountId,
    at,
  );
}

/** Forgets that a person has left or declined. */
export function deleteDecline(tenantId: TenantId, accountId: AccountId): Statement {
  return statement(
    `DELETE FROM declines WHERE tenant_id = ? AND account_id = ?`,
    tenantId,
    accountId,
  );
}

function linkOf(row: LinkRow, groupGrants: readonly GroupGrantRow[]): Link {
  return {
    connectionId: row.connection_id,
    resourceId: row.resource_id,
    state: row.state,
    accountId: row.account_id ?? undefined,
    active: row.active === 1,
    role: row.role ?? undefined,
    groupGrants: groupGrants.map(groupGrantOf),
    ...(row.proof === null ? {} : { proof: row.proof }),
  };
}

function grantOf({ source, source_id, team_id, role, at, is_idle }: GrantRow): Grant {
  const sourceId = source_id === "" ? undefined : source_id;
  const teamId = team_id === "" ? undefined : team_id;
  return { source, sourceId, teamId, role, at, ...(is_idle === 1 ? { isIdle: true } : {}) };
}

function groupGrantOf(row: GroupGrantRow): GroupGrant {
  return {
    groupId: row.group_id,
    mappingId: row.mapping_id,
    teamId: row.team_id === "" ? undefined : row.team_id,
    role: row.role,
    at: row.at,
    requestId: row.request_id ?? undefined,
  };
}

function lockOf({ source, connection_id, reason, at }: LockRow): Lock {
  return {
    source,
    connectionId: connection_id === "" ? undefined : connection_id,
    reason: reason ?? undefined,
    at,
  };
}
