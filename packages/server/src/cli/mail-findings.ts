/** What `rollcall doctor` says of mails. */
import type { Config } from "../config/config.ts";
import type { Finding } from "./finding.ts";

/** How many mails of all tenants have not been sent. */
export interface UnsentMails {
  readonly waiting: number;
  /** Tried so often that nobody tries any more. */
  readonly givenUp: number;
}

/** Puts what waits into words, and why the SMTP server cannot be used, where there is a reason. */
export function mailFindings(
  { waiting, givenUp }: UnsentMails,
  { smtpUrl }: Pick<Config, "smtpUrl">,
  smtpProblem: string | undefined,
): readonly Finding[] {
  const wait = `${mails(waiting)} ${waiting === 1 ? "waits" : "wait"}`;
  const first: Finding =
    smtpUrl !== undefined
      ? smtpFinding(wait, smtpProblem)
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

/** The address may have a password in it and is not repeated. */
function smtpFinding(wait: string, problem: string | undefined): Finding {
  return problem === undefined
    ? { check: "mail", state: "ok", text: `the SMTP server answers, ${wait}` }
    : {
        check: "mail",
        state: "problem",
        text: `the SMTP server cannot be used, ${wait}: ${problem}; look at ROLLCALL_SMTP_URL and at the server`,
      };
}

function mails(count: number): string {
  return count === 1 ? "1 mail" : `${count === 0 ? "no" : count} mails`;
}
