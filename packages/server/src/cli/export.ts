/** `rollcall export`: a tenant as lines of JSON that `rollcall import` reads. */
import type { Call, Command } from "./command.ts";
import { findTenant } from "./find-connection.ts";
import { formatFields } from "./format-table.ts";

/** The commands. */
export const exportCommands: readonly Command[] = [
  {
    usage: "export <tenant>",
    summary:
      "write a tenant as lines of JSON that import reads: settings, accounts, users, groups; no tokens, no audit log",
    options: [["--out <file>", "a new file to write to; stdout when it is left out"]],
    usedBy: "all",
    folder: "need",
    run: exportOne,
  },
];

async function exportOne(call: Call): Promise<number> {
  const instance = await call.open();
  const tenant = await findTenant(instance.store, call.args[0] ?? "");
  const file = call.text("out");
  if (file === undefined) {
    await instance.exportTenant(tenant, async (text) => {
      call.io.out(text);
      await call.io.drained?.();
    });
    return 0;
  }
  const lines = await instance.exportTenantToFile(tenant, file);
  call.answer({ tenant: tenant.slug, file, lines }, [
    ...formatFields([
      ["Tenant", tenant.slug],
      ["File", file],
      ...Object.entries(lines).map(([kind, count]) => [kind, String(count)] as const),
    ]),
    "",
    "Tokens, the audit log, events, mails and webhooks are not in it: rollcall backup has everything.",
  ]);
  return 0;
}
