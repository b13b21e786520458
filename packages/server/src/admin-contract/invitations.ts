/** Invitations of a tenant in the admin API. */
import { z } from "zod";
import type { Invitation, InvitationState } from "../domain/invitation.ts";
import { isOpen } from "../domain/invitation.ts";
import type { NamedPerson } from "./account-texts.ts";
import { onePerson, personMembers } from "./account-texts.ts";
import type { Operation, Page, PageQuery } from "./operation.ts";
import {
  named,
  noBody,
  noQuery,
  pageOf,
  pageQuery,
  timeOrNullSchema,
  timeSchema,
} from "./operation.ts";

/** An invitation as the command line and the admin API show it. */
export interface InvitationJson {
  readonly id: string;
  readonly accountId: string;
  /** Null where it is not the tenant's to know. */
  readonly email: string | null;
  readonly state: InvitationState | "expired";
  /** The slug of the connection that invites. */
  readonly connection: string;
  readonly resourceId: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly settledAt: string | null;
}

/** Shows an invitation as it is at a time; `slugs` are those of connections by their ids. */
export function invitationJsonOf(
  invitation: Invitation,
  slugs: ReadonlyMap<string, string>,
  at: string,
): InvitationJson {
  const { invitationId, accountId, connectionId, resourceId, email, state } = invitation;
  return {
    id: invitationId,
    accountId,
    email,
    state: state === "open" && !isOpen(invitation, at) ? "expired" : state,
    connection: slugs.get(connectionId) ?? connectionId,
    resourceId,
    createdAt: invitation.created,
    expiresAt: invitation.expires,
    settledAt: invitation.settled ?? null,
  };
}

const invitationSchema: z.ZodType<InvitationJson> = named(
  "Invitation",
  z.object({
    id: z.string(),
    accountId: z.string(),
    email: z
      .string()
      .nullable()
      .describe(
        "Where it was sent; null for a credential of the tenant where none of its Users has the address",
      ),
    state: z.enum(["open", "accepted", "declined", "revoked", "expired"]),
    connection: z.string().describe("The slug of the connection that invites"),
    resourceId: z.string().describe("The User that waits for the answer"),
    createdAt: timeSchema,
    expiresAt: timeSchema,
    settledAt: timeOrNullSchema,
  }),
);

/** Lists invitations. */
export const listInvitations: Operation<PageQuery, undefined, Page<InvitationJson>> = {
  operationId: "listInvitations",
  method: "GET",
  path: "/tenants/{tenant}/invitations",
  noun: "invitations",
  summary: "List the invitations of a tenant, the latest first",
  scope: "tenant",
  query: pageQuery,
  body: noBody,
  statuses: [200],
  answer: pageOf("InvitationPage", invitationSchema),
};

/** Whom to invite. */
export interface InvitationAddition extends NamedPerson {
  readonly connection?: string | undefined;
}

const invitationAdditionSchema: z.ZodType<InvitationAddition> = named(
  "InvitationAddition",
  z
    .strictObject({
      ...personMembers,
      connection: z
        .string()
        .optional()
        .describe("The slug of the connection whose User is meant, where there are several"),
    })
    .refine(...onePerson),
);

/** Sends an invitation. */
export const sendInvitation: Operation<object, InvitationAddition, InvitationJson> = {
  operationId: "sendInvitation",
  method: "POST",
  path: "/tenants/{tenant}/invitations",
  noun: "invitations",
  summary:
    "Invite a person whose User waits for them, or who has left or declined, in place of what is open",
  scope: "tenant",
  query: noQuery,
  body: invitationAdditionSchema,
  statuses: [201],
  answer: invitationSchema,
  conflict: "There is no active User to agree to, the person is linked already, or has no address",
};

/** Revokes an invitation. */
export const revokeInvitation: Operation<object, undefined, InvitationJson> = {
  operationId: "revokeInvitation",
  method: "DELETE",
  path: "/tenants/{tenant}/invitations/{invitation}",
  noun: "invitations",
  summary: "End an open invitation, so that its link leads nowhere; it stays in the list",
  scope: "tenant",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: invitationSchema,
  conflict: "The invitation is not open",
};
