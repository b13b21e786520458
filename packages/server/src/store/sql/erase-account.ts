/** Erases a person: the account and what tenants keep about it; audit entries stay, without what they said about the person. */
import type { Account, AccountId } from "../../domain/account.ts";
import type { Circumstances } from "../../domain/audit-entry.ts";
import { accessEventsOf } from "../../domain/consequences.ts";
import { parseEmailAddress } from "../../domain/email-address.ts";
import type { ErasureOutcome } from "../../domain/erasure.ts";
import { erasingEdits } from "../../domain/erasure.ts";
import type { AccessEffect } from "../../domain/membership-edit.ts";
import { accessEffectOf } from "../../domain/membership-edit.ts";
import type { TenantId } from "../../domain/tenant.ts";
import { nextAccessRevision } from "./access-revision.ts";
import {
  accountToChange,
  deleteAccount,
  releaseEmail,
  releaseRef,
  tenantsOfAccountAsked,
} from "./accounts.ts";
import { ask } from "./asked.ts";
import { guardAccess } from "./guard-access.ts";
import { tenantAccountAsked } from "./membership-facts.ts";
import type { AdminAction } from "./record-consequences.ts";
import { adminAuditEntry, consequenceRows, recordInstanceAction } from "./record-consequences.ts";
import type { Script, Verdict } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import { statement } from "./statement.ts";
import { settingsOfTenant } from "./tenant-members.ts";
import { lockTenantsOfAccount } from "./tenants-of-account.ts";

/** What a tenant keeps by account; links stay as `none`, so that the resource shows that nobody is behind it. */
const tablesOfAccount = [
  "mails",
  "invitations",
  "login_identities",
  "login_groups",
  "declines",
  "locks",
  "grants",
  "memberships",
] as const;

/** What a transaction comes to: `alone` asks for the tenants of the account alone first; `erasable` is for who only asks. */
export type ErasureTrial =
  | ErasureOutcome
  | { readonly kind: "alone" }
  | { readonly kind: "erasable" };

/** Whom to erase, and how. */
export interface ErasureWish {
  readonly accountId: AccountId;
  /** Only look whether it may be done; what forbids it is recorded all the same. */
  readonly isTrial: boolean;
  readonly isAlone: boolean;
}

/** Erases an account, unless a tenant cannot be without it: as for a sync, nobody takes away its last owner or who is protected. */
export function* eraseAccount(
  { accountId, isTrial, isAlone }: ErasureWish,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<ErasureTrial>> {
  yield* lockTenantsOfAccount(accountId, { isAlone }, context);
  const account = yield* accountToChange(accountId, context.dialect);
  if (account === undefined) {
    return { kind: "undo", result: { kind: "gone" } };
  }
  const tenants = yield* ask(tenantsOfAccountAsked(accountId));
  const farewells: Farewell[] = [];
  for (const tenantId of tenants) {
    const farewell = yield* farewellIn(tenantId, { accountId, isAlone }, context);
    if (farewell.forbidden === "alone") {
      return { kind: "undo", result: { kind: "alone" } };
    }
    if (farewell.forbidden !== undefined) {
      const entry = adminAuditEntry(actionOf(accountId), circumstances, context);
      const auditEntry = { ...entry, outcome: "refused" } as const;
      yield yield* consequenceRows(tenantId, { auditEntry, outboxEvents: [] }, context);
      const by = farewell.forbidden;
      return { kind: "keep", result: { kind: "protected", tenantId, by } };
    }
    farewells.push(farewell);
  }
  if (isTrial) {
    return { kind: "undo", result: { kind: "erasable" } };
  }
  for (const farewell of farewells) {
    yield* eraseFrom(account, farewell, circumstances, context);
  }
  yield* forgetAccount(account);
  yield* recordInstanceAction(actionOf(accountId), circumstances, context);
  return { kind: "keep", result: { kind: "erased", tenants } };
}

/** How a tenant parts with somebody. */
interface Farewell {
  readonly tenantId: TenantId;
  readonly effect: AccessEffect;
  readonly forbidden: "break-glass" | "last-owner" | "alone" | undefined;
}

function* farewellIn(
  tenantId: TenantId,
  { accountId, isAlone }: Pick<ErasureWish, "accountId" | "isAlone">,
  context: SqlContext,
): Script<Farewell> {
  const { dialect } = context;
  const settings = yield* settingsOfTenant(tenantId, context);
  if (settings === undefined) {
    throw new TypeError("a tenant that keeps something about an account is there");
  }
  const inTenant = yield* ask(tenantAccountAsked(tenantId, accountId, { lock: true, dialect }));
  const effect = accessEffectOf(inTenant, erasingEdits(inTenant.facts), settings);
  const forbidden = yield* guardAccess(effect, { tenantId, settings, dialect, isAlone });
  return { tenantId, effect, forbidden };
}

/** The application has to know by its own id whose sessions end, and whom to forget. */
function* eraseFrom(
  { accountId, ref }: Account,
  { tenantId, effect }: Farewell,
  circumstances: Circumstances,
  context: SqlContext,
): Script<void> {
  yield eraseInTenant(tenantId, accountId);
  const auditEntry = adminAuditEntry(actionOf(accountId), circumstances, context);
  const { at } = auditEntry;
  const { newId } = context;
  const consequence = {
    accountId,
    ref,
    isNew: false,
    before: effect.access.before,
    after: effect.access.after,
    differences: [],
    revision: nextAccessRevision(effect.before, context),
  };
  const ending = accessEventsOf(consequence, { at, newId, isRevoking: true });
  const deleted = {
    eventId: newId(),
    type: "account.deleted" as const,
    at,
    resourceType: "Account",
    resourceId: accountId,
    revision: context.newSequence(),
    data: { id: accountId, resourceType: "Account", ref: ref ?? null },
  };
  const outboxEvents = [...ending, deleted];
  yield yield* consequenceRows(tenantId, { auditEntry, outboxEvents }, context);
}

function* forgetAccount({ accountId, email, ref }: Account): Script<void> {
  const address = email === undefined ? undefined : parseEmailAddress(email);
  yield [
    ...(address === undefined ? [] : [releaseEmail(accountId, address)]),
    ...(ref === undefined ? [] : [releaseRef(accountId, ref)]),
    statement(`DELETE FROM account_tenants WHERE account_id = ?`, accountId),
    deleteAccount(accountId),
  ];
}

/** The entries name the account by its id alone, which nothing leads back to a person from. */
function actionOf(accountId: AccountId): AdminAction {
  const target = { type: "account", id: accountId, name: accountId };
  return { action: "account.erase", target, differences: [] };
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
