/** Memberships as operators change them: the wish is checked against the tenant, and what forbids it is a refusal. */
import type { Account } from "../domain/account.ts";
import type { Circumstances } from "../domain/audit-entry.ts";
import { cleanText } from "../domain/clean-text.ts";
import type { Member } from "../domain/member.ts";
import type { MembershipWish } from "../domain/membership-wish.ts";
import { isLockReason, lockReasonMax } from "../domain/membership-wish.ts";
import { refusal } from "../domain/refusal.ts";
import type { Tenant } from "../domain/tenant.ts";
import type { TenantSettings } from "../domain/tenant-settings.ts";
import type { Store } from "../store/store.ts";

/** What an operator may want; leaving, accepting and declining are the person's own. */
export type OperatorWish = Extract<
  MembershipWish,
  { readonly kind: "add" | "remove" | "lock" | "unlock" | "protect" }
>;

/** What a wish came to. */
export interface ChangedMembership {
  readonly changed: boolean;
  readonly member: Member;
  readonly settings: TenantSettings;
}

/** Fulfils a wish about an account in a tenant; refuses what does not fit, and what would take away what is protected. */
export async function changeMembership(
  { memberships }: Store,
  { tenant, account }: { readonly tenant: Tenant; readonly account: Account },
  wish: OperatorWish,
  circumstances: Circumstances,
): Promise<ChangedMembership> {
  const { tenantId, slug } = tenant;
  const settings = await memberships.settings(tenantId);
  if (settings === undefined) {
    throw refusal(`tenant ${slug} is gone`);
  }
  checkWish(wish, settings);
  const name = account.email ?? account.accountId;
  const before = await memberships.read(tenantId, account.accountId);
  if (wish.kind === "protect" && before?.isMember !== true) {
    throw refusal(`${name} is no member of tenant ${slug}`);
  }
  return await fulfilWish({ memberships }, { tenant, account, settings }, wish, circumstances);
}

/** Fulfils a wish that is checked; refuses what would take away what is protected. */
export async function fulfilWish(
  { memberships }: Pick<Store, "memberships">,
  {
    tenant: { tenantId, slug },
    account,
    settings,
  }: {
    readonly tenant: Tenant;
    readonly account: Account;
    readonly settings: TenantSettings;
  },
  wish: MembershipWish,
  circumstances: Circumstances,
): Promise<ChangedMembership> {
  const name = account.email ?? account.accountId;
  const outcome = await memberships.fulfil(tenantId, account.accountId, wish, circumstances);
  switch (outcome.kind) {
    case "done":
      return { changed: outcome.changed, member: outcome.member, settings };
    case "gone":
      throw refusal(`there is no account ${name} any more`);
    case "protected":
      throw refusal(
        outcome.by === "last-owner"
          ? `${name} is the last ${settings.roles[0]} of tenant ${slug}, which cannot be without one`
          : `${name} is protected in tenant ${slug}: end the protection first`,
        outcome.by,
      );
  }
}

/** Refuses a role that the tenant does not have. */
export function checkRole(role: string, { roles }: Pick<TenantSettings, "roles">): void {
  if (!roles.includes(role)) {
    throw refusal(
      `the tenant has no role "${cleanText(role, 64)}"; its roles are ${roles.join(", ")}`,
    );
  }
}

function checkWish(wish: OperatorWish, settings: TenantSettings): void {
  if (wish.kind === "add") {
    checkRole(wish.role, settings);
  }
  if (wish.kind === "lock" && wish.reason !== undefined && !isLockReason(wish.reason)) {
    throw refusal(
      `a reason has 1 to ${lockReasonMax} characters, not all of them blank and none of them invisible`,
    );
  }
}
