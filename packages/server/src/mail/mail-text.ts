/** The text of a mail, plain and as HTML without scripts, images and anything else that is fetched (RFC 2046 §5.1.4). */
import type { Alert } from "../domain/alert.ts";
import { cleanText } from "../domain/clean-text.ts";
import type {
  GatheredNotice,
  MailFacts,
  MailKind,
  MailMessage,
  PersonMailKind,
} from "../domain/mail.ts";
import type { AlertMessages, AlertText } from "./alert-messages.ts";
import { escapeHtml } from "./escape-html.ts";
import type { MailLinks } from "./mail-links.ts";
import type { Language, Messages, NamedFacts } from "./message-catalogue.ts";
import { languageOf, messageCatalogue } from "./message-catalogue.ts";

/** A mail as a person reads it. */
export interface MailText {
  readonly language: Language;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** The links that a text can have. */
type TextLinks = Pick<MailLinks, "leaveLink" | "invitationLink">;

/** The longest name that is shown, in characters. */
const nameLengthMax = 100;

/** What stands in a mail, before it is laid out. */
interface MailContent {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  readonly items: readonly string[];
  readonly action?: { readonly text: string; readonly label: string; readonly link: string };
}

/** Renders a mail. */
export function mailText(message: MailMessage, links: TextLinks): MailText {
  const language = languageOf(message.language);
  const { mail } = messageCatalogue[language];
  const { personName } = message.facts;
  const greeting = mail.greeting(personName === undefined ? undefined : nameText(personName));
  const content = contentOf(message, mail, links);
  const closing = message.facts.alert === undefined ? mail.closing : mail.alert.closing;
  return {
    language,
    subject: content.subject,
    text: plainOf(content, greeting, closing),
    html: htmlOf(content, greeting, closing, language),
  };
}

function contentOf(
  { kind, facts }: MailMessage,
  mail: Messages["mail"],
  links: TextLinks,
): MailContent {
  const named = namedFactsOf(facts);
  const { notices = [], alert } = facts;
  if (alert !== undefined) {
    return alertContentOf(alert, named.tenant, mail);
  }
  if (!isPersonKind(kind)) {
    throw new TypeError("an alert has what it tells");
  }
  if (kind === "digest") {
    return {
      subject: mail.digest.subject(named),
      paragraphs: [mail.digest.body(named)],
      items: notices.map((notice) => lineOf(notice, mail)),
      ...(notices.at(-1)?.kind === "attached" ? leaveAction(facts, mail, links) : {}),
    };
  }
  return {
    subject: mail[kind].subject(named),
    paragraphs: mail[kind].body(named),
    items: [],
    ...(kind === "attached" ? leaveAction(facts, mail, links) : {}),
    ...(kind === "invitation" ? answerAction(facts, mail, links) : {}),
  };
}

function isPersonKind(kind: MailKind): kind is PersonMailKind {
  return ["attached", "detached", "invitation", "digest"].includes(kind);
}

/** An alert has no link: what to do is done where operators work. */
function alertContentOf(alert: Alert, tenant: string, mail: Messages["mail"]): MailContent {
  const { subject, paragraphs, items } = alertTextOf(alert, tenant, mail.alert);
  return { subject, paragraphs, items: items ?? [] };
}

function alertTextOf(alert: Alert, tenant: string, texts: AlertMessages): AlertText {
  switch (alert.kind) {
    case "credential-expiring":
      return texts.credentialExpiring({
        tenant,
        connection: nameText(alert.connection),
        name: nameText(alert.name),
        time: timeText(alert.expires),
        days: alert.daysLeft,
      });
    case "webhook-disabled":
      return texts.webhookDisabled({
        ...webhookText(alert),
        tenant,
        reason: nameText(alert.reason),
      });
    case "webhook-dead-letters":
      return texts.webhookDeadLetters({ ...webhookText(alert), tenant, count: alert.count });
    case "connection-refused":
      return texts.connectionRefused({
        tenant,
        connection: nameText(alert.connection),
        count: alert.count,
        reasons: alert.reasons,
      });
    case "member-kept":
      return texts.memberKept({ tenant, account: nameText(alert.account), cause: alert.cause });
  }
}

function webhookText({ webhookId, host }: { readonly webhookId: string; readonly host: string }): {
  readonly webhook: string;
  readonly host: string;
} {
  return { webhook: nameText(webhookId), host: nameText(host) };
}

function timeText(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}

function namedFactsOf({ tenantName, by, role }: MailFacts): NamedFacts {
  return {
    tenant: nameText(tenantName),
    by: nameText(by),
    role: role === undefined ? undefined : nameText(role),
  };
}

/** A name is chosen by strangers: it stays short, in one line, and no mail program makes a link of it. */
function nameText(name: string): string {
  return cleanText(name, nameLengthMax)
    .replaceAll("://", ": //")
    .replace(/\bwww\./gi, "www .");
}

function lineOf({ kind, at, by, role }: GatheredNotice, mail: Messages["mail"]): string {
  const notice = {
    kind,
    by: nameText(by),
    ...(role === undefined ? {} : { role: nameText(role) }),
  };
  return mail.digest.line(notice, timeText(at));
}

function leaveAction(
  { ids }: MailFacts,
  { leave, leaveLabel }: Messages["mail"],
  { leaveLink }: TextLinks,
): Pick<MailContent, "action"> {
  return { action: { text: leave, label: leaveLabel, link: leaveLink(ids) } };
}

function answerAction(
  { ids: { tenantId, invitationId } }: MailFacts,
  { answer, answerLabel }: Messages["mail"],
  { invitationLink }: TextLinks,
): Pick<MailContent, "action"> {
  if (invitationId === undefined) {
    throw new TypeError("the mail of an invitation names the invitation");
  }
  const link = invitationLink({ tenantId, invitationId });
  return { action: { text: answer, label: answerLabel, link } };
}

function plainOf({ paragraphs, items, action }: MailContent, greeting: string, closing: string) {
  const blocks = [
    greeting,
    ...paragraphs,
    ...(items.length === 0 ? [] : [items.map((item) => `- ${item}`).join("\n")]),
    ...(action === undefined ? [] : [`${action.text}\n${action.link}`]),
    `-- \n${closing}`,
  ];
  return `${blocks.join("\n\n")}\n`;
}

function htmlOf(
  { subject, paragraphs, items, action }: MailContent,
  greeting: string,
  closing: string,
  language: Language,
): string {
  const paragraph = (text: string) => `<p>${escapeHtml(text)}</p>`;
  const list = items.map((item) => `<li>${escapeHtml(item)}</li>`).join("");
  const link =
    action === undefined
      ? []
      : [
          `<p>${escapeHtml(action.text)} <a href="${escapeHtml(action.link)}">${escapeHtml(action.label)}</a></p>`,
        ];
  return [
    `<!DOCTYPE html>`,
    `<html lang="${language}"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head><body>`,
    ...[greeting, ...paragraphs].map(paragraph),
    ...(items.length === 0 ? [] : [`<ul>${list}</ul>`]),
    ...link,
    `<hr><p><small>${escapeHtml(closing)}</small></p>`,
    `</body></html>`,
    "",
  ].join("\n");
}
