/** Invitations of a tenant in the admin API. */
import { z } from "zod";
import type { Invitation, InvitationState } from "../domain/invitation.ts";
import { isOpen } from "../domain/invitation.ts";
import type { Operation, Page, PageQuery } from "./operation.ts";
import { named, noBody, pageOf, pageQuery, timeOrNullSchema, timeSchema } from "./operation.ts";

/** An invitation as the command line and the admin API show it. */
export interface InvitationJson {
  readonly id: string;
  readonly accountId: string;
  readonly email: string;
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
    email: z.string().describe("Where it was sent"),
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
