import { expect, test } from "vitest";
import type { Alert } from "../domain/alert.ts";
import { alertMessageOf } from "../domain/mail.ts";
import type { TenantId } from "../domain/tenant.ts";
import { createMailLinks } from "./mail-links.ts";
import { mailText } from "./mail-text.ts";
import { languages } from "./message-catalogue.ts";

const links = createMailLinks(
  (text) => Buffer.from(text).toString("hex").padEnd(64, "0"),
  () => "https://id.example.com",
);
const tenant = { tenantId: "acme" as TenantId, name: "Acme <b>" };
const webhook = { webhookId: "w-4711", host: "app.example.com" };
const alerts: readonly (readonly [Alert, readonly string[]])[] = [
  [
    {
      kind: "credential-expiring",
      connection: "Okta",
      name: "first token",
      expires: "2026-06-15T12:00:00.000Z",
      daysLeft: 14,
    },
    ["Okta", "first token", "2026-06-15 12:00 UTC", "14"],
  ],
  [
    { kind: "webhook-disabled", ...webhook, reason: "the receiver answered 410" },
    ["w-4711", "app.example.com", "the receiver answered 410"],
  ],
  [{ kind: "webhook-dead-letters", ...webhook, count: 17 }, ["w-4711", "app.example.com", "17"]],
  [
    {
      kind: "connection-refused",
      connection: "Okta",
      count: 40,
      reasons: [
        { reason: "invalidValue", count: 30 },
        { reason: "forbidden", count: 10 },
      ],
    },
    ["Okta", "40", "30 ×", "invalidValue", "10 ×", "403"],
  ],
  [{ kind: "member-kept", cause: "refused", account: "a-4711" }, ["a-4711", "audit list"]],
  [{ kind: "member-kept", cause: "retained", account: "a-4711" }, ["a-4711", "retained"]],
];

test.each(languages)("every alert says what it is about, and has no link (%s)", (language) => {
  for (const [alert, parts] of alerts) {
    const { subject, text, html } = mailText(alertMessageOf(alert, tenant, language), links);
    expect(subject).toContain("Acme <b>");
    for (const part of parts) {
      expect(text).toContain(part);
      expect(html).toContain(part);
    }
    expect(html).toContain("Acme &lt;b&gt;");
    expect(html).not.toContain("<b>");
    expect(`${text}${html}`).not.toMatch(/https?:|href|undefined/);
  }
});

test("a token without a name is one all the same, and one day is a day", () => {
  const alert = {
    kind: "credential-expiring",
    connection: "Okta",
    name: "",
    expires: "2026-06-15T12:00:00.000Z",
    daysLeft: 1,
  } as const;
  const { subject, text } = mailText(alertMessageOf(alert, tenant, "en"), links);
  expect(subject).toContain("ends in a day");
  expect(text).toContain("A token of the connection");
});
