/** Erases a person: the account and what tenants keep about it; audit entries stay, without what they said about the person. */
import type { AccountId } from "../../domain/account.ts";
import type { Circumstances } from "../../domain/audit-entry.ts";
import { parseEmailAddress } from "../../domain/email-address.ts";
import type { TenantId } from "../../domain/tenant.ts";
import {
  accountToChange,
  deleteAccount,
  releaseEmail,
  releaseRef,
  tenantsOfAccountAsked,
} from "./accounts.ts";
import { ask } from "./asked.ts";
import { adminAuditEntry, consequenceRows, recordInstanceAction } from "./record-consequences.ts";
import type { Script, Verdict } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import { statement } from "./statement.ts";

/** What a tenant keeps by account; links stay as `none`, so that the resource shows that nobody is behind it. */
const tablesOfAccount = [
  "mails",
  "invitations",
  "login_identities",
  "declines",
  "locks",
  "grants",
  "memberships",
] as const;

/** Erases an account; answers with the tenants that knew it, undefined when there is none. */
export function* eraseAccount(
  accountId: AccountId,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<readonly TenantId[] | undefined>> {
  const account = yield* accountToChange(accountId, context.dialect);
  if (account === undefined) {
    return { kind: "undo", result: undefined };
  }
  const tenants = yield* ask(tenantsOfAccountAsked(accountId));
  // The entries name the account by its id alone, which nothing leads back to a person from.
  const action = {
    action: "account.erase",
    target: { type: "account", id: accountId, name: accountId },
    differences: [],
  };
  for (const tenantId of tenants) {
    yield eraseInTenant(tenantId, accountId);
    const auditEntry = adminAuditEntry(action, circumstances, context);
    const event = {
      eventId: context.newId(),
      type: "account.deleted" as const,
      at: auditEntry.at,
      resourceType: "Account",
      resourceId: accountId,
      revision: context.newSequence(),
      data: { id: accountId, resourceType: "Account" },
    };
    yield yield* consequenceRows(tenantId, { auditEntry, outboxEvents: [event] }, context);
  }
  const email = account.email === undefined ? undefined : parseEmailAddress(account.email);
  yield [
    ...(email === undefined ? [] : [releaseEmail(accountId, email)]),
    ...(account.ref === undefined ? [] : [releaseRef(accountId, account.ref)]),
    statement(`DELETE FROM account_tenants WHERE account_id = ?`, accountId),
    deleteAccount(accountId),
  ];
  yield* recordInstanceAction(action, circumstances, context);
  return { kind: "keep", result: tenants };
}

function eraseInTenant(tenantId: TenantId, accountId: AccountId) {
  return [
    statement(
      `UPDATE links SET state = 'none', account_id = NULL, reason = 'erased'
       WHERE tenant_id = ? AND account_id = ?`,
      tenantId,
      accountId,
    ),
    statement(
      `UPDATE tombstones SET account_id = NULL, attributes = NULL
       WHERE tenant_id = ? AND account_id = ?`,
      tenantId,
      accountId,
    ),
    ...tablesOfAccount.map((table) =>
      statement(`DELETE FROM ${table} WHERE tenant_id = ? AND account_id = ?`, tenantId, accountId),
    ),
  ];
}
