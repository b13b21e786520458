/** Does what the admin API does to members of a tenant and their locks. */
import type { ChangedMemberJson } from "../../admin-contract/members.ts";
import {
  addLock,
  addMember,
  listLocks,
  listMembers,
  lockJsonsOf,
  lockKeyOf,
  protectMember,
  readMember,
  removeLock,
  removeMember,
  unprotectMember,
} from "../../admin-contract/members.ts";
import type { AdminScope } from "../../domain/admin-credential.ts";
import type { Member } from "../../domain/member.ts";
import type { MemberSummary } from "../../domain/member-summary.ts";
import { isKnown, memberSummaryOf } from "../../domain/member-summary.ts";
import type { ManualLock } from "../../domain/membership-wish.ts";
import type { Tenant } from "../../domain/tenant.ts";
import type { TenantSettings } from "../../domain/tenant-settings.ts";
import { shownEmailOf } from "../../domain/visible-account.ts";
import type { OperatorWish } from "../../provisioning/membership-administration.ts";
import { checkRole } from "../../provisioning/membership-administration.ts";
import { limitOf, pageOfAll, pageOfRead, textPositionOf } from "./cursor.ts";
import {
  connectionSlugs,
  eligibleMember,
  knownMember,
  peopleOf,
  personIn,
  personNamed,
  scopeOf,
  settingsOf,
} from "./people.ts";
import { checkedPart, notFound } from "./problem.ts";
import type { AdminCall, AdminParts, ServedOperation } from "./served-operation.ts";
import { servedInTenant } from "./served-operation.ts";

/** The operations. */
export const servedMembers: readonly ServedOperation[] = [
  servedInTenant(listMembers, async ({ tenant, query, caller }, parts) => {
    const { tenantId } = tenant;
    const settings = await settingsOf(tenant, parts);
    const after = textPositionOf("members", query) ?? "";
    const limit = limitOf(query) + 1;
    const { items, nextCursor } = pageOfRead(
      await parts.store.memberships.list(tenantId, { after, limit }),
      query,
      { list: "members", keyOf: ({ account }) => account.accountId, shown: (member) => member },
    );
    const scope = scopeOf({ caller });
    const shown = items.filter(isKnown).map((member) => summaryFor(scope, member, settings));
    return { body: { items: shown, nextCursor } };
  }),
  servedInTenant(addMember, async (call, parts) => {
    const { role } = call.body;
    const settings = await settingsOf(call.tenant, parts);
    checkedPart("role", () => checkRole(role, settings));
    const member = await eligibleMember(personNamed(call.body), "member", call, parts);
    return { body: await changed(member, { kind: "add", role }, call, parts) };
  }),
  servedInTenant(readMember, async (call, parts) => {
    const member = await knownMember(call, parts);
    const settings = await settingsOf(call.tenant, parts);
    return { body: summaryFor(scopeOf(call), member, settings) };
  }),
  servedInTenant(removeMember, (call, parts) => known({ kind: "remove" }, call, parts)),
  servedInTenant(protectMember, (call, parts) =>
    known({ kind: "protect", protection: "break-glass" }, call, parts),
  ),
  servedInTenant(unprotectMember, (call, parts) =>
    known({ kind: "protect", protection: undefined }, call, parts),
  ),
  servedInTenant(listLocks, async (call, parts) => {
    const member = await knownMember(call, parts);
    const locks = lockJsonsOf(member, await connectionSlugs(call.tenant, parts));
    const forms = {
      list: "locks",
      keyOf: lockKeyOf,
      shown: (lock: (typeof locks)[number]) => lock,
    };
    return { body: pageOfAll(locks, call.query, forms) };
  }),
  servedInTenant(addLock, async (call, parts) => {
    const { source, reason } = call.body;
    const member = await eligibleMember(personIn(call), "locked", call, parts);
    return { body: await changed(member, { kind: "lock", source, reason }, call, parts) };
  }),
  servedInTenant(removeLock, (call, parts) =>
    known({ kind: "unlock", source: sourceIn(call.path) }, call, parts),
  ),
];

type CallInTenant = AdminCall<unknown, unknown> & { readonly tenant: Tenant };

/** The locks of syncs belong to their connections. */
function sourceIn({ source }: Readonly<Record<string, string>>): ManualLock {
  if (source !== "admin" && source !== "security") {
    throw notFound("lock");
  }
  return source;
}

async function known(
  wish: OperatorWish,
  call: CallInTenant,
  parts: AdminParts,
): Promise<{ readonly body: ChangedMemberJson }> {
  return { body: await changed(await knownMember(call, parts), wish, call, parts) };
}

async function changed(
  { account }: Member,
  wish: OperatorWish,
  call: CallInTenant,
  parts: AdminParts,
): Promise<ChangedMemberJson> {
  const place = { tenant: call.tenant, account };
  const outcome = await peopleOf(call, parts).changeMembership(place, wish);
  const { member, settings } = outcome;
  return { ...summaryFor(scopeOf(call), member, settings), changed: outcome.changed };
}

function summaryFor(scope: AdminScope, member: Member, settings: TenantSettings): MemberSummary {
  return { ...memberSummaryOf(member, settings), email: shownEmailOf(scope, member) };
}
