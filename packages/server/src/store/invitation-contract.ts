/** What a store promises about invitations that operators send and revoke; those of syncs are among the attaching. */
import assert from "node:assert/strict";
import type { Invitation } from "../domain/invitation.ts";
import type { AccountSite } from "./account-site.ts";
import { accounts } from "./account-site.ts";
import { testCircumstances } from "./contract-population.ts";
import type { SentInvitation } from "./store.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

const bea = { userName: "bea@globex.example" };

/** What an operator sends to the person behind a User. */
function invitationTo(
  { population }: AccountSite,
  { accountId, resourceId }: Pick<Invitation, "accountId" | "resourceId">,
  invitationId: string,
): SentInvitation {
  const { tenantId, connectionId } = population.scope;
  return {
    invitation: { invitationId, accountId, connectionId, resourceId, email: bea.userName },
    mail: {
      mailId: `mail of ${invitationId}`,
      accountId,
      kind: "invitation",
      to: bea.userName,
      language: "en",
      idempotencyKey: `invitation:${invitationId}`,
      facts: {
        tenantName: "The acme",
        by: "The main",
        ids: { tenantId, accountId, invitationId },
      },
    },
  };
}

async function statesIn({ store, population }: AccountSite): Promise<readonly string[]> {
  const { tenantId } = population.scope;
  const all = await store.invitations.list(tenantId, { limit: 99 });
  return all.map(({ state }) => state).toSorted();
}

/** Every promise about invitations of operators. */
export const invitationContract: readonly StoreContractTest[] = [
  accounts(
    "who has left is invited anew, and comes back by accepting alone, which forgets the decline",
    async (site) => {
      const { store, population } = site;
      const { tenantId } = population.scope;
      const { accountId } = await site.account(bea.userName);
      const id = await site.post(bea);
      await site.wish(accountId, { kind: "leave" });
      assert.equal((await site.linkOf(id))?.state, "declined");
      const send = (invitationId: string) =>
        store.invitations.send(
          tenantId,
          invitationTo(site, { accountId, resourceId: id }, invitationId),
          testCircumstances,
        );
      await site.since();
      assert.equal((await send("first")).kind, "done");
      assert.deepEqual(await site.since(), { entries: 1, events: 0, mails: 1 });
      assert.equal((await site.linkOf(id))?.state, "pending");
      const { isMember, hasDeclined } = await site.member(accountId);
      assert.deepEqual([isMember, hasDeclined], [false, true]);
      assert.equal((await send("second")).kind, "done");
      assert.deepEqual(await statesIn(site), ["open", "revoked"]);
      const second = await store.invitations.byId(tenantId, "second");
      const first = await store.invitations.byId(tenantId, "first");
      assert(first !== undefined && second !== undefined);
      const settle = (invitation: Invitation) =>
        store.invitations.settle(tenantId, invitation, "accept", testCircumstances);
      assert.equal((await settle(first)).kind, "gone");
      assert.equal((await settle(second)).kind, "done");
      const member = await site.member(accountId);
      assert.deepEqual([member.isMember, member.hasDeclined], [true, false]);
      assert.equal((await send("third")).kind, "gone");
      assert.deepEqual(await statesIn(site), ["accepted", "revoked"]);
      const entries = await store.auditLog.list(tenantId, { action: "invitation.", limit: 9 });
      assert.deepEqual(
        entries.map(({ action, target }) => [action, target.id]),
        [
          ["invitation.send", accountId],
          ["invitation.send", accountId],
          ["invitation.accept", accountId],
        ],
      );
    },
  ),
  accounts(
    "nobody is invited to the User of somebody else, or to an inactive one",
    async (site) => {
      const { store, population } = site;
      const { tenantId } = population.scope;
      await site.set({ attachPolicy: "invite" });
      const { accountId } = await site.account(bea.userName);
      const id = await site.post(bea);
      const cy = await site.account("cy@globex.example");
      const send = (whom: Pick<Invitation, "accountId" | "resourceId">, invitationId: string) =>
        store.invitations.send(tenantId, invitationTo(site, whom, invitationId), testCircumstances);
      await site.since();
      for (const whom of [
        { accountId: cy.accountId, resourceId: id },
        { accountId, resourceId: "nobody" },
      ]) {
        assert.equal((await send(whom, "of another")).kind, "gone");
      }
      assert.deepEqual(await site.since(), { entries: 0, events: 0, mails: 0 });
      await site.put(id, { ...bea, active: false });
      assert.equal((await send({ accountId, resourceId: id }, "inactive")).kind, "gone");
      await site.put(id, bea);
      assert.equal((await send({ accountId, resourceId: id }, "active")).kind, "done");
      assert.deepEqual(await statesIn(site), ["open", "revoked"]);
    },
  ),
  accounts("what is revoked is open no more, once", async (site) => {
    const { store, population } = site;
    const { tenantId } = population.scope;
    await site.set({ attachPolicy: "invite" });
    const { accountId } = await site.account(bea.userName);
    // Invitations made by tests of long ago have expired.
    const id = await site.post(bea, { nowMs: Date.now() });
    const [invitation] = await store.invitations.list(tenantId, { limit: 9 });
    assert(invitation !== undefined);
    await site.since();
    const outcomes = await Promise.all(
      [1, 2].map(() => store.invitations.revoke(tenantId, invitation, testCircumstances)),
    );
    assert.deepEqual(outcomes.map(({ kind }) => kind).toSorted(), ["done", "gone"]);
    assert.deepEqual(await site.since(), { entries: 1, events: 0, mails: 0 });
    assert.deepEqual(await statesIn(site), ["revoked"]);
    const accepted = await store.invitations.settle(
      tenantId,
      invitation,
      "accept",
      testCircumstances,
    );
    assert.equal(accepted.kind, "gone");
    // The User waits all the same, and the person can be asked again.
    assert.equal((await site.linkOf(id))?.state, "pending");
    assert.equal((await site.member(accountId)).isMember, false);
  }),
];
