/** Reads what a tenant keeps about one person beside what access depends on. */
import type { AccountId } from "../../domain/account.ts";
import type { DeletedUser, HeldRecords } from "../../domain/held-records.ts";
import type { ConnectionId, TenantId } from "../../domain/tenant.ts";
import type { Asked } from "./asked.ts";
import { allAsked, ask } from "./asked.ts";
import { invitationsOfAccountAsked } from "./invitations.ts";
import { jsonColumn } from "./json-column.ts";
import { mailsOfAccountAsked } from "./mails.ts";
import type { Script } from "./script.ts";
import { rowsIn } from "./script.ts";
import { statement } from "./statement.ts";

/** Reads all of it. */
export function heldRecords(tenantId: TenantId, accountId: AccountId): Script<HeldRecords> {
  return ask(
    allAsked<HeldRecords & Readonly<Record<string, unknown>>>({
      memberSince: timeAsked(
        `SELECT created_at AS at FROM memberships WHERE tenant_id = ? AND account_id = ?`,
        tenantId,
        accountId,
      ),
      declined: timeAsked(
        `SELECT at FROM declines WHERE tenant_id = ? AND account_id = ?`,
        tenantId,
        accountId,
      ),
      loginSubjects: loginSubjectsAsked(tenantId, accountId),
      loginGroups: loginGroupsAsked(tenantId, accountId),
      mails: mailsOfAccountAsked(tenantId, accountId),
      invitations: invitationsOfAccountAsked(tenantId, accountId),
      deletedUsers: deletedUsersAsked(tenantId, accountId),
    }),
  );
}

function timeAsked(
  sql: string,
  tenantId: TenantId,
  accountId: AccountId,
): Asked<string | undefined> {
  return {
    statements: [statement(sql, tenantId, accountId)],
    answer: ([result]) => rowsIn<{ at: string }>(result)[0]?.at,
  };
}

function loginSubjectsAsked(tenantId: TenantId, accountId: AccountId): Asked<readonly string[]> {
  return {
    statements: [
      statement(
        `SELECT subject FROM login_identities WHERE tenant_id = ? AND account_id = ?
         ORDER BY subject`,
        tenantId,
        accountId,
      ),
    ],
    answer: ([result]) => rowsIn<{ subject: string }>(result).map(({ subject }) => subject),
  };
}

function loginGroupsAsked(tenantId: TenantId, accountId: AccountId): Asked<readonly string[]> {
  return {
    statements: [
      statement(
        `SELECT name FROM login_groups WHERE tenant_id = ? AND account_id = ? ORDER BY name`,
        tenantId,
        accountId,
      ),
    ],
    answer: ([result]) => rowsIn<{ name: string }>(result).map(({ name }) => name),
  };
}

interface TombstoneRow {
  readonly connection_id: ConnectionId;
  readonly resource_id: string;
  readonly deleted_at: string;
  readonly attributes: string | null;
}

function deletedUsersAsked(
  tenantId: TenantId,
  accountId: AccountId,
): Asked<readonly DeletedUser[]> {
  return {
    statements: [
      statement(
        `SELECT connection_id, resource_id, deleted_at, attributes FROM tombstones
         WHERE tenant_id = ? AND account_id = ? ORDER BY deleted_at, resource_id`,
        tenantId,
        accountId,
      ),
    ],
    answer: ([result]) =>
      rowsIn<TombstoneRow>(result).map((row) => ({
        connectionId: row.connection_id,
        resourceId: row.resource_id,
        deleted: row.deleted_at,
        attributes: row.attributes === null ? undefined : jsonColumn(row.attributes),
      })),
  };
}
