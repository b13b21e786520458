import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommand } from "../../../../test/command-line.ts";
import { configForTests } from "../../../../test/compose-for-tests.ts";
import { openInstance } from "../compose.ts";
import type { AccountId } from "../domain/account.ts";
import type { StagedMail } from "../domain/mail.ts";
import type { TenantId } from "../domain/tenant.ts";

let folder = "";
const publicUrl = "https://id.example.com";
const at = "2025-06-15T12:00:00.000Z";

function staged(mailId: string, tenantId: TenantId, changes: Partial<StagedMail>): StagedMail {
  const accountId = "ann" as AccountId;
  return {
    mailId,
    accountId,
    kind: "attached",
    to: "ann@example.com",
    language: "en",
    facts: { tenantName: "Acme", by: "Okta", role: "user", ids: { tenantId, accountId } },
    idempotencyKey: mailId,
    at,
    due: at,
    ...changes,
  };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-mail-"));
  const config = configForTests(folder, { publicUrl });
  const instance = await openInstance(config, { role: "cli", now: Date.now });
  const acme = await instance.createTenant({ slug: "acme", name: "Acme" });
  const globex = await instance.createTenant({ slug: "globex", name: "Globex" });
  const { mails } = instance.store;
  const later = { at: "2025-06-15T13:00:00.000Z", to: "ben@example.com" };
  await mails.stage(acme.tenantId, [
    staged("m1", acme.tenantId, {}),
    staged("m3", acme.tenantId, { ...later, language: "de", kind: "detached" }),
  ]);
  await mails.stage(globex.tenantId, [
    staged("m2", globex.tenantId, { at: "2025-06-15T12:30:00.000Z", to: "Ann@Example.com" }),
  ]);
  const [mail] = await mails.list(acme.tenantId, { limit: 1, to: "ann@example.com" });
  await mails.markSent(mail ?? (undefined as never), "2025-06-15T12:01:00.000Z");
  await instance.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: readonly string[]) {
  return runCommand([...args, "--data", folder, "--public-url", publicUrl]);
}

test("mail list tells of every mail what the contract says, the latest last", async () => {
  const { code, out } = await run("mail", "list", "--json");
  expect(code).toBe(0);
  const listed = JSON.parse(out);
  expect(listed).toEqual([
    {
      id: "m1",
      to: "ann@example.com",
      kind: "attached",
      tenant: "acme",
      subject: "You are now a member of “Acme”",
      createdAt: at,
      sentAt: "2025-06-15T12:01:00.000Z",
    },
    expect.objectContaining({ id: "m2", tenant: "globex", sentAt: null }),
    expect.objectContaining({ id: "m3", subject: "Sie sind nicht mehr Mitglied von „Acme“" }),
  ]);
  expect(Object.keys(listed[0])).toEqual([
    "id",
    "to",
    "kind",
    "tenant",
    "subject",
    "createdAt",
    "sentAt",
  ]);
});

test("mail list --to finds an address in any letter case", async () => {
  const { out } = await run("mail", "list", "--to", "ANN@example.com", "--json");
  expect(JSON.parse(out).map(({ id }: { readonly id: string }) => id)).toEqual(["m1", "m2"]);
  const limited = await run("mail", "list", "--limit", "1", "--json");
  expect(JSON.parse(limited.out).map(({ id }: { readonly id: string }) => id)).toEqual(["m3"]);
});

test("mail show has text and HTML with the links, while the mail waits as well", async () => {
  const { out } = await run("mail", "show", "m2", "--json");
  const shown = JSON.parse(out);
  expect(shown).toMatchObject({
    id: "m2",
    to: "Ann@Example.com",
    kind: "attached",
    tenant: "globex",
    sentAt: null,
    dueAt: at,
    attempts: 0,
    lastError: null,
  });
  for (const text of [shown.text, shown.html]) {
    expect(text).toContain(`${publicUrl}/leave/`);
  }
  const { out: readable } = await run("mail", "show", "m2");
  expect(readable).toContain("waits until");
  expect(readable).toContain(`${publicUrl}/leave/`);
});

test("a mail that is not there is said to be so", async () => {
  const { code, err } = await run("mail", "show", "m9");
  expect(code).toBe(1);
  expect(err).toContain("there is no mail m9");
});

test("doctor tells how many mails wait for an SMTP server", async () => {
  const { out } = await run("doctor", "--json");
  expect(JSON.parse(out).findings).toContainEqual({
    check: "mail",
    state: "warning",
    text: expect.stringMatching(/^no SMTP server is configured, 2 mails wait/),
  });
});
