/** `rollcall member`: shows and changes who is a member of a tenant. */
import type { Instance } from "../compose.ts";
import type { MemberSummary } from "../domain/member-summary.ts";
import { isKnown, memberSummaryOf } from "../domain/member-summary.ts";
import { refusal } from "../domain/refusal.ts";
import type { Tenant } from "../domain/tenant.ts";
import type { Call, Command } from "./command.ts";
import { findAccount } from "./find-account.ts";
import { findTenant } from "./find-connection.ts";
import { formatTable } from "./format-table.ts";

/** How many members are read at once. */
const pageLength = 500;

/** The commands. */
export const memberCommands: readonly Command[] = [
  {
    usage: "member list <tenant>",
    summary: "list the members of a tenant, and whom it has invited or who has left",
    options: [],
    usedBy: "all",
    folder: "need",
    run: listMembers,
  },
  {
    usage: "member add <tenant> <account>",
    summary: "make an account a member by hand, or give it another role; no sync takes it back",
    options: [["--role <role>", "one of the roles of the tenant"]],
    usedBy: "all",
    folder: "need",
    run: addMember,
  },
  {
    usage: "member remove <tenant> <account>",
    summary: "take back what was given by hand",
    options: [],
    usedBy: "all",
    folder: "need",
    run: (call) =>
      wishFor(call, { kind: "remove" }, (name, { effective, link }) =>
        effective || link === "linked"
          ? `${name} has nothing by hand any more, and is still a member through an identity provider.`
          : `${name} has nothing by hand any more.`,
      ),
  },
  {
    usage: "member protect <tenant> <account>",
    summary: "protect a member for emergencies: no sync suspends or removes it",
    options: [],
    usedBy: "all",
    folder: "need",
    run: (call) =>
      wishFor(
        call,
        { kind: "protect", protection: "break-glass" },
        (name) => `${name} is protected: no sync suspends or removes this member.`,
      ),
  },
  {
    usage: "member unprotect <tenant> <account>",
    summary: "end the protection of a member",
    options: [],
    usedBy: "all",
    folder: "need",
    run: (call) =>
      wishFor(
        call,
        { kind: "protect", protection: undefined },
        (name) => `${name} is not protected any more.`,
      ),
  },
];

/** What an operator can want of a membership. */
type OperatorWish = Parameters<Instance["people"]["changeMembership"]>[1];

async function listMembers(call: Call): Promise<number> {
  const instance = await call.open();
  const tenant = await findTenant(instance.store, call.args[0] ?? "");
  const members = await membersOf(instance, tenant);
  call.answer(
    members,
    formatTable(
      ["ACCOUNT", "EMAIL", "ROLE", "LINK", "LOCKS", "ACCESS"],
      members.map(({ accountId, email, role, link, locks, effective }) => [
        accountId,
        email ?? undefined,
        role ?? undefined,
        link,
        locks.join(", "),
        effective ? "yes" : "no",
      ]),
    ),
  );
  return 0;
}

async function membersOf(
  { store: { memberships } }: Instance,
  { tenantId, slug }: Tenant,
): Promise<readonly MemberSummary[]> {
  const settings = await memberships.settings(tenantId);
  if (settings === undefined) {
    throw refusal(`tenant ${slug} is gone`);
  }
  const summaries: MemberSummary[] = [];
  for (let after: string | undefined = ""; after !== undefined; ) {
    const page: Awaited<ReturnType<typeof memberships.list>> = await memberships.list(tenantId, {
      after,
      limit: pageLength,
    });
    summaries.push(...page.filter(isKnown).map((member) => memberSummaryOf(member, settings)));
    after = page.at(-1)?.account.accountId;
  }
  return summaries;
}

async function addMember(call: Call): Promise<number> {
  await call.open();
  const role = call.text("role");
  if (role === undefined) {
    throw refusal("--role is missing: expected one of the roles of the tenant");
  }
  return wishFor(call, { kind: "add", role }, (name, summary) =>
    summary.effective
      ? `${name} is a member with the role ${summary.role}.`
      : `${name} is a member with the role ${summary.role}, and suspended by ${summary.locks.join(", ")}.`,
  );
}

/** Fulfils a wish about the account and the tenant that the arguments name, and shows the member as it is then. */
export async function wishFor(
  call: Call,
  wish: OperatorWish,
  sentence: (name: string, summary: MemberSummary) => string,
): Promise<number> {
  const instance = await call.open();
  const [slug = "", name = ""] = call.args;
  const tenant = await findTenant(instance.store, slug);
  const account = await findAccount(instance, name);
  const place = { tenant, account };
  const { changed, member, settings } = await instance.people.changeMembership(place, wish);
  const summary = memberSummaryOf(member, settings);
  call.answer({ ...summary, changed }, [
    changed ? sentence(account.email ?? account.accountId, summary) : "Nothing has changed.",
  ]);
  return 0;
}
