/** What a store promises about erasing a person: whom it refuses to, and what is left of what was written. */
import assert from "node:assert/strict";
import type { JsonObject } from "@rollcall/scim";
import type { AccountId } from "../domain/account.ts";
import type { AccountSite } from "./account-site.ts";
import { accountBehind, accounts, ann } from "./account-site.ts";
import type { TestPopulation } from "./contract-population.ts";
import { createPopulation, testCircumstances } from "./contract-population.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

/** What is kept of a person in a tenant. */
async function keptOf({ store }: AccountSite, { scope }: TestPopulation, accountId: AccountId) {
  const { tenantId } = scope;
  return {
    member: await store.memberships.read(tenantId, accountId),
    held: await store.memberships.held(tenantId, accountId),
  };
}

function erasureEntries({ store }: AccountSite, { scope: { tenantId } }: TestPopulation) {
  return store.auditLog.list(tenantId, { action: "account.erase", limit: 9 });
}

/** Every promise about it. */
export const erasureContract: readonly StoreContractTest[] = [
  accounts(
    "nobody erases the last owner of a tenant or a protected member, and nothing of them",
    async (site) => {
      const globex = await createPopulation(site.store, "globex");
      const { accounts: table, memberships } = site.store;
      const id = await site.post(ann);
      const accountId = await accountBehind(site, id);
      const both = [site.population, globex];
      const fulfil = (
        { scope: { tenantId } }: TestPopulation,
        wish: Parameters<typeof memberships.fulfil>[2],
        of = accountId,
      ) => memberships.fulfil(tenantId, of, wish, testCircumstances);
      for (const population of both) {
        await fulfil(population, { kind: "add", role: "user" });
      }
      const { accountId: bea } = await site.account("bea@acme.example");
      for (const [forbid, by, allow] of [
        [
          () => fulfil(globex, { kind: "add", role: "owner" }),
          "last-owner",
          () => fulfil(globex, { kind: "add", role: "owner" }, bea),
        ],
        [
          () => fulfil(globex, { kind: "protect", protection: "break-glass" }),
          "break-glass",
          () => fulfil(globex, { kind: "protect", protection: undefined }),
        ],
      ] as const) {
        await forbid();
        const before = await Promise.all(both.map((one) => keptOf(site, one, accountId)));
        const entries = (await erasureEntries(site, globex)).length;
        for (const erase of [table.checkErasure, table.erase]) {
          assert.deepEqual(await erase(accountId, testCircumstances), {
            kind: "protected",
            tenantId: globex.scope.tenantId,
            by,
          });
        }
        const after = await Promise.all(both.map((one) => keptOf(site, one, accountId)));
        assert.deepEqual(after, before);
        const refusals = (await erasureEntries(site, globex)).slice(entries);
        assert.deepEqual(
          refusals.map(({ outcome }) => outcome),
          ["refused", "refused"],
        );
        assert.deepEqual(await erasureEntries(site, site.population), []);
        await allow();
        const { kind } = await table.checkErasure(accountId, testCircumstances);
        assert.equal(kind, "erasable");
      }
      assert.equal((await table.erase(accountId, testCircumstances)).kind, "erased");
      assert.equal((await table.checkErasure(accountId, testCircumstances)).kind, "gone");
      for (const population of both) {
        const { member, held } = await keptOf(site, population, accountId);
        assert.deepEqual([member, held.mails, held.invitations], [undefined, [], []]);
        const [entry] = (await erasureEntries(site, population)).slice(-1);
        assert.equal(entry?.outcome, "done");
      }
    },
  ),
  accounts("of two owners who are erased at once one stays", async (site) => {
    const ids = ["ann@acme.example", "bea@acme.example"].map((email) => site.account(email));
    const owners = await Promise.all(ids);
    for (const { accountId } of owners) {
      await site.wish(accountId, { kind: "add", role: "owner" });
    }
    const outcomes = await Promise.all(
      owners.map(({ accountId }) => site.store.accounts.erase(accountId, testCircumstances)),
    );
    assert.deepEqual(outcomes.map(({ kind }) => kind).toSorted(), ["erased", "protected"]);
  }),
  accounts("the application is told that access ends with the person", async (site) => {
    const { tenantId } = site.population.scope;
    const { accountId } = await site.account("ann@acme.example", {
      accountId: "one" as AccountId,
      ref: "a-1",
    });
    await site.post(ann);
    const mails = async () => (await site.store.mails.list(tenantId, { limit: 9 })).length;
    assert.equal(await mails(), 1);
    await site.store.accounts.erase(accountId, testCircumstances);
    assert.equal(await mails(), 0);
    const events = (await site.store.outbox.list(tenantId, { after: 0, limit: 99 })).filter(
      ({ resourceId }) => resourceId === accountId,
    );
    assert.deepEqual(events.map(({ type }) => type).toSorted(), [
      "access.changed",
      "account.deleted",
      "sessions.revoke",
    ]);
    assert.doesNotMatch(JSON.stringify(events), /ann@/);
    for (const { data } of events) {
      assert.equal(data["ref"], "a-1");
    }
  }),
  accounts("events about somebody lose what is personal, and nothing else", async (site) => {
    const { outbox } = site.store;
    const { tenantId } = site.population.scope;
    const id = await site.post({ ...ann, externalId: "ann-7", title: "Chief" });
    const accountId = await accountBehind(site, id);
    await site.put(id, { ...ann, externalId: "ann-7", title: "Chief", active: false });
    await site.remove(id);
    const bea = await site.post({ userName: "bea@acme.example" });
    const list = () => outbox.list(tenantId, { after: 0, limit: 999 });
    const before = await list();
    await outbox.erase(tenantId, [id, accountId]);
    const after = await list();
    const shapeOf = ({ data, ...event }: (typeof after)[number]) => ({
      ...event,
      members: Object.keys(data),
    });
    assert.deepEqual(after.map(shapeOf), before.map(shapeOf));
    const isAboutBea = ({ resourceId }: { readonly resourceId: string }) => resourceId === bea;
    assert.deepEqual(after.filter(isAboutBea), before.filter(isAboutBea));
    assert.match(JSON.stringify(before), /ann@acme.*Chief|Chief.*ann@acme/);
    assert.doesNotMatch(JSON.stringify(after), /ann@acme|ann-7|Chief/);
    const deactivated = after.find(({ type }) => type === "user.deactivated");
    const resource: JsonObject = { active: false };
    assert.deepEqual(deactivated?.data["resource"], resource);
    await outbox.erase(tenantId, [id, accountId]);
    assert.deepEqual(await list(), after);
  }),
];
