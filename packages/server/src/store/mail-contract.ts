/** What a store promises about mails: each is put in once, claimed by one at a time, and never lost. */
import assert from "node:assert/strict";
import type { AccountId } from "../domain/account.ts";
import type { Mail, Notice, StagedMail } from "../domain/mail.ts";
import type { TenantId } from "../domain/tenant.ts";
import { testCircumstances, testStartMs, testTenant, testTime } from "./contract-population.ts";
import type { Store } from "./store.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

const acme = testTenant("acme");
const globex = testTenant("globex");
const ann = "account-ann" as AccountId;
const hour = 3600;

function facts(tenantId: TenantId): Mail["facts"] {
  return { tenantName: "The tenant", by: "Okta", role: "user", ids: { tenantId, accountId: ann } };
}

function staged(tenantId: TenantId, mailId: string, changes: Partial<StagedMail> = {}): StagedMail {
  return {
    mailId,
    accountId: ann,
    kind: "attached",
    to: "Ann@example.com",
    language: "de-CH",
    facts: facts(tenantId),
    idempotencyKey: `key of ${mailId}`,
    at: testTime(0),
    due: testTime(0),
    ...changes,
  };
}

function noticeAt(seconds: number, changes: Partial<Notice> = {}): Notice {
  const { mailId: _, due: __, ...mail } = staged(acme.tenantId, "");
  const kind = "attached";
  const at = testTime(seconds);
  return { ...mail, kind, at, idempotencyKey: `notice of ${seconds}`, ...changes };
}

function mails(
  name: string,
  keep: (mails: Store["mails"], store: Store) => Promise<void>,
): StoreContractTest {
  return {
    name: `mails: ${name}`,
    run: async (store) => {
      for (const tenant of [acme, globex]) {
        await store.tenants.create(tenant, testCircumstances);
      }
      await keep(store.mails, store);
    },
  };
}

