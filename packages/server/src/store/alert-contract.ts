/** What a store promises about alerts and leases: each thing is told once, and one process at a time does what is done once. */
import assert from "node:assert/strict";
import type { AccountId } from "../domain/account.ts";
import type { GroupMapping } from "../domain/group-mapping.ts";
import type { Mail } from "../domain/mail.ts";
import type { MappingWish } from "../domain/mapping-change.ts";
import type { OutboxEvent } from "../domain/outbox-event.ts";
import type { CredentialId, MappingId } from "../domain/tenant.ts";
import { accountBehind, accounts, ann } from "./account-site.ts";
import {
  createPopulation,
  saveTestSettings,
  testCircumstances,
  testCredential,
  testStartMs,
  testTime,
} from "./contract-population.ts";
import type { ExpiryAlert } from "./store.ts";
import type { StoreContractTest } from "./store-contract-test.ts";
import { webhookPromise } from "./webhook-site.ts";

const day = 86_400;

function expiryAlert(id: string, expires: string, process = 1): ExpiryAlert {
  const credentialId = id as CredentialId;
  const accountId = "" as AccountId;
  const event: OutboxEvent = {
    eventId: `expiry of ${id}`,
    type: "credential.expiring",
    at: testTime(60),
    resourceType: "Credential",
    resourceId: id,
    revision: 1,
    data: { credentialId: id, connection: "main", name: "", expires, daysLeft: 1 },
  };
  const facts: Mail["facts"] = {
    tenantName: "The tenant",
    by: "",
    ids: { tenantId: "acme" as Mail["tenantId"], accountId },
  };
  const mails = ["ops@example.com", "ann@example.com"].map((to, index) => ({
    mailId: `mail ${index} of ${id} by ${process}`,
    accountId,
    kind: "credential-expiring" as const,
    to,
    language: "en",
    facts,
    idempotencyKey: `expiry of ${id}#${index}`,
    at: testTime(60),
    due: testTime(60),
  }));
  return { credentialId, expires, event, mails };
}

