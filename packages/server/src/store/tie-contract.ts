/** What a store promises about who may be meant by a User, and about what stays of a tie that has ended (semantics §2, §3). */
import assert from "node:assert/strict";
import type { AccountId } from "../domain/account.ts";
import { instanceAuditId } from "../domain/admin-credential.ts";
import type { Connection } from "../domain/connection.ts";
import type { AccountSite } from "./account-site.ts";
import { accountBehind, accounts, ann, verifyDomain } from "./account-site.ts";
import type { TestPopulation } from "./contract-population.ts";
import {
  addConnection,
  createPopulation,
  populationOf,
  testCircumstances,
  testConnection,
} from "./contract-population.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

async function newConnection(
  { store, population: { tenant } }: AccountSite,
  differences: Partial<Connection>,
): Promise<TestPopulation> {
  const connection = { ...testConnection(tenant, "third"), ...differences };
  await addConnection(store, connection);
  return populationOf(store, tenant, connection);
}

function saveRules(
  { store, user }: AccountSite,
  { connection }: TestPopulation,
  uniqueExternalId: boolean,
) {
  const paths = uniqueExternalId ? ["userName", "externalId"] : ["userName"];
  const rules = [{ resourceType: user, paths }];
  const saved = { ...connection, settings: { uniqueExternalId } };
  return store.connections.save(saved, rules, testCircumstances);
}

/** Has whoever has the account leave and come again under another address, with the same externalId. */
async function comesByExternalId(site: AccountSite, of: TestPopulation, externalId: string) {
  const first = await site.post({ userName: `${externalId}@acme.example`, externalId }, { of });
  const accountId = await accountBehind(site, first, of);
  await site.remove(first, of);
  const second = await site.post({ userName: `${externalId}.2@acme.example`, externalId }, { of });
  return { accountId, again: await accountBehind(site, second, of), second };
}

async function settle({ store, population }: AccountSite, kind: "accept" | "decline") {
  const { tenantId } = population.scope;
  const [invitation] = await store.invitations.list(tenantId, { limit: 1 });
  assert(invitation !== undefined);
  return store.invitations.settle(tenantId, invitation, kind, testCircumstances);
}

async function locksOf(site: AccountSite, accountId: AccountId) {
  return (await site.member(accountId)).facts.locks.map(({ source }) => source);
}

