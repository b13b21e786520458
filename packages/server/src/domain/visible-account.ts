/**
 * What an admin credential may know of accounts (I4): one of the instance everything; one of a tenant the accounts of its
 * members, and of whom it has invited, lost or locked no more than that. Anybody else is answered like nobody. Pure.
 */
import type { AdminScope } from "./admin-credential.ts";
import type { Member } from "./member.ts";
import { isKnown } from "./member-summary.ts";

/** Tells whether the account itself is shown. */
export function seesAccount(scope: AdminScope, { isMember }: Pick<Member, "isMember">): boolean {
  return scope === "instance" || isMember;
}

/** Tells whether what the tenant has on the account is shown. */
export function seesMember(scope: AdminScope, member: Pick<Member, "isMember" | "facts">): boolean {
  return scope === "instance" || isKnown(member);
}

/** The login e-mail, which may have changed since a person was invited or left: null where that is not the tenant's to know. */
export function shownEmailOf(scope: AdminScope, member: Member): string | null {
  return seesAccount(scope, member) ? (member.account.email ?? null) : null;
}
