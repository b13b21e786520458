/** Lists mails to people over the admin API, and shows one with its text. */
import { listMails, mailJsonOf, mailWithTextJsonOf, readMail } from "../../admin-contract/mails.ts";
import { mailText } from "../../mail/mail-text.ts";
import { limitOf, pageOfRead, textPositionOf } from "./cursor.ts";
import { addressesSeen } from "./people.ts";
import { notFound } from "./problem.ts";
import type { ServedOperation } from "./served-operation.ts";
import { servedInTenant } from "./served-operation.ts";

/** The operations. */
export const servedMails: readonly ServedOperation[] = [
  servedInTenant(listMails, async (call, parts) => {
    const { tenant, query } = call;
    const { store, mailLinks } = parts;
    const mails = await store.mails.list(tenant.tenantId, {
      to: query.to,
      beforeMailId: textPositionOf("mails", query),
      limit: limitOf(query) + 1,
    });
    const invitations = mails.filter(({ kind }) => kind === "invitation");
    const accountIds = invitations.map(({ accountId }) => accountId);
    const isSeen = await addressesSeen(accountIds, call, parts);
    return {
      body: pageOfRead(mails.toReversed(), query, {
        list: "mails",
        keyOf: ({ mailId }) => mailId,
        shown: (mail) => {
          const shown = mailJsonOf(mail, { tenant, subject: mailText(mail, mailLinks).subject });
          const { kind, accountId, to: address } = mail;
          // Notices went to members; an invitation may have followed somebody to an address of later.
          const isShown = kind !== "invitation" || isSeen({ accountId, address });
          return isShown ? shown : { ...shown, to: null };
        },
      }),
    };
  }),
  servedInTenant(readMail, async ({ tenant, path }, { store, mailLinks }) => {
    const mail = await store.mails.read(tenant.tenantId, path["mail"] ?? "");
    if (mail === undefined) {
      throw notFound("mail");
    }
    return { body: mailWithTextJsonOf(mail, { tenant, text: mailText(mail, mailLinks) }) };
  }),
];