/** Every promise about alerts and leases. */
export const alertContract: readonly StoreContractTest[] = [
  {
    name: "alerts: find the live credentials of all tenants that end in a time",
    run: async (store) => {
      const acme = await createPopulation(store, "acme");
      const globex = await createPopulation(store, "globex");
      for (const [scope, id, expires] of [
        [acme.scope, "a-over", testTime(0)],
        [acme.scope, "a-soon", testTime(1)],
        [acme.scope, "a-late", testTime(8 * day)],
        [acme.scope, "a-never", undefined],
        [globex.scope, "g-soon", testTime(7 * day)],
        [globex.scope, "g-revoked", testTime(day)],
      ] as const) {
        const credential = testCredential(scope, id, { expires });
        assert.equal(await store.credentials.create(credential, testCircumstances), "created");
      }
      const revoked = "g-revoked" as CredentialId;
      await store.credentials.revoke(globex.scope, revoked, testTime(1), testCircumstances);
      const span = { after: testTime(0), until: testTime(7 * day) };
      assert.deepEqual(
        (await store.alerts.endingCredentials(span)).map(({ credentialId }) => credentialId),
        ["a-soon", "g-soon"],
      );
    },
  },
  {
    name: "alerts: the end of a credential is told once, whoever tells it and however many at once",
    run: async (store) => {
      const { scope } = await createPopulation(store);
      const { tenantId } = scope;
      const expires = testTime(day);
      for (const id of ["first", "second"]) {
        const credential = testCredential(scope, id, { expires });
        await store.credentials.create(credential, testCircumstances);
      }
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, process) =>
          store.alerts.tellOfExpiry(tenantId, expiryAlert("first", expires, process)),
        ),
      );
      assert.deepEqual(answers.filter(Boolean), [true]);
      const again = expiryAlert("first", expires, 9);
      assert.equal(await store.alerts.tellOfExpiry(tenantId, again), false);
      const second = expiryAlert("second", expires);
      assert.equal(await store.alerts.tellOfExpiry(tenantId, { ...second, mails: [] }), true);
      const events = await store.outbox.list(tenantId, { after: 0, limit: 9 });
      assert.deepEqual(
        events.map(({ type, resourceId }) => [type, resourceId]),
        [
          ["credential.expiring", "first"],
          ["credential.expiring", "second"],
        ],
      );
      const mails = await store.mails.list(tenantId, { limit: 9 });
      assert.deepEqual(mails.map(({ to }) => to).toSorted(), [
        "ann@example.com",
        "ops@example.com",
      ]);
    },
  },
  {
    name: "alerts: nothing is told of a credential that was revoked, replaced, or ends at another time",
    run: async (store) => {
      const { scope } = await createPopulation(store);
      const { tenantId } = scope;
      const expires = testTime(20 * day);
      for (const [id, name] of [
        ["revoked", "revoked"],
        ["moved", "moved"],
        ["named", "named"],
        ["lasting", "lasting"],
        ["nameless", ""],
      ] as const) {
        const credential = testCredential(scope, id, { name, expires });
        await store.credentials.create(credential, testCircumstances);
      }
      const revoked = "revoked" as CredentialId;
      await store.credentials.revoke(scope, revoked, testTime(1), testCircumstances);
      const replaced = [
        { id: "named", name: "named", ends: testTime(day) },
        // The one before ends sooner than it has to.
        { id: "lasting", name: "lasting", ends: testTime(30 * day) },
        { id: "nameless", name: "", ends: testTime(day) },
      ];
      for (const { id, name, ends } of replaced) {
        const successor = testCredential(scope, `after ${id}`, { name, expires: undefined });
        const old = { credentialId: id as CredentialId, expires: ends };
        assert.equal(await store.credentials.rotate(successor, old, testCircumstances), true);
        const ended = (await store.credentials.byId(old.credentialId))?.expires ?? "";
        assert.equal(await store.alerts.tellOfExpiry(tenantId, expiryAlert(id, ended)), false);
      }
      const { alerts } = store;
      assert.equal(await alerts.tellOfExpiry(tenantId, expiryAlert("revoked", expires)), false);
      assert.equal(await alerts.tellOfExpiry(tenantId, expiryAlert("moved", testTime(1))), false);
      assert.equal(await alerts.tellOfExpiry(tenantId, expiryAlert("unknown", expires)), false);
      assert.equal(await store.outbox.count(tenantId), 0);
      assert.deepEqual(await store.mails.list(tenantId, { limit: 9 }), []);
    },
  },
  webhookPromise(
    "those that were disabled or gave up deliveries after a time are found for alerts",
    async (site) => {
      const { alerts, webhookQueue } = site.store;
      const found = async (since: string) =>
        (await alerts.troubledWebhooks(since)).map(({ webhookId }) => webhookId);
      const hook = await site.add();
      const other = await site.add("other");
      await site.add("well");
      await site.create("one");
      await site.create("two");
      await site.fill();
      assert.deepEqual(await found(testTime(0)), []);
      for (const delivery of await site.claim()) {
        if (delivery.webhookId === hook.webhookId) {
          await site.fail(delivery, undefined);
        } else {
          await site.deliver(delivery);
        }
      }
      await webhookQueue.disable(other, { at: testTime(60), reason: "gone" });
      assert.deepEqual(await found(testTime(0)), ["hook", "other"]);
      assert.deepEqual(await found(testTime(60)), ["hook"]);
      assert.deepEqual(await found(testTime(3600)), []);
      const { tenantId } = site;
      assert.equal(await alerts.countDeadLetters(tenantId, hook.webhookId, testTime(0)), 2);
      assert.equal(await alerts.countDeadLetters(tenantId, hook.webhookId, testTime(3600)), 0);
      assert.equal(await alerts.countDeadLetters(tenantId, other.webhookId, testTime(0)), 0);
    },
  ),
  accounts(
    "refused writes on members are found for alerts, once a day for each target",
    async (site) => {
      const { store, population } = site;
      const { tenantId } = population.scope;
      const mapped = { roleMapping: { chief: "owner" } };
      await site.set(mapped);
      const id = await site.post({ ...ann, roles: ["chief"] });
      const account = await accountBehind(site, id);
      const found = async (since = testTime(0)) =>
        (await store.alerts.keptMembers(since)).map((one) => ({ ...one, at: one.at.slice(0, 10) }));
      assert.deepEqual(await found(), []);
      await assert.rejects(site.put(id, { ...ann, active: false }));
      await assert.rejects(site.remove(id));
      const kept = { tenantId, account, cause: "refused" as const };
      assert.deepEqual(await found(), [{ ...kept, at: testTime(0).slice(0, 10) }]);
      // What operators want themselves has the time of the machine, and settings are no member.
      assert.equal((await site.wish(account, { kind: "leave" })).kind, "protected");
      await saveTestSettings(store, tenantId, {});
      const [, ownWish, ...more] = await store.alerts.keptMembers(testTime(0));
      assert.deepEqual({ ...ownWish, at: "" }, { ...kept, at: "" });
      assert.deepEqual(more, []);
      assert.deepEqual(await found("9999-01-01T00:00:00.000Z"), []);
    },
  ),
  accounts("a role that was kept is found for alerts", async (site) => {
    const { store, population } = site;
    const { tenantId } = population.scope;
    const id = await site.post(ann);
    const account = await accountBehind(site, id);
    const { group } = site;
    await population.create(group, { displayName: "Owners" }, { members: [id] });
    const mapping: GroupMapping = {
      tenantId,
      mappingId: "mapping" as MappingId,
      connectionId: undefined,
      pattern: { kind: "name", text: "Owners" },
      teamId: undefined,
      role: "owner",
      version: 1,
      created: testTime(0),
    };
    const change = (wish: MappingWish) =>
      store.mappings.change(tenantId, wish, { kind: "apply", token: undefined }, testCircumstances);
    assert.equal((await change({ kind: "add", mapping })).kind, "done");
    assert.equal((await site.member(account)).access.isOwner, true);
    assert.deepEqual(await store.alerts.keptMembers(testTime(0)), []);
    assert.equal((await change({ kind: "remove", mappingId: mapping.mappingId })).kind, "done");
    assert.equal((await site.member(account)).access.isOwner, true);
    const [kept, ...more] = await store.alerts.keptMembers(testTime(0));
    assert.deepEqual({ ...kept, at: "" }, { tenantId, account, cause: "retained", at: "" });
    assert.deepEqual(more, []);
    assert.deepEqual(await store.alerts.keptMembers(kept?.at ?? ""), []);
  }),
  {
    name: "alerts: tell when the latest of two mails was put in, of one tenant",
    run: async (store) => {
      const acme = await createPopulation(store, "acme");
      const globex = await createPopulation(store, "globex");
      const { tenantId } = acme.scope;
      const [mail] = expiryAlert("x", testTime(0)).mails;
      assert.ok(mail);
      await store.mails.stage(tenantId, [
        { ...mail, mailId: "m1", idempotencyKey: "day 1", at: testTime(1) },
        { ...mail, mailId: "m2", idempotencyKey: "day 2", at: testTime(2) },
        { ...mail, mailId: "m3", idempotencyKey: "day 3", at: testTime(3) },
      ]);
      const { alerts } = store;
      assert.equal(await alerts.latestOf(tenantId, ["day 2", "day 1"]), testTime(2));
      assert.equal(await alerts.latestOf(tenantId, ["day 4", "day 5"]), undefined);
      assert.equal(await alerts.latestOf(globex.scope.tenantId, ["day 1", "day 2"]), undefined);
    },
  },
  {
    name: "leases: one holder has it until its time is over, and may renew it",
    run: async ({ leases }) => {
      const take = (holder: string, seconds: number, name = "work") =>
        leases.take({ name, holder, nowMs: testStartMs + seconds * 1000, forMs: 60_000 });
      const first = await Promise.all(["a", "b", "c", "d"].map((holder) => take(holder, 0)));
      assert.equal(first.filter(Boolean).length, 1);
      const holder = ["a", "b", "c", "d"][first.indexOf(true)] ?? "";
      assert.equal(await take("z", 59), false);
      assert.equal(await take("z", 59, "other work"), true);
      assert.equal(await take(holder, 59), true);
      assert.equal(await take("z", 118), false);
      assert.equal(await take("z", 119), true);
      assert.equal(await take(holder, 119), false);
    },
  },
];
