/** What a store promises about staged connections, whose Users wait, and about Users that are tried again together. */
import assert from "node:assert/strict";
import type { ChangeMode } from "../domain/mapping-change.ts";
import type { Scope } from "../domain/tenant.ts";
import type { TriedUser } from "../domain/tried-user.ts";
import { countTried, noTriedUsers, triedOnce } from "../domain/tried-user.ts";
import type { AccountSite } from "./account-site.ts";
import { accountBehind, accounts, ann, lastEvents, verifyDomain } from "./account-site.ts";
import { testCircumstances } from "./contract-population.ts";
import type { GrantsSite } from "./grants-site.ts";
import { grants, named } from "./grants-site.ts";
import type { WaitingWish } from "./store.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

const bea: { readonly userName: string } = { userName: "bea@acme.example" };
const eve: { readonly userName: string } = { userName: "eve@acme.example" };

function stage(site: AccountSite, isStaged = true, scope: Scope = site.population.scope) {
  return site.store.connections.stage(scope, isStaged, testCircumstances);
}

/** Tries everybody who waits, two at a time. */
async function tryAll(
  site: AccountSite,
  wish: Partial<Pick<WaitingWish, "reason" | "preview">> = {},
): Promise<readonly TriedUser[]> {
  const users: TriedUser[] = [];
  for (let after: string | undefined = ""; after !== undefined; ) {
    const { scope } = site.population;
    const part = { scope, resourceType: site.user, after, limit: 2, reason: "staged" as const };
    const batch = await site.store.connections.attachWaiting(
      { ...part, ...wish },
      testCircumstances,
    );
    users.push(...batch.users);
    after = batch.last;
  }
  return users;
}

function shownOf(users: readonly TriedUser[]): readonly string[] {
  return users.map(({ userName, outcome, reason, moves, mails }) => {
    const moved = moves.map(({ teamId, to }) => `${teamId ?? "tenant"} ${to}`).join(", ");
    return `${userName}: ${outcome} ${reason ?? "-"}, ${moved}, ${mails} mails`;
  });
}

/** Users of every kind, and what becomes of them once the connection is activated. */
async function provisionAll(site: AccountSite): Promise<readonly string[]> {
  await site.set({ attachPolicy: "verified-or-invite" });
  await site.account("bea@acme.example");
  await site.account("eve@elsewhere.example");
  await verifyDomain(site, "acme.example");
  assert.equal(await stage(site), "done");
  await site.post(ann);
  await site.post(bea);
  await site.post({ userName: "eve", emails: [{ value: "eve@elsewhere.example" }] });
  await site.post({ userName: "ann.2", emails: [{ value: ann.userName }] });
  await site.post({ userName: "sleeper@acme.example", active: false });
  return [
    "ann@acme.example: attached -, tenant user, 0 mails",
    "bea@acme.example: attached -, tenant user, 1 mails",
    "eve: pending -, , 1 mails",
    "ann.2: refused taken, , 0 mails",
  ];
}

