/** `rollcall account`: makes, shows, exports and erases accounts, which are people on the platform. */
import type { MembershipJson } from "../admin-contract/accounts.ts";
import { accountSummaryOf, membershipJsonOf } from "../admin-contract/accounts.ts";
import type { Instance } from "../compose.ts";
import type { Account } from "../domain/account.ts";
import { refusal } from "../domain/refusal.ts";
import { safeJson } from "../domain/safe-json.ts";
import type { Call, Command } from "./command.ts";
import { findAccount } from "./find-account.ts";
import { formatFields, formatTable } from "./format-table.ts";
import { wholeNumberOption } from "./whole-number-option.ts";

/** The commands. */
export const accountCommands: readonly Command[] = [
  {
    usage: "account create",
    summary: "make an account, as the application would for somebody who signs up",
    options: [
      ["--email <address>", "the login e-mail, unique over all accounts"],
      ["--name <name>", "how the person is called"],
      ["--language <tag>", "the language of mails to the person, such as de-CH"],
      ["--ref <id>", "the application's own user id, unique over all accounts"],
      ["--verified", "the person has shown that the address is theirs"],
      ["--has-login", "the person can log in at the application"],
    ],
    usedBy: "all",
    folder: "need",
    run: createAccount,
  },
  {
    usage: "account list",
    summary: "list accounts in the order of their ids",
    options: [
      ["--after <id>", "those behind an account, to go on"],
      ["--limit <count>", "how many at most (default: 1000)"],
    ],
    usedBy: "all",
    folder: "need",
    run: listAccounts,
  },
  {
    usage: "account show <account>",
    summary: "show an account with its memberships, by e-mail address, id or ref",
    options: [],
    usedBy: "all",
    folder: "need",
    run: showAccount,
  },
  {
    usage: "account export <account>",
    summary: "write everything that is held about a person, as JSON",
    options: [],
    usedBy: "all",
    folder: "need",
    run: exportAccount,
  },
  {
    usage: "account erase <account>",
    summary:
      "erase a person for ever; audit entries and events stay, without what they said of the person",
    options: [["--yes", "do not ask; without a terminal nobody is asked"]],
    usedBy: "all",
    folder: "need",
    run: eraseAccount,
  },
];

async function createAccount(call: Call): Promise<number> {
  const { people } = await call.open();
  const email = call.text("email");
  if (email === undefined) {
    throw refusal("--email is missing: an account is found by its e-mail address");
  }
  const account = await people.createAccount({
    email,
    emailVerified: call.has("verified"),
    hasLogin: call.has("hasLogin"),
    name: call.text("name"),
    preferredLanguage: call.text("language"),
    ref: call.text("ref"),
  });
  call.answer({ ...accountSummaryOf(account), memberships: [] }, [
    `Account ${account.accountId} of ${email} is there. Next: ${call.io.program} member add TENANT ${email} --role user`,
  ]);
  return 0;
}

async function listAccounts(call: Call): Promise<number> {
  const { store } = await call.open();
  const limit = wholeNumberOption(call, "limit", 1000, 1, 100_000);
  const accounts = await store.accounts.page({ after: call.text("after") ?? "", limit });
  call.answer(
    accounts.map(accountSummaryOf),
    formatTable(
      ["ACCOUNT", "EMAIL", "VERIFIED", "LOGIN", "NAME", "REF", "CREATED"],
      accounts.map((account) => [
        account.accountId,
        account.email,
        yesOrNo(account.emailVerified),
        yesOrNo(account.hasLogin),
        account.name,
        account.ref,
        account.created,
      ]),
    ),
  );
  return 0;
}

async function showAccount(call: Call): Promise<number> {
  const instance = await call.open();
  const account = await findAccount(instance, call.args[0] ?? "");
  const memberships = await membershipsJson(instance, account);
  call.answer({ ...accountSummaryOf(account), memberships }, [
    ...formatFields([
      ["Account", account.accountId],
      ["E-mail", account.email],
      ["Verified", yesOrNo(account.emailVerified)],
      ["Can log in", yesOrNo(account.hasLogin)],
      ["Name", account.name],
      ["Language", account.preferredLanguage],
      ["Ref", account.ref],
      ["Created", account.created],
    ]),
    "",
    ...formatTable(
      ["TENANT", "ROLE", "LINK", "LOCKS", "ACCESS"],
      memberships.map(({ tenant, role, link, locks, effective }) => [
        tenant,
        role ?? undefined,
        link,
        locks.join(", "),
        yesOrNo(effective),
      ]),
    ),
  ]);
  return 0;
}

async function membershipsJson(
  { people }: Instance,
  { accountId }: Account,
): Promise<readonly MembershipJson[]> {
  return (await people.membershipsOf(accountId)).map(membershipJsonOf);
}

async function exportAccount(call: Call): Promise<number> {
  const instance = await call.open();
  const account = await findAccount(instance, call.args[0] ?? "");
  call.io.out(`${safeJson(await instance.people.exportAccount(account), 2)}\n`);
  return 0;
}

async function eraseAccount(call: Call): Promise<number> {
  const instance = await call.open();
  const [name = ""] = call.args;
  const account = await findAccount(instance, name);
  await confirmErasure(call, instance, account);
  const erased = await instance.people.eraseAccount(account.accountId);
  if (erased === undefined) {
    throw refusal(`there is no account ${name} any more`);
  }
  const remainingUsers = await remainingJson(instance, erased);
  const tenants = erased.tenants.map(({ slug }) => slug);
  call.answer({ erased: true, id: account.accountId, tenants, remainingUsers }, [
    `The account is erased, in ${tenants.length === 0 ? "no tenant" : `tenant ${tenants.join(", ")}`}.`,
    ...remainingUsers.map(
      ({ tenant, connection, id }) =>
        `User ${id} of ${tenant}/${connection} belongs to the identity provider and stays until that deletes it.`,
    ),
  ]);
  return 0;
}

/** Whoever writes a script has decided; whoever types may have mistyped. */
async function confirmErasure(
  { io, has }: Call,
  { people }: Instance,
  { accountId, email }: Account,
): Promise<void> {
  if (io.ask === undefined || has("yes")) {
    return;
  }
  const { length } = await people.membershipsOf(accountId);
  const answer = await io.ask(
    `This erases the account ${email ?? accountId} for ever, with what ${length} tenant(s) keep about it. Type yes to erase it: `,
  );
  if (answer.trim().toLowerCase() !== "yes") {
    throw refusal("nothing is erased");
  }
}

type Erased = NonNullable<Awaited<ReturnType<Instance["people"]["eraseAccount"]>>>;

async function remainingJson(
  { store }: Instance,
  { tenants, remainingUsers }: Erased,
): Promise<readonly { tenant: string; connection: string; id: string }[]> {
  const slugs = new Map(tenants.map(({ tenantId, slug }) => [tenantId, slug]));
  return Promise.all(
    remainingUsers.map(async ({ tenantId, connectionId, resourceId }) => {
      const connection = await store.connections.read({ tenantId, connectionId });
      return {
        tenant: slugs.get(tenantId) ?? tenantId,
        connection: connection?.slug ?? connectionId,
        id: resourceId,
      };
    }),
  );
}

function yesOrNo(value: boolean): string {
  return value ? "yes" : "no";
}
