/** Mails to people and operators in the admin API, those that wait as well as those that were sent. */
import { z } from "zod";
import type { Mail, MailKind } from "../domain/mail.ts";
import type { Operation, Page, PageQuery } from "./operation.ts";
import {
  named,
  noBody,
  noQuery,
  pageMembers,
  pageOf,
  timeOrNullSchema,
  timeSchema,
} from "./operation.ts";

/** A mail as the command line and the admin API show it. */
export interface MailJson {
  readonly id: string;
  /** Null where it is not the tenant's to know. */
  readonly to: string | null;
  readonly kind: MailKind;
  /** The slug of the tenant. */
  readonly tenant: string;
  readonly subject: string;
  readonly createdAt: string;
  /** Null while it waits. */
  readonly sentAt: string | null;
}

/** Shows a mail, whose subject is made in the language of the person. */
export function mailJsonOf(
  mail: Mail,
  { tenant, subject }: { readonly tenant: { readonly slug: string }; readonly subject: string },
): MailJson {
  return {
    id: mail.mailId,
    to: mail.to,
    kind: mail.kind,
    tenant: tenant.slug,
    subject,
    createdAt: mail.created,
    sentAt: mail.sent ?? null,
  };
}

/** A mail with its text. */
export interface MailWithTextJson extends MailJson {
  /** Empty for an alert. */
  readonly accountId: string;
  readonly language: string;
  /** Null once nobody tries any more. */
  readonly dueAt: string | null;
  readonly attempts: number;
  readonly lastError: string | null;
  readonly text: string;
  readonly html: string;
}

/** Shows a mail with its text. */
export function mailWithTextJsonOf(
  mail: Mail,
  {
    tenant,
    text: { subject, language, text, html },
  }: {
    readonly tenant: { readonly slug: string };
    readonly text: {
      readonly subject: string;
      readonly language: string;
      readonly text: string;
      readonly html: string;
    };
  },
): MailWithTextJson {
  const { accountId, due, attempts, lastError } = mail;
  return {
    ...mailJsonOf(mail, { tenant, subject }),
    accountId,
    language,
    dueAt: due ?? null,
    attempts,
    lastError: lastError ?? null,
    text,
    html,
  };
}

const mailMembers = {
  id: z.string(),
  to: z
    .string()
    .nullable()
    .describe(
      "Of an invitation null for a credential of the tenant where none of its Users has the address",
    ),
  kind: z.enum([
    "attached",
    "detached",
    "invitation",
    "digest",
    "credential-expiring",
    "webhook-disabled",
    "webhook-dead-letters",
    "connection-refused",
    "member-kept",
  ]),
  tenant: z.string().describe("The slug of its tenant"),
  subject: z.string(),
  createdAt: timeSchema,
  sentAt: timeOrNullSchema.describe("Null while it waits"),
};
const mailSchema: z.ZodType<MailJson> = named("Mail", z.object(mailMembers));
const mailWithTextSchema: z.ZodType<MailWithTextJson> = named(
  "MailWithText",
  z.object({
    ...mailMembers,
    accountId: z.string().describe("Empty for a mail to operators"),
    language: z.string(),
    dueAt: timeOrNullSchema.describe("When it may be sent; null once nobody tries any more"),
    attempts: z.int(),
    lastError: z.string().nullable(),
    text: z.string(),
    html: z.string(),
  }),
);

/** Which mails to list. */
export interface MailQuery extends PageQuery {
  readonly to?: string | undefined;
}

const mailQuerySchema: z.ZodType<MailQuery> = z.strictObject({
  ...pageMembers,
  to: z.string().max(320).optional().describe("Those to one address alone, in any letter case"),
});

/** Lists mails. */
export const listMails: Operation<MailQuery, undefined, Page<MailJson>> = {
  operationId: "listMails",
  method: "GET",
  path: "/tenants/{tenant}/mails",
  noun: "mails",
  summary: "List the mails to people about a tenant, the latest first",
  scope: "tenant",
  query: mailQuerySchema,
  body: noBody,
  statuses: [200],
  answer: pageOf("MailPage", mailSchema),
};

/** Reads a mail with its text: whoever reads it can do what its links do, so that no tenant accepts for anybody. */
export const readMail: Operation<object, undefined, MailWithTextJson> = {
  operationId: "readMail",
  method: "GET",
  path: "/tenants/{tenant}/mails/{mail}",
  noun: "mails",
  summary: "Read a mail with its text and the links in it",
  scope: "instance",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: mailWithTextSchema,
};
