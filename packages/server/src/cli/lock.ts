/** `rollcall lock`: suspends members of a tenant, which no sync undoes. */
import { refusal } from "../domain/refusal.ts";
import type { Call, Command } from "./command.ts";
import { wishFor } from "./member.ts";

const sourceOption = ["--source <source>", "who says so: admin or security"] as const;

/** The commands. */
export const lockCommands: readonly Command[] = [
  {
    usage: "lock add <tenant> <account>",
    summary: "suspend a member until the lock is removed, whatever a sync says",
    options: [sourceOption, ["--reason <text>", "why, for other operators"]],
    usedBy: "all",
    folder: "need",
    run: async (call) =>
      wishFor(
        call,
        { kind: "lock", source: await sourceOf(call), reason: call.text("reason") },
        (name, { locks }) => `${name} is suspended by ${locks.join(", ")}.`,
      ),
  },
  {
    usage: "lock remove <tenant> <account>",
    summary: "remove a lock of a member; others stay",
    options: [sourceOption],
    usedBy: "all",
    folder: "need",
    run: async (call) =>
      wishFor(call, { kind: "unlock", source: await sourceOf(call) }, (name, { locks }) =>
        locks.length === 0
          ? `${name} has no lock any more.`
          : `${name} is still locked by ${locks.join(", ")}.`,
      ),
  },
];

/** The data come first: a wrong folder is told before anything else. */
async function sourceOf(call: Call): Promise<"admin" | "security"> {
  await call.open();
  const source = call.text("source");
  if (source !== "admin" && source !== "security") {
    throw refusal(
      `--source ${source ?? "is missing"}: expected admin or security; the locks of syncs belong to their connections`,
    );
  }
  return source;
}
