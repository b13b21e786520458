/** `rollcall grant`: roles that are given by hand in a team or a tenant, and are nobody's to change but an operator's. */
import { changedGrantJsonOf } from "../admin-contract/grants.ts";
import type { GrantWish } from "../domain/grant-wish.ts";
import { refusal } from "../domain/refusal.ts";
import type { Call, Command } from "./command.ts";
import { findAccount } from "./find-account.ts";
import { findTenant } from "./find-connection.ts";
import { targetOptions, targetTeam } from "./target-option.ts";

const shared = { usedBy: "all", folder: "need" } as const;

/** The commands. */
export const grantCommands: readonly Command[] = [
  {
    ...shared,
    usage: "grant add <tenant> <account>",
    summary: "give somebody a role by hand; no sync and no login takes it back",
    options: [...targetOptions, ["--role <role>", "a role of teams, or of the tenant"]],
    run: addGrant,
  },
  {
    ...shared,
    usage: "grant remove <tenant> <account>",
    summary: "take back what was given by hand there: what is automatic decides again",
    options: [
      ...targetOptions,
      ["--role <role>", "refuse unless this is the role (default: whichever it is)"],
    ],
    run: (call) => changeGrant(call, { kind: "remove", role: call.text("role") }),
  },
  {
    ...shared,
    usage: "grant adopt <tenant> <account>",
    summary: "make the role that automation gives there at present one that is given by hand",
    options: targetOptions,
    run: (call) => changeGrant(call, { kind: "adopt" }),
  },
];

async function addGrant(call: Call): Promise<number> {
  await call.open();
  const role = call.text("role");
  if (role === undefined) {
    throw refusal("--role is missing: expected a role of teams, or of the tenant");
  }
  return await changeGrant(call, { kind: "add", role });
}

async function changeGrant(call: Call, wish: GrantWish): Promise<number> {
  const instance = await call.open();
  const [slug = "", name = ""] = call.args;
  const tenant = await findTenant(instance.store, slug);
  const team = await targetTeam(call, instance.store, tenant);
  const account = await findAccount(instance, name);
  const outcome = await instance.access.changeGrant({ tenant, account, team }, wish);
  const shown = changedGrantJsonOf(outcome, team);
  const { email, accountId, target, role, manual } = shown;
  const person = email ?? accountId;
  const byHand =
    manual === null
      ? `${person} has nothing by hand in ${target} any more`
      : `${person} has ${manual} of ${target} by hand`;
  call.answer(shown, [
    shown.changed
      ? `${byHand}; ${role === null ? "no role takes effect there" : `${role} takes effect there`}.`
      : "Nothing has changed.",
  ]);
  return 0;
}
