/**
 * What ends when an e-mail is first verified by somebody else than a tenant that has its domain: whoever had the address
 * before is not known to be the person. Links that nothing vouched for wait for the person's consent, and logins that
 * tenants bound go. Pure.
 */
import type { Account, Link } from "./account.ts";
import type { MembershipEdit } from "./membership-edit.ts";

/** Tells whether a change verifies the e-mail of an account that was not verified before. */
export function isFirstProof(
  before: Pick<Account, "emailVerified">,
  after: Pick<Account, "email" | "emailVerified">,
): boolean {
  return !before.emailVerified && after.emailVerified && after.email !== undefined;
}

/** How a tenant stands to the account. */
export interface TiesToAccount {
  readonly links: readonly Link[];
  /** Whether the tenant has verified the domain of the address: then it spoke for the person all along. */
  readonly isDomainVerified: boolean;
}

/** What ends in the tenant. */
export interface EndingTies {
  readonly edits: readonly MembershipEdit[];
  /** The links that are pending from now on, each of which needs an invitation. */
  readonly pending: readonly Link[];
  readonly endsLogins: boolean;
}

/** Decides it. */
export function endingTiesOf({ links, isDomainVerified }: TiesToAccount): EndingTies {
  if (isDomainVerified) {
    return { edits: [], pending: [], endsLogins: false };
  }
  const pending = links
    .filter(({ state, proof }) => state === "linked" && proof === undefined)
    .map((link): Link => ({ ...link, state: "pending" }));
  const edits = pending.map((link): MembershipEdit => ({ kind: "save-link", link }));
  return { edits, pending, endsLogins: true };
}
