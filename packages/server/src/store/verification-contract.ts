/** What a store promises about an e-mail that is first verified: what nothing vouched for before ends, in every tenant. */
import assert from "node:assert/strict";
import type { AccountId } from "../domain/account.ts";
import { instanceAuditId } from "../domain/admin-credential.ts";
import type { AccountSite } from "./account-site.ts";
import { accountBehind, accounts, ann, lastEvents, verifyDomain } from "./account-site.ts";
import type { TestPopulation } from "./contract-population.ts";
import { createPopulation, saveTestSettings, testCircumstances } from "./contract-population.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

const unproven = { emailVerified: false, hasLogin: false } as const;

function verify(site: AccountSite, accountId: AccountId) {
  return site.store.accounts.change(accountId, { emailVerified: true }, testCircumstances);
}

async function statesOf(site: AccountSite, places: readonly (readonly [string, TestPopulation])[]) {
  const links = await Promise.all(places.map(([id, of]) => site.linkOf(id, of)));
  return links.map((link) => link?.state);
}

async function openInvitation(
  { store }: AccountSite,
  { scope: { tenantId } }: TestPopulation,
  accountId: AccountId,
) {
  const { invitations } = await store.memberships.held(tenantId, accountId);
  const open = invitations.find(({ state }) => state === "open");
  assert(open !== undefined, "there should be an open invitation");
  return open;
}