/** Every promise about it. */
export const tieContract: readonly StoreContractTest[] = [
  accounts(
    "POST row 13: an externalId that need not be unique leads nobody to somebody else's account",
    async (site) => {
      const entra = await newConnection(site, { profile: "entra" });
      const fresh = await comesByExternalId(site, entra, "jsmith");
      assert.notEqual(fresh.again, fresh.accountId);
      await saveRules(site, site.other, false);
      const saved = await comesByExternalId(site, site.other, "anton");
      assert.notEqual(saved.again, saved.accountId);
      // The name and the address together still do.
      await site.remove(saved.second, site.other);
      const back = { userName: "anton.2@acme.example", externalId: "new" };
      const third = await site.post(back, { of: site.other });
      assert.equal(await accountBehind(site, third, site.other), saved.again);
      // What was deleted while it was off stays without; from then on it is an identity.
      await saveRules(site, site.other, true);
      const late = await site.post(
        { userName: "anton.again@acme.example", externalId: "anton" },
        { of: site.other },
      );
      assert.equal(
        [saved.accountId, saved.again].includes(await accountBehind(site, late, site.other)),
        false,
      );
      const unique = await comesByExternalId(site, site.other, "bertarina");
      assert.equal(unique.again, unique.accountId);
    },
  ),
  accounts(
    "of whoever was invited or had declined when the User went, the User is known, but leads nobody back",
    async (site) => {
      const { tenantId } = site.population.scope;
      const { memberships } = site.store;
      const bea = { userName: "bea@acme.example" };
      const invited = await site.account("ann@acme.example");
      const left = await site.account("bea@acme.example");
      const declined = await site.post({ ...bea, externalId: "8" });
      await site.wish(left.accountId, { kind: "leave" });
      await site.set({ attachPolicy: "invite" });
      const pending = await site.post({ ...ann, externalId: "7" });
      assert.equal((await site.linkOf(pending))?.state, "pending");
      assert.equal((await site.linkOf(declined))?.state, "declined");
      for (const [id, externalId, { accountId }] of [
        [pending, "7", invited],
        [declined, "8", left],
      ] as const) {
        await site.remove(id);
        const { deletedUsers } = await memberships.held(tenantId, accountId);
        assert.deepEqual(
          deletedUsers.map(({ resourceId }) => resourceId),
          [id],
        );
        const other = await site.post({ userName: `other-${externalId}@acme.example`, externalId });
        assert.equal((await site.linkOf(other))?.state, "linked");
        assert.notEqual(await accountBehind(site, other), accountId);
      }
    },
  ),
  accounts("who leaves takes no lock of a sync along, and nobody else's away", async (site) => {
    const { accountId } = await site.account("ann@acme.example");
    const id = await site.post(ann);
    await site.wish(accountId, { kind: "lock", source: "security", reason: undefined });
    await site.put(id, { ...ann, active: false });
    assert.deepEqual((await locksOf(site, accountId)).toSorted(), ["scim", "security"]);
    await site.wish(accountId, { kind: "leave" });
    assert.equal((await site.linkOf(id))?.state, "declined");
    assert.deepEqual(await locksOf(site, accountId), ["security"]);
    await site.wish(accountId, { kind: "unlock", source: "security" });
    await site.wish(accountId, { kind: "add", role: "viewer" });
    assert.equal((await site.member(accountId)).access.state, "active");
    // Of a User that is gone as well.
    const bea = await site.account("bea@acme.example");
    const gone = await site.post({ userName: "bea@acme.example" });
    await site.wish(bea.accountId, { kind: "add", role: "viewer" });
    await site.remove(gone);
    assert.deepEqual(await locksOf(site, bea.accountId), ["scim"]);
    await site.wish(bea.accountId, { kind: "leave" });
    assert.deepEqual(await locksOf(site, bea.accountId), []);
  }),
  accounts(
    "who comes back to an address that nobody has proven, and that can log in by now, is invited; declining lifts the lock of that connection",
    async (site) => {
      const { accountId } = await site.account("ann@acme.example", {
        emailVerified: false,
        hasLogin: false,
      });
      const first = await site.post({ ...ann, externalId: "7" });
      const there = await site.post(ann, { of: site.other });
      await site.wish(accountId, { kind: "add", role: "viewer" });
      await site.put(there, { ...ann, active: false }, site.other);
      await site.remove(first);
      assert.deepEqual(await locksOf(site, accountId), ["scim", "scim"]);
      await site.store.accounts.change(accountId, { hasLogin: true }, testCircumstances);
      const again = await site.post({ ...ann, externalId: "7" }, { nowMs: Date.now() });
      const link = await site.linkOf(again);
      assert.deepEqual([link?.state, link?.accountId], ["pending", accountId]);
      assert.equal((await settle(site, "decline")).kind, "done");
      assert.equal((await site.linkOf(again))?.state, "declined");
      const { facts } = await site.member(accountId);
      assert.deepEqual(
        facts.locks.map(({ connectionId }) => connectionId),
        [site.other.scope.connectionId],
      );
    },
  ),
  accounts(
    "declining lifts no lock of whom the connection calls inactive: what somebody has by hand stays suspended until it calls them active",
    async (site) => {
      const { accountId } = await site.account("ann@acme.example", {
        emailVerified: false,
        hasLogin: false,
      });
      const first = await site.post({ ...ann, externalId: "7" });
      await site.wish(accountId, { kind: "add", role: "viewer" });
      await site.remove(first);
      await site.store.accounts.change(accountId, { hasLogin: true }, testCircumstances);
      const again = await site.post({ ...ann, externalId: "7" }, { nowMs: Date.now() });
      assert.equal((await site.linkOf(again))?.state, "pending");
      const state = async () => (await site.member(accountId)).access.state;
      // Neither what the connection says while nobody has agreed to it ends the lock, nor the end of that User.
      await site.put(again, { ...ann, externalId: "7", active: false });
      assert.equal(await state(), "suspended");
      assert.equal((await settle(site, "decline")).kind, "done");
      assert.equal((await site.linkOf(again))?.state, "declined");
      assert.equal(await state(), "suspended");
      await site.since();
      await site.put(again, { ...ann, externalId: "7", title: "Dr", active: false });
      assert.equal(await state(), "suspended");
      await site.since();
      await site.put(again, { ...ann, externalId: "7", active: true });
      assert.equal(await state(), "active");
      assert.equal((await site.linkOf(again))?.state, "declined");
      assert.deepEqual((await site.since()).entries, 1);
    },
  ),
  accounts("the end of a User that nobody was linked to lifts no lock", async (site) => {
    const { accountId } = await site.account("ann@acme.example", {
      emailVerified: false,
      hasLogin: false,
    });
    const first = await site.post({ ...ann, externalId: "7" });
    await site.wish(accountId, { kind: "add", role: "viewer" });
    await site.remove(first);
    await site.store.accounts.change(accountId, { hasLogin: true }, testCircumstances);
    const again = await site.post({ ...ann, externalId: "7" }, { nowMs: Date.now() });
    assert.equal((await site.linkOf(again))?.state, "pending");
    await site.remove(again);
    assert.deepEqual(await locksOf(site, accountId), ["scim"]);
    assert.equal((await site.member(accountId)).access.state, "suspended");
  }),
  accounts(
    "verified-only looks at the User's address alone: whose account has another one is invited, not refused",
    async (site) => {
      await site.account("eve@elsewhere.example");
      const first = await site.post({ userName: "eve@elsewhere.example", externalId: "7" });
      const accountId = await accountBehind(site, first);
      await site.remove(first);
      await verifyDomain(site, "acme.example");
      await site.set({ attachPolicy: "verified-only" });
      const again = await site.post(
        { userName: "eve@acme.example", externalId: "7" },
        { nowMs: Date.now() },
      );
      const link = await site.linkOf(again);
      assert.deepEqual([link?.state, link?.accountId], ["pending", accountId]);
      assert.equal((await site.member(accountId)).isMember, false);
    },
  ),
  accounts("verified-only refuses no member (row 3)", async (site) => {
    const { accountId } = await site.account("ann@elsewhere.example");
    await site.wish(accountId, { kind: "add", role: "viewer" });
    await site.set({ attachPolicy: "verified-only" });
    await site.since();
    const id = await site.post({ userName: "ann@elsewhere.example" });
    const link = await site.linkOf(id);
    assert.deepEqual([link?.state, link?.accountId], ["linked", accountId]);
    assert.equal((await site.since()).mails, 0);
  }),
  accounts(
    "a login e-mail that moves, or cannot, is in the audit log of the tenant, and of the instance",
    async (site) => {
      const { auditLog, accounts: table } = site.store;
      const id = await site.post(ann);
      const accountId = await accountBehind(site, id);
      await verifyDomain(site, "acme.example");
      await verifyDomain(site, "acme.net");
      const told = async () => {
        const { tenantId } = site.population.scope;
        const entries = await auditLog.list(tenantId, { targetId: id, limit: 9 });
        return entries.at(-1)?.differences.filter(({ path }) => path.startsWith("account."));
      };
      const ofInstance = async () => {
        const search = { action: "account.update", targetId: accountId, limit: 9 };
        return (await auditLog.list(instanceAuditId, search)).map((entry) => entry.differences);
      };
      const { actor } = testCircumstances;
      await site.put(id, { userName: "ann@acme.net" });
      const moved = [
        { path: "email", before: "ann@acme.example", after: "ann@acme.net" },
        { path: "emailVerified", before: false, after: true },
      ];
      assert.deepEqual(
        await told(),
        moved.map((one) => ({ ...one, path: `account.${one.path}` })),
      );
      assert.deepEqual(await ofInstance(), [moved]);
      const [entry] = await auditLog.list(instanceAuditId, { targetId: accountId, limit: 9 });
      assert.deepEqual(entry?.actor, actor);
      await site.account("bea@acme.net");
      await site.put(id, { userName: "bea@acme.net" });
      const kept = "ann@acme.net";
      assert.equal((await table.byId(accountId))?.email, kept);
      assert.deepEqual(await told(), [{ path: "account.email", before: kept, after: kept }]);
      assert.equal((await ofInstance()).length, 1);
    },
  ),
  accounts(
    "a login e-mail that moves while the application changes the account takes nothing back",
    async (site) => {
      await verifyDomain(site, "acme.example");
      await verifyDomain(site, "acme.net");
      const names = Array.from({ length: 10 }, (_, index) => `p${index}`);
      const people = await Promise.all(
        names.map(async (name) => {
          const id = await site.post({ userName: `${name}@acme.example` });
          return { name, id, accountId: await accountBehind(site, id) };
        }),
      );
      await Promise.all(
        people.flatMap(({ name, id, accountId }) => [
          site.put(id, { userName: `${name}@acme.net` }),
          site.store.accounts.change(accountId, { ref: `ref-${name}` }, testCircumstances),
        ]),
      );
      for (const { name, accountId } of people) {
        const account = await site.store.accounts.byId(accountId);
        assert.deepEqual(
          [account?.email, account?.ref, account?.revision],
          [`${name}@acme.net`, `ref-${name}`, 3],
        );
      }
    },
  ),
  accounts(
    "I1: a login e-mail does not move under a tenant that attaches the account at that moment",
    async (site) => {
      const globex = await createPopulation(site.store, "globex");
      await verifyDomain(site, "acme.example");
      await verifyDomain(site, "acme.net");
      // The first User prepares the population, while which nobody else gets far.
      await globex.create(site.user, { userName: "somebody" });
      const names = Array.from({ length: 15 }, (_, index) => `p${index}`);
      const people = await Promise.all(
        names.map(async (name) => {
          const userName = `${name}@acme.example`;
          const id = await site.post({ userName });
          return { name, userName, id, accountId: await accountBehind(site, id) };
        }),
      );
      const attached = await Promise.all(
        people.map(async ({ name, id, userName }) => {
          const [{ id: there }] = await Promise.all([
            globex.create(site.user, { userName }),
            site.put(id, { userName: `${name}@acme.net` }),
          ]);
          return accountBehind(site, there, globex);
        }),
      );
      for (const [index, { name, userName, accountId }] of people.entries()) {
        const isAttached = attached[index] === accountId;
        const account = await site.store.accounts.byId(accountId);
        assert.equal(account?.email, isAttached ? userName : `${name}@acme.net`);
      }
    },
  ),
  accounts("who is told of an end reads it in the language of the User", async (site) => {
    await site.account("ann@acme.example");
    const id = await site.post({ ...ann, preferredLanguage: "de" });
    await site.remove(id);
    const mails = await site.store.mails.list(site.population.scope.tenantId, { limit: 9 });
    assert.deepEqual(mails.map(({ kind, language }) => `${kind}: ${language}`).toSorted(), [
      "attached: de",
      "digest: de",
    ]);
  }),
];
