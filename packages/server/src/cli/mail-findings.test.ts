import { expect, test } from "vitest";
import { mailFindings } from "./mail-findings.ts";

const smtpUrl = "smtp://user:s3cret@mail.example.com";
const linesOf = (waiting: number, givenUp: number, url?: string, problem?: string) =>
  mailFindings({ waiting, givenUp }, { smtpUrl: url }, problem).map(
    ({ state, text }) => `${state} ${text}`,
  );

test("mails that wait for an SMTP server are told", () => {
  expect(linesOf(0, 0)).toEqual(["ok no SMTP server is configured, no mails wait"]);
  expect(linesOf(1, 0)[0]).toMatch(/^warning no SMTP server is configured, 1 mail waits: set /);
  expect(linesOf(7, 0)[0]).toMatch(/^warning no SMTP server is configured, 7 mails wait: set /);
});

test("with an SMTP server waiting is nothing to warn of, and its address is not repeated", () => {
  expect(linesOf(7, 0, smtpUrl)).toEqual(["ok the SMTP server answers, 7 mails wait"]);
});

test("mails that nobody tries to send any more are told", () => {
  expect(linesOf(0, 2, smtpUrl)[1]).toMatch(/^warning 2 mails could not be sent/);
});

test("an SMTP server that cannot be used is a problem, and its address is not repeated", () => {
  const [line] = linesOf(7, 0, smtpUrl, "connect ECONNREFUSED 192.0.2.1:25");
  expect(line).toMatch(/^problem the SMTP server cannot be used, 7 mails wait: .*ECONNREFUSED/);
  expect(line).toContain("ROLLCALL_SMTP_URL");
  expect(line).not.toContain("s3cret");
});
