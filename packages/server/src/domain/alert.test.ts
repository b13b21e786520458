import { expect, test } from "vitest";
import type { RefusalCount } from "./alert.ts";
import { dailyKeysOf, keptMemberKey, markPassed, refusalsToTell } from "./alert.ts";
import { alertMessageOf } from "./mail.ts";
import type { ConnectionId, TenantId } from "./tenant.ts";

const dayMs = 86_400_000;
const nowMs = Date.UTC(2025, 5, 15, 12);
const timeAt = (ms: number) => new Date(ms).toISOString();

test("a token has passed the mark that is next above what is left of it", () => {
  const created = timeAt(nowMs - 400 * dayMs);
  const minuteMs = 60_000;
  for (const [leftMs, days] of [
    [30 * dayMs + 1, undefined],
    [30 * dayMs, 30],
    [30 * dayMs - minuteMs, 30],
    [14 * dayMs + 1, 30],
    [14 * dayMs, 14],
    [7 * dayMs + 1, 14],
    [7 * dayMs, 7],
    [dayMs + 1, 7],
    [dayMs, 1],
    [1, 1],
    [0, undefined],
    [-dayMs, undefined],
  ] as const) {
    expect([leftMs, markPassed({ created, expires: timeAt(nowMs + leftMs) }, nowMs)]).toEqual([
      leftMs,
      days,
    ]);
  }
  expect(markPassed({ created, expires: undefined }, nowMs)).toBeUndefined();
});

test("a token that was made behind a mark has not passed it", () => {
  const made = (lifetimeDays: number, atMs: number) =>
    markPassed({ created: timeAt(nowMs), expires: timeAt(nowMs + lifetimeDays * dayMs) }, atMs);
  expect(made(30, nowMs)).toBeUndefined();
  expect(made(30, nowMs + 15 * dayMs)).toBeUndefined();
  expect(made(30, nowMs + 16 * dayMs)).toBe(14);
  expect(made(31, nowMs + dayMs)).toBe(30);
  expect(made(1, nowMs + dayMs / 2)).toBeUndefined();
});

const refused = (status: number, count: number, scimType?: string): RefusalCount => ({
  tenantId: "acme" as TenantId,
  connectionId: "okta" as ConnectionId,
  status,
  scimType,
  count,
});

test("twenty refused requests are told of, with the three most frequent reasons", () => {
  expect(refusalsToTell([refused(400, 19, "invalidValue")])).toBeUndefined();
  expect(
    refusalsToTell([
      refused(400, 5, "invalidValue"),
      refused(400, 9, "invalidPath"),
      refused(403, 4),
      refused(418, 1),
      refused(422, 2),
    ]),
  ).toEqual({
    count: 21,
    reasons: [
      { reason: "invalidPath", count: 9 },
      { reason: "invalidValue", count: 5 },
      { reason: "forbidden", count: 4 },
    ],
  });
});

test("what a sync comes across every day is not told of", () => {
  const normal = [404, 408, 409, 412, 429].map((status) => refused(status, 1000));
  expect(refusalsToTell(normal)).toBeUndefined();
  expect(refusalsToTell([...normal, refused(400, 19, "noTarget")])).toBeUndefined();
});

test("what comes once a day has a key for each day", () => {
  expect(dailyKeysOf("key", nowMs)).toEqual(["key:2025-06-15", "key:2025-06-14"]);
});

test("an alert is to no account", () => {
  const tenant = { tenantId: "acme" as TenantId, name: "Acme" };
  const alert = {
    kind: "webhook-dead-letters",
    webhookId: "w",
    host: "x.example",
    count: 2,
  } as const;
  expect(alertMessageOf(alert, tenant, "de")).toEqual({
    kind: "webhook-dead-letters",
    language: "de",
    facts: { tenantName: "Acme", by: "", ids: { tenantId: "acme", accountId: "" }, alert },
  });
});

test("a refusal about a member has one key a day, and each role that was kept its own", () => {
  const keyOf = (cause: "refused" | "retained", account: string, at: string) =>
    keptMemberKey({ tenantId: "acme" as TenantId, account, cause, at });
  const morning = "2025-06-15T08:00:00.000Z";
  const evening = "2025-06-15T20:00:00.000Z";
  const tomorrow = "2025-06-16T08:00:00.000Z";
  expect(keyOf("refused", "ann", morning)).toBe(keyOf("refused", "ann", evening));
  const keys = [
    keyOf("refused", "ann", morning),
    keyOf("refused", "ann", tomorrow),
    keyOf("refused", "ben", morning),
    keyOf("retained", "ann", morning),
    keyOf("retained", "ann", evening),
  ];
  expect(new Set(keys).size).toBe(keys.length);
});
