/** Invitations as operators send and revoke them: to Users whose persons have not agreed, or not any more. */
import type { Account } from "../domain/account.ts";
import type { Circumstances } from "../domain/audit-entry.ts";
import { cleanText } from "../domain/clean-text.ts";
import type { Invitation } from "../domain/invitation.ts";
import { isOpen, linkToInvite } from "../domain/invitation.ts";
import type { Mail } from "../domain/mail.ts";
import { refusal } from "../domain/refusal.ts";
import type { ConnectionId, Tenant } from "../domain/tenant.ts";
import type { Store } from "../store/store.ts";
import type { Occasion } from "./create-connection.ts";
import { newId } from "./new-id.ts";

/** Whom to invite, and where. */
export interface InvitationWish {
  readonly tenant: Tenant;
  readonly account: Account;
  /** The slug of the connection whose User is meant; needed only where there are several. */
  readonly connection?: string | undefined;
}

/** The language of whoever has said nothing. */
const languageDefault = "en";

/** Invites a person anew, in place of what is open; whoever has declined is asked again, and decides again. */
export async function sendInvitation(
  store: Store,
  { tenant, account, connection }: InvitationWish,
  circumstances: Circumstances,
): Promise<Invitation> {
  const { tenantId, slug } = tenant;
  const { accountId, email } = account;
  const connectionId = await connectionNamed(store, tenant, connection);
  const member = await store.memberships.read(tenantId, accountId);
  const found = linkToInvite(member?.facts.links ?? [], connectionId);
  if (found.kind === "none") {
    throw refusal(refusals[found.reason](slug));
  }
  if (email === undefined) {
    throw refusal("the person has no e-mail address that an invitation could be sent to");
  }
  const { link } = found;
  const place = { connectionId: link.connectionId, resourceId: link.resourceId };
  const invitationId = newId();
  const facts = await mailFacts(store, { tenant, account, invitationId, place });
  const outcome = await store.invitations.send(
    tenantId,
    {
      invitation: { invitationId, accountId, email, ...place },
      mail: {
        mailId: newId(),
        accountId,
        kind: "invitation",
        to: email,
        language: account.preferredLanguage ?? languageDefault,
        idempotencyKey: `invitation:${invitationId}`,
        facts,
      },
    },
    circumstances,
  );
  const sent = await store.invitations.byId(tenantId, invitationId);
  if (outcome.kind !== "done" || sent === undefined) {
    throw refusal("the person cannot be invited any more: somebody has changed that meanwhile");
  }
  return sent;
}

/** Whoever asks may not know the address. */
const refusals = {
  "no-user": (tenant: string) =>
    `the person has no User of an identity provider in tenant ${tenant} that waits for them: an invitation is to agree to one`,
  linked: (tenant: string) =>
    `the person is linked in tenant ${tenant} already: an invitation is for who has not agreed, or has left`,
  inactive: (tenant: string) =>
    `the User of the person in tenant ${tenant} is inactive: expected one that its identity provider says is active`,
  several: (tenant: string) =>
    `the person has Users of several connections in tenant ${tenant}: say which connection is meant`,
} as const;

async function connectionNamed(
  { connections }: Store,
  { tenantId, slug }: Tenant,
  name: string | undefined,
): Promise<ConnectionId | undefined> {
  if (name === undefined) {
    return undefined;
  }
  const connection = await connections.bySlug(tenantId, name);
  if (connection === undefined) {
    throw refusal(`there is no connection ${cleanText(name, 64)} in tenant ${slug}`);
  }
  return connection.connectionId;
}

async function mailFacts(
  { connections }: Store,
  {
    tenant,
    account,
    invitationId,
    place,
  }: Pick<InvitationWish, "tenant" | "account"> & {
    readonly invitationId: string;
    readonly place: Pick<Invitation, "connectionId">;
  },
): Promise<Mail["facts"]> {
  const { tenantId, name: tenantName } = tenant;
  const { accountId, name } = account;
  const connection = await connections.read({ tenantId, connectionId: place.connectionId });
  return {
    tenantName,
    by: connection?.name ?? tenantName,
    ...(name === undefined ? {} : { personName: name }),
    ids: { tenantId, accountId, invitationId },
  };
}

/** Ends an open invitation; undefined where the tenant has no such invitation. */
export async function revokeInvitation(
  { invitations }: Store,
  {
    tenant: { tenantId },
    invitationId,
  }: { readonly tenant: Tenant; readonly invitationId: string },
  occasion: Occasion,
): Promise<Invitation | undefined> {
  const invitation = await invitations.byId(tenantId, invitationId);
  if (invitation === undefined) {
    return undefined;
  }
  if (!isOpen(invitation, new Date(occasion.nowMs).toISOString())) {
    const state = invitation.state === "open" ? "expired" : invitation.state;
    throw refusal(`the invitation is ${state}: expected an open one`);
  }
  const outcome = await invitations.revoke(tenantId, invitation, occasion);
  if (outcome.kind !== "done") {
    throw refusal("the invitation is not open any more");
  }
  return invitations.byId(tenantId, invitationId);
}
