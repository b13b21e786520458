import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SMTPServer } from "smtp-server";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AccountId } from "../domain/account.ts";
import type { Mail, StagedMail } from "../domain/mail.ts";
import { createMailLinks } from "../mail/mail-links.ts";
import { needsTls } from "../mail/smtp-transport.ts";
import { testCircumstances, testTenant } from "../store/contract-population.ts";
import { openSqliteStore } from "../store/sqlite/open-sqlite-store.ts";
import type { Store } from "../store/store.ts";
import type { MailSender, MailSenderParts } from "./send-mails.ts";
import { createMailSender, pauseMsAfter } from "./send-mails.ts";

const { tenantId } = testTenant("acme");
const accountId = "ann" as AccountId;
/** A busy machine takes its time. */
const patience = { timeout: 30_000 };
const links = createMailLinks(
  () => "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
  () => "https://id.example.com",
);
const at = "2025-06-15T12:00:00.000Z";

interface Received {
  readonly to: readonly string[];
  readonly text: string;
}

let folder = "";
let store: Store;
let smtp: SMTPServer;
let port = 0;
let received: Received[];
const warnings: unknown[][] = [];
const clock = { ms: Date.parse(at) };
const senders: MailSender[] = [];

/** An SMTP server that refuses whoever is called nobody. */
function startSmtp(): SMTPServer {
  return new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    logger: false,
    onRcptTo: ({ address }, _session, callback) =>
      callback(address.startsWith("nobody@") ? new Error(`no ${address}`) : undefined),
    onData: (stream, { envelope }, callback) => {
      const pieces: Buffer[] = [];
      stream.on("data", (piece: Buffer) => pieces.push(piece));
      stream.on("end", () => {
        received.push({
          to: envelope.rcptTo.map(({ address }) => address),
          text: Buffer.concat(pieces).toString(),
        });
        callback();
      });
    },
  });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-mails-"));
  let ids = 0;
  store = await openSqliteStore({
    folder,
    role: "server",
    newId: () => `id-${++ids}`,
    keyedHash: (text) => text,
  });
  await store.tenants.create(testTenant("acme"), testCircumstances);
  received = [];
  warnings.length = 0;
  clock.ms = Date.parse(at);
  smtp = startSmtp();
  const listening = smtp.listen(0, "127.0.0.1");
  await once(listening, "listening");
  port = (listening.address() as AddressInfo).port;
});
afterEach(async () => {
  await Promise.all(senders.splice(0).map((sender) => sender.stop()));
  await new Promise<void>((resolve) => smtp.close(() => resolve()));
  await store.close();
  rmSync(folder, { recursive: true });
});

function send(changes: Partial<MailSenderParts> = {}): MailSender {
  const sender = createMailSender({
    transport: { url: `smtp://127.0.0.1:${port}`, from: "Rollcall <rollcall@example.com>" },
    queue: store.mails,
    links,
    now: () => clock.ms,
    log: { warn: (...line) => warnings.push(line), error: (...line) => warnings.push(line) },
    ...changes,
  });
  senders.push(sender);
  return sender;
}

function staged(mailId: string, changes: Partial<StagedMail> = {}): StagedMail {
  return {
    mailId,
    accountId,
    kind: "attached",
    to: "ann@example.com",
    language: "de",
    facts: { tenantName: "Äcme", by: "Okta", role: "user", ids: { tenantId, accountId } },
    idempotencyKey: mailId,
    at,
    due: at,
    ...changes,
  };
}
const stage = (...mails: readonly StagedMail[]) => store.mails.stage(tenantId, mails);
const read = (mailId: string): Promise<Mail | undefined> => store.mails.read(tenantId, mailId);
const isSent = (mailId: string) => async () => (await read(mailId))?.sent !== undefined;

