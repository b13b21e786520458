/** `rollcall access`: tells what a person may do in a tenant, with the reason of everything. */
import { accessJsonOf } from "../admin-contract/access.ts";
import { accessOf, whyNoAccess } from "../domain/member-summary.ts";
import { refusal } from "../domain/refusal.ts";
import type { Call, Command } from "./command.ts";
import { findAccount } from "./find-account.ts";
import { findTenant } from "./find-connection.ts";
import { formatFields, formatTable } from "./format-table.ts";

/** The commands. */
export const accessCommands: readonly Command[] = [
  {
    usage: "access show <tenant> <account>",
    summary: "show what a person may do in a tenant, and why or why not",
    options: [],
    usedBy: "all",
    folder: "need",
    run: showAccess,
  },
];

async function showAccess(call: Call): Promise<number> {
  const instance = await call.open();
  const { store } = instance;
  const [slug = "", name = ""] = call.args;
  const { tenantId } = await findTenant(store, slug);
  const account = await findAccount(instance, name);
  const { accountId } = account;
  const settings = await store.memberships.settings(tenantId);
  const member = await store.memberships.read(tenantId, accountId);
  if (settings === undefined || member === undefined) {
    throw refusal(`tenant ${slug} or account ${name} is gone`);
  }
  const access = accessOf(member, settings);
  const whyNot = whyNoAccess(member, settings);
  const shown = accessJsonOf(slug, { member, access, whyNot }, "instance");
  call.answer(shown, [
    ...formatFields([
      ["Account", account.email ?? accountId],
      ["Tenant", slug],
      ["Access", access.state],
      ["Role", access.role],
      ["Link", shown.link],
      ["Why not", whyNot],
    ]),
    "",
    ...formatTable(
      ["GRANT", "ROLE", "EFFECTIVE", "WHY"],
      access.grants.map(({ source, role, isEffective, why }) => [
        source,
        role,
        isEffective ? "yes" : "no",
        why,
      ]),
    ),
  ]);
  return 0;
}
