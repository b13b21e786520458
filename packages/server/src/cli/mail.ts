/** `rollcall mail`: shows mails to people, those that wait as well as those that were sent. */
import type { MailJson } from "../admin-contract/mails.ts";
import { mailJsonOf, mailWithTextJsonOf } from "../admin-contract/mails.ts";
import { cleanText } from "../domain/clean-text.ts";
import type { Mail } from "../domain/mail.ts";
import { refusal } from "../domain/refusal.ts";
import type { Tenant } from "../domain/tenant.ts";
import type { MailLinks } from "../mail/mail-links.ts";
import { mailText } from "../mail/mail-text.ts";
import type { Store } from "../store/store.ts";
import type { Call, Command } from "./command.ts";
import { formatFields, formatTable } from "./format-table.ts";
import { wholeNumberOption } from "./whole-number-option.ts";

/** The commands. */
export const mailCommands: readonly Command[] = [
  {
    usage: "mail list",
    summary: "list mails to people, the latest last",
    options: [
      ["--to <address>", "those to one address alone"],
      ["--limit <count>", "how many of the latest (default: 1000)"],
    ],
    usedBy: "all",
    folder: "need",
    run: listMails,
  },
  {
    usage: "mail show <id>",
    summary: "show a mail with its text",
    options: [],
    usedBy: "all",
    folder: "need",
    run: showMail,
  },
];

async function listMails(call: Call): Promise<number> {
  const { store, mailLinks } = await call.open();
  const to = call.text("to");
  const limit = wholeNumberOption(call, "limit", 1000, 1, 100_000);
  const found: MailJson[] = [];
  for (const tenant of await store.tenants.list()) {
    const options = to === undefined ? { limit } : { limit, to };
    for (const mail of await store.mails.list(tenant.tenantId, options)) {
      found.push(shownMail(mail, tenant, mailLinks));
    }
  }
  const latest = found
    .sort((one, other) => (one.createdAt < other.createdAt ? -1 : 1))
    .slice(-limit);
  call.answer(
    latest,
    formatTable(
      ["MAIL", "TO", "KIND", "TENANT", "SUBJECT", "CREATED", "SENT"],
      latest.map((mail) => Object.values(mail).map((value) => value ?? undefined)),
    ),
  );
  return 0;
}

async function showMail(call: Call): Promise<number> {
  const { store, mailLinks } = await call.open();
  const [mailId = ""] = call.args;
  const { mail, tenant } = await findMail(store, mailId);
  const shown = mailWithTextJsonOf(mail, { tenant, text: mailText(mail, mailLinks) });
  const { due, attempts, lastError } = mail;
  const state = mail.sent ?? (due === undefined ? "never" : `waits until ${due}`);
  call.answer(shown, [
    ...formatFields([
      ["Mail", mailId],
      ["To", mail.to],
      ["Tenant", tenant.slug],
      ["Kind", mail.kind],
      ["Subject", shown.subject],
      ["Created", mail.created],
      ["Sent", state],
      ["Attempts", String(attempts)],
      ["Last error", lastError],
    ]),
    "",
    ...shown.text.split("\n").map((line) => cleanText(line)),
  ]);
  return 0;
}

/** The id alone does not tell the tenant. */
async function findMail(
  { tenants, mails }: Store,
  mailId: string,
): Promise<{ readonly mail: Mail; readonly tenant: Tenant }> {
  for (const tenant of await tenants.list()) {
    const mail = await mails.read(tenant.tenantId, mailId);
    if (mail !== undefined) {
      return { mail, tenant };
    }
  }
  throw refusal(`there is no mail ${mailId}; rollcall mail list shows the latest`);
}

function shownMail(mail: Mail, tenant: Tenant, links: MailLinks): MailJson {
  return mailJsonOf(mail, { tenant, subject: mailText(mail, links).subject });
}
