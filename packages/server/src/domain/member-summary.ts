/** A member in one line: the role, the strongest link, the locks, and whether access is active. Pure. */
import type { LinkState, LockSource } from "./account.ts";
import type { EffectiveAccess, RoleSettings } from "./effective-access.ts";
import { effectiveAccessOf, highestRoleOf } from "./effective-access.ts";
import type { Member } from "./member.ts";

/** What the command line and the admin API say of a member, in this order. */
export interface MemberSummary {
  readonly accountId: string;
  readonly email: string | null;
  /** The effective role; where there is none, the highest that is granted and does not take effect. */
  readonly role: string | null;
  /** The strongest of the links, `linked` before `pending` before `declined`. */
  readonly link: LinkState;
  /** The sources of all locks, each once, also of those that do not count at present. */
  readonly locks: readonly LockSource[];
  /** Whether access is active. */
  readonly effective: boolean;
}

const linkStates: readonly LinkState[] = ["linked", "pending", "declined", "none"];

/** Sums a member up. */
export function memberSummaryOf(member: Member, settings: RoleSettings): MemberSummary {
  const { account, facts } = member;
  const access = accessOf(member, settings);
  const sources = facts.locks.map(({ source }) => source);
  return {
    accountId: account.accountId,
    email: account.email ?? null,
    role: access.role ?? highestRoleOf(access.grants, settings) ?? null,
    link: strongestLinkOf(member),
    locks: [...new Set(sources)].sort(),
    effective: access.state === "active",
  };
}

/** What a member may do, with the grants of whoever is not one yet and why they have no effect. */
export function accessOf(
  { facts }: Pick<Member, "facts">,
  settings: RoleSettings,
): EffectiveAccess {
  return effectiveAccessOf(facts, settings);
}

/** The strongest state among the links of a member. */
export function strongestLinkOf({ facts: { links } }: Pick<Member, "facts">): LinkState {
  return linkStates.find((state) => links.some((link) => link.state === state)) ?? "none";
}

/** Tells whether a tenant has anything to say of somebody: a membership, a link or a lock. */
export function isKnown({ isMember, facts }: Pick<Member, "isMember" | "facts">): boolean {
  return isMember || facts.links.length > 0 || facts.locks.length > 0;
}

/** Says in a sentence why somebody has no access; undefined where access is active. */
export function whyNoAccess(member: Member, settings: RoleSettings): string | undefined {
  const access = accessOf(member, settings);
  if (access.state === "active") {
    return undefined;
  }
  if (access.state === "suspended") {
    return `suspended by ${access.suspendedBy.join(", ")}`;
  }
  const link = strongestLinkOf(member);
  if (link === "pending") {
    return "the invitation is not accepted yet";
  }
  if (link === "declined" || (member.hasDeclined && !member.isMember)) {
    return "the person has left or declined";
  }
  if (!member.isMember) {
    return "no member: no user of an identity provider is linked and nothing is given by hand";
  }
  return access.grants[0]?.why ?? "nothing gives a role";
}
