/** The mails as the store's port has them, the same on every database. */
import type { Mail } from "../../domain/mail.ts";
import type { TenantId } from "../../domain/tenant.ts";
import type { MailTable } from "../store.ts";
import type { AdministrationParts } from "./administration.ts";
import {
  claimDueMails,
  countUnsentMails,
  dropMails,
  listMails,
  markMailFailed,
  markMailSent,
  oldMails,
  readMail,
  recordNotice,
  stageMails,
  tenantsWithDueMails,
} from "./mails.ts";
import type { Script, Verdict } from "./script.ts";
import type { Statement } from "./statement.ts";

/** Makes the table. */
export function createMailTable({
  context,
  write,
  readOnce,
}: Omit<AdministrationParts, "dropRequestLog">): MailTable {
  const { dialect } = context;
  // Who was served last, so that a tenant with thousands of mails does not hold up those behind it.
  let last = "";
  return {
    stage: (tenantId, mails) => write(() => kept(stageMails(tenantId, mails))),
    notify: (tenantId, notice) =>
      write(function* () {
        yield* recordNotice(tenantId, notice, context);
        return { kind: "keep", result: undefined };
      }),
    claimDue: async (nowMs, limit) => {
      const due = await readOnce(tenantsWithDueMails(new Date(nowMs).toISOString()));
      const claimed: Mail[] = [];
      const share = Math.max(1, Math.floor(limit / due.length));
      for (const tenantId of inTurn(due, last)) {
        if (claimed.length >= limit) {
          break;
        }
        const options = { nowMs, limit: Math.min(share, limit - claimed.length) };
        claimed.push(...(await write(() => keeping(claimDueMails(tenantId, options, dialect)))));
        last = tenantId;
      }
      return claimed;
    },
    markSent: (mail, at) => write(() => kept([markMailSent(mail, at)])),
    markFailed: (mail, error, retryAt) => write(() => kept([markMailFailed(mail, error, retryAt)])),
    list: (tenantId, options) => readOnce(listMails(tenantId, options, dialect)),
    read: (tenantId, mailId) => readOnce(readMail(tenantId, mailId)),
    // Read first: on most days nothing is due, and nobody has to wait for that.
    prune: async (tenantId, before) => {
      const old = await readOnce(oldMails(tenantId, before));
      if (old.length > 0) {
        await write(() => kept(dropMails(tenantId, old)));
      }
      return old.length;
    },
    countUnsent: (tenantId) => readOnce(countUnsentMails(tenantId)),
  };
}

function inTurn(tenantIds: readonly TenantId[], last: string): readonly TenantId[] {
  const next = tenantIds.findIndex((tenantId) => tenantId > last);
  return next < 0 ? tenantIds : [...tenantIds.slice(next), ...tenantIds.slice(0, next)];
}

function* kept(statements: readonly Statement[]): Script<Verdict<void>> {
  yield statements;
  return { kind: "keep", result: undefined };
}

function* keeping<Result>(script: Script<Result>): Script<Verdict<Result>> {
  return { kind: "keep", result: yield* script };
}
