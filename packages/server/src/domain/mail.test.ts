import { expect, test } from "vitest";
import type { AccountId } from "./account.ts";
import type { EarlierMail, Notice, NoticeKind } from "./mail.ts";
import { factsWithNotice, stageNotice } from "./mail.ts";
import type { TenantId } from "./tenant.ts";

const hourMs = 3_600_000;
const startMs = Date.UTC(2025, 5, 15, 12);
const hour = (hours: number) => new Date(startMs + hours * hourMs).toISOString();

function noticeAt(hours: number, kind: NoticeKind = "attached"): Notice {
  return {
    kind,
    accountId: "ann" as AccountId,
    to: "ann@example.com",
    language: "en",
    facts: {
      tenantName: "Acme",
      by: "Okta",
      role: "user",
      ids: { tenantId: "acme" as TenantId, accountId: "ann" as AccountId },
    },
    idempotencyKey: `${kind}:ann:${hours}`,
    at: hour(hours),
  };
}

const first: EarlierMail = {
  mailId: "first",
  kind: "attached",
  created: hour(0),
  sent: hour(0),
  idempotencyKey: "attached:ann:0",
};
const digest: EarlierMail = {
  mailId: "digest",
  kind: "digest",
  created: hour(1),
  sent: undefined,
  idempotencyKey: "digest:detached:ann:1",
};
const newId = () => "new";

test("the first notice leaves at once", () => {
  const notice = noticeAt(0);
  const mail = { ...notice, mailId: "new", due: hour(0) };
  expect(stageNotice(notice, [], newId)).toEqual({ kind: "mail", mail });
});

test("the second within 24 hours begins a digest, due 24 hours after the first", () => {
  expect(stageNotice(noticeAt(5, "detached"), [first], newId)).toMatchObject({
    kind: "mail",
    mail: {
      kind: "digest",
      at: hour(5),
      due: hour(24),
      idempotencyKey: "digest:detached:ann:5",
      facts: { notices: [{ kind: "detached", at: hour(5), by: "Okta", role: "user" }] },
    },
  });
});

test("the third goes into that digest, or into one of its own should that be on its way", () => {
  expect(stageNotice(noticeAt(6), [first, digest], newId)).toMatchObject({
    kind: "gather",
    mailId: "digest",
    notice: { kind: "attached", at: hour(6), by: "Okta", role: "user" },
    otherwise: { kind: "digest", due: hour(24) },
  });
  const sent = { ...digest, sent: hour(2) };
  expect(stageNotice(noticeAt(6), [first, sent], newId)).toMatchObject({
    kind: "mail",
    mail: { kind: "digest", due: hour(24) },
  });
});

test("what comes 24 hours after the first is a first one again, also while a digest waits", () => {
  expect(stageNotice(noticeAt(24), [first, digest], newId)).toMatchObject({
    kind: "mail",
    mail: { kind: "attached", due: hour(24) },
  });
});

test("an invitation is no first notice, and holds nothing up", () => {
  const invitation: EarlierMail = { ...first, kind: "invitation" };
  expect(stageNotice(noticeAt(1), [invitation], newId)).toMatchObject({
    kind: "mail",
    mail: { kind: "attached", due: hour(1) },
  });
});

test("a notice that was staged before is not staged again, in whichever form it was", () => {
  expect(stageNotice(noticeAt(0), [first], newId)).toEqual({ kind: "known" });
  expect(stageNotice(noticeAt(1, "detached"), [first, digest], newId)).toEqual({ kind: "known" });
});

test("a digest gathers a notice once", () => {
  const { facts } = noticeAt(0);
  const notice = { kind: "detached", at: hour(1), by: "Okta" } as const;
  const gathered = factsWithNotice(facts, notice);
  expect(gathered?.notices).toEqual([notice]);
  expect(gathered && factsWithNotice(gathered, notice)).toBeUndefined();
  expect(
    gathered && factsWithNotice(gathered, { ...notice, kind: "attached" })?.notices,
  ).toHaveLength(2);
});
