/** Lists, sends and revokes invitations over the admin API. */
import type { InvitationJson } from "../../admin-contract/invitations.ts";
import {
  invitationJsonOf,
  listInvitations,
  revokeInvitation,
  sendInvitation,
} from "../../admin-contract/invitations.ts";
import type { PageQuery } from "../../admin-contract/operation.ts";
import type { Invitation } from "../../domain/invitation.ts";
import type { Tenant } from "../../domain/tenant.ts";
import { limitOf, pageOfRead, textPositionOf } from "./cursor.ts";
import { addressesSeen, connectionSlugs, eligibleMember, peopleOf, personNamed } from "./people.ts";
import { invalidRequest, notFound } from "./problem.ts";
import type { AdminCall, AdminParts, ServedOperation } from "./served-operation.ts";
import { servedInTenant } from "./served-operation.ts";

/** The operations. */
export const servedInvitations: readonly ServedOperation[] = [
  servedInTenant(listInvitations, async (call, parts) => {
    const { tenant, query } = call;
    const read = await parts.store.invitations.list(tenant.tenantId, {
      after: placeOf(query),
      limit: limitOf(query) + 1,
    });
    const shown = await shownIn(read, call, parts);
    return {
      body: pageOfRead(read, query, {
        list: "invitations",
        // Several may have been made at one time.
        keyOf: ({ created, invitationId }) => `${created} ${invitationId}`,
        shown,
      }),
    };
  }),
  servedInTenant(sendInvitation, async (call, parts) => {
    const { tenant, body } = call;
    await checkConnection(call, parts);
    const { account } = await eligibleMember(personNamed(body), "locked", call, parts);
    const { connection } = body;
    const sent = await peopleOf(call, parts).sendInvitation({ tenant, account, connection });
    return { body: (await shownIn([sent], call, parts))(sent) };
  }),
  servedInTenant(revokeInvitation, async (call, parts) => {
    const id = call.path["invitation"] ?? "";
    const revoked = await peopleOf(call, parts).revokeInvitation(call.tenant, id);
    if (revoked === undefined) {
      throw notFound("invitation");
    }
    return { body: (await shownIn([revoked], call, parts))(revoked) };
  }),
];

type CallInTenant = AdminCall<unknown, unknown> & { readonly tenant: Tenant };

async function checkConnection(
  { tenant, body }: AdminCall<unknown, { readonly connection?: string | undefined }> & CallInTenant,
  { store }: AdminParts,
): Promise<void> {
  const { connection } = body;
  if (
    connection !== undefined &&
    (await store.connections.bySlug(tenant.tenantId, connection)) === undefined
  ) {
    const detail = "expected the slug of a connection of the tenant";
    throw invalidRequest([{ path: "connection", detail }]);
  }
}

async function shownIn(
  invitations: readonly Invitation[],
  call: CallInTenant,
  parts: AdminParts,
): Promise<(invitation: Invitation) => InvitationJson> {
  const slugs = await connectionSlugs(call.tenant, parts);
  const at = new Date(call.nowMs).toISOString();
  const accountIds = invitations.map(({ accountId }) => accountId);
  const isSeen = await addressesSeen(accountIds, call, parts);
  return (invitation) => {
    const shown = invitationJsonOf(invitation, slugs, at);
    const { accountId, email: address } = invitation;
    return isSeen({ accountId, address }) ? shown : { ...shown, email: null };
  };
}

function placeOf(query: PageQuery): Pick<Invitation, "created" | "invitationId"> | undefined {
  const position = textPositionOf("invitations", query);
  const [created = "", invitationId = ""] = position?.split(" ") ?? [];
  return position === undefined ? undefined : { created, invitationId };
}