/** Every promise about staging. */
export const stagingContract: readonly StoreContractTest[] = [
  accounts("while a connection is staged nobody is attached, refused or told", async (site) => {
    const { store, population } = site;
    await site.set({ attachPolicy: "reject" });
    await site.account("ann@acme.example");
    assert.equal(await stage(site), "done");
    assert.equal(await stage(site), "done");
    assert.equal((await store.connections.read(population.scope))?.staged, true);
    const { scope } = population;
    const entries = await store.auditLog.list(scope.tenantId, { limit: 9 });
    assert.equal(entries.filter(({ action }) => action === "connection.stage").length, 1);
    await site.since();
    const id = await site.post(ann);
    assert.deepEqual(await site.since(), { entries: 1, events: 1, mails: 0 });
    const link = await site.linkOf(id);
    assert.deepEqual([link?.state, link?.reason, link?.accountId], ["none", "staged", undefined]);
    const created = (await lastEvents(site)).find(({ type }) => type === "user.created");
    assert(created !== undefined && !Object.hasOwn(created.data, "accountId"));
    assert.deepEqual(await store.memberships.list(scope.tenantId, { after: "", limit: 9 }), []);
    await site.put(id, { userName: "ann.b@acme.example" });
    assert.equal((await site.linkOf(id))?.reason, "staged");
    await site.put(id, { userName: "ann.b@acme.example", active: false });
    assert.equal(await site.linkOf(id), undefined);
    await site.put(id, { userName: "ann.b@acme.example" });
    assert.equal(await store.connections.countWaiting(scope, "staged"), 1);
    assert.deepEqual(await store.connections.waiting(scope.tenantId, "staged"), [scope]);
    await site.remove(id);
    assert.equal(await store.connections.countWaiting(scope, "staged"), 0);
    assert.equal((await store.accounts.page({ after: "", limit: 9 })).length, 1);
  }),
  accounts("a connection that has Users with accounts is live, and is not staged", async (site) => {
    const { connections } = site.store;
    const id = await site.post(ann);
    assert.equal(await stage(site), "live");
    assert.equal((await connections.read(site.population.scope))?.staged, false);
    await site.remove(id);
    assert.equal(await stage(site), "done");
    assert.equal(await stage(site, false), "done");
    await site.set({ attachPolicy: "invite" });
    await site.account("bea@acme.example");
    await site.post(bea);
    assert.equal(await stage(site), "live");
    const nowhere = { ...site.population.scope, connectionId: "nobody" as Scope["connectionId"] };
    assert.equal(await stage(site, true, nowhere), "gone");
  }),
  accounts(
    "activated, all who wait are attached as the tables say, each told once",
    async (site) => {
      const { store } = site;
      const { tenantId } = site.population.scope;
      const expected = await provisionAll(site);
      const preview = triedOnce(await tryAll(site, { preview: { settings: undefined } }));
      assert.deepEqual(shownOf(preview), expected);
      assert.deepEqual(await tryAll(site), [], "it is staged still");
      await stage(site, false);
      await site.since();
      const users = await tryAll(site);
      assert.deepEqual(shownOf(users), expected);
      assert.deepEqual(countTried(noTriedUsers, users), { attached: 2, pending: 1, refused: 1 });
      // An entry for each of whom something is known now; access.changed for those who got in.
      assert.deepEqual(await site.since(), { entries: 3, events: 2, mails: 2 });
      const told = (await lastEvents(site)).filter(({ type }) => type === "access.changed");
      assert.deepEqual(told.map(({ data }) => data["isNewAccount"]).toSorted(), [false, true]);
      const entries = await store.auditLog.list(tenantId, { limit: 100 });
      const attached = entries.filter(({ action }) => action === "user.attach");
      assert.deepEqual(attached.map(({ target }) => target.name).toSorted(), [
        "ann@acme.example",
        "bea@acme.example",
        "eve",
      ]);
      assert.deepEqual(await tryAll(site), []);
      const again = await site.post({ userName: "new@acme.example" });
      await accountBehind(site, again);
    },
  ),
  accounts(
    "interrupted, activating goes on with those that wait, and so does a sync",
    async (site) => {
      const { connections } = site.store;
      const { scope } = site.population;
      await stage(site);
      const ids = [await site.post(ann), await site.post(bea), await site.post(eve)];
      await stage(site, false);
      const wish = { scope, resourceType: site.user, reason: "staged" as const, after: "" };
      const part = await connections.attachWaiting({ ...wish, limit: 1 }, testCircumstances);
      assert.deepEqual([part.users.length, part.last], [1, ids[0]]);
      assert.equal(await connections.countWaiting(scope, "staged"), 2);
      await site.put(ids[1] ?? "", { userName: "beatrice@acme.example" });
      await accountBehind(site, ids[1] ?? "");
      const rest = await tryAll(site);
      assert.deepEqual(
        rest.map(({ userName }) => userName),
        [eve.userName],
      );
      assert.equal(await connections.countWaiting(scope, "staged"), 0);
    },
  ),
  accounts(
    "who has been refused by the policy is tried again once it is another one",
    async (site) => {
      await site.set({ attachPolicy: "verified-only" });
      await verifyDomain(site, "acme.example");
      const id = await site.post(ann);
      const old = await site.post({ userName: "eve@acme.example" });
      await site.store.domains.remove(
        site.population.scope.tenantId,
        "acme.example",
        testCircumstances,
      );
      await site.remove(id);
      await site.put(old, { userName: "ann@other.example", active: false });
      await site.wish(await accountBehind(site, old), { kind: "leave" });
      await site.remove(old);
      await stage(site);
      const waiting = await site.post({ userName: "bea@other.example" });
      await stage(site, false);
      assert.deepEqual(shownOf(await tryAll(site)), [
        "bea@other.example: refused policy, , 0 mails",
      ]);
      assert.equal((await site.linkOf(waiting))?.reason, "policy");
      await site.since();
      assert.equal((await tryAll(site, { reason: "policy" })).length, 1);
      assert.deepEqual(await site.since(), { entries: 0, events: 0, mails: 0 });
      const eased = { settings: { attachPolicy: "attach" } };
      const expected = ["bea@other.example: attached -, tenant user, 0 mails"];
      assert.deepEqual(shownOf(await tryAll(site, { reason: "policy", preview: eased })), expected);
      assert.equal((await site.linkOf(waiting))?.reason, "policy");
      await site.set({ attachPolicy: "attach" });
      assert.deepEqual(shownOf(await tryAll(site, { reason: "policy" })), expected);
    },
  ),
  grants(
    "who has been refused is tried in the transaction of the change, which is refused as a whole when anybody has come, gone or changed",
    async (site) => {
      const { store, tenantId } = site;
      const { user: trying } = site;
      await site.set({ attachPolicy: "verified-only" });
      await stage(site);
      const posted = [await site.person("ann"), await site.person("ben")];
      await stage(site, false);
      await tryAll(site);
      for (const id of posted) {
        assert.equal((await site.linkOf(id))?.reason, "policy");
      }
      const settings = { attachPolicy: "attach", defaultRole: "viewer" };
      const change = async (mode: ChangeMode) => {
        const wish = { settings, expected: undefined, mode, trying };
        const outcome = await store.tenants.changeSettings(tenantId, wish, testCircumstances);
        assert(typeof outcome !== "string" && outcome.kind !== "last-owner");
        return outcome;
      };
      const before = await site.rows();
      const asked = await change({ kind: "preview" });
      assert.equal(await site.rows(), before, "a preview changes nothing");
      assert.deepEqual(shownOf(asked.tried), [
        "ann@acme.example: attached -, tenant viewer, 0 mails",
        "ben@acme.example: attached -, tenant viewer, 0 mails",
      ]);
      const token = { kind: "apply", token: asked.preview.token } as const;
      // Ben is somebody with an account by now: another person than was shown.
      await site.account("ben@acme.example");
      const rows = await site.rows();
      assert.equal((await change(token)).kind, "moved");
      assert.equal(await site.rows(), rows, "neither the settings nor anybody has changed");
      const again = await change({ kind: "preview" });
      await site.since();
      const done = await change({ kind: "apply", token: again.preview.token });
      assert.equal(done.kind, "done");
      assert.equal(JSON.stringify(shownOf(done.tried)), JSON.stringify(shownOf(again.tried)));
      for (const id of posted) {
        assert.equal((await site.linkOf(id))?.state, "linked");
        assert.equal(await site.access(id), "tenant viewer");
      }
      // The settings, and each who was attached; Ben is told by mail.
      assert.deepEqual(await site.since(), { entries: 3, events: 2, mails: 1 });
      assert.deepEqual(await store.connections.waiting(tenantId, "policy"), []);
    },
  ),
  grants(
    "what groups give to Users of a staged connection has effect once it is active",
    async (site: GrantsSite) => {
      const team = await site.team("Design");
      await site.map(named("designers"), { team, role: "editor" });
      await stage(site);
      const id = await site.person("ann");
      await site.makeGroup("designers", [id]);
      assert.equal((await site.linkOf(id))?.reason, "staged");
      const preview = await tryAll(site, { preview: { settings: undefined } });
      await stage(site, false);
      const users = await tryAll(site);
      assert.deepEqual(shownOf(users), shownOf(preview));
      assert.deepEqual(shownOf(users), [`ann@acme.example: attached -, ${team} editor, 0 mails`]);
      assert.equal(await site.access(id), "Design editor");
    },
  ),
];
