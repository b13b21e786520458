import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { composeForTests } from "../../../test/compose-for-tests.ts";
import type { Rollcall } from "./compose.ts";
import type { AccountId } from "./domain/account.ts";

const received: string[] = [];
let smtp: SMTPServer;
let smtpUrl = "";
beforeAll(async () => {
  smtp = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    onData: (stream, _session, callback) => {
      const pieces: Buffer[] = [];
      stream.on("data", (piece: Buffer) => pieces.push(piece));
      stream.on("end", () => {
        received.push(Buffer.concat(pieces).toString());
        callback();
      });
    },
  });
  const listening = smtp.listen(0, "127.0.0.1");
  await once(listening, "listening");
  smtpUrl = `smtp://127.0.0.1:${(listening.address() as AddressInfo).port}`;
});
afterAll(() => new Promise<void>((resolve) => smtp.close(() => resolve())));

/** Stages a mail for the first tenant, and tells when it is sent. */
async function stageOne(rollcall: Rollcall, mailId: string): Promise<() => Promise<boolean>> {
  const tenantId = rollcall.first?.connection.tenantId ?? (undefined as never);
  const accountId = "ann" as AccountId;
  const at = new Date().toISOString();
  await rollcall.store.mails.stage(tenantId, [
    {
      mailId,
      accountId,
      kind: "attached",
      to: "ann@example.com",
      language: "en",
      facts: { tenantName: "Acme", by: "Okta", ids: { tenantId, accountId } },
      idempotencyKey: mailId,
      at,
      due: at,
    },
  ]);
  return async () => (await rollcall.store.mails.read(tenantId, mailId))?.sent !== undefined;
}

test("a server sends what waits, with links to where people reach it, and closes in peace", async () => {
  const publicUrl = "https://id.example.com/rollcall";
  const settings = { smtpUrl, mailFrom: "Rollcall <rollcall@example.com>", publicUrl };
  const rollcall = await composeForTests(settings);
  const isSent = await stageOne(rollcall, "m1");
  await expect.poll(isSent, { timeout: 30_000 }).toBe(true);
  await rollcall.remove();
  expect(received).toHaveLength(1);
  const text = received[0]?.replace(/=\r\n/g, "");
  expect(text).toContain(`${publicUrl}/leave/`);
  expect(text).toContain("Message-ID: <m1@id.example.com>");
}, 60_000);

test("without an SMTP server mails wait", async () => {
  const rollcall = await composeForTests({ publicUrl: "https://id.example.com" });
  const isSent = await stageOne(rollcall, "m2");
  expect(await isSent()).toBe(false);
  const tenantId = rollcall.first?.connection.tenantId ?? (undefined as never);
  expect(await rollcall.store.mails.countUnsent(tenantId)).toEqual({ waiting: 1, givenUp: 0 });
  await rollcall.remove();
});

test("a server reads the links of its own instance key alone", async () => {
  const rollcall = await composeForTests({ publicUrl: "https://id.example.com" });
  const ids = { tenantId: "acme" as never, accountId: "ann" as AccountId };
  const token = rollcall.mailLinks.leaveLink(ids).split("/").at(-1) ?? "";
  expect(rollcall.mailLinks.parseMailToken(token)).toEqual({ kind: "leave", ...ids });
  const other = await composeForTests();
  expect(other.mailLinks.parseMailToken(token)).toBeUndefined();
  await rollcall.remove();
  await other.remove();
});
