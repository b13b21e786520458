/** What a store promises about the access of people: what a sync suspends, keeps and must not take (semantics §4). */
import assert from "node:assert/strict";
import type { JsonObject } from "@rollcall/scim";
import { ScimError } from "@rollcall/scim";
import { accountBehind, accounts, ann, lastEvents } from "./account-site.ts";
import { saveTestSettings } from "./contract-population.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

/** Every promise about access. */
export const accessContract: readonly StoreContractTest[] = [
  accounts(
    "deactivating suspends, activating lifts that alone; each tells the application",
    async (site) => {
      const id = await site.post(ann);
      const accountId = await accountBehind(site, id);
      await site.since();
      await site.put(id, { ...ann, active: false });
      assert.deepEqual(await site.since(), { entries: 1, events: 3, mails: 0 });
      const { access, facts } = await site.member(accountId);
      assert.deepEqual([access.state, access.role], ["suspended", undefined]);
      assert.deepEqual(
        facts.locks.map(({ source }) => source),
        ["scim"],
      );
      const types = (await lastEvents(site)).map(({ type }) => type);
      assert.deepEqual(types.slice(-3).toSorted(), [
        "access.changed",
        "sessions.revoke",
        "user.deactivated",
      ]);
      await site.put(id, { ...ann, active: true });
      assert.deepEqual(await site.since(), { entries: 1, events: 2, mails: 0 });
      assert.deepEqual((await site.member(accountId)).facts.locks, []);
    },
  ),
  accounts("moving from one connection to another locks nobody out", async (site) => {
    const old = await site.post({ ...ann, externalId: "okta" });
    const accountId = await accountBehind(site, old);
    const fresh = await site.post({ ...ann, externalId: "entra" }, { of: site.other });
    assert.equal(await accountBehind(site, fresh, site.other), accountId);
    await site.put(old, { ...ann, externalId: "okta", active: false });
    assert.equal((await site.member(accountId)).access.state, "active");
    await site.remove(old);
    const { access, isMember } = await site.member(accountId);
    assert.deepEqual([isMember, access.state, access.role], [true, "active", "user"]);
    await site.put(fresh, { ...ann, externalId: "entra", active: false }, site.other);
    assert.equal((await site.member(accountId)).access.state, "suspended");
  }),
  accounts(
    "the last owner is neither deactivated nor deleted, and that is in the audit log",
    async (site) => {
      const id = await site.post(ann);
      const accountId = await accountBehind(site, id);
      await site.wish(accountId, { kind: "add", role: "owner" });
      await site.since();
      for (const act of [
        () => site.put(id, { ...ann, active: false }),
        () => site.remove(id).then(() => site.wish(accountId, { kind: "remove" })),
      ]) {
        await assert.rejects(
          act,
          (error) =>
            error instanceof ScimError && error.status === 403 && /owner/.test(error.message),
        );
        assert.deepEqual(await site.since(), { entries: 1, events: 0, mails: 0 });
      }
      const refusals = await site.store.auditLog.list(site.population.scope.tenantId, { limit: 2 });
      assert.deepEqual(
        refusals.map(({ outcome }) => outcome),
        ["refused", "refused"],
      );
      assert.equal((await site.member(accountId)).access.isOwner, true);
      assert.equal((await site.wish(accountId, { kind: "leave" })).kind, "protected");
      const bea = await site.account("bea@acme.example");
      await site.wish(bea.accountId, { kind: "add", role: "owner" });
      await site.put(id, { ...ann, active: false });
      assert.equal((await site.member(accountId)).access.state, "suspended");
    },
  ),
  accounts("settings never take the last owner of a tenant", async (site) => {
    const { tenantId } = site.population.scope;
    const { tenants, auditLog } = site.store;
    const save = (settings: JsonObject) => saveTestSettings(site.store, tenantId, settings);
    const mapped = { roleMapping: { boss: "owner", chief: "owner" } };
    await site.set(mapped);
    const id = await site.post({ ...ann, roles: [{ value: "boss" }] });
    const accountId = await accountBehind(site, id);
    const isOwner = async () => (await site.member(accountId)).access.isOwner;
    assert.equal(await isOwner(), true);
    await site.since();
    const refused = { kind: "last-owner", accountId };
    for (const settings of [{}, { roleMapping: {} }, { roles: ["head", "owner", "member"] }]) {
      assert.deepEqual(await save(settings), refused);
      assert.deepEqual(await site.since(), { entries: 1, events: 0, mails: 0 });
      assert.equal(await isOwner(), true);
    }
    assert.deepEqual((await tenants.byId(tenantId))?.settings, mapped);
    const refusals = (await auditLog.list(tenantId, { limit: 100 })).filter(
      ({ action, outcome }) => action === "tenant.update" && outcome === "refused",
    );
    assert.equal(refusals.length, 3);
    // Whose role nobody needs may go, and an owner by hand is one as well.
    const bea = await site.account("bea@acme.example");
    await site.wish(bea.accountId, { kind: "add", role: "owner" });
    assert.equal(await save({}), "saved");
    assert.equal(await isOwner(), false);
    assert.deepEqual(await save({ roles: ["head", "owner", "member"] }), {
      ...refused,
      accountId: bea.accountId,
    });
    await site.set({ defaultRole: "viewer" });
    assert.equal((await site.member(bea.accountId)).access.isOwner, true);
    await site.set({ roles: ["owner", "head", "member"] });
    await site.wish(accountId, { kind: "add", role: "head" });
    assert.equal(await save({ roles: ["head", "owner", "member"] }), "saved");
    assert.equal(await isOwner(), true);
  }),
  accounts("locks are those of the memberships that Users are linked to", async (site) => {
    const { scope } = site.population;
    const { memberships } = site.store;
    const id = await site.post(ann);
    const invited = "bea@acme.example";
    await site.account(invited);
    await site.set({ attachPolicy: "invite" });
    const pending = await site.post({ userName: invited });
    assert.equal((await site.linkOf(pending))?.state, "pending");
    const asked = [pending, id, "nobody"];
    assert.deepEqual(await memberships.lockSources(scope, asked), new Map());
    for (const accountId of [await accountBehind(site, id), await accountBehind(site, pending)]) {
      for (const source of ["admin", "security"] as const) {
        await site.wish(accountId, { kind: "lock", source, reason: undefined });
      }
    }
    const locked = await memberships.lockSources(scope, asked);
    assert.deepEqual([...locked.keys()], [id]);
    assert.deepEqual(locked.get(id)?.toSorted(), ["admin", "security"]);
    assert.deepEqual(await memberships.lockSources(site.other.scope, asked), new Map());
    assert.deepEqual(await memberships.lockSources(scope, []), new Map());
  }),
  accounts("a tenant without owner changes its roles as it likes", async (site) => {
    await site.post(ann);
    await site.set({ roles: ["head", "member"], roleMapping: { boss: "head" } });
    await site.set({ roles: ["chief", "member"] });
  }),
  accounts("of two owners who are deactivated at once one stays", async (site) => {
    const ids = [await site.post(ann), await site.post({ userName: "bea@acme.example" })];
    for (const id of ids) {
      await site.wish(await accountBehind(site, id), { kind: "add", role: "owner" });
    }
    const outcomes = await Promise.allSettled(
      ids.map((id, index) =>
        site.put(id, { userName: index === 0 ? ann.userName : "bea@acme.example", active: false }),
      ),
    );
    assert.deepEqual(outcomes.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
  }),
  accounts("a break-glass member is protected until somebody lifts it", async (site) => {
    const id = await site.post(ann);
    const accountId = await accountBehind(site, id);
    await site.wish(accountId, { kind: "protect", protection: "break-glass" });
    await assert.rejects(
      site.put(id, { ...ann, active: false }),
      (error) => error instanceof ScimError && error.status === 403,
    );
    await site.wish(accountId, { kind: "protect", protection: undefined });
    await site.put(id, { ...ann, active: false });
  }),
  accounts("DELETE keeps a membership that was given by hand, suspended", async (site) => {
    const id = await site.post(ann);
    const accountId = await accountBehind(site, id);
    await site.wish(accountId, { kind: "add", role: "viewer" });
    await site.remove(id);
    const { isMember, access, facts } = await site.member(accountId);
    assert.deepEqual([isMember, access.state], [true, "suspended"]);
    assert.deepEqual(
      facts.locks.map(({ source }) => source),
      ["scim"],
    );
    const again = await site.post(ann);
    assert.equal(await accountBehind(site, again), accountId);
    assert.deepEqual((await site.member(accountId)).facts.locks, []);
  }),
  accounts("who leaves is not attached again by any sync", async (site) => {
    const { accountId } = await site.account("ann@acme.example");
    const id = await site.post(ann);
    await site.since();
    assert.equal((await site.wish(accountId, { kind: "leave" })).kind, "done");
    // access.changed and sessions.revoke.
    assert.deepEqual(await site.since(), { entries: 1, events: 2, mails: 0 });
    assert.equal((await site.linkOf(id))?.state, "declined");
    await site.put(id, { ...ann, title: "Dr" });
    await site.put(id, { ...ann, active: false });
    await site.put(id, { ...ann, active: true });
    assert.equal((await site.linkOf(id))?.state, "declined");
    await site.remove(id);
    const again = await site.post(ann);
    assert.equal((await site.linkOf(again))?.state, "declined");
    assert.equal((await site.member(accountId)).isMember, false);
    const mails = await site.store.mails.list(site.population.scope.tenantId, { limit: 9 });
    assert.deepEqual(
      mails.map(({ kind }) => kind),
      ["attached"],
    );
  }),
  accounts("roles come to a role of the tenant, up and down", async (site) => {
    await site.set({ roleMapping: { chief: "owner", boss: "admin" } });
    const id = await site.post({ ...ann, roles: [{ value: "Boss" }] });
    const accountId = await accountBehind(site, id);
    const role = async () => (await site.member(accountId)).access.role;
    assert.equal(await role(), "admin");
    await site.put(id, { ...ann, roles: ["viewer"] });
    assert.equal(await role(), "viewer");
    await site.put(id, { ...ann, roles: ["boss"] });
    await site.since();
    await site.set({ roleMapping: { chief: "owner", boss: "viewer" } });
    assert.equal(await role(), "viewer");
    assert.deepEqual(await site.since(), { entries: 1, events: 1, mails: 0 });
    await site.set({ roleMapping: { chief: "owner", boss: "admin" } });
    assert.equal(await role(), "admin");
    await site.put(id, { ...ann, roles: [{ value: "unheard of" }] });
    assert.equal(await role(), "user");
    await site.put(id, { ...ann });
    assert.equal(await role(), "user");
  }),
  accounts(
    "activating clears the lock of its own connection alone, in every order of locks",
    async (site) => {
      const here = await site.post(ann);
      const there = await site.post(ann, { of: site.other });
      const accountId = await accountBehind(site, here);
      const holders = async () => {
        const { facts } = await site.member(accountId);
        return facts.locks.map(({ source, connectionId }) =>
          connectionId === site.other.scope.connectionId ? "scim elsewhere" : source,
        );
      };
      const locking: readonly (() => Promise<unknown>)[] = [
        () => site.put(here, { ...ann, active: false }),
        () => site.put(there, { ...ann, active: false }, site.other),
        () => site.wish(accountId, { kind: "lock", source: "admin", reason: undefined }),
        () => site.wish(accountId, { kind: "lock", source: "security", reason: undefined }),
      ];
      for (const order of ordersOf(locking)) {
        for (const lock of order) {
          await lock();
        }
        await site.put(here, { ...ann, active: true });
        assert.deepEqual((await holders()).toSorted(), ["admin", "scim elsewhere", "security"]);
        await site.put(there, { ...ann, active: true }, site.other);
        assert.deepEqual((await holders()).toSorted(), ["admin", "security"]);
        await site.wish(accountId, { kind: "unlock", source: "admin" });
        assert.deepEqual((await site.member(accountId)).access.suspendedBy, ["security"]);
        await site.wish(accountId, { kind: "unlock", source: "security" });
        assert.equal((await site.member(accountId)).access.state, "active");
      }
    },
  ),
  accounts("an admin's lock ends sessions, and outlives DELETE, POST and leaving", async (site) => {
    const { accountId } = await site.account("ann@acme.example");
    const id = await site.post(ann);
    await site.since();
    await site.wish(accountId, { kind: "lock", source: "admin", reason: "under review" });
    assert.deepEqual(await site.since(), { entries: 1, events: 2, mails: 0 });
    const types = (await lastEvents(site)).map(({ type }) => type);
    assert.deepEqual(types.toSorted(), ["access.changed", "sessions.revoke", "user.created"]);
    const suspendedBy = async () => (await site.member(accountId)).access.suspendedBy;
    await site.remove(id);
    assert.equal((await site.member(accountId)).isMember, false);
    const again = await site.post(ann);
    assert.equal(await accountBehind(site, again), accountId);
    assert.deepEqual(await suspendedBy(), ["admin"]);
    await site.wish(accountId, { kind: "leave" });
    await site.wish(accountId, { kind: "add", role: "admin" });
    assert.deepEqual(await suspendedBy(), ["admin"]);
    assert.equal((await site.member(accountId)).access.role, undefined);
  }),
  accounts(
    "I5: whoever an operator makes a member, or no longer, is told as of a sync",
    async (site) => {
      const { tenantId } = site.population.scope;
      const bea = await site.account("bea@globex.example", {
        name: "Bea",
        preferredLanguage: "de",
      });
      const mails = () => site.store.mails.list(tenantId, { limit: 9 });
      await site.wish(bea.accountId, { kind: "add", role: "admin" });
      const [mail, ...none] = await mails();
      assert.deepEqual(none, []);
      assert.deepEqual(
        [mail?.kind, mail?.to, mail?.language, mail?.facts],
        [
          "attached",
          "bea@globex.example",
          "de",
          {
            tenantName: "The acme",
            by: "",
            role: "admin",
            personName: "Bea",
            ids: { tenantId, accountId: bea.accountId },
          },
        ],
      );
      // Another role, a lock and what changes nothing are no news of the membership.
      await site.wish(bea.accountId, { kind: "add", role: "user" });
      await site.wish(bea.accountId, { kind: "lock", source: "admin", reason: undefined });
      await site.wish(bea.accountId, { kind: "unlock", source: "admin" });
      await site.wish(bea.accountId, { kind: "grant", teamId: undefined, role: "user" });
      assert.equal((await mails()).length, 1);
      await site.wish(bea.accountId, { kind: "revoke", teamId: undefined });
      assert.equal((await site.member(bea.accountId)).isMember, false);
      const all = await mails();
      assert.deepEqual(all.map(({ kind }) => kind).toSorted(), ["attached", "digest"]);
      const digest = all.find(({ kind }) => kind === "digest");
      assert.deepEqual(
        digest?.facts.notices?.map(({ kind, by, role }) => [kind, by, role]),
        [["detached", "", "user"]],
      );
    },
  ),
  accounts(
    "I5: what the person does, and what nobody knows of, is told to nobody",
    async (site) => {
      const { tenantId } = site.population.scope;
      const bea = await site.account("bea@globex.example");
      await site.wish(bea.accountId, { kind: "add", role: "user" });
      await site.wish(bea.accountId, { kind: "leave" });
      const kinds = async () =>
        (await site.store.mails.list(tenantId, { limit: 9 })).map(({ kind }) => kind);
      assert.deepEqual(await kinds(), ["attached"]);
      // An account that the sync has made stays a member by hand, and then no longer.
      const id = await site.post(ann);
      const accountId = await accountBehind(site, id);
      await site.wish(accountId, { kind: "add", role: "user" });
      await site.remove(id);
      assert.equal((await site.member(accountId)).isMember, true);
      await site.wish(accountId, { kind: "remove" });
      assert.equal((await site.member(accountId)).isMember, false);
      const cy = await site.account("cy@globex.example");
      await site.set({ roles: ["owner", "user"] });
      await site.wish(cy.accountId, { kind: "add", role: "owner" });
      assert.equal((await site.wish(cy.accountId, { kind: "remove" })).kind, "protected");
      assert.deepEqual(await kinds(), ["attached", "attached"]);
    },
  ),
  accounts("the last owner keeps the role that a sync would take", async (site) => {
    await site.set({ roleMapping: { chief: "owner" } });
    const beaName = { userName: "bea@acme.example" };
    const chief = { roles: [{ value: "chief" }] };
    const id = await site.post({ ...ann, ...chief });
    const accountId = await accountBehind(site, id);
    await site.since();
    const lower = { ...ann, roles: [{ value: "viewer" }] };
    await assert.rejects(
      site.put(id, lower),
      (error) => error instanceof ScimError && error.status === 403,
    );
    assert.deepEqual(await site.since(), { entries: 1, events: 0, mails: 0 });
    assert.equal((await site.member(accountId)).access.isOwner, true);
    const bea = await site.post({ ...beaName, ...chief });
    const outcomes = await Promise.allSettled([
      site.put(id, lower),
      site.put(bea, { ...beaName, roles: ["viewer"] }),
    ]);
    assert.deepEqual(outcomes.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
  }),
];

/** Every order of some things. */
function ordersOf<Thing>(things: readonly Thing[]): readonly (readonly Thing[])[] {
  return things.length === 0
    ? [[]]
    : things.flatMap((first, index) =>
        ordersOf(things.toSpliced(index, 1)).map((others) => [first, ...others]),
      );
}