/** Every promise about mails. */
export const mailContract: readonly StoreContractTest[] = [
  mails("are found in their tenant alone, as they were put in", async (table) => {
    const { tenantId } = acme;
    await table.stage(tenantId, [staged(tenantId, "m1"), staged(tenantId, "m2", { to: "b@x.y" })]);
    const { idempotencyKey: _, at, ...first } = staged(tenantId, "m1");
    const expected: Mail = {
      ...first,
      tenantId,
      created: at,
      sent: undefined,
      attempts: 0,
      lastError: undefined,
    };
    assert.deepEqual(await table.read(tenantId, "m1"), expected);
    assert.equal(await table.read(globex.tenantId, "m1"), undefined);
    assert.equal(await table.read(tenantId, "m3"), undefined);
    const list = async (options: { to?: string; limit: number }, of = tenantId) =>
      (await table.list(of, options)).map(({ mailId }) => mailId);
    assert.deepEqual(await list({ limit: 9 }), ["m1", "m2"]);
    assert.deepEqual(await list({ limit: 1 }), ["m2"]);
    assert.deepEqual(await list({ to: "ann@EXAMPLE.com", limit: 9 }), ["m1"]);
    assert.deepEqual(await list({ to: "ann@example.co_", limit: 9 }), []);
    assert.deepEqual(await list({ limit: 9 }, globex.tenantId), []);
  }),
  mails("one idempotency key puts in one mail of a tenant", async (table) => {
    for (const { tenantId } of [acme, globex]) {
      const same = { idempotencyKey: "attached:ann:1" };
      await Promise.all(
        ["m1", "m2", "m3"].map((mailId) => table.stage(tenantId, [staged(tenantId, mailId, same)])),
      );
      assert.equal((await table.list(tenantId, { limit: 9 })).length, 1);
    }
    await table.stage(acme.tenantId, []);
  }),
  mails(
    "are claimed when they are due, by one at a time, and again after a minute",
    async (table) => {
      const { tenantId } = acme;
      const ids = Array.from({ length: 12 }, (_, index) => `m${index}`);
      await table.stage(
        tenantId,
        ids.map((mailId) => staged(tenantId, mailId)),
      );
      await table.stage(tenantId, [staged(tenantId, "later", { due: testTime(59) })]);
      const claims = await Promise.all(
        Array.from({ length: 6 }, () => table.claimDue(testStartMs, 3)),
      );
      const claimed = claims.flat().map(({ mailId }) => mailId);
      assert.equal(new Set(claimed).size, claimed.length);
      // Who came while others were claiming may have gone without.
      for (let round = 0; round < ids.length; round += 1) {
        claimed.push(...(await table.claimDue(testStartMs, 3)).map(({ mailId }) => mailId));
      }
      assert.deepEqual(claimed.toSorted(), ids.toSorted());
      const later = await table.claimDue(testStartMs + 59_999, 20);
      assert.deepEqual(
        later.map(({ mailId }) => mailId),
        ["later"],
      );
      assert.equal((await table.claimDue(testStartMs + 60_000, 20)).length, 12);
    },
  ),
  mails("what was sent is claimed no more", async (table) => {
    const { tenantId } = acme;
    await table.stage(tenantId, [staged(tenantId, "m1")]);
    const [mail] = await table.claimDue(testStartMs, 5);
    assert.ok(mail);
    await table.markSent(mail, testTime(1));
    assert.deepEqual(await table.claimDue(testStartMs + 1e9, 5), []);
    assert.deepEqual(await table.read(tenantId, "m1"), {
      ...mail,
      sent: testTime(1),
      attempts: 1,
    });
    // A process that was slow knows less.
    await table.markFailed(mail, "slow", undefined);
    assert.equal((await table.read(tenantId, "m1"))?.lastError, undefined);
    assert.deepEqual(await table.countUnsent(tenantId), { waiting: 0, givenUp: 0 });
  }),
  mails("what failed waits for its time, and then stays where it is", async (table) => {
    const { tenantId } = acme;
    await table.stage(tenantId, [staged(tenantId, "m1")]);
    const [mail] = await table.claimDue(testStartMs, 5);
    assert.ok(mail);
    await table.markFailed(mail, "no route", testTime(300));
    assert.deepEqual(await table.countUnsent(tenantId), { waiting: 1, givenUp: 0 });
    assert.deepEqual(await table.claimDue(testStartMs + 299_999, 5), []);
    const [again] = await table.claimDue(testStartMs + 300_000, 5);
    assert.deepEqual([again?.attempts, again?.lastError], [1, "no route"]);
    await table.markFailed(mail, "never", undefined);
    assert.deepEqual(await table.claimDue(testStartMs + 1e12, 5), []);
    const kept = await table.read(tenantId, "m1");
    assert.deepEqual([kept?.due, kept?.attempts, kept?.lastError], [undefined, 2, "never"]);
    assert.deepEqual(await table.countUnsent(tenantId), { waiting: 0, givenUp: 1 });
    assert.deepEqual(await table.countUnsent(globex.tenantId), { waiting: 0, givenUp: 0 });
  }),
  mails("a tenant with many does not hold up the others", async (table) => {
    const many = Array.from({ length: 50 }, (_, index) => staged(acme.tenantId, `a${index}`));
    await table.stage(acme.tenantId, many);
    const late = { at: testTime(1), due: testTime(1) };
    await table.stage(globex.tenantId, [staged(globex.tenantId, "g", late)]);
    const taken: string[] = [];
    for (let round = 0; round < 2; round += 1) {
      const claimed = await table.claimDue(testStartMs + 2000, 1);
      taken.push(...claimed.map(({ tenantId }) => tenantId));
    }
    assert.deepEqual(taken.toSorted(), [acme.tenantId, globex.tenantId]);
  }),
  mails(
    "the first notice is due at once, what follows within 24 hours is one digest",
    async (table) => {
      const { tenantId } = acme;
      await table.notify(tenantId, noticeAt(0));
      await table.notify(tenantId, noticeAt(hour, { kind: "detached" }));
      for (const seconds of [2 * hour, 3 * hour, 3 * hour]) {
        await table.notify(tenantId, noticeAt(seconds));
      }
      const [first, digest, ...others] = await table.list(tenantId, { limit: 9 });
      assert.deepEqual(others, []);
      const byKind = new Map([first, digest].map((mail) => [mail?.kind, mail]));
      assert.equal(byKind.get("attached")?.due, testTime(0));
      assert.equal(byKind.get("digest")?.due, testTime(24 * hour));
      assert.deepEqual(
        byKind.get("digest")?.facts.notices?.map(({ kind, at }) => [kind, at]),
        [
          ["detached", testTime(hour)],
          ["attached", testTime(2 * hour)],
          ["attached", testTime(3 * hour)],
        ],
      );
      // Another tenant and another person have first notices of their own.
      await table.notify(globex.tenantId, noticeAt(4 * hour));
      await table.notify(tenantId, noticeAt(4 * hour, { accountId: "account-ben" as AccountId }));
      assert.equal((await table.list(globex.tenantId, { limit: 9 })).length, 1);
      assert.equal((await table.list(tenantId, { limit: 9 })).length, 3);
      await table.notify(tenantId, noticeAt(24 * hour));
      assert.equal((await table.list(tenantId, { limit: 9 })).length, 4);
    },
  ),
  mails("a digest that is on its way gathers no more", async (table) => {
    const { tenantId } = acme;
    await table.notify(tenantId, noticeAt(0));
    await table.notify(tenantId, noticeAt(1));
    // The clock of the process that sends is ahead.
    const claimed = await table.claimDue(testStartMs + 25 * hour * 1000, 5);
    assert.equal(claimed.length, 2);
    await table.notify(tenantId, noticeAt(2));
    const kinds = (await table.list(tenantId, { limit: 9 })).map(({ kind }) => kind);
    assert.deepEqual(kinds.toSorted(), ["attached", "digest", "digest"]);
  }),
  mails("go when their time is over, but not while they wait", async (table) => {
    const { tenantId } = acme;
    const names = ["sent", "late", "given up", "waiting"];
    await table.stage(
      tenantId,
      names.map((mailId) => staged(tenantId, mailId)),
    );
    await table.stage(globex.tenantId, [staged(globex.tenantId, "theirs")]);
    const claimed = await table.claimDue(testStartMs, 9);
    const mail = (mailId: string) => {
      const found = claimed.find((one) => one.mailId === mailId);
      assert(found !== undefined);
      return found;
    };
    await table.markSent(mail("sent"), testTime(10));
    await table.markSent(mail("late"), testTime(20));
    await table.markSent(mail("theirs"), testTime(10));
    await table.markFailed(mail("given up"), "550", undefined);
    await table.markFailed(mail("waiting"), "421", testTime(30));
    assert.equal(await table.prune(tenantId, testTime(0)), 0);
    assert.equal(await table.prune(tenantId, testTime(20)), 2);
    assert.equal(await table.prune(tenantId, testTime(20)), 0);
    const left = await table.list(tenantId, { limit: 9 });
    assert.deepEqual(left.map(({ mailId }) => mailId).toSorted(), ["late", "waiting"]);
    assert.equal((await table.list(globex.tenantId, { limit: 9 })).length, 1);
  }),
  mails("go with their tenant", async (table, { tenants }) => {
    await table.stage(acme.tenantId, [staged(acme.tenantId, "m1")]);
    await table.stage(globex.tenantId, [staged(globex.tenantId, "m1")]);
    await tenants.delete(acme.tenantId, testCircumstances);
    assert.equal(await table.read(acme.tenantId, "m1"), undefined);
    assert.equal((await table.claimDue(testStartMs, 5)).length, 1);
  }),
];
