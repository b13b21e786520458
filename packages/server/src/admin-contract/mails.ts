/** Mails to people and operators in the admin API, those that wait as well as those that were sent. */
import { z } from "zod";
import type { Mail, MailKind } from "../domain/mail.ts";
import type { Operation, Page, PageQuery } from "./operation.ts";
import { named, noBody, pageMembers, pageOf, timeOrNullSchema, timeSchema } from "./operation.ts";

/** A mail as the command line and the admin API show it. */
export interface MailJson {
  readonly id: string;
  readonly to: string;
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

const mailSchema: z.ZodType<MailJson> = named(
  "Mail",
  z.object({
    id: z.string(),
    to: z.string(),
    kind: z.enum([
      "attached",
      "detached",
      "invitation",
      "digest",
      "credential-expiring",
      "webhook-disabled",
      "webhook-dead-letters",
      "connection-refused",
    ]),
    tenant: z.string().describe("The slug of its tenant"),
    subject: z.string(),
    createdAt: timeSchema,
    sentAt: timeOrNullSchema.describe("Null while it waits"),
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
