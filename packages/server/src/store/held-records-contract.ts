/** What a store promises about reading what it keeps about people: many at once, and everything about one. */
import assert from "node:assert/strict";
import type { Account, AccountId } from "../domain/account.ts";
import { parseEmailAddress } from "../domain/email-address.ts";
import type { StagedMail } from "../domain/mail.ts";
import type { TestPopulation } from "./contract-population.ts";
import {
  createPopulation,
  saveTestSettings,
  testCircumstances,
  testTime,
  testTypes,
} from "./contract-population.ts";
import type { Store } from "./store.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

async function createAccount(store: Store, name: string): Promise<Account> {
  const account: Account = {
    accountId: `account-${name}` as AccountId,
    email: `${name}@example.com`,
    emailVerified: true,
    hasLogin: true,
    name: undefined,
    preferredLanguage: undefined,
    ref: `ref-${name}`,
    madeBy: undefined,
    created: testTime(0),
    revision: 1,
  };
  const outcome = await store.accounts.create(account, testCircumstances);
  assert.equal(outcome.kind, "done");
  return account;
}

function emailOf(text: string) {
  const email = parseEmailAddress(text);
  assert(email !== undefined);
  return email;
}

function mailTo({ scope: { tenantId } }: TestPopulation, { accountId }: Account): StagedMail {
  const facts = { tenantName: "Acme", by: "Okta", ids: { tenantId, accountId } };
  const [mailId, at] = ["m1", testTime(1)];
  const more = { kind: "attached", language: "en", to: "ann@example.com" } as const;
  return { mailId, accountId, facts, at, due: at, idempotencyKey: mailId, ...more };
}

/** Every promise about them. */
export const heldRecordsContract: readonly StoreContractTest[] = [
  {
    name: "accounts: the holders of many addresses and refs are found at once",
    run: async (store) => {
      const ann = await createAccount(store, "ann");
      const ben = await createAccount(store, "ben");
      const emails = ["ANN@example.com", "ben@EXAMPLE.com", "cat@example.com"].map(emailOf);
      assert.deepEqual([...(await store.accounts.holdersOfEmails(emails))].sort(), [
        ["ann@example.com", ann.accountId],
        ["ben@example.com", ben.accountId],
      ]);
      assert.deepEqual(
        [...(await store.accounts.holdersOfRefs(["ref-ben", "REF-ANN", "nobody"]))],
        [["ref-ben", ben.accountId]],
      );
      assert.equal((await store.accounts.holdersOfEmails([])).size, 0);
      assert.equal((await store.accounts.holdersOfRefs([])).size, 0);
    },
  },
  {
    name: "memberships: many are read at once, as they are read one by one, and never those of another tenant",
    run: async (store) => {
      const { scope } = await createPopulation(store);
      const other = await createPopulation(store, "other");
      const ann = await createAccount(store, "ann");
      const ben = await createAccount(store, "ben");
      const wish = { kind: "add", role: "admin" } as const;
      const { tenantId } = scope;
      await store.memberships.fulfil(tenantId, ann.accountId, wish, testCircumstances);
      const ids = [ben.accountId, ann.accountId, "nobody" as AccountId];
      const many = await store.memberships.many(tenantId, ids);
      const single = await Promise.all(
        [ann, ben].map(({ accountId }) => store.memberships.read(tenantId, accountId)),
      );
      const byId = (one: { account: Account } | undefined) => one?.account.accountId ?? "";
      assert.deepEqual(
        [...many].sort((a, b) => (byId(a) < byId(b) ? -1 : 1)),
        single,
      );
      assert.deepEqual(await store.memberships.many(tenantId, []), []);
      const elsewhere = await store.memberships.many(other.scope.tenantId, ids);
      assert.deepEqual(
        elsewhere.map(({ isMember }) => isMember),
        [false, false],
      );
    },
  },
  {
    name: "memberships: what else is kept about a person is told, in this tenant and about this person alone",
    run: async (store, registry) => {
      const population = await createPopulation(store);
      const other = await createPopulation(store, "other");
      const { scope } = population;
      const { tenantId } = scope;
      const { user } = testTypes(registry);
      const ann = await createAccount(store, "ann");
      const ben = await createAccount(store, "ben");
      const settings = { attachPolicy: "invite" };
      await saveTestSettings(store, tenantId, settings);
      // The clock of the store tells whether the invitation is still open.
      const options = { nowMs: Date.now() };
      const attributes = { userName: "ann@example.com" };
      const { id } = await population.create(user, attributes, { options });
      await store.mails.stage(tenantId, [mailTo(population, ann)]);
      const held = await store.memberships.held(tenantId, ann.accountId);
      assert.equal(held.memberSince, undefined);
      assert.equal(held.declined, undefined);
      assert.deepEqual(held.loginSubjects, []);
      assert.deepEqual(
        held.invitations.map(({ resourceId, email, state }) => [resourceId, email, state]),
        [[id, "ann@example.com", "open"]],
      );
      assert.deepEqual(
        new Set(held.mails.map(({ kind }) => kind)),
        new Set(["attached", "invitation"]),
      );
      const [invitation] = held.invitations;
      assert(invitation !== undefined);
      await store.invitations.settle(tenantId, invitation, "accept", testCircumstances);
      const joined = await store.memberships.held(tenantId, ann.accountId);
      assert.match(joined.memberSince ?? "", /^\d{4}-/);

      await population.remove(user, await population.read(user, id));
      const { deletedUsers } = await store.memberships.held(tenantId, ann.accountId);
      assert.deepEqual(
        deletedUsers.map(({ connectionId, resourceId, attributes }) => [
          connectionId,
          resourceId,
          attributes?.["userName"],
        ]),
        [[scope.connectionId, id, "ann@example.com"]],
      );
      const wish = { kind: "leave" } as const;
      await store.memberships.fulfil(tenantId, ann.accountId, wish, testCircumstances);
      const left = await store.memberships.held(tenantId, ann.accountId);
      assert.match(left.declined ?? "", /^\d{4}-/);

      const nothing = {
        memberSince: undefined,
        declined: undefined,
        loginSubjects: [],
        loginGroups: [],
        mails: [],
        invitations: [],
        deletedUsers: [],
      };
      assert.deepEqual(await store.memberships.held(tenantId, ben.accountId), nothing);
      assert.deepEqual(await store.memberships.held(other.scope.tenantId, ann.accountId), nothing);
    },
  },
];
