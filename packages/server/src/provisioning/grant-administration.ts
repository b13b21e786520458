/** Manual grants in a team or the tenant: given, handed back to automation, or taken over from it. Each is asked for by name. */
import type { Account, Grant } from "../domain/account.ts";
import type { Circumstances } from "../domain/audit-entry.ts";
import { effectiveAccessOf } from "../domain/effective-access.ts";
import { roleNamed } from "../domain/find-role.ts";
import type { GrantWish } from "../domain/grant-wish.ts";
import type { Member } from "../domain/member.ts";
import type { MembershipWish } from "../domain/membership-wish.ts";
import { refusal } from "../domain/refusal.ts";
import type { Team } from "../domain/team.ts";
import { targetNameOf } from "../domain/team.ts";
import type { Tenant } from "../domain/tenant.ts";
import type { TenantSettings } from "../domain/tenant-settings.ts";
import type { Store } from "../store/store.ts";
import type { ChangedMembership } from "./membership-administration.ts";
import { fulfilWish } from "./membership-administration.ts";

/** Whose grant it is, and where. */
export interface GrantPlace {
  readonly tenant: Tenant;
  readonly account: Account;
  /** Undefined for the tenant itself. */
  readonly team: Team | undefined;
}

/** Fulfils a wish about a manual grant; refuses what does not fit, and what would take away what is protected. */
export async function changeGrant(
  store: Pick<Store, "memberships">,
  place: GrantPlace,
  wish: GrantWish,
  circumstances: Circumstances,
): Promise<ChangedMembership> {
  const { tenant, account } = place;
  const { tenantId, slug } = tenant;
  const settings = await store.memberships.settings(tenantId);
  const member = await store.memberships.read(tenantId, account.accountId);
  if (settings === undefined || member === undefined) {
    throw refusal(`tenant ${slug} or account ${account.email ?? account.accountId} is gone`);
  }
  const membershipWish = membershipWishOf(wish, place, { settings, member });
  return await fulfilWish(store, { tenant, account, settings }, membershipWish, circumstances);
}

interface Known {
  readonly settings: TenantSettings;
  readonly member: Member;
}

function membershipWishOf(wish: GrantWish, place: GrantPlace, known: Known): MembershipWish {
  const teamId = place.team?.teamId;
  switch (wish.kind) {
    case "add":
      return { kind: "grant", teamId, role: roleNamed(wish.role, teamId, known.settings) };
    case "adopt":
      return { kind: "grant", teamId, role: automaticRole(place, known) };
    case "remove":
      checkHeldRole(wish.role, place, known);
      return { kind: "revoke", teamId };
  }
}

/** A lock takes the effect of what automation gives, and not the gift. */
function automaticRole({ account, team }: GrantPlace, { member, settings }: Known): string {
  const { grants } = effectiveAccessOf({ ...member.facts, locks: [] }, settings);
  const given = grants.filter(
    (grant) =>
      grant.isEffective && grant.teamId === team?.teamId && automaticSources.has(grant.source),
  );
  const { roles, teamRoles, defaultRole } = settings;
  const known = team === undefined ? roles : teamRoles;
  // What is given stays, under another role, when the tenant has that role no more.
  const other = team === undefined ? defaultRole : teamRoles.at(-1);
  const highest = known.find((role) => given.some((grant) => grant.role === role));
  const role = highest ?? (given.length === 0 ? undefined : other);
  if (role === undefined) {
    throw refusal(
      `nothing automatic gives ${account.email ?? account.accountId} a role of ${targetNameOf(team)} at present`,
    );
  }
  return role;
}

const automaticSources: ReadonlySet<Grant["source"]> = new Set([
  "group",
  "login",
  "roles",
  "default",
]);

function checkHeldRole(
  text: string | undefined,
  { account, team }: GrantPlace,
  { member, settings }: Known,
): void {
  if (text === undefined) {
    return;
  }
  const role = roleNamed(text, team?.teamId, settings);
  const held = manualRoleOf(member, team);
  if (held !== undefined && held !== role) {
    throw refusal(
      `${account.email ?? account.accountId} has ${held} of ${targetNameOf(team)} by hand, not ${role}`,
    );
  }
}

/** The role that somebody has by hand in a team, or in the tenant. */
export function manualRoleOf(
  { facts }: Pick<Member, "facts">,
  team: Pick<Team, "teamId"> | undefined,
): string | undefined {
  return facts.grants.find(({ source, teamId }) => source === "manual" && teamId === team?.teamId)
    ?.role;
}
