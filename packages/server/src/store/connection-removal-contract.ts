/** What a store promises about the end of a connection: what goes, what stays, and who is told. */
import assert from "node:assert/strict";
import { uniqueKeyPathsOf } from "../domain/connection.ts";
import type { ChangeMode } from "../domain/mapping-change.ts";
import { accountBehind, ann } from "./account-site.ts";
import { testCircumstances, testCredential, testOauthClient } from "./contract-population.ts";
import type { GrantsSite } from "./grants-site.ts";
import { allRows, grants, movesShown, named, toldOf } from "./grants-site.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

const apply: ChangeMode = { kind: "apply", token: undefined };

function remove(site: GrantsSite, mode: ChangeMode = apply, of = site.population) {
  const resourceTypes = [site.user, site.group];
  return site.store.connections.remove(of.scope, { resourceTypes, mode }, testCircumstances);
}

/** Every promise about the end of a connection. */
export const connectionRemovalContract: readonly StoreContractTest[] = [
  grants("of a removed connection nothing is left but what was told", async (site) => {
    const { store, population, other, tenantId } = site;
    const { scope } = population;
    await store.connections.save(
      population.connection,
      uniqueKeyPathsOf({ uniqueExternalId: true } as never, {
        resourceTypes: [site.user, site.group],
      }),
      testCircumstances,
    );
    await store.credentials.create(testCredential(scope, "one"), testCircumstances);
    const client = testOauthClient(scope, "two");
    await store.oauthClients.create(client, testCircumstances);
    const assertion = { clientId: client.clientId, assertionId: "one", ends: client.created };
    await store.oauthClients.useAssertion(scope.tenantId, assertion);
    const team = await site.team("Design");
    const gone = await site.map(named("designers"), { team, role: "editor", of: population });
    const kept = await site.map(named("designers"), { role: "admin" });
    const id = await site.person("ann");
    const accountId = await accountBehind(site, id);
    const group = await site.makeGroup("designers", [id]);
    const elsewhere = await site.person("eve", { of: other });
    await site.makeGroup("designers", [elsewhere], { of: other });
    await site.remove(await site.person("dora"));
    await site.set({ attachPolicy: "invite" });
    await site.account("bea@acme.example");
    await site.person("bea");
    await site.told();
    const rows = await site.rows();
    const preview = await remove(site, { kind: "preview" });
    assert(preview.kind === "preview");
    assert.equal(await site.rows(), rows, "a preview changes nothing");
    const outcome = await remove(site, { kind: "apply", token: preview.preview.token });
    assert(outcome.kind === "done");
    assert.deepEqual(outcome.preview, preview.preview);
    assert.deepEqual(outcome.removed, preview.removed);
    assert.deepEqual(outcome.removed, {
      resources: { Group: 1, User: 2 },
      memberships: 1,
      mappings: 1,
      teams: 0,
      credentials: 2,
      mails: 0,
    });
    assert.deepEqual(movesShown(outcome.preview.moves), [
      `${accountId} tenant admin→-`,
      `${accountId} ${team} editor→-`,
    ]);
    const events = await site.told();
    assert.deepEqual(events.map(({ type }) => type).toSorted(), [
      "access.changed",
      "connection.deleted",
      "group.deleted",
      // That of whoever is merely invited, and that of the account that has lost its access.
      "sessions.revoke",
      "sessions.revoke",
      "user.deleted",
      "user.deleted",
    ]);
    assert.deepEqual(toldOf(events), [accountId]);
    const deleted = events.find(({ resourceId }) => resourceId === id);
    assert.equal(deleted?.data["accountId"], accountId);
    assert.equal(deleted?.data["name"], "ann@acme.example");
    assert.equal(events.find(({ resourceId }) => resourceId === group)?.type, "group.deleted");
    assert.equal((await site.lastEntry()).action, "connection.delete");
    assert.equal(await store.connections.read(scope), undefined);
    assert.equal(
      await store.credentials.byId(testCredential(scope, "one").credentialId),
      undefined,
    );
    assert.deepEqual(
      (await store.mappings.list(tenantId)).map(({ mappingId }) => mappingId),
      [kept],
    );
    assert.notEqual(gone, kept);
    assert.equal(await site.access(elsewhere, other), "tenant admin");
    const left = (await allRows(store, tenantId)).split("\n").filter((line) => {
      const [table = ""] = JSON.parse(line);
      return (
        line.includes(scope.connectionId) && !/^(audit_entries|outbox_events|accounts)$/.test(table)
      );
    });
    assert.deepEqual(left, []);
    assert.deepEqual(await remove(site), { kind: "gone" });
  }),
  grants("whoever has something else stays, and is not locked", async (site) => {
    const byHand = await accountBehind(site, await site.person("ann"));
    await site.wish(byHand, { kind: "add", role: "viewer" });
    const both = await accountBehind(site, await site.person("bea"));
    const there = await site.person("bea", { of: site.other });
    assert.equal(await accountBehind(site, there, site.other), both);
    const locked = await site.person("eve");
    const lockedId = await accountBehind(site, locked);
    await site.wish(lockedId, { kind: "add", role: "viewer" });
    await site.remove(locked);
    assert.equal((await site.member(lockedId)).access.state, "suspended");
    await site.told();
    const outcome = await remove(site);
    assert(outcome.kind === "done");
    assert.equal(outcome.removed.memberships, 0);
    for (const [accountId, role] of [
      [byHand, "viewer"],
      [both, "user"],
      [lockedId, "viewer"],
    ] as const) {
      const { access, facts, isMember } = await site.member(accountId);
      assert.deepEqual([isMember, access.state, access.role], [true, "active", role]);
      assert.deepEqual(facts.locks, []);
    }
    const events = await site.told();
    assert.deepEqual(toldOf(events, "sessions.revoke"), []);
  }),
  grants("the last owner and protected members keep their role", async (site) => {
    await site.set({ roleMapping: { chief: "owner" } });
    const attributes = { roles: [{ value: "chief" }] };
    const owners = [
      await accountBehind(site, await site.person("ann", { attributes })),
      await accountBehind(site, await site.person("bea", { attributes })),
    ];
    const guarded = await accountBehind(site, await site.person("eve"));
    await site.wish(guarded, { kind: "protect", protection: "break-glass" });
    const preview = await remove(site, { kind: "preview" });
    const outcome = await remove(site);
    assert(outcome.kind === "done" && preview.kind === "preview");
    assert.deepEqual(outcome.preview, preview.preview);
    assert.deepEqual(outcome.preview.retained, [...owners, guarded].toSorted());
    assert.deepEqual(outcome.preview.moves, []);
    for (const accountId of [...owners, guarded]) {
      const { isMember, access, facts } = await site.member(accountId);
      assert.deepEqual([isMember, access.state], [true, "active"]);
      assert.deepEqual(
        facts.grants.map(({ source }) => source),
        ["retained"],
      );
    }
  }),
  grants("only whoever has an account of their own is told of the end", async (site) => {
    const { store, tenantId } = site;
    await site.account("ann@acme.example");
    await site.post({ ...ann, preferredLanguage: "de" });
    await site.person("bea");
    const before = (await store.mails.list(tenantId, { limit: 100 })).map(({ mailId }) => mailId);
    const outcome = await remove(site);
    assert(outcome.kind === "done");
    assert.equal(outcome.removed.mails, 1);
    const mails = await store.mails.list(tenantId, { limit: 100 });
    const [mail, ...others] = mails.filter(({ mailId }) => !before.includes(mailId));
    assert(mail !== undefined && others.length === 0);
    assert.deepEqual([mail.to, mail.language], ["ann@acme.example", "de"]);
    // The mail of the day is a digest where another one has gone before.
    const [notice = { kind: mail.kind, role: mail.facts.role }] = mail.facts.notices ?? [];
    assert.deepEqual([notice.kind, notice.role], ["detached", "user"]);
  }),
  grants("a token is good only while the removal does what was shown", async (site) => {
    await site.person("ann");
    const preview = await remove(site, { kind: "preview" });
    assert(preview.kind === "preview");
    await site.person("bea");
    const rows = await site.rows();
    const moved = await remove(site, { kind: "apply", token: preview.preview.token });
    assert.equal(moved.kind, "moved");
    assert.equal(await site.rows(), rows);
  }),
];
