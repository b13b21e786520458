/** What a person does with the links in mails: accept, decline, leave. Each is done in the name of the person. */
import { randomUUID } from "node:crypto";
import type { AccountId } from "../domain/account.ts";
import type { Circumstances } from "../domain/audit-entry.ts";
import { effectiveAccessOf } from "../domain/effective-access.ts";
import type { Invitation } from "../domain/invitation.ts";
import { isOpen } from "../domain/invitation.ts";
import type { Tenant } from "../domain/tenant.ts";
import type { MailLinks, MailToken } from "../mail/mail-links.ts";
import type { InvitationEnd } from "../mail/message-catalogue.ts";
import type { Store } from "../store/store.ts";

/** An invitation as the person reads it. */
export interface InvitationView {
  readonly tenantName: string;
  /** The name of the connection that invites. */
  readonly by: string;
  readonly state: "open" | InvitationEnd;
}

/** A membership as the person reads it. */
export interface MembershipView {
  readonly tenantName: string;
  readonly role?: string;
}

/** What became of leaving: `protected` members, such as the last owner of a tenant, stay. */
export type LeaveOutcome = "left" | "gone" | "protected";

/** What a person can do with the link of a mail; a token that is not one finds nothing and does nothing. */
export interface PersonActions {
  invitation(token: string): Promise<InvitationView | undefined>;
  /** Answers false when the invitation is not open, or not any more. */
  accept(token: string): Promise<boolean>;
  /** Answers false when the invitation is not open, or not any more. */
  decline(token: string): Promise<boolean>;
  /** Undefined also for somebody who is no member any more. */
  membership(token: string): Promise<MembershipView | undefined>;
  /** Answers `gone` for somebody who is no member, or not any more. */
  leave(token: string): Promise<LeaveOutcome>;
}

/** What the actions need. */
export interface PersonActionParts {
  readonly store: Store;
  readonly mailLinks: Pick<MailLinks, "parseMailToken">;
  readonly now: () => number;
}

type TokenOf<Kind extends MailToken["kind"]> = Extract<MailToken, { readonly kind: Kind }>;

/** Makes the actions. */
export function createPersonActions({ store, mailLinks, now }: PersonActionParts): PersonActions {
  const settle = (kind: "accept" | "decline") => async (text: string) => {
    const found = await findInvitation(tokenOf("invitation", text, mailLinks), store);
    if (found === undefined) {
      return false;
    }
    const { tenant, invitation } = found;
    const circumstances = inTheNameOf(invitation.accountId);
    const { tenantId } = tenant;
    const outcome = await store.invitations.settle(tenantId, invitation, kind, circumstances);
    return outcome.kind === "done";
  };
  return {
    invitation: async (text) => {
      const found = await findInvitation(tokenOf("invitation", text, mailLinks), store);
      return found && viewOf(found, store, new Date(now()).toISOString());
    },
    accept: settle("accept"),
    decline: settle("decline"),
    membership: (text) => membershipBehind(tokenOf("leave", text, mailLinks), store),
    leave: async (text) => {
      const token = tokenOf("leave", text, mailLinks);
      return token === undefined || (await membershipBehind(token, store)) === undefined
        ? "gone"
        : leave(token, store);
    },
  };
}

function tokenOf<Kind extends MailToken["kind"]>(
  kind: Kind,
  text: string,
  { parseMailToken }: PersonActionParts["mailLinks"],
): TokenOf<Kind> | undefined {
  const token = parseMailToken(text);
  return token !== undefined && isOfKind(token, kind) ? token : undefined;
}

function isOfKind<Kind extends MailToken["kind"]>(
  token: MailToken,
  kind: Kind,
): token is TokenOf<Kind> {
  return token.kind === kind;
}

/** Whoever has the link of a mail is the person the mail went to. */
function inTheNameOf(accountId: AccountId): Circumstances {
  return { actor: { kind: "person", id: accountId }, requestId: randomUUID() };
}

interface FoundInvitation {
  readonly tenant: Tenant;
  readonly invitation: Invitation;
}

async function findInvitation(
  token: TokenOf<"invitation"> | undefined,
  { tenants, invitations }: Store,
): Promise<FoundInvitation | undefined> {
  if (token === undefined) {
    return undefined;
  }
  const { tenantId, invitationId } = token;
  const tenant = await tenants.byId(tenantId);
  const invitation = await invitations.byId(tenantId, invitationId);
  return tenant === undefined || invitation === undefined ? undefined : { tenant, invitation };
}

async function viewOf(
  { tenant, invitation }: FoundInvitation,
  { connections }: Store,
  at: string,
): Promise<InvitationView> {
  const { connectionId, state } = invitation;
  const connection = await connections.read({ tenantId: tenant.tenantId, connectionId });
  return {
    tenantName: tenant.name,
    by: connection?.name ?? tenant.name,
    state: state === "open" && !isOpen(invitation, at) ? "expired" : state,
  };
}

async function membershipBehind(
  token: TokenOf<"leave"> | undefined,
  { tenants, memberships }: Store,
): Promise<MembershipView | undefined> {
  if (token === undefined) {
    return undefined;
  }
  const { tenantId, accountId } = token;
  const tenant = await tenants.byId(tenantId);
  const settings = await memberships.settings(tenantId);
  const member = await memberships.read(tenantId, accountId);
  if (tenant === undefined || settings === undefined || member?.isMember !== true) {
    return undefined;
  }
  const { role } = effectiveAccessOf(member.facts, settings);
  return { tenantName: tenant.name, ...(role === undefined ? {} : { role }) };
}

async function leave(
  { tenantId, accountId }: TokenOf<"leave">,
  { memberships }: Store,
): Promise<LeaveOutcome> {
  const circumstances = inTheNameOf(accountId);
  const wish = { kind: "leave" } as const;
  const outcome = await memberships.fulfil(tenantId, accountId, wish, circumstances);
  switch (outcome.kind) {
    case "done":
      return outcome.changed ? "left" : "gone";
    case "gone":
      return "gone";
    case "protected":
      return "protected";
  }
}
