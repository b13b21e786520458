/** `rollcall invitation`: shows invitations, and does what their links do. */
import { invitationJsonOf } from "../admin-contract/invitations.ts";
import { refusal } from "../domain/refusal.ts";
import { tokenOfLink } from "../mail/mail-links.ts";
import type { Call, Command } from "./command.ts";
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
  const connections = await store.connections.list(tenantId);
  const slugs = new Map(connections.map(({ connectionId, slug }) => [connectionId, slug]));
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
        email,
        state,
        connection,
        createdAt,
        expiresAt,
      ]),
    ),
  );
  return 0;
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