/** Every promise about it. */
export const verificationContract: readonly StoreContractTest[] = [
  accounts(
    "once the e-mail is verified a link that nothing vouched for waits for the person, who is asked",
    async (site) => {
      const { scope } = site.population;
      const { accountId } = await site.account("ann@acme.example", unproven);
      const id = await site.post(ann);
      assert.equal((await site.member(accountId)).access.state, "active");
      await site.since();
      assert.equal((await verify(site, accountId)).kind, "done");
      assert.deepEqual(await site.since(), { entries: 1, events: 2, mails: 1 });
      const link = await site.linkOf(id);
      assert.deepEqual([link?.state, link?.accountId], ["pending", accountId]);
      const { isMember, access } = await site.member(accountId);
      assert.deepEqual([isMember, access.state], [false, "none"]);
      const types = (await lastEvents(site)).map(({ type }) => type);
      assert.deepEqual(types.toSorted(), ["access.changed", "sessions.revoke", "user.created"]);
      const [entry] = await site.store.auditLog.list(scope.tenantId, {
        action: "account.update",
        limit: 1,
      });
      assert(entry !== undefined);
      const paths = entry.differences.map(({ path }) => path);
      assert.deepEqual(paths.slice(0, 3), ["emailVerified", "access.account", "access.links"]);
      const mails = await site.store.mails.list(scope.tenantId, { limit: 9 });
      const mail = mails.find(({ kind }) => kind === "invitation");
      const invitation = await openInvitation(site, site.population, accountId);
      assert.equal(mail?.to, "ann@acme.example");
      assert.equal(mail.facts.ids.invitationId, invitation.invitationId);
      await site.store.invitations.settle(scope.tenantId, invitation, "accept", testCircumstances);
      assert.equal((await site.linkOf(id))?.state, "linked");
      assert.equal((await site.member(accountId)).access.state, "active");
    },
  ),
  accounts("a link that something vouched for outlives the proof of the e-mail", async (site) => {
    await verifyDomain(site, "acme.example");
    const first = await site.post(ann);
    const accountId = await accountBehind(site, first);
    const { emailVerified } = (await site.member(accountId)).account;
    assert.equal(emailVerified, true);
    const second = await site.post(ann, { of: site.other });
    const links = [
      [first, site.population],
      [second, site.other],
    ] as const;
    const { accounts: table, domains } = site.store;
    // The domain is not the tenant's any more; what it was when the links were made counts.
    await domains.remove(site.population.scope.tenantId, "acme.example", testCircumstances);
    for (const change of [
      { emailVerified: false },
      { emailVerified: true },
      { email: "ann@elsewhere.example", emailVerified: false },
      { emailVerified: true },
    ]) {
      assert.equal((await table.change(accountId, change, testCircumstances)).kind, "done");
      assert.deepEqual(await statesOf(site, links), ["linked", "linked"]);
    }
    const { accountId: bea } = await site.account("bea@acme.example");
    const whileVerified = await site.post({ userName: "bea@acme.example" });
    await table.change(bea, { emailVerified: false }, testCircumstances);
    await site.put(whileVerified, { userName: "bea@acme.example", active: false });
    await site.put(whileVerified, { userName: "bea@acme.example", active: true });
    await verify(site, bea);
    assert.equal((await site.linkOf(whileVerified))?.state, "linked");
  }),
  accounts("a domain that was verified after the link was made vouches as well", async (site) => {
    const { accountId } = await site.account("ann@acme.example", unproven);
    const id = await site.post(ann);
    await verifyDomain(site, "acme.example");
    await site.since();
    await verify(site, accountId);
    assert.deepEqual(await site.since(), { entries: 1, events: 0, mails: 0 });
    assert.equal((await site.linkOf(id))?.state, "linked");
  }),
  accounts(
    "accepting one invitation proves the e-mail, and ends what other tenants had tied to it",
    async (site) => {
      const globex = await createPopulation(site.store, "globex");
      const { accountId } = await site.account("ann@acme.example", unproven);
      const here = await site.post(ann);
      await saveTestSettings(site.store, globex.scope.tenantId, { attachPolicy: "invite" });
      const there = await site.post(ann, { of: globex, nowMs: Date.now() });
      await site.since();
      const invitation = await openInvitation(site, globex, accountId);
      const { tenantId } = globex.scope;
      const { invitations, auditLog } = site.store;
      const outcome = await invitations.settle(tenantId, invitation, "accept", testCircumstances);
      assert.equal(outcome.kind, "done");
      assert.equal((await site.member(accountId)).account.emailVerified, true);
      assert.deepEqual(
        await statesOf(site, [
          [here, site.population],
          [there, globex],
        ]),
        ["pending", "linked"],
      );
      assert.deepEqual(await site.since(), { entries: 1, events: 2, mails: 1 });
      const [entry] = await auditLog.list(tenantId, { action: "invitation.accept", limit: 2 });
      assert.equal(entry?.differences[0]?.path, "emailVerified");
      assert.deepEqual(await auditLog.list(tenantId, { action: "account.", limit: 2 }), []);
      const [ofInstance] = await auditLog.list(instanceAuditId, { limit: 1 });
      assert.deepEqual(ofInstance?.differences, [
        { path: "emailVerified", before: false, after: true },
      ]);
      // The person has agreed to both by now: nothing is left to end.
      await invitations.settle(
        site.population.scope.tenantId,
        await openInvitation(site, site.population, accountId),
        "accept",
        testCircumstances,
      );
      await site.store.accounts.change(accountId, { emailVerified: false }, testCircumstances);
      await verify(site, accountId);
      assert.deepEqual(
        await statesOf(site, [
          [here, site.population],
          [there, globex],
        ]),
        ["linked", "linked"],
      );
    },
  ),
  accounts(
    "the last owner and a protected member keep their links, and the audit log says so",
    async (site) => {
      await site.set({ roleMapping: { boss: "owner" } });
      const globex = await createPopulation(site.store, "globex");
      const { accountId } = await site.account("ann@acme.example", unproven);
      const id = await site.post({ ...ann, roles: ["boss"] });
      const { accountId: bea } = await site.account("bea@acme.example", unproven);
      const there = await site.post({ userName: "bea@acme.example" }, { of: globex });
      const protection = { kind: "protect", protection: "break-glass" } as const;
      const { memberships } = site.store;
      await memberships.fulfil(globex.scope.tenantId, bea, protection, testCircumstances);
      for (const [person, population] of [
        [accountId, site.population],
        [bea, globex],
      ] as const) {
        assert.equal((await verify(site, person)).kind, "done");
        const { tenantId } = population.scope;
        for (const [action, outcome] of [
          ["account.update", "done"],
          ["link.pending", "refused"],
        ] as const) {
          const entries = await site.store.auditLog.list(tenantId, { action, limit: 9 });
          assert.deepEqual(
            entries.map((entry) => entry.outcome),
            [outcome],
          );
        }
      }
      assert.equal((await site.linkOf(id))?.state, "linked");
      assert.equal((await site.linkOf(there, globex))?.state, "linked");
      assert.equal((await site.member(accountId)).access.isOwner, true);
      const changed = await site.store.accounts.byId(accountId);
      assert.equal(changed?.emailVerified, true);
    },
  ),
  accounts(
    "a sync that attaches while the e-mail is verified leaves no link that nothing vouches for",
    async (site) => {
      for (let round = 0; round < 8; round += 1) {
        const userName = `person-${round}@acme.example`;
        const { accountId } = await site.account(userName, unproven);
        const [id] = await Promise.all([site.post({ userName }), verify(site, accountId)]);
        const link = await site.linkOf(id);
        const isGood = link?.state === "pending" || link?.proof === "email";
        assert(isGood, `${link?.state} by ${link?.proof}`);
      }
    },
  ),
];