/** The parts of a message by their type, decoded. */
function partsOf(message: string): ReadonlyMap<string, string> {
  const [, boundary = ""] = /boundary="([^"]+)"/.exec(message) ?? [];
  const parts = message.split(`--${boundary}`).slice(1, -1);
  return new Map(
    parts.map((part) => {
      const [head = "", ...body] = part.trim().split("\r\n\r\n");
      const [, type = ""] = /^Content-Type: ([\w/]+)/im.exec(head) ?? [];
      const content = body.join("\r\n\r\n");
      return [type, /base64/i.test(head) ? fromBase64(content) : fromQuoted(content)];
    }),
  );
}
const fromBase64 = (text: string) => Buffer.from(text, "base64").toString();
const fromQuoted = (text: string) =>
  Buffer.from(
    text
      .replace(/=\r\n/g, "")
      .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number(`0x${hex}`))),
    "latin1",
  ).toString();

test("a mail arrives once, with both texts, from whom and to whom it should", async () => {
  await stage(staged("m1"));
  const sender = send();
  await expect.poll(isSent("m1"), patience).toBe(true);
  sender.wake();
  await sender.stop();
  const [mail, ...others] = received;
  expect(others).toEqual([]);
  expect(mail?.to).toEqual(["ann@example.com"]);
  expect(mail?.text).toMatch(/^From: Rollcall <rollcall@example\.com>\r$/m);
  expect(mail?.text).toMatch(/^To: ann@example\.com\r$/m);
  expect(mail?.text).toMatch(/^Message-ID: <m1@id\.example\.com>\r$/m);
  expect(mail?.text).toMatch(/^Auto-Submitted: auto-generated\r$/m);
  expect(mail?.text).toMatch(/^Content-Type: multipart\/alternative;/m);
  const parts = partsOf(mail?.text ?? "");
  expect([...parts.keys()]).toEqual(["text/plain", "text/html"]);
  for (const text of parts.values()) {
    expect(text).toContain("„Äcme“");
    expect(text).toContain(links.leaveLink({ tenantId, accountId }));
  }
  expect(await read("m1")).toMatchObject({ attempts: 1, sent: at, lastError: undefined });
});

test("several senders on one queue send each mail once", async () => {
  const mails = Array.from({ length: 30 }, (_, index) => staged(`m${index}`));
  await stage(...mails);
  const running = [send(), send(), send()];
  await expect
    .poll(async () => (await store.mails.countUnsent(tenantId)).waiting, patience)
    .toBe(0);
  await Promise.all(running.map((sender) => sender.stop()));
  const ids = received.map(({ text }) => /^Message-ID: <(\w+)@/m.exec(text)?.[1]);
  expect(ids.toSorted()).toEqual(mails.map(({ mailId }) => mailId).toSorted());
});

test("whom the SMTP server refuses is tried again later, and stops nobody else", async () => {
  await stage(
    staged("m1", { to: "nobody@example.com" }),
    ...["m2", "m3", "m4", "m5", "m6"].map((mailId) => staged(mailId)),
  );
  const sender = send();
  await expect.poll(() => received.length, patience).toBe(5);
  await expect.poll(async () => (await read("m1"))?.attempts, patience).toBe(1);
  const failed = await read("m1");
  expect(failed).toMatchObject({ sent: undefined, due: "2025-06-15T12:01:00.000Z" });
  expect(failed?.lastError).toContain("no nobody@example.com");
  // The server's log says what happened and not to whom.
  expect(JSON.stringify(warnings)).toContain('"mailId":"m1"');
  expect(JSON.stringify(warnings)).not.toContain("nobody@");
  clock.ms += 60_000;
  sender.wake();
  await expect.poll(async () => (await read("m1"))?.attempts, patience).toBe(2);
  expect(received).toHaveLength(5);
});

test("attempts are further and further apart, and end", () => {
  const minutes = Array.from({ length: 10 }, (_, index) => (pauseMsAfter(index + 1) ?? 0) / 60_000);
  expect(minutes).toEqual([1, 5, 30, 120, 360, 720, 720, 720, 720, 0]);
  expect(pauseMsAfter(10)).toBeUndefined();
});

