import { expect, test } from "vitest";
import type { AccountId } from "../domain/account.ts";
import type { MailFacts, MailKind } from "../domain/mail.ts";
import type { TenantId } from "../domain/tenant.ts";
import { createMailLinks } from "./mail-links.ts";
import { mailText } from "./mail-text.ts";
import { languageAccepted, languageOf, languages } from "./message-catalogue.ts";

const links = createMailLinks(
  (text) => Buffer.from(text).toString("hex").padEnd(64, "0"),
  () => "https://id.example.com",
);
const ids = {
  tenantId: "acme" as TenantId,
  accountId: "ann" as AccountId,
  invitationId: "invitation-1",
};
const facts: MailFacts = { tenantName: "Acme", by: "Okta", role: "editor", ids };
const kinds: readonly MailKind[] = ["attached", "detached", "invitation", "digest"];
const notices = [
  { kind: "detached", at: "2025-06-15T12:30:00.000Z", by: "Okta" },
  { kind: "attached", at: "2025-06-15T13:00:00.000Z", by: "Entra", role: "editor" },
] as const;

function render(kind: MailKind, changes: Partial<MailFacts> = {}, language = "en") {
  return mailText({ kind, language, facts: { ...facts, notices, ...changes } }, links);
}

test("a notice says who attached the account, to which tenant, with which role, and how to leave", () => {
  for (const language of languages) {
    const { subject, text, html } = render("attached", {}, language);
    expect(subject).toContain("Acme");
    for (const part of ["Okta", "Acme", "editor", links.leaveLink(ids)]) {
      expect(text).toContain(part);
      expect(html).toContain(part);
    }
    expect(text).not.toContain(links.invitationLink(ids));
  }
});

test("an invitation says who, which tenant, how to answer and how long, and has no link to leave", () => {
  for (const language of languages) {
    const { text, html } = render("invitation", {}, language);
    for (const part of ["Okta", "Acme", links.invitationLink(ids), "14"]) {
      expect(text).toContain(part);
      expect(html).toContain(part);
    }
    expect(text).not.toContain(links.leaveLink(ids));
  }
  const { invitationId: _, ...others } = ids;
  expect(() => render("invitation", { ids: others })).toThrow(TypeError);
});

test("who is no member any more is told so and has nothing to click", () => {
  const { text, html } = render("detached");
  expect(text).toContain("removed your account from “Acme”");
  expect(`${text}${html}`).not.toMatch(/https?:/);
});

test("a digest tells each change in order, and how to leave when the last one attached", () => {
  const { text, html } = render("digest");
  const lines = text.split("\n").filter((line) => line.startsWith("- "));
  expect(lines).toEqual([
    "- 2025-06-15 12:30 UTC: “Okta” has removed you.",
    "- 2025-06-15 13:00 UTC: “Entra” has added you with the role “editor”.",
  ]);
  expect(html.match(/<li>/g)).toHaveLength(2);
  expect(text).toContain(links.leaveLink(ids));
  const gone = render("digest", { notices: notices.toReversed() });
  expect(gone.text).not.toContain(links.leaveLink(ids));
});

test("hostile names are text: no markup, no other line, no link, no long story", () => {
  const hostile = `<img src=x onerror=alert(1)>"'&\r\nBcc: eve@example.com https://evil.example www.evil.example \u202E${"x".repeat(500)}`;
  for (const language of languages) {
    for (const kind of kinds) {
      const { subject, text, html } = render(
        kind,
        {
          tenantName: hostile,
          by: hostile,
          role: hostile,
          personName: hostile,
          notices: notices.map((notice) => ({ ...notice, by: hostile, role: hostile })),
        },
        language,
      );
      expect(subject).not.toMatch(/[\r\n\u202E]/);
      expect(subject.length).toBeLessThan(200);
      expect(text).not.toMatch(/^Bcc:/m);
      const added = [...html.matchAll(/<(\w+)/g)].map(([, name]) => name);
      expect(added).not.toContain("img");
      expect(html).not.toMatch(/<(script|style|link|iframe|object|form)\b|\bsrc="|url\(/i);
      for (const [address] of `${text}${html}`.matchAll(/https?:\/\/[^\s"<]+/g)) {
        expect(address.startsWith("https://id.example.com/")).toBe(true);
      }
      expect(text).not.toContain("www.evil");
    }
  }
});

test("every kind has all its texts in every language, and they differ", () => {
  for (const kind of kinds) {
    const subjects = languages.map((language) => render(kind, {}, language));
    expect(new Set(subjects.map(({ subject }) => subject)).size).toBe(languages.length);
    for (const { language, html } of subjects) {
      expect(html).toContain(`<html lang="${language}">`);
      expect(html).not.toContain("undefined");
    }
    expect(render(kind, { personName: "Ann" }).text).toContain("Hello Ann,");
  }
});

test.each([
  ["de", "de"],
  ["de-CH", "de"],
  ["DE_at", "de"],
  ["den", "en"],
  ["fr", "en"],
  ["", "en"],
  ["en-GB", "en"],
])("the language of %j is %s", (tag, language) => {
  expect(languageOf(tag)).toBe(language);
});

test.each([
  [null, "en"],
  ["de", "de"],
  ["fr, de;q=0.5, en;q=0.2", "de"],
  ["en;q=0.5,de-CH", "de"],
  ["de;q=0, en;q=0.1", "en"],
  ["de;q=x", "en"],
  ["*", "en"],
])("who accepts %j reads %s", (header, language) => {
  expect(languageAccepted(header)).toBe(language);
});
