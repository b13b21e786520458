/** Lists mails to people over the admin API. */
import { listMails, mailJsonOf } from "../../admin-contract/mails.ts";
import { mailText } from "../../mail/mail-text.ts";
import { limitOf, pageOfRead, textPositionOf } from "./cursor.ts";
import type { ServedOperation } from "./served-operation.ts";
import { servedInTenant } from "./served-operation.ts";

/** The operations. */
export const servedMails: readonly ServedOperation[] = [
  servedInTenant(listMails, async ({ tenant, query }, { store, mailLinks }) => {
    const mails = await store.mails.list(tenant.tenantId, {
      to: query.to,
      beforeMailId: textPositionOf("mails", query),
      limit: limitOf(query) + 1,
    });
    return {
      body: pageOfRead(mails.toReversed(), query, {
        list: "mails",
        keyOf: ({ mailId }) => mailId,
        shown: (mail) => mailJsonOf(mail, { tenant, subject: mailText(mail, mailLinks).subject }),
      }),
    };
  }),
];
