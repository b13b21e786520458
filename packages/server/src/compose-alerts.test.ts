/** Alerts of a server that is put together, through a real SMTP server. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { configForTests } from "../../../test/compose-for-tests.ts";
import { compose, openInstance } from "./compose.ts";
import { scopeOf } from "./domain/connection.ts";

/** Whom mails arrived for, and what they say. */
const received: { readonly to: string; readonly text: string }[] = [];
let smtp: SMTPServer;
let smtpUrl = "";
const folder = mkdtempSync(join(tmpdir(), "rollcall-alerts-"));
beforeAll(async () => {
  smtp = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    onData: (stream, session, callback) => {
      const pieces: Buffer[] = [];
      stream.on("data", (piece: Buffer) => pieces.push(piece));
      stream.on("end", () => {
        const text = Buffer.concat(pieces).toString().replace(/=\r\n/g, "");
        received.push(...session.envelope.rcptTo.map(({ address }) => ({ to: address, text })));
        callback();
      });
    },
  });
  const listening = smtp.listen(0, "127.0.0.1");
  await once(listening, "listening");
  smtpUrl = `smtp://127.0.0.1:${(listening.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise<void>((resolve) => smtp.close(() => resolve()));
  rmSync(folder, { recursive: true });
});

const dayMs = 86_400_000;

test("operators get one mail about a token that ends, however often the server starts", async () => {
  const config = configForTests(folder, {
    smtpUrl,
    mailFrom: "Rollcall <rollcall@example.com>",
    publicUrl: "https://id.example.com",
    alertTo: ["ops@example.com", "ann@example.com"],
  });
  const monthsAgo = () => Date.now() - 100 * dayMs;
  const instance = await openInstance(config, { role: "cli", now: monthsAgo });
  const tenant = await instance.createTenant({ slug: "acme", name: "Acme" });
  const wish = { tenant, profile: "okta", slug: undefined, name: undefined } as const;
  const connection = await instance.createConnection(wish);
  await instance.issueCredential({
    scope: scopeOf(connection),
    name: "first token",
    lifetime: { kind: "days", days: 110 },
    scopes: ["scim:read"],
    cidrs: [],
    creator: "test",
  });
  await instance.close();
  for (let start = 0; start < 2; start += 1) {
    const rollcall = await compose({ config, writeLog: () => undefined });
    const sent = async () => {
      const mails = await rollcall.store.mails.list(tenant.tenantId, { limit: 9 });
      return mails.map(({ kind, sent: at }) => [kind, at !== undefined]);
    };
    const both = [1, 2].map(() => ["credential-expiring", true]);
    await expect.poll(sent, { timeout: 30_000 }).toEqual(both);
    await rollcall.close();
  }
  expect(received.map(({ to }) => to).toSorted()).toEqual(["ann@example.com", "ops@example.com"]);
  for (const { text } of received) {
    expect(text).toContain("first token");
    expect(text).toContain("14 days");
    expect(text).not.toContain("/leave/");
  }
}, 60_000);
