import { expect, test } from "vitest";
import type { WebhookId } from "../domain/webhook.ts";
import type { WebhookFacts } from "./webhook-findings.ts";
import { webhookFindings } from "./webhook-findings.ts";

const healthy: WebhookFacts = {
  slug: "acme",
  webhook: { webhookId: "w1" as WebhookId, disabled: undefined },
  dead: 0,
};
const linesOf = (...webhooks: WebhookFacts[]) =>
  webhookFindings(webhooks).map(({ state, text }) => `${state} ${text}`);

test("webhooks that are told everything are fine, and so is none", () => {
  expect(linesOf()).toEqual(["ok 0 of them, nothing given up"]);
  expect(linesOf(healthy)).toEqual(["ok 1 of them, nothing given up"]);
});

test("a disabled one and dead letters are told, with what to do", () => {
  const disabled = { at: "2026-06-15T12:00:00.000Z", reason: "410 Gone" };
  const lines = linesOf(
    { ...healthy, webhook: { ...healthy.webhook, disabled } },
    { ...healthy, dead: 1 },
    { ...healthy, dead: 7 },
  );
  expect(lines).toEqual([
    expect.stringMatching(
      /^warning webhook w1 of acme is disabled since 2026.*410 Gone.*enable it/,
    ),
    expect.stringMatching(/^warning webhook w1 of acme was not told of 1 event that .*replay$/),
    expect.stringMatching(/^warning webhook w1 of acme was not told of 7 events that/),
  ]);
});
