/** What a store promises about the figures of the instance. */
import assert from "node:assert/strict";
import type { AccountId } from "../domain/account.ts";
import type { StagedMail } from "../domain/mail.ts";
import type { TenantId } from "../domain/tenant.ts";
import { accounts, ann } from "./account-site.ts";
import {
  createPopulation,
  testAdminCredential,
  testCircumstances,
  testCredential,
  testStartMs,
  testTime,
} from "./contract-population.ts";
import type { StoreContractTest } from "./store-contract-test.ts";
import { webhookPromise } from "./webhook-site.ts";

const day = 86_400;

function staged(tenantId: TenantId, mailId: string): StagedMail {
  const accountId = "account-ann" as AccountId;
  return {
    mailId,
    accountId,
    kind: "attached",
    to: "ann@example.com",
    language: "en",
    facts: { tenantName: "", by: "Okta", role: "user", ids: { tenantId, accountId } },
    idempotencyKey: mailId,
    at: testTime(0),
    due: testTime(0),
  };
}

/** Every promise about figures. */
export const figuresContract: readonly StoreContractTest[] = [
  {
    name: "figures: count what waits in all tenants",
    run: async (store) => {
      const nothing = { tenants: 0, events: 0, unnumberedEvents: 0, oldestUnnumbered: undefined };
      const mails = { waiting: 0, givenUp: 0 };
      const webhooks = { enabled: 0, disabled: 0, waiting: 0, dead: 0, oldest: undefined };
      const empty = { ...nothing, mails, webhooks, locks: {} };
      assert.deepEqual(await store.figures.backlog(), empty);
      const acme = await createPopulation(store, "acme");
      const globex = await createPopulation(store, "globex");
      await store.mails.stage(acme.tenant.tenantId, [staged(acme.tenant.tenantId, "m1")]);
      const { tenantId } = globex.tenant;
      await store.mails.stage(tenantId, [staged(tenantId, "m2"), staged(tenantId, "m3")]);
      const [mail] = await store.mails.claimDue(testStartMs, 1);
      assert.ok(mail);
      await store.mails.markFailed(mail, "no such mailbox", undefined);
      const after = await store.figures.backlog();
      assert.equal(after.tenants, 2);
      assert.deepEqual(after.mails, { waiting: 2, givenUp: 1 });
    },
  },
  accounts("their events and locks are counted for the figures", async (site) => {
    const { accountId } = await site.account(ann.userName);
    const id = await site.post({ ...ann, active: true });
    await site.put(id, { ...ann, active: false });
    await site.wish(accountId, { kind: "lock", source: "admin", reason: undefined });
    const { tenantId } = site.population.scope;
    const events = await site.store.outbox.list(tenantId, { after: 0, limit: 100 });
    const { locks, ...backlog } = await site.store.figures.backlog();
    // And one of each of the two connections.
    assert.equal(backlog.events, events.length + 2);
    assert.equal(backlog.unnumberedEvents, 0);
    assert.equal(backlog.oldestUnnumbered, undefined);
    assert.deepEqual(locks, { admin: 1, scim: 1 });
  }),
  webhookPromise(
    "what waits, and what nobody tries any more, is counted for the figures",
    async (site) => {
      const webhooks = async () => (await site.store.figures.backlog()).webhooks;
      await site.add();
      await site.add("other");
      await site.create("one");
      await site.create("two");
      assert.deepEqual(await webhooks(), {
        enabled: 2,
        disabled: 0,
        waiting: 0,
        dead: 0,
        oldest: undefined,
      });
      await site.fill();
      const [first, ...others] = await site.claim();
      assert.ok(first);
      assert.equal(others.length, 3);
      const events = await site.store.outbox.list(site.tenantId, { after: 0, limit: 9 });
      const filled = { enabled: 2, disabled: 0, waiting: 4, dead: 0, oldest: events[0]?.at };
      assert.deepEqual(await webhooks(), filled);
      const { webhookQueue } = site.store;
      await webhookQueue.markFailed(first, { at: testTime(60), error: "x", retryAt: undefined });
      await webhookQueue.disable(first, { at: testTime(60), reason: "gone" });
      const after = { enabled: 1, disabled: 1, waiting: 3, dead: 1, oldest: events[0]?.at };
      assert.deepEqual(await webhooks(), after);
    },
  ),
  {
    name: "figures: count credentials that end soon, and neither those that have ended nor those that were revoked",
    run: async (store) => {
      const { scope } = await createPopulation(store);
      const ends = [-1, 0.5, 6, 6.5, 29, 400];
      for (const [index, days] of ends.entries()) {
        const expires = testTime(days * day);
        await store.credentials.create(
          testCredential(scope, `scim-${index}`, { expires }),
          testCircumstances,
        );
        const admin = testAdminCredential(undefined, `admin-${index}`, { expires });
        await store.adminCredentials.create(admin, testCircumstances);
      }
      await store.credentials.create(
        testCredential(scope, "never", { expires: undefined }),
        testCircumstances,
      );
      const revoked = testCredential(scope, "revoked", { expires: testTime(day / 4) });
      await store.credentials.create(revoked, testCircumstances);
      const { credentialId } = revoked;
      await store.credentials.revoke(scope, credentialId, testTime(1), testCircumstances);
      assert.deepEqual(await store.figures.endingCredentials(testStartMs), {
        scim: [1, 3, 3, 4],
        admin: [1, 3, 3, 4],
      });
    },
  },
  {
    name: "figures: tell what the database takes up",
    run: async (store) => {
      const figures = store.figures.database();
      if (figures.database === "sqlite") {
        assert.ok(figures.bytes.database > 0);
        assert.ok(figures.bytes.requestLog > 0);
      } else {
        const { max, open, idle } = figures.connections;
        await store.ping();
        assert.ok(open <= max && idle <= open);
        assert.ok(store.figures.database().database === "postgres");
      }
    },
  },
];
