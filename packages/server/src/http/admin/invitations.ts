/** Lists invitations over the admin API. */
import { invitationJsonOf, listInvitations } from "../../admin-contract/invitations.ts";
import type { PageQuery } from "../../admin-contract/operation.ts";
import type { Invitation } from "../../domain/invitation.ts";
import { limitOf, pageOfRead, textPositionOf } from "./cursor.ts";
import { connectionSlugs } from "./people.ts";
import type { ServedOperation } from "./served-operation.ts";
import { servedInTenant } from "./served-operation.ts";

/** The operations. */
export const servedInvitations: readonly ServedOperation[] = [
  servedInTenant(listInvitations, async ({ tenant, query, nowMs }, parts) => {
    const slugs = await connectionSlugs(tenant, parts);
    const at = new Date(nowMs).toISOString();
    const read = await parts.store.invitations.list(tenant.tenantId, {
      after: placeOf(query),
      limit: limitOf(query) + 1,
    });
    return {
      body: pageOfRead(read, query, {
        list: "invitations",
        // Several may have been made at one time.
        keyOf: ({ created, invitationId }) => `${created} ${invitationId}`,
        shown: (invitation) => invitationJsonOf(invitation, slugs, at),
      }),
    };
  }),
];

function placeOf(query: PageQuery): Pick<Invitation, "created" | "invitationId"> | undefined {
  const position = textPositionOf("invitations", query);
  const [created = "", invitationId = ""] = position?.split(" ") ?? [];
  return position === undefined ? undefined : { created, invitationId };
}
