/** What `rollcall doctor` says of mails. */
import type { Config } from "../config/config.ts";
import type { Finding } from "./finding.ts";

/** How many mails of all tenants have not been sent. */
export interface UnsentMails {
  readonly waiting: number;
  /** Tried so often that nobody tries any more. */
  readonly givenUp: number;
}

/** Puts what waits into words. */
export function mailFindings(
  { waiting, givenUp }: UnsentMails,
  { smtpUrl }: Pick<Config, "smtpUrl">,
): readonly Finding[] {
  const wait = `${mails(waiting)} ${waiting === 1 ? "waits" : "wait"}`;
  const first: Finding =
    smtpUrl !== undefined
      ? { check: "mail", state: "ok", text: `an SMTP server is configured, ${wait}` }
      : {
          check: "mail",
          state: waiting === 0 ? "ok" : "warning",
          text: `no SMTP server is configured, ${wait}${waiting === 0 ? "" : ": set ROLLCALL_SMTP_URL, or read them with rollcall mail list"}`,
        };
  return givenUp === 0
    ? [first]
    : [
        first,
        {
          check: "mail",
          state: "warning",
          text: `${mails(givenUp)} could not be sent and will not be tried again: rollcall mail show tells why`,
        },
      ];
}

function mails(count: number): string {
  return count === 1 ? "1 mail" : `${count === 0 ? "no" : count} mails`;
}
