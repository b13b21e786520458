/** Mails to people: what is told to whom, and when one leaves at once and when it is gathered into a digest (I5). */
import type { AccountId } from "./account.ts";
import type { Alert, AlertKind } from "./alert.ts";
import { noAccount } from "./alert.ts";
import type { TenantId } from "./tenant.ts";

/** What a mail to a person is about. */
export type PersonMailKind = "attached" | "detached" | "invitation" | "digest";

/** What a mail is about: a person's membership, or something that operators have to know. */
export type MailKind = PersonMailKind | AlertKind;

/** The mails of which the first is sent at once and those that follow it are gathered. */
export type NoticeKind = Extract<PersonMailKind, "attached" | "detached">;

/** One notice in a digest. */
export interface GatheredNotice {
  readonly kind: NoticeKind;
  /** xsd:dateTime in UTC. */
  readonly at: string;
  /** The name of the connection that did it; empty for an operator. */
  readonly by: string;
  readonly role?: string;
}

/** What the text of a mail is made of: JSON, and copies of what was true when the mail was staged. */
export interface MailFacts {
  readonly tenantName: string;
  /** The name of the connection that did it; empty for an operator. */
  readonly by: string;
  readonly role?: string;
  readonly personName?: string;
  /** What the links in the mail are made of. */
  readonly ids: {
    readonly tenantId: TenantId;
    readonly accountId: AccountId;
    readonly invitationId?: string;
  };
  /** What a digest tells, oldest first. */
  readonly notices?: readonly GatheredNotice[];
  /** What an alert tells; it is from no connection, to no account. */
  readonly alert?: Alert;
}

/** What the text of a mail depends on. */
export interface MailMessage {
  readonly kind: MailKind;
  /** A language tag, such as `de-CH`. */
  readonly language: string;
  readonly facts: MailFacts;
}

/** One mail, waiting or sent. */
export interface Mail extends MailMessage {
  readonly mailId: string;
  readonly tenantId: TenantId;
  /** Empty for an alert. */
  readonly accountId: AccountId;
  /** The address. */
  readonly to: string;
  /** xsd:dateTime in UTC, as all times here. */
  readonly created: string;
  /** When it may be sent; undefined once nobody tries any more. */
  readonly due: string | undefined;
  readonly sent: string | undefined;
  /** How often sending was tried. */
  readonly attempts: number;
  readonly lastError: string | undefined;
}

/** A mail as a transaction puts it in; another one with the same key in the tenant is not put in. */
export interface StagedMail extends MailMessage {
  readonly mailId: string;
  readonly accountId: AccountId;
  readonly to: string;
  readonly idempotencyKey: string;
  /** xsd:dateTime in UTC: when it happened. */
  readonly at: string;
  /** xsd:dateTime in UTC: when it may be sent. */
  readonly due: string;
}

/** What a person is to be told about a membership. */
export interface Notice extends Omit<StagedMail, "mailId" | "due"> {
  readonly kind: NoticeKind;
}

/** A mail of the last 24 hours to the same person about the same tenant. */
export interface EarlierMail extends Pick<Mail, "mailId" | "kind" | "created" | "sent"> {
  readonly idempotencyKey: string;
}

/** What becomes of a notice. */
export type NoticeStaging =
  /** It was staged before. */
  | { readonly kind: "known" }
  | { readonly kind: "mail"; readonly mail: StagedMail }
  /** It goes into a digest that waits; into `otherwise` should that one be on its way by then. */
  | {
      readonly kind: "gather";
      readonly mailId: string;
      readonly notice: GatheredNotice;
      readonly otherwise: StagedMail;
    };

/** The message of an alert. */
export function alertMessageOf(
  alert: Alert,
  tenant: { readonly tenantId: TenantId; readonly name: string },
  language: string,
): MailMessage {
  const ids = { tenantId: tenant.tenantId, accountId: noAccount };
  return { kind: alert.kind, language, facts: { tenantName: tenant.name, by: "", ids, alert } };
}

/** How long the notices that follow a first one are gathered. */
export const gatheringMsMax = 86_400_000;

/** Decides on a notice: the first one leaves at once, later ones within 24 hours go into one digest. */
export function stageNotice(
  notice: Notice,
  earlier: readonly EarlierMail[],
  newId: () => string,
): NoticeStaging {
  if (earlier.some(({ idempotencyKey }) => keysOf(notice).includes(idempotencyKey))) {
    return { kind: "known" };
  }
  const nowMs = Date.parse(notice.at);
  const first = earlier.find(
    ({ kind, created }) =>
      kind !== "digest" && kind !== "invitation" && Date.parse(created) + gatheringMsMax > nowMs,
  );
  if (first === undefined) {
    return { kind: "mail", mail: { ...notice, mailId: newId(), due: notice.at } };
  }
  const due = new Date(Date.parse(first.created) + gatheringMsMax).toISOString();
  const mail = digestOf(notice, newId(), due);
  const waiting = earlier.find(
    ({ kind, created, sent }) =>
      kind === "digest" && sent === undefined && created >= first.created,
  );
  return waiting === undefined
    ? { kind: "mail", mail }
    : {
        kind: "gather",
        mailId: waiting.mailId,
        notice: gatheredNoticeOf(notice),
        otherwise: mail,
      };
}

/** Adds a notice to the facts of a digest; undefined when it is in them already. */
export function factsWithNotice(facts: MailFacts, notice: GatheredNotice): MailFacts | undefined {
  const { notices = [] } = facts;
  const isKnown = notices.some(
    (one) => one.kind === notice.kind && one.at === notice.at && one.by === notice.by,
  );
  return isKnown ? undefined : { ...facts, notices: [...notices, notice] };
}

/** Its own key, and that of the digest that it would begin. */
function keysOf({ idempotencyKey }: Notice): readonly [string, string] {
  return [idempotencyKey, `digest:${idempotencyKey}`];
}

function digestOf(notice: Notice, mailId: string, due: string): StagedMail {
  const { role: _, ...facts } = notice.facts;
  return {
    ...notice,
    mailId,
    kind: "digest",
    idempotencyKey: keysOf(notice)[1],
    due,
    facts: { ...facts, notices: [gatheredNoticeOf(notice)] },
  };
}

function gatheredNoticeOf({ kind, at, facts: { by, role } }: Notice): GatheredNotice {
  return { kind, at, by, ...(role === undefined ? {} : { role }) };
}
