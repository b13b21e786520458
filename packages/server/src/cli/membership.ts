/** `rollcall membership`: does what the link in a mail does for somebody who wants to leave a tenant. */
import { refusal } from "../domain/refusal.ts";
import { tokenOfLink } from "../mail/mail-links.ts";
import type { Call, Command } from "./command.ts";

/** The commands. */
export const membershipCommands: readonly Command[] = [
  {
    usage: "membership leave <token>",
    summary: "leave a tenant for the person, by the link in the mail or its last part",
    options: [],
    usedBy: "all",
    folder: "need",
    run: leave,
  },
];

async function leave(call: Call): Promise<number> {
  const { people } = await call.open();
  const token = tokenOfLink(call.args[0] ?? "");
  const membership = await people.personActions.membership(token);
  if (membership === undefined) {
    throw refusal("there is no membership behind this link or token, or not any more");
  }
  const { tenantName } = membership;
  const outcome = await people.personActions.leave(token);
  if (outcome === "protected") {
    throw refusal(
      `the member cannot leave ${tenantName}: it is protected, or the last owner, and has to make somebody else owner first`,
    );
  }
  if (outcome === "gone") {
    throw refusal(`the person is no member of ${tenantName} any more`);
  }
  call.answer({ state: "left", tenantName }, [`The person has left ${tenantName}.`]);
  return 0;
}