test("after the last attempt a mail stays, with its error", async () => {
  await stage(staged("m1", { to: "nobody@example.com" }));
  for (let attempts = 0; attempts < 9; attempts += 1) {
    const mail = await read("m1");
    await store.mails.markFailed(mail ?? (undefined as never), "before", at);
  }
  send();
  await expect.poll(async () => (await read("m1"))?.attempts, patience).toBe(10);
  expect(await read("m1")).toMatchObject({
    due: undefined,
    lastError: expect.stringContaining("no nobody@"),
  });
});

test("an address is one address, and cannot speak to the SMTP server", async () => {
  const hostile = [
    "ann@example.com, eve@example.com",
    "ann@example.com>\r\nRCPT TO:<eve@example.com",
    "Eve <eve@example.com>",
  ];
  await stage(...hostile.map((to, index) => staged(`m${index}`, { to })));
  send();
  await expect
    .poll(
      async () =>
        (await Promise.all(hostile.map((_, index) => read(`m${index}`)))).every(
          (mail) => mail?.attempts === 1,
        ),
      patience,
    )
    .toBe(true);
  expect(received.flatMap(({ to }) => to)).not.toContain("eve@example.com");
});

test.each([
  ["smtp://user:secret@mail.example.com:587", true],
  ["smtp://user:secret@localhost.example.com", true],
  ["smtp://user:secret@localhost:2525", false],
  ["smtp://user:secret@127.0.0.1", false],
  ["smtp://user:secret@[::1]", false],
  ["smtp://mail.example.com", false],
  ["smtps://user:secret@mail.example.com", false],
])("%s has to change to TLS: %s", (url, isNeeded) => {
  expect(needsTls(url)).toBe(isNeeded);
});

test("an SMTP server that is away keeps mails waiting, and they leave when it is back", async () => {
  await stage(staged("m1"));
  const silent = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port: away } = silent.address() as AddressInfo;
  const first = send({ transport: { url: `smtp://127.0.0.1:${away}`, from: "a@example.com" } });
  await expect.poll(async () => (await read("m1"))?.attempts, patience).toBe(1);
  await first.stop();
  silent.close();
  clock.ms += 60_000;
  send();
  await expect.poll(isSent("m1"), patience).toBe(true);
  expect(received).toHaveLength(1);
});

test("without an SMTP server nothing is claimed", async () => {
  await stage(staged("m1"));
  const sender = send({ transport: undefined });
  sender.wake();
  await sender.stop();
  expect(await store.mails.claimDue(clock.ms, 1)).toHaveLength(1);
});

test("a mail that left while the database was away is not sent twice", async () => {
  await stage(staged("m1"));
  let failures = 0;
  const queue = {
    ...store.mails,
    markSent: (mail: Mail, sent: string) => {
      failures += 1;
      return failures === 1 ? Promise.reject(new Error("away")) : store.mails.markSent(mail, sent);
    },
  };
  const sender = send({ queue });
  await expect.poll(() => failures, patience).toBe(1);
  clock.ms += 60_000;
  sender.wake();
  await expect
    .poll(async () => {
      sender.wake();
      return (await read("m1"))?.sent;
    }, patience)
    .toBe(at);
  expect(received).toHaveLength(1);
});

test("stopping waits for the mail under way", async () => {
  await stage(staged("m1"));
  const claimed: string[] = [];
  const queue: Store["mails"] = {
    ...store.mails,
    claimDue: async (...asked) => {
      const mails = await store.mails.claimDue(...asked);
      claimed.push(...mails.map(({ mailId }) => mailId));
      return mails;
    },
  };
  const sender = send({ queue });
  await expect.poll(() => claimed, patience).toEqual(["m1"]);
  await sender.stop();
  expect(await isSent("m1")()).toBe(true);
});
