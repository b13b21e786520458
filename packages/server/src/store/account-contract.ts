/** What a store promises about accounts themselves, about domains, and about what belongs to somebody else (semantics §3). */
import assert from "node:assert/strict";
import { ScimError } from "@rollcall/scim";
import type { Account, AccountId } from "../domain/account.ts";
import { parseEmailAddress } from "../domain/email-address.ts";
import type { TestTenantId } from "./account-site.ts";
import { accountBehind, accounts, ann, verifyDomain } from "./account-site.ts";
import {
  createPopulation,
  testCircumstances,
  testStartMs,
  testTime,
} from "./contract-population.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

/** Every promise about accounts. */
export const accountContract: readonly StoreContractTest[] = [
  accounts(
    "I1: the login e-mail follows only where the tenant owns account and both domains",
    async (site) => {
      const moved = { userName: "ann@acme.net" };
      const id = await site.post(ann);
      const accountId = await accountBehind(site, id);
      const email = async () => (await site.member(accountId)).account.email;
      await site.put(id, moved);
      assert.equal(await email(), "ann@acme.example");
      await site.put(id, ann);
      await verifyDomain(site, "acme.example");
      await verifyDomain(site, "acme.net");
      await site.put(id, moved);
      assert.equal(await email(), "ann@acme.net");
      const address = parseEmailAddress("ann@acme.net");
      assert(address !== undefined);
      assert.equal(await site.store.accounts.holderOfEmail(address), accountId);
      await site.put(id, ann);
      await site.post({ userName: "ann@elsewhere.example", emails: [{ value: "ann@acme.net" }] });
      assert.equal(await email(), "ann@acme.example");
    },
  ),
  accounts("of many creates for one person in two connections one account comes", async (site) => {
    const emails = [{ value: "ann@acme.example" }];
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? site.population : site.other).create(
          // Row 5 for all but the first of each connection.
          site.user,
          { userName: `ann ${index}`, emails },
          { id: `ann-${index}` },
        ),
      ),
    );
    const all = await site.store.accounts.page({ after: "", limit: 99 });
    assert.equal(all.length, 1);
    assert.equal(
      await site.store.mails
        .list(site.population.scope.tenantId, { limit: 9 })
        .then(({ length }) => length),
      0,
    );
  }),
  accounts("erasing a person leaves no trace but the id", async (site) => {
    const { tenantId } = site.population.scope;
    const id = await site.post({ ...ann, externalId: "7" });
    const accountId = await accountBehind(site, id);
    await site.wish(accountId, { kind: "add", role: "admin" });
    assert.deepEqual(await site.store.accounts.erase(accountId, testCircumstances), {
      kind: "erased",
      tenants: [tenantId],
    });
    assert.equal(await site.store.accounts.byId(accountId), undefined);
    assert.equal(await site.store.memberships.read(tenantId, accountId), undefined);
    const link = await site.linkOf(id);
    assert.deepEqual([link?.state, link?.accountId], ["none", undefined]);
    assert.deepEqual(await site.store.accounts.erase(accountId, testCircumstances), {
      kind: "gone",
    });
  }),
  accounts(
    "what waits for somebody who is erased is sent to nobody, and the User they were can go and come",
    async (site) => {
      const { tenantId } = site.population.scope;
      const { accountId } = await site.account("ann@acme.example");
      const id = await site.post(ann);
      assert.equal((await site.since()).mails, 1);
      await site.store.accounts.erase(accountId, testCircumstances);
      assert.deepEqual(await site.store.mails.claimDue(testStartMs + 1e12, 9), []);
      await site.put(id, { ...ann, title: "Dr" });
      await site.remove(id);
      const again = await site.post(ann);
      assert.notEqual(await accountBehind(site, again), accountId);
      const entries = await site.store.auditLog.list(tenantId, { limit: 9, targetId: id });
      assert.equal(entries.length, 3);
      assert.equal((await site.store.auditLog.verify(tenantId)).ok, true);
    },
  ),
  accounts(
    "accounts are made once for each address and each ref, and change as wished",
    async (site) => {
      const { accounts: table } = site.store;
      const { accountId } = await site.account("ann@acme.example", { ref: "a-1" });
      const bea = await site.account("bea@acme.example");
      const again: Account = {
        ...bea,
        accountId: "another" as AccountId,
        email: "ANN@acme.example",
      };
      assert.deepEqual(await table.create(again, testCircumstances), {
        kind: "taken",
        by: "email",
      });
      const change = (differences: Parameters<typeof table.change>[1]) =>
        table.change(bea.accountId, differences, testCircumstances);
      assert.deepEqual(await change({ ref: "a-1" }), { kind: "taken", by: "ref" });
      assert.deepEqual(await change({ email: "ann@acme.example" }), { kind: "taken", by: "email" });
      assert.equal((await change({ email: "bea@acme.net", ref: "b-1", name: "Bea" })).kind, "done");
      const changed = { ...bea, email: "bea@acme.net", ref: "b-1", name: "Bea", revision: 2 };
      assert.deepEqual(await change({ name: "Bea" }), { kind: "done", account: changed });
      assert.deepEqual(await table.byId(bea.accountId), changed);
      assert.equal(await table.holderOfRef("b-1"), bea.accountId);
      assert.equal((await change({ ref: undefined })).kind, "done");
      assert.equal(await table.holderOfRef("b-1"), undefined);
      const nobody = "nobody" as AccountId;
      assert.deepEqual(await table.change(nobody, {}, testCircumstances), { kind: "gone" });
      const found = await table.byIds([accountId, nobody]);
      assert.deepEqual(
        found.map((account) => account.accountId),
        [accountId],
      );
      const page = await table.page({ after: accountId, limit: 9 });
      assert.deepEqual(
        page.map((account) => account.accountId),
        [bea.accountId],
      );
      assert.deepEqual(await table.tenantsOf(accountId), []);
      assert.deepEqual(await table.erase(accountId, testCircumstances), {
        kind: "erased",
        tenants: [],
      });
      assert.equal(await table.holderOfRef("a-1"), undefined);
    },
  ),
  accounts("members are listed page by page, with whoever is invited or locked", async (site) => {
    const { memberships } = site.store;
    const { tenantId } = site.population.scope;
    await site.set({ attachPolicy: "invite" });
    const invited = await site.account("ann@acme.example");
    await site.post(ann);
    const given = await site.account("bea@acme.example");
    await site.wish(given.accountId, { kind: "add", role: "viewer" });
    const all = await memberships.list(tenantId, { after: "", limit: 9 });
    assert.deepEqual(
      all.map(({ account, isMember }) => [account.accountId, isMember]),
      [
        [invited.accountId, false],
        [given.accountId, true],
      ],
    );
    const [second] = await memberships.list(tenantId, { after: invited.accountId, limit: 1 });
    assert.equal(second?.account.accountId, given.accountId);
    await site.wish(given.accountId, { kind: "remove" });
    const listed = async () =>
      (await memberships.list(tenantId, { after: "", limit: 9 })).map(
        ({ account }) => account.accountId,
      );
    assert.deepEqual(await listed(), [invited.accountId]);
    const locked = await site.account("cy@acme.example");
    await site.wish(locked.accountId, { kind: "lock", source: "security", reason: undefined });
    assert.equal((await site.member(locked.accountId)).isMember, false);
    assert.deepEqual(await listed(), [invited.accountId, locked.accountId]);
    await site.wish(locked.accountId, { kind: "unlock", source: "security" });
    assert.deepEqual(await listed(), [invited.accountId]);
    assert.deepEqual(
      await memberships.fulfil(
        tenantId,
        "nobody" as AccountId,
        { kind: "leave" },
        testCircumstances,
      ),
      { kind: "gone" },
    );
  }),
  accounts(
    "a domain is verified by one tenant, by others only where an operator shares it",
    async (site) => {
      const { domains } = site.store;
      const { tenantId } = site.population.scope;
      const globex = await createPopulation(site.store, "globex");
      const wanted = { domain: "acme.example", challenge: "c", created: testTime(0) };
      const verify = (of: TestTenantId, isShared = false) =>
        domains.verify(of, "acme.example", { method: "dns", isShared }, testCircumstances);
      assert.deepEqual(await verify(tenantId), { kind: "unknown" });
      for (const other of [tenantId, globex.scope.tenantId]) {
        await domains.add(other, wanted, testCircumstances);
      }
      assert.equal(
        (await domains.add(tenantId, { ...wanted, challenge: "d" }, testCircumstances)).challenge,
        "c",
      );
      assert.equal((await verify(tenantId)).kind, "verified");
      assert.equal((await verify(tenantId)).kind, "verified");
      assert.deepEqual(await verify(globex.scope.tenantId), { kind: "taken" });
      assert.equal((await verify(globex.scope.tenantId, true)).kind, "verified");
      assert.deepEqual(
        (await domains.list(tenantId)).map(({ domain, method }) => [domain, method]),
        [["acme.example", "dns"]],
      );
      assert.equal(await domains.remove(tenantId, "acme.example", testCircumstances), true);
      assert.equal(await domains.remove(tenantId, "acme.example", testCircumstances), false);
      assert.deepEqual(await domains.list(tenantId), []);
    },
  ),
  accounts(
    "victim invariance: no policy and no operation changes the account of somebody else",
    async (site) => {
      const victim = await site.account("vic@globex.example", {
        name: "Vic",
        preferredLanguage: "de",
      });
      const globex = await createPopulation(site.store, "globex");
      await site.store.memberships.fulfil(
        globex.scope.tenantId,
        victim.accountId,
        { kind: "add", role: "owner" },
        testCircumstances,
      );
      const elsewhere = () => site.store.memberships.read(globex.scope.tenantId, victim.accountId);
      const before = await elsewhere();
      for (const attachPolicy of [
        "attach",
        "verified-or-invite",
        "verified-only",
        "invite",
        "reject",
      ]) {
        await site.set({ attachPolicy });
        const attributes = {
          userName: `vic-${attachPolicy}`,
          emails: [{ value: "vic@globex.example", primary: true }],
        };
        for (const act of [
          () => site.post({ ...attributes, displayName: "Mallory", preferredLanguage: "en" }),
          () => site.post({ userName: "vic@globex.example", externalId: victim.accountId }),
          async () => {
            const id = await site.post({ userName: `own-${attachPolicy}` });
            const { emails } = attributes;
            const moved = { userName: `own-${attachPolicy}`, emails };
            await site.put(id, { ...moved, name: { givenName: "Mallory" } });
            await site.put(id, { ...moved, active: false });
            await site.put(id, {
              userName: `own-${attachPolicy}`,
              emails: [{ value: "evil@acme.example" }],
            });
            await site.remove(id);
          },
        ]) {
          await act().catch((error: unknown) => {
            if (!(error instanceof ScimError)) {
              throw error;
            }
          });
          assert.deepEqual(await site.store.accounts.byId(victim.accountId), victim);
          assert.deepEqual(await elsewhere(), before);
        }
        for (const resource of (await site.population.query(site.user)).resources) {
          await site.remove(resource.id);
        }
      }
    },
  ),
];
