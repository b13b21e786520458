/** What a store promises about attaching accounts to Users (semantics §2, §3). */
import assert from "node:assert/strict";
import { ScimError } from "@rollcall/scim";
import { accountBehind, accounts, ann, lastEvents, verifyDomain } from "./account-site.ts";
import { createPopulation, testCircumstances, testStartMs } from "./contract-population.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

/** Longer ago than an invitation lives. */
const longAgoMs = testStartMs - 15 * 86_400_000;

/** Every promise about attaching. */
export const attachContract: readonly StoreContractTest[] = [
  accounts(
    "POST row 2: a new person gets account, membership and the default role",
    async (site) => {
      const id = await site.post({ ...ann, displayName: "Ann A." });
      assert.deepEqual(await site.since(), { entries: 1, events: 1, mails: 0 });
      const link = await site.linkOf(id);
      assert.equal(link?.state, "linked");
      const accountId = await accountBehind(site, id);
      const { account, access, isMember } = await site.member(accountId);
      assert.deepEqual(
        [account.email, account.emailVerified, account.hasLogin, account.name],
        ["ann@acme.example", false, false, "Ann A."],
      );
      assert.deepEqual([isMember, access.state, access.role], [true, "active", "user"]);
      const [event] = await lastEvents(site);
      assert.equal(event?.type, "user.created");
      assert.equal(event.data["accountId"], accountId);
    },
  ),
  accounts(
    "POST row 2: the address is verified where the tenant verified its domain",
    async (site) => {
      await verifyDomain(site, "acme.example");
      const id = await site.post(ann);
      const { account } = await site.member(await accountBehind(site, id));
      assert.equal(account.emailVerified, true);
    },
  ),
  accounts(
    "POST row 3: a member is linked, without a mail; what a human decided stays",
    async (site) => {
      const { accountId } = await site.account("ann@acme.example");
      await site.wish(accountId, { kind: "add", role: "admin" });
      await site.wish(accountId, { kind: "lock", source: "admin", reason: "left in anger" });
      await site.since();
      const id = await site.post({
        ...ann,
        emails: [{ value: "ANN@ACME.example", primary: true }],
      });
      assert.deepEqual(await site.since(), { entries: 1, events: 1, mails: 0 });
      assert.equal(await accountBehind(site, id), accountId);
      const { facts, access } = await site.member(accountId);
      assert.deepEqual(
        facts.grants.map(({ source, role }) => [source, role]),
        [["manual", "admin"]],
      );
      assert.deepEqual([access.state, access.suspendedBy], ["suspended", ["admin"]]);
      await site.put(id, { ...ann, active: false });
      await site.put(id, { ...ann, active: true });
      assert.deepEqual((await site.member(accountId)).access.suspendedBy, ["admin"]);
      await site.wish(accountId, { kind: "unlock", source: "admin" });
      assert.deepEqual((await site.member(accountId)).access.role, "admin");
    },
  ),
  accounts(
    "POST row 4: an existing account is attached, and its person gets one mail",
    async (site) => {
      const before = await site.account("ann@acme.example");
      await site.since();
      const id = await site.post(ann);
      assert.deepEqual(await site.since(), { entries: 1, events: 1, mails: 1 });
      assert.equal(await accountBehind(site, id), before.accountId);
      const [mail] = await site.store.mails.list(site.population.scope.tenantId, { limit: 9 });
      assert.deepEqual([mail?.kind, mail?.to], ["attached", "ann@acme.example"]);
      assert.equal(mail?.facts.role, "user");
      assert.deepEqual((await site.member(before.accountId)).account, before);
    },
  ),
  accounts(
    "an account that nobody has proven and that can log in is only invited",
    async (site) => {
      const before = await site.account("ann@acme.example", { emailVerified: false });
      const id = await site.post(ann, { nowMs: Date.now() });
      const link = await site.linkOf(id);
      assert.deepEqual([link?.state, link?.accountId], ["pending", before.accountId]);
      const { access, isMember, account } = await site.member(before.accountId);
      assert.deepEqual([isMember, access.state, access.role], [false, "none", undefined]);
      assert.deepEqual(account, before);
      const [mail] = await site.store.mails.list(site.population.scope.tenantId, { limit: 9 });
      assert.equal(mail?.kind, "invitation");
    },
  ),
  accounts("an invitation is accepted once, and proves the address", async (site) => {
    const { tenantId } = site.population.scope;
    const { accountId } = await site.account("ann@acme.example", { emailVerified: false });
    const id = await site.post(ann, { nowMs: Date.now() });
    const [invitation] = await site.store.invitations.list(tenantId, { limit: 9 });
    assert(invitation !== undefined);
    await site.since();
    const settle = (kind: "accept" | "decline") =>
      site.store.invitations.settle(tenantId, invitation, kind, testCircumstances);
    assert.equal((await settle("accept")).kind, "done");
    assert.equal((await settle("accept")).kind, "gone");
    assert.equal((await settle("decline")).kind, "gone");
    assert.deepEqual(await site.since(), { entries: 1, events: 1, mails: 0 });
    assert.equal((await site.linkOf(id))?.state, "linked");
    const { account, access } = await site.member(accountId);
    assert.deepEqual([account.emailVerified, access.role], [true, "user"]);
  }),
  accounts("an invitation that is declined, revoked or over cannot be accepted", async (site) => {
    const { tenantId } = site.population.scope;
    await site.set({ attachPolicy: "invite" });
    await site.account("ann@acme.example");
    await site.account("bea@acme.example");
    await site.account("eve@acme.example");
    const declined = await site.post(ann, { nowMs: Date.now() });
    const revoked = await site.post({ userName: "bea@acme.example" }, { nowMs: Date.now() });
    await site.post({ userName: "eve@acme.example" }, { nowMs: longAgoMs });
    const invitations = await site.store.invitations.list(tenantId, { limit: 9 });
    const settle = (email: string, kind: "accept" | "decline") => {
      const invitation = invitations.find((one) => one.email === email);
      assert(invitation !== undefined);
      return site.store.invitations.settle(tenantId, invitation, kind, testCircumstances);
    };
    assert.equal((await settle("ann@acme.example", "decline")).kind, "done");
    assert.equal((await settle("ann@acme.example", "accept")).kind, "gone");
    assert.equal((await site.linkOf(declined))?.state, "declined");
    await site.put(revoked, { userName: "somebody@acme.example" });
    assert.equal((await settle("bea@acme.example", "accept")).kind, "gone");
    assert.equal((await settle("eve@acme.example", "accept")).kind, "gone");
  }),
  accounts("POST row 5: of two Users with one address the second has no account", async (site) => {
    const emails = [{ value: "ann@acme.example", primary: true }];
    const first = await site.post({ userName: "ann", emails });
    const second = await site.post({ userName: "ann.2", emails });
    assert.equal((await site.linkOf(first))?.state, "linked");
    const link = await site.linkOf(second);
    assert.deepEqual([link?.state, link?.reason, link?.accountId], ["none", "taken", undefined]);
  }),
  accounts("POST row 6: an inactive User is dormant until it is active", async (site) => {
    const id = await site.post({ ...ann, active: false });
    assert.equal(await site.linkOf(id), undefined);
    assert.deepEqual(await site.store.accounts.page({ after: "", limit: 9 }), []);
    await site.put(id, { ...ann, active: true });
    assert.equal((await site.member(await accountBehind(site, id))).access.role, "user");
  }),
  accounts(
    "POST row 13: who comes back finds the account again, whatever it is called now",
    async (site) => {
      const id = await site.post({ ...ann, externalId: "7" });
      const accountId = await accountBehind(site, id);
      await site.remove(id);
      assert.equal((await site.member(accountId)).isMember, false);
      const again = await site.post({ userName: "ann.new@acme.example", externalId: "7" });
      assert.notEqual(again, id);
      assert.equal(await accountBehind(site, again), accountId);
      assert.equal((await site.member(accountId)).access.role, "user");
    },
  ),
  accounts("POST row 13: a second john.smith gets nobody else's account", async (site) => {
    const first = await site.post({
      userName: "john.smith",
      emails: [{ value: "john@acme.example" }],
    });
    const accountId = await accountBehind(site, first);
    await site.remove(first);
    const second = await site.post({
      userName: "john.smith",
      emails: [{ value: "john.2@acme.example" }],
    });
    assert.notEqual(await accountBehind(site, second), accountId);
  }),
  accounts("a directory-only tenant attaches nobody", async (site) => {
    await site.set({ accounts: false });
    const id = await site.post(ann);
    assert.equal(await site.linkOf(id), undefined);
    assert.deepEqual(await site.store.accounts.page({ after: "", limit: 9 }), []);
    assert.deepEqual(await site.since(), { entries: 2, events: 1, mails: 0 });
  }),
  accounts(
    "verified-only refuses what it cannot verify, alike with and without an account",
    async (site) => {
      await site.set({ attachPolicy: "verified-only" });
      await site.account("bea@acme.example");
      await site.since();
      const details: string[] = [];
      for (const userName of ["ann@acme.example", "bea@acme.example"]) {
        await assert.rejects(site.post({ userName }), (error) => {
          assert(error instanceof ScimError);
          details.push(error.message);
          return error.scimType === "invalidValue";
        });
      }
      assert.equal(details[0], details[1]);
      assert.match(details[0] ?? "", /acme\.example/);
      assert.deepEqual(await site.since(), { entries: 0, events: 0, mails: 0 });
      await verifyDomain(site, "acme.example");
      await site.post(ann);
    },
  ),
  accounts("verified-or-invite, invite and reject do what they say", async (site) => {
    await site.set({ attachPolicy: "verified-or-invite" });
    await site.account("ann@acme.example");
    await site.account("bea@acme.example");
    await site.account("eve@acme.example");
    const pending = await site.post(ann);
    assert.equal((await site.linkOf(pending))?.state, "pending");
    await verifyDomain(site, "acme.example");
    const linked = await site.post({ userName: "bea@acme.example" });
    assert.equal((await site.linkOf(linked))?.state, "linked");
    await site.set({ attachPolicy: "reject" });
    await assert.rejects(
      site.post({ userName: "eve@acme.example" }),
      (error) => error instanceof ScimError && error.scimType === "uniqueness",
    );
    const fresh = await site.post({ userName: "new@acme.example" });
    assert.equal((await site.linkOf(fresh))?.state, "linked");
  }),
  accounts("a link that was refused is tried again when the address changes", async (site) => {
    const emails = [{ value: "ann@acme.example" }];
    await site.post({ userName: "ann", emails });
    const second = await site.post({ userName: "bea", emails });
    await site.put(second, { userName: "bea", emails, title: "Dr" });
    assert.equal((await site.linkOf(second))?.state, "none");
    await site.put(second, { userName: "bea", emails, title: "Dr", roles: ["admin"] });
    assert.equal((await site.linkOf(second))?.reason, "taken");
    await site.put(second, { userName: "bea", emails: [{ value: "bea@acme.example" }] });
    assert.equal((await site.linkOf(second))?.state, "linked");
  }),
  accounts("POST row 4: with the role that is asked for, which the mail tells", async (site) => {
    const { accountId } = await site.account("ann@acme.example");
    await site.post({ ...ann, roles: [{ value: "admin" }] });
    assert.equal((await site.member(accountId)).access.role, "admin");
    const [mail] = await site.store.mails.list(site.population.scope.tenantId, { limit: 9 });
    assert.deepEqual([mail?.kind, mail?.facts.role], ["attached", "admin"]);
  }),
  accounts("POST rows 6 and 4: nobody is told of a User before it is active", async (site) => {
    const { accountId } = await site.account("ann@acme.example");
    await site.since();
    const id = await site.post({ ...ann, active: false });
    assert.deepEqual(await site.since(), { entries: 1, events: 1, mails: 0 });
    assert.equal((await site.member(accountId)).isMember, false);
    await site.put(id, { ...ann, active: true });
    assert.equal((await site.since()).mails, 1);
    assert.equal((await site.member(accountId)).access.role, "user");
  }),
  accounts(
    "I7: what a pending link would give counts from its acceptance on, as the client says by then",
    async (site) => {
      const { tenantId } = site.population.scope;
      await site.set({ attachPolicy: "invite" });
      for (const [name, active] of [
        ["ann", true],
        ["bea", false],
      ] as const) {
        const userName = `${name}@acme.example`;
        const { accountId } = await site.account(userName);
        const id = await site.post({ userName, roles: ["admin"] }, { nowMs: Date.now() });
        assert.equal((await site.member(accountId)).access.role, undefined);
        await site.put(id, { userName, roles: ["viewer"], active });
        const pending = await site.member(accountId);
        assert.deepEqual([pending.isMember, pending.access.state], [false, "none"]);
        const invitations = await site.store.invitations.list(tenantId, { limit: 9 });
        const invitation = invitations.find((one) => one.accountId === accountId);
        assert(invitation !== undefined);
        await site.store.invitations.settle(tenantId, invitation, "accept", testCircumstances);
        const { access } = await site.member(accountId);
        assert.deepEqual(
          [access.state, access.role],
          active ? ["active", "viewer"] : ["suspended", undefined],
        );
      }
    },
  ),
  accounts(
    "of two tenants that create one person at once the second attaches the account of the first",
    async (site) => {
      const globex = await createPopulation(site.store, "globex");
      const names = Array.from({ length: 10 }, (_, index) => `p${index}@acme.example`);
      await Promise.all(
        names.flatMap((userName) =>
          [site.population, globex].map((of) => of.create(site.user, { userName })),
        ),
      );
      const all = await site.store.accounts.page({ after: "", limit: 99 });
      assert.equal(all.length, names.length);
      for (const { accountId } of all) {
        assert.equal((await site.store.accounts.tenantsOf(accountId)).length, 2);
      }
      const mails = await Promise.all(
        [site.population, globex].map(({ scope }) =>
          site.store.mails.list(scope.tenantId, { limit: 99 }),
        ),
      );
      assert.deepEqual(
        mails
          .flat()
          .map(({ to }) => to)
          .toSorted(),
        names.toSorted(),
      );
    },
  ),
  accounts("a create that comes too late leaves no account, no event and no mail", async (site) => {
    await site.account("ann@acme.example");
    const emails = (name: string) => [{ value: `${name}@acme.example`, primary: true }];
    await site.post({ userName: "one", emails: emails("one") });
    await site.since();
    const outcomes = await Promise.all(
      ["ann", "new"].map((name) =>
        site.population.create(site.user, { userName: "ONE", emails: emails(name) }),
      ),
    );
    assert.ok(outcomes.every(({ outcome }) => outcome.kind !== "committed"));
    assert.deepEqual(await site.since(), { entries: 0, events: 0, mails: 0 });
    const racing = await Promise.all(
      Array.from({ length: 8 }, () => site.population.create(site.user, ann)),
    );
    assert.equal(racing.filter(({ outcome }) => outcome.kind === "committed").length, 1);
    assert.deepEqual(await site.since(), { entries: 1, events: 1, mails: 1 });
    assert.equal((await site.store.accounts.page({ after: "", limit: 9 })).length, 2);
  }),
  accounts(
    "I5: whoever has an account of their own is told at once that they are in, and in one digest what follows",
    async (site) => {
      const { tenantId } = site.population.scope;
      const { accountId } = await site.account("ann@acme.example");
      const told = async () => {
        const mails = await site.store.mails.list(tenantId, { limit: 9 });
        // Mails of one moment are in any order.
        return mails
          .map(({ kind, facts }) => [kind, ...(facts.notices ?? []).map((notice) => notice.kind)])
          .sort();
      };
      const id = await site.post(ann);
      assert.deepEqual(await told(), [["attached"]]);
      await site.put(id, { ...ann, active: false });
      await site.put(id, { ...ann, active: true });
      assert.deepEqual(await told(), [["attached"]]);
      const there = await site.post(ann, { of: site.other });
      await site.remove(id);
      assert.equal((await site.member(accountId)).isMember, true);
      assert.deepEqual(await told(), [["attached"]]);
      await site.remove(there, site.other);
      assert.deepEqual(await told(), [["attached"], ["digest", "detached"]]);
      await site.post(ann);
      assert.deepEqual(await told(), [["attached"], ["digest", "detached", "attached"]]);
    },
  ),
  accounts("I5: of an account that the connection made nobody is told", async (site) => {
    const id = await site.post(ann);
    await site.put(id, { ...ann, active: false });
    await site.remove(id);
    await site.post(ann);
    const { tenantId } = site.population.scope;
    assert.deepEqual(await site.store.mails.list(tenantId, { limit: 9 }), []);
  }),
];
