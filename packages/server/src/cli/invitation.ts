/** `rollcall invitation`: shows invitations, and does what their links do. */
import { invitationJsonOf } from "../admin-contract/invitations.ts";
import type { Instance } from "../compose.ts";
import { cleanText } from "../domain/clean-text.ts";
import type { Invitation } from "../domain/invitation.ts";
import { refusal } from "../domain/refusal.ts";
import type { Tenant, TenantId } from "../domain/tenant.ts";
import { tokenOfLink } from "../mail/mail-links.ts";
import type { Store } from "../store/store.ts";
import type { Call, Command } from "./command.ts";
import { findAccount } from "./find-account.ts";
import { findTenant } from "./find-connection.ts";
import { formatTable } from "./format-table.ts";
import { wholeNumberOption } from "./whole-number-option.ts";

/** The commands. */
export const invitationCommands: readonly Command[] = [
  {
    usage: "invitation list <tenant>",
    summary: "list the invitations of a tenant, the latest first",
    options: [["--limit <count>", "how many at most (default: 1000)"]],
    usedBy: "all",
    folder: "need",
    run: listInvitations,
  },
  {
    usage: "invitation send <tenant> <account>",
    summary: "invite a person whose User waits for them, or who has left or declined, anew",
    options: [["--connection <slug>", "whose User is meant, where there are several"]],
    usedBy: "all",
    folder: "need",
    run: sendInvitation,
  },
  {
    usage: "invitation revoke <tenant> <id>",
    summary: "end an open invitation, so that its link leads nowhere",
    options: [],
    usedBy: "all",
    folder: "need",
    run: revokeInvitation,
  },
  {
    usage: "invitation accept <token>",
    summary: "accept an invitation for the person, by the link in the mail or its last part",
    options: [],
    usedBy: "all",
    folder: "need",
    run: (call) => settleInvitation(call, "accept"),
  },
  {
    usage: "invitation decline <token>",
    summary: "decline an invitation for the person, by the link in the mail or its last part",
    options: [],
    usedBy: "all",
    folder: "need",
    run: (call) => settleInvitation(call, "decline"),
  },
];

async function listInvitations(call: Call): Promise<number> {
  const { store } = await call.open();
  const { tenantId } = await findTenant(store, call.args[0] ?? "");
  const limit = wholeNumberOption(call, "limit", 1000, 1, 100_000);
  const slugs = await slugsIn(store, tenantId);
  const at = new Date(call.io.now()).toISOString();
  const invitations = (await store.invitations.list(tenantId, { limit })).map((invitation) =>
    invitationJsonOf(invitation, slugs, at),
  );
  call.answer(
    invitations,
    formatTable(
      ["INVITATION", "EMAIL", "STATE", "CONNECTION", "CREATED", "EXPIRES"],
      invitations.map(({ id, email, state, connection, createdAt, expiresAt }) => [
        id,
        email ?? undefined,
        state,
        connection,
        createdAt,
        expiresAt,
      ]),
    ),
  );
  return 0;
}

async function sendInvitation(call: Call): Promise<number> {
  const instance = await call.open();
  const [slug = "", name = ""] = call.args;
  const tenant = await findTenant(instance.store, slug);
  const account = await findAccount(instance, name);
  const connection = call.text("connection");
  const invitation = await instance.people.sendInvitation({ tenant, account, connection });
  return answerWith(call, instance, tenant, {
    invitation,
    sentence: `${invitation.email} is invited to ${tenant.slug} until ${invitation.expires}.`,
  });
}

async function revokeInvitation(call: Call): Promise<number> {
  const instance = await call.open();
  const [slug = "", invitationId = ""] = call.args;
  const tenant = await findTenant(instance.store, slug);
  const invitation = await instance.people.revokeInvitation(tenant, invitationId);
  if (invitation === undefined) {
    throw refusal(
      `there is no invitation ${cleanText(invitationId, 64)} in tenant ${tenant.slug}; rollcall invitation list shows those that there are`,
    );
  }
  return answerWith(call, instance, tenant, {
    invitation,
    sentence: `The invitation of ${invitation.email} is revoked.`,
  });
}

async function answerWith(
  call: Call,
  { store }: Instance,
  { tenantId }: Tenant,
  { invitation, sentence }: { readonly invitation: Invitation; readonly sentence: string },
): Promise<number> {
  const at = new Date(call.io.now()).toISOString();
  call.answer(invitationJsonOf(invitation, await slugsIn(store, tenantId), at), [sentence]);
  return 0;
}

async function slugsIn(
  { connections }: Store,
  tenantId: TenantId,
): Promise<ReadonlyMap<string, string>> {
  return new Map(
    (await connections.list(tenantId)).map(({ connectionId, slug }) => [connectionId, slug]),
  );
}

async function settleInvitation(call: Call, kind: "accept" | "decline"): Promise<number> {
  const { people } = await call.open();
  const token = tokenOfLink(call.args[0] ?? "");
  const { personActions } = people;
  const invitation = await personActions.invitation(token);
  if (invitation === undefined) {
    throw refusal("there is no invitation with this link or token");
  }
  if (invitation.state !== "open") {
    throw refusal(`the invitation to ${invitation.tenantName} is ${invitation.state}`);
  }
  if (!(await personActions[kind](token))) {
    throw refusal(`the invitation to ${invitation.tenantName} is not open any more`);
  }
  const state = { accept: "accepted", decline: "declined" }[kind];
  call.answer({ state, tenantName: invitation.tenantName }, [
    `The invitation to ${invitation.tenantName} is ${state}.`,
  ]);
  return 0;
}
