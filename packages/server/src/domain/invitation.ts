/** Invitations of people whose link is pending. */
import type { AccountId } from "./account.ts";
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
export function isOpen({ state, expires }: Invitation, at: string): boolean {
  return state === "open" && at < expires;
}
