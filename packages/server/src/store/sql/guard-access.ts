/** What no sync may take away: the access of a protected member and of the last owner of a tenant. */
import type { AccountId } from "../../domain/account.ts";
import { effectiveAccessOf, protectionOf } from "../../domain/effective-access.ts";
import type { AccessEffect } from "../../domain/membership-edit.ts";
import type { TenantId } from "../../domain/tenant.ts";
import type { TenantSettings } from "../../domain/tenant-settings.ts";
import { ask } from "./asked.ts";
import { tenantAccountsAsked } from "./membership-facts.ts";
import type { Script } from "./script.ts";
import { rowsOf } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import { statement } from "./statement.ts";

/** Where access is guarded. */
export interface GuardSite {
  readonly tenantId: TenantId;
  readonly settings: TenantSettings;
  readonly dialect: SqlDialect;
  /** Whether the facts of the tenant are taken alone, so that no other owner goes meanwhile. */
  readonly isAlone: boolean;
}

/** How many other owners are looked at: one is enough. */
const ownersLookedAtMax = 200;

/** Tells what forbids a change of access; `alone` asks for the facts of the tenant first. */
export function* guardAccess(
  { before, after, access }: AccessEffect,
  { tenantId, settings, dialect, isAlone }: GuardSite,
): Script<"break-glass" | "last-owner" | "alone" | undefined> {
  const forbids = (otherOwners: number) =>
    protectionOf(before.facts, after.facts, settings, otherOwners);
  if (!access.before.isOwner || access.after.isOwner) {
    return forbids(1);
  }
  if (!isAlone && dialect.writers === "many") {
    return "alone";
  }
  return forbids(yield* countOtherOwners(tenantId, before.facts.accountId, settings, dialect));
}

function* countOtherOwners(
  tenantId: TenantId,
  accountId: AccountId,
  settings: TenantSettings,
  dialect: SqlDialect,
): Script<number> {
  const role = settings.roles[0] ?? "";
  const rows = yield* rowsOf<{ account_id: AccountId }>(
    statement(
      `SELECT account_id FROM grants WHERE tenant_id = ? AND role = ? AND account_id <> ?
       UNION SELECT account_id FROM links
         WHERE tenant_id = ? AND role = ? AND state = 'linked' AND account_id <> ?
       LIMIT ?`,
      ...[tenantId, role, accountId, tenantId, role, accountId, ownersLookedAtMax],
    ),
  );
  const others = yield* ask(
    tenantAccountsAsked(
      tenantId,
      rows.map(({ account_id }) => account_id),
      { lock: false, dialect },
    ),
  );
  return [...others.values()].filter(
    ({ facts, isMember }) => effectiveAccessOf(isMember ? facts : undefined, settings).isOwner,
  ).length;
}
