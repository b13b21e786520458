/** `rollcall reconcile`: compares what groups and logins give with what they should give, and mends it. */
import type { Call, Command } from "./command.ts";
import { findTenant } from "./find-connection.ts";

/** The commands. */
export const reconcileCommands: readonly Command[] = [
  {
    usage: "reconcile <tenant>",
    summary: "compare all that groups and logins give with what they should, and mend it",
    options: [["--check", "only tell; exit code 1 when there are differences"]],
    usedBy: "all",
    folder: "need",
    run: reconcile,
  },
];

async function reconcile(call: Call): Promise<number> {
  const { store, access } = await call.open();
  const tenant = await findTenant(store, call.args[0] ?? "");
  const isCheck = call.has("check");
  const { differences, counts } = await access.reconcile(tenant, isCheck);
  const { joins, losses, changes } = counts;
  const people = `${joins} joins, ${losses} losses, ${changes} changes of roles`;
  call.answer({ differences, counts }, [
    differences === 0
      ? "Everything is as it should be."
      : isCheck
        ? `${differences} grants differ from what they should be; mending them means ${people}.`
        : `${differences} grants were mended: ${people}.`,
  ]);
  return isCheck && differences > 0 ? 1 : 0;
}
