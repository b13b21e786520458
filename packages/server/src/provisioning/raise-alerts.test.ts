/** Alerts on a whole server: the event and one mail to each operator, however many processes raise them and however often. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { TestRollcall } from "../../../../test/compose-for-tests.ts";
import { composeForTests } from "../../../../test/compose-for-tests.ts";
import type { RequestLogEntry } from "../domain/request-log-entry.ts";
import type { Scope } from "../domain/tenant.ts";
import { testWebhook } from "../store/webhook-site.ts";
import { raiseAlerts, raiseAlertsNow } from "./raise-alerts.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const actor = { actor: { kind: "system", id: "test" }, requestId: "test" } as const;
const readers = { addresses: ["ops@example.com", "ann@example.com"], language: "en" };

let rollcall: TestRollcall;
let scope: Scope;
let startMs = 0;
beforeEach(async () => {
  rollcall = await composeForTests();
  ({ scope } = await rollcall.newTenant("acme"));
  startMs = Date.now();
});
afterEach(() => rollcall.remove());

/** What two processes do at the same time. */
async function raise(aheadMs: number, addresses = readers.addresses): Promise<void> {
  const { store } = rollcall;
  const site = { store, readers: { ...readers, addresses }, nowMs: startMs + aheadMs };
  await Promise.all([raiseAlertsNow(site), raiseAlertsNow(site)]);
}

async function issue(name: string, days: number) {
  const lifetime = { kind: "days", days } as const;
  const scopes = ["scim:read"] as const;
  const wish = { scope, name, lifetime, scopes, cidrs: [], creator: "test" };
  return (await rollcall.issueCredential(wish)).credential;
}

const events = async () =>
  (await rollcall.store.outbox.list(scope.tenantId, { after: 0, limit: 99 })).filter(
    ({ type }) => type === "credential.expiring",
  );
const mails = async () =>
  (await rollcall.store.mails.list(scope.tenantId, { limit: 99 })).map(
    ({ kind, to }) => `${kind} ${to}`,
  );

test("a token that ends is told of at each mark, in one event and one mail to each operator", async () => {
  const credential = await issue("first token", 40);
  await raise(9 * dayMs);
  // The token of the tenant has 30 days, and was made behind the first mark.
  expect([await events(), await mails()]).toEqual([[], []]);
  await raise(11 * dayMs);
  await raise(11 * dayMs + hourMs);
  expect((await events()).map(({ data }) => data)).toEqual([
    {
      credentialId: credential.credentialId,
      connection: "generic",
      name: "first token",
      expires: credential.expires,
      daysLeft: 30,
    },
  ]);
  expect((await mails()).toSorted()).toEqual([
    "credential-expiring ann@example.com",
    "credential-expiring ops@example.com",
  ]);
  await raise(27 * dayMs);
  await raise(34 * dayMs);
  await raise(39 * dayMs + hourMs);
  await raise(41 * dayMs);
  const marks = (await events()).filter(({ resourceId }) => resourceId === credential.credentialId);
  expect(marks.map(({ data }) => data["daysLeft"])).toEqual([30, 14, 7, 1]);
});

test("without recipients there is the event and no mail; what was replaced has neither", async () => {
  await issue("kept", 40);
  const replaced = await issue("replaced", 40);
  const overlap = { overlapHours: 24 };
  await rollcall.store.credentials.rotate(
    { ...replaced, credentialId: "successor" as typeof replaced.credentialId, expires: undefined },
    {
      credentialId: replaced.credentialId,
      expires: new Date(startMs + 11 * dayMs + overlap.overlapHours * hourMs).toISOString(),
    },
    actor,
  );
  await raise(11 * dayMs + hourMs, []);
  expect((await events()).map(({ data }) => data["name"])).toEqual(["kept"]);
  expect(await mails()).toEqual([]);
});

test("a webhook that delivery has disabled is told of once, one that an operator has disabled is not", async () => {
  const { webhooks, webhookQueue } = rollcall.store;
  const at = new Date(startMs).toISOString();
  for (const id of ["by-delivery", "by-operator"]) {
    await webhooks.create(testWebhook(scope.tenantId, id), actor);
  }
  const [delivered, operated] = await webhooks.list(scope.tenantId);
  await webhookQueue.disable(delivered ?? (undefined as never), { at, reason: "410" });
  const { webhookId } = operated ?? (undefined as never);
  const operator = { actor: { kind: "operator", id: "cli" }, requestId: "cli" } as const;
  await webhooks.disable(scope.tenantId, webhookId, { at, reason: "off" }, operator);
  await raise(hourMs, ["ops@example.com"]);
  await raise(2 * hourMs, ["ops@example.com"]);
  expect(await mails()).toEqual(["webhook-disabled ops@example.com"]);
});

function refusal(index: number, atMs: number): RequestLogEntry {
  return {
    requestId: `request-${index}`,
    at: new Date(atMs).toISOString(),
    ...scope,
    credentialId: "credential",
    client: "test/1.0",
    method: "PATCH",
    pathTemplate: "/scim/v2/Users/{id}",
    status: 400,
    scimType: "invalidPath",
    reason: "ben@example.com is no path",
    warnings: [],
    durationMs: 1,
  };
}

test("a connection that is refused again and again is told of once a day, without what it sent", async () => {
  const { requestLog } = rollcall.store;
  const refuse = (count: number, atMs: number) => {
    for (let index = 0; index < count; index += 1) {
      requestLog.append(refusal(index, atMs));
    }
  };
  const to = ["ops@example.com"];
  refuse(19, startMs);
  await raise(1000, to);
  expect(await mails()).toEqual([]);
  refuse(1, startMs);
  await raise(2000, to);
  await raise(3000, to);
  refuse(30, startMs + 20 * hourMs);
  await raise(20 * hourMs + 1000, to);
  const [mail, ...others] = await rollcall.store.mails.list(scope.tenantId, { limit: 9 });
  expect(others).toEqual([]);
  expect(mail?.facts.alert).toEqual({
    kind: "connection-refused",
    connection: expect.any(String),
    count: 20,
    reasons: [{ reason: "invalidPath", count: 20 }],
  });
  expect(JSON.stringify(mail)).not.toContain("ben@");
  refuse(30, startMs + 25 * hourMs);
  await raise(25 * hourMs + 1000, to);
  expect(await mails()).toHaveLength(2);
});

test("of several processes one works at a time", async () => {
  const { store } = rollcall;
  // The server that runs here has the lease for 55 minutes.
  const nowMs = startMs + 2 * hourMs;
  const take = (holder: string, aheadMs: number) =>
    raiseAlerts(store, readers, { holder, nowMs: nowMs + aheadMs });
  expect(await take("one", 0)).toBe(true);
  expect(await take("other", 1000)).toBe(false);
  expect(await take("one", hourMs / 2)).toBe(true);
  expect(await take("other", 2 * hourMs)).toBe(true);
});
