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
const troubles: unknown[] = [];
const onTrouble = (error: unknown) => void troubles.push(error);
beforeEach(async () => {
  rollcall = await composeForTests();
  ({ scope } = await rollcall.newTenant("acme"));
  startMs = Date.now();
  troubles.length = 0;
});
afterEach(() => rollcall.remove());

/** What two processes do at the same time. */
async function raise(aheadMs: number, addresses = readers.addresses): Promise<void> {
  const { store } = rollcall;
  const site = { store, readers: { ...readers, addresses }, nowMs: startMs + aheadMs, onTrouble };
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

/** Makes a webhook to which so many deliveries were given up at a time. */
async function deadLetters(id: string, count: number, atMs: number): Promise<void> {
  const { webhooks, webhookQueue, connections } = rollcall.store;
  const at = new Date(atMs).toISOString();
  if ((await webhooks.byId(scope.tenantId, id as never)) === undefined) {
    await webhooks.create(testWebhook(scope.tenantId, id, { types: ["connection."] }), actor);
  }
  const [connection] = await connections.list(scope.tenantId);
  for (let index = 0; index < count; index += 1) {
    const name = `at ${at} ${index}`;
    await connections.save({ ...(connection ?? (undefined as never)), name }, [], actor);
  }
  // Of one resource one at a time.
  for (let index = 0; index < count; index += 1) {
    await webhookQueue.fill(atMs, 100);
    const wish = { limit: 100, perWebhook: 100 };
    for (const delivery of await webhookQueue.claimDue(atMs, wish)) {
      await webhookQueue.markFailed(delivery, { at, error: "no answer", retryAt: undefined });
    }
  }
}

test("dead letters of a webhook are told of once a day, with how many came since", async () => {
  const to = ["ops@example.com"];
  await deadLetters("dead", 2, startMs + hourMs);
  await raise(2 * hourMs, to);
  await raise(3 * hourMs, to);
  await deadLetters("dead", 1, startMs + 4 * hourMs);
  await raise(5 * hourMs, to);
  const told = async () =>
    (await rollcall.store.mails.list(scope.tenantId, { limit: 9 })).map(
      ({ facts: { alert } }) => alert,
    );
  const alert = { kind: "webhook-dead-letters", webhookId: "dead", host: "example.com" };
  expect(await told()).toEqual([{ ...alert, count: 2 }]);
  await raise(27 * hourMs, to);
  expect(await told()).toEqual([
    { ...alert, count: 2 },
    { ...alert, count: 1 },
  ]);
  await raise(53 * hourMs, to);
  expect(await told()).toHaveLength(2);
  expect(troubles).toEqual([]);
});

test("an alert that cannot be raised is told of, and keeps nobody from the others", async () => {
  const first = await issue("first", 40);
  await issue("second", 40);
  await deadLetters("dead", 1, startMs + 11 * dayMs);
  const { store } = rollcall;
  const failing = {
    ...store,
    credentials: {
      ...store.credentials,
      byId: (id: typeof first.credentialId) =>
        id === first.credentialId
          ? Promise.reject(new Error("unreadable"))
          : store.credentials.byId(id),
    },
    requestLog: {
      ...store.requestLog,
      refusals: () => Promise.reject(new Error("no log")),
    },
  };
  const nowMs = startMs + 11 * dayMs + hourMs;
  await raiseAlertsNow({ store: failing, readers, nowMs, onTrouble });
  expect(troubles.map((error) => String(error))).toEqual(["Error: unreadable", "Error: no log"]);
  expect(await events()).toHaveLength(1);
  expect(await mails()).toContain("webhook-dead-letters ops@example.com");
  await raise(11 * dayMs + hourMs);
  expect(await events()).toHaveLength(2);
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

test("a refused write on a protected member is told of once a day, without naming anybody", async () => {
  const { store, people } = rollcall;
  const tenant = await store.tenants.byId(scope.tenantId);
  const account = await people.createAccount({ email: "cy@example.com" });
  const place = { tenant: tenant ?? (undefined as never), account };
  await people.changeMembership(place, { kind: "add", role: "owner" });
  const refused = () =>
    expect(people.changeMembership(place, { kind: "remove" })).rejects.toThrow("last owner");
  await refused();
  await refused();
  const alerts = async () =>
    (await store.mails.list(scope.tenantId, { limit: 99 })).filter(
      ({ kind }) => kind === "member-kept",
    );
  await raise(1000, []);
  expect(await alerts()).toEqual([]);
  await raise(1000);
  await raise(hourMs);
  const [first, second, ...others] = await alerts();
  // Two refusals on both sides of midnight are two days.
  expect(others.length % 2).toBe(0);
  expect(others.length).toBeLessThan(3);
  expect([first?.to, second?.to].toSorted()).toEqual(["ann@example.com", "ops@example.com"]);
  expect(first?.facts.alert).toEqual({
    kind: "member-kept",
    cause: "refused",
    account: account.accountId,
  });
  expect(JSON.stringify(first)).not.toContain("cy@");
  await raise(26 * hourMs);
  expect(await alerts()).toHaveLength(2 + others.length);
});

test("of several processes one works at a time", async () => {
  const { store } = rollcall;
  // The server that runs here has the lease for 55 minutes.
  const nowMs = startMs + 2 * hourMs;
  const take = (holder: string, aheadMs: number) =>
    raiseAlerts(store, readers, { holder, nowMs: nowMs + aheadMs, onTrouble });
  expect(await take("one", 0)).toBe(true);
  expect(await take("other", 1000)).toBe(false);
  expect(await take("one", hourMs / 2)).toBe(true);
  expect(await take("other", 2 * hourMs)).toBe(true);
});
