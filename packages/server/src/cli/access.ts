/** `rollcall access`: lists who may do what in a tenant, and tells of one person the reason of everything. */
import { accessJsonOf } from "../admin-contract/access.ts";
import type { Instance } from "../compose.ts";
import type { AccessRow } from "../domain/access-row.ts";
import { teamNamesOf } from "../domain/find-team.ts";
import { accessOf, whyNoAccess } from "../domain/member-summary.ts";
import { refusal } from "../domain/refusal.ts";
import type { TenantId } from "../domain/tenant.ts";
import type { Call, Command } from "./command.ts";
import { findAccount } from "./find-account.ts";
import { findTenant } from "./find-connection.ts";
import { formatFields, formatTable } from "./format-table.ts";

/** How many members are read at once. */
const pageLength = 500;

/** The commands. */
export const accessCommands: readonly Command[] = [
  {
    usage: "access <tenant>",
    summary: "list who may do what in a tenant and its teams, and where it comes from",
    options: [["--email <email>", "one person alone"]],
    usedBy: "all",
    folder: "need",
    run: listAccess,
  },
  {
    usage: "access show <tenant> <account>",
    summary: "show what a person may do in a tenant, and why or why not",
    options: [],
    usedBy: "all",
    folder: "need",
    run: showAccess,
  },
];

async function listAccess(call: Call): Promise<number> {
  const instance = await call.open();
  const tenant = await findTenant(instance.store, call.args[0] ?? "");
  const view = await instance.access.openAccessView(tenant);
  const rows: AccessRow[] = [];
  for await (const members of membersIn(instance, tenant.tenantId, call.text("email"))) {
    rows.push(...(await view.rowsOf(members)));
  }
  call.answer(
    rows,
    formatTable(
      ["ACCOUNT", "EMAIL", "TARGET", "ROLE", "SOURCES"],
      rows.map(({ accountId, email, target, role, sources }) => [
        accountId,
        email ?? undefined,
        target,
        role,
        [...new Set(sources.map(sourceText))].join(", "),
      ]),
    ),
  );
  return 0;
}

function sourceText({ kind, role, group, groupId }: AccessRow["sources"][number]): string {
  const name = group ?? groupId;
  return name === null ? `${kind} ${role}` : `${kind} ${name} ${role}`;
}

/** Whoever has no account has no access. */
async function* membersIn(
  { store: { memberships }, people }: Instance,
  tenantId: TenantId,
  email: string | undefined,
) {
  if (email !== undefined) {
    const account = await people.findAccount(email);
    yield account === undefined ? [] : await memberships.many(tenantId, [account.accountId]);
    return;
  }
  for (let after: string | undefined = ""; after !== undefined; ) {
    const page: Awaited<ReturnType<typeof memberships.list>> = await memberships.list(tenantId, {
      after,
      limit: pageLength,
    });
    yield page;
    after = page.at(-1)?.account.accountId;
  }
}

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
  const teamNames = teamNamesOf(await store.teams.list(tenantId));
  const shown = accessJsonOf(slug, { member, access, whyNot }, "instance", teamNames);
  call.answer(shown, [
    ...formatFields([
      ["Account", account.email ?? accountId],
      ["Tenant", slug],
      ["Access", access.state],
      ["Role", access.role],
      ["Teams", shown.teams.map(({ team, role }) => `${team} ${role}`).join(", ") || undefined],
      ["Link", shown.link],
      ["Why not", whyNot],
    ]),
    "",
    ...formatTable(
      ["GRANT", "TEAM", "ROLE", "EFFECTIVE", "WHY"],
      shown.grants.map(({ source, team, role, effective, why }) => [
        source,
        team ?? undefined,
        role,
        effective ? "yes" : "no",
        why,
      ]),
    ),
  ]);
  return 0;
}
