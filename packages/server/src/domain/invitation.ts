/** Invitations of people whose link is pending. */
import type { AccountId, Link } from "./account.ts";
import type { ConnectionId } from "./tenant.ts";

/** How long an invitation lives. */
export const invitationLifeMs: number = 14 * 86_400_000;

/** What became of an invitation; one whose time is over has no state of its own. */
export type InvitationState = "open" | "accepted" | "declined" | "revoked";

/** An invitation. */
export interface Invitation {
  readonly invitationId: string;
  readonly accountId: AccountId;
  readonly connectionId: ConnectionId;
  readonly resourceId: string;
  readonly email: string;
  readonly state: InvitationState;
  /** xsd:dateTime in UTC, as all times here. */
  readonly created: string;
  readonly expires: string;
  readonly settled: string | undefined;
}

/** Tells whether it can still be accepted or declined. */
export function isOpen(
  { state, expires }: Pick<Invitation, "state" | "expires">,
  at: string,
): boolean {
  return state === "open" && at < expires;
}

/** The link that an operator may invite to, or why there is none. */
export type InvitableLink =
  | { readonly kind: "link"; readonly link: Link }
  | { readonly kind: "none"; readonly reason: "no-user" | "linked" | "inactive" | "several" };

/**
 * Finds the link that a person can be asked to agree to: of a User that its identity provider says is active, and that
 * waits for the person or was declined. `connectionId` says which connection, where there are several.
 */
export function linkToInvite(
  all: readonly Link[],
  connectionId: ConnectionId | undefined,
): InvitableLink {
  const links = all.filter(
    (link) => connectionId === undefined || link.connectionId === connectionId,
  );
  const open = links.filter(mayBeInvited);
  const [link, another] = open.filter(({ active }) => active);
  if (link !== undefined) {
    return another === undefined ? { kind: "link", link } : { kind: "none", reason: "several" };
  }
  if (open.length > 0) {
    return { kind: "none", reason: "inactive" };
  }
  const isLinked = links.some(({ state }) => state === "linked");
  return { kind: "none", reason: isLinked ? "linked" : "no-user" };
}

function mayBeInvited({ state }: Link): boolean {
  return state === "pending" || state === "declined";
}
