/** What no sync may take away: the access of a protected member and of the last owner of a tenant. */
import { protectionOf } from "../../domain/effective-access.ts";
import type { AccessEffect } from "../../domain/membership-edit.ts";
import type { TenantId } from "../../domain/tenant.ts";
import type { TenantSettings } from "../../domain/tenant-settings.ts";
import { findOwner } from "./find-owner.ts";
import type { Script } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";

/** Where access is guarded. */
export interface GuardSite {
  readonly tenantId: TenantId;
  readonly settings: TenantSettings;
  readonly dialect: SqlDialect;
  /** Whether the facts of the tenant are taken alone, so that no other owner goes meanwhile. */
  readonly isAlone: boolean;
}

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
  const other = yield* findOwner({ tenantId, settings, dialect, but: before.facts.accountId });
  return forbids(other === undefined ? 0 : 1);
}
