/** What a tenant has on accounts: memberships, links, grants, locks and who has declined, read and written row by row. */
import type {
  AccountId,
  Grant,
  Link,
  LinkProof,
  LinkState,
  Lock,
  LockSource,
  MembershipFacts,
  Protection,
} from "../../domain/account.ts";
import type { ConnectionId, Scope, TenantId } from "../../domain/tenant.ts";
import type { Asked } from "./asked.ts";
import { rowsIn } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { SqlValue, Statement } from "./statement.ts";
import { statement } from "./statement.ts";

/** What a tenant has on one account. */
export interface TenantAccount {
  readonly facts: MembershipFacts;
  readonly isMember: boolean;
  readonly hasDeclined: boolean;
}

interface MembershipRow {
  readonly account_id: AccountId;
  readonly protection: Protection | null;
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
  readonly role: string;
  readonly at: string;
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
      read("account_id, protection", "memberships", locking),
      read("connection_id, resource_id, state, account_id, active, role, reason, proof", "links"),
      read("account_id, source, source_id, role, at", "grants"),
      read("account_id, source, connection_id, reason, at", "locks"),
      read("account_id", "declines"),
    ],
    answer: ([memberships, links, grants, locks, declines]) => {
      const members = new Map(
        rowsIn<MembershipRow>(memberships).map((row) => [row.account_id, row]),
      );
      const linked = rowsIn<LinkRow>(links).map(linkOf);
      const granted = rowsIn<GrantRow>(grants);
      const locked = rowsIn<LockRow>(locks);
      const declined = new Set(rowsIn<GrantRow>(declines).map(({ account_id }) => account_id));
      return new Map(
        accountIds.map((accountId): [AccountId, TenantAccount] => [
          accountId,
          {
            isMember: members.has(accountId),
            hasDeclined: declined.has(accountId),
            facts: {
              accountId,
              protection: members.get(accountId)?.protection ?? undefined,
              links: linked.filter((link) => link.accountId === accountId),
              grants: granted.filter((row) => row.account_id === accountId).map(grantOf),
              locks: locked.filter((row) => row.account_id === accountId).map(lockOf),
            },
          },
        ]),
      );
    },
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
export function linkAsked(
  { tenantId, connectionId }: Scope,
  resourceId: string,
): Asked<StoredLink | undefined> {
  return {
    statements: [
      statement(
        `SELECT connection_id, resource_id, state, account_id, active, role, reason, proof FROM links
         WHERE tenant_id = ? AND connection_id = ? AND resource_id = ?`,
        tenantId,
        connectionId,
        resourceId,
      ),
    ],
    answer: ([result]) =>
      rowsIn<LinkRow>(result).map((row) => ({
        ...linkOf(row),
        reason: row.reason ?? undefined,
      }))[0],
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

/** Ends a membership. */
export function deleteMembership(tenantId: TenantId, accountId: AccountId): Statement {
  return statement(
    `DELETE FROM memberships WHERE tenant_id = ? AND account_id = ?`,
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
  { source, sourceId, role }: Pick<Grant, "source" | "sourceId" | "role">,
  at: string,
): Statement {
  return statement(
    `INSERT INTO grants (tenant_id, account_id, source, source_id, role, at)
     VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (tenant_id, account_id, source, source_id)
     DO UPDATE SET role = excluded.role, at = excluded.at`,
    ...[tenantId, accountId, source, sourceId ?? "", role, at],
  );
}

/** Removes a grant. */
export function deleteGrant(
  tenantId: TenantId,
  accountId: AccountId,
  { source, sourceId }: Pick<Grant, "source" | "sourceId">,
): Statement {
  return statement(
    `DELETE FROM grants WHERE tenant_id = ? AND account_id = ? AND source = ? AND source_id = ?`,
    tenantId,
    accountId,
    source,
    sourceId ?? "",
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

function linkOf(row: LinkRow): Link {
  return {
    connectionId: row.connection_id,
    resourceId: row.resource_id,
    state: row.state,
    accountId: row.account_id ?? undefined,
    active: row.active === 1,
    role: row.role ?? undefined,
    ...(row.proof === null ? {} : { proof: row.proof }),
  };
}

function grantOf({ source, source_id, role, at }: GrantRow): Grant {
  return { source, sourceId: source_id === "" ? undefined : source_id, role, at };
}

function lockOf({ source, connection_id, reason, at }: LockRow): Lock {
  return {
    source,
    connectionId: connection_id === "" ? undefined : connection_id,
    reason: reason ?? undefined,
    at,
  };
}
