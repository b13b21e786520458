/** What tests of accounts work with: a tenant with two connections, and what happens in it. */
import assert from "node:assert/strict";
import type { JsonObject, ResourceType } from "@rollcall/scim";
import type { Account, AccountId } from "../domain/account.ts";
import type { EffectiveAccess } from "../domain/effective-access.ts";
import { effectiveAccessOf } from "../domain/effective-access.ts";
import type { Member } from "../domain/member.ts";
import type { MembershipWish } from "../domain/membership-wish.ts";
import type { TestPopulation } from "./contract-population.ts";
import {
  addConnection,
  createPopulation,
  populationOf,
  saveTestSettings,
  testCircumstances,
  testConnection,
  testTime,
  testTypes,
} from "./contract-population.ts";
import type { Store } from "./store.ts";
import type { StoreContractTest } from "./store-contract-test.ts";

/** What a test works with. */
export interface AccountSite {
  readonly store: Store;
  readonly population: TestPopulation;
  readonly user: ResourceType;
  readonly group: ResourceType;
  /** Another connection of the same tenant. */
  readonly other: TestPopulation;
  post(attributes: JsonObject, options?: PostOptions): Promise<string>;
  put(id: string, attributes: JsonObject, of?: TestPopulation): Promise<void>;
  remove(id: string, of?: TestPopulation): Promise<void>;
  linkOf(id: string, of?: TestPopulation): ReturnType<Store["memberships"]["linkOf"]>;
  member(accountId: AccountId): ReturnType<typeof memberOf>;
  wish(accountId: AccountId, wish: MembershipWish): ReturnType<Store["memberships"]["fulfil"]>;
  account(email: string, differences?: Partial<Account>): Promise<Account>;
  set(settings: JsonObject): Promise<void>;
  /** How many entries, events and mails there are more than at the last call. */
  since(): Promise<{ entries: number; events: number; mails: number }>;
}

interface PostOptions {
  readonly of?: TestPopulation;
  readonly nowMs?: number;
}

/** A promise about accounts, of one tenant with two connections. */
export function accounts(
  name: string,
  keep: (site: AccountSite) => Promise<void>,
): StoreContractTest {
  return {
    name: `accounts: ${name}`,
    run: async (store, registry) => {
      const population = await createPopulation(store);
      const connection = testConnection(population.tenant, "other");
      await addConnection(store, connection);
      const other = populationOf(store, population.tenant, connection);
      const { user, group } = testTypes(registry);
      const { tenantId } = population.scope;
      const counted = { entries: 0, events: 0, mails: 0 };
      const site: AccountSite = {
        store,
        population,
        other,
        user,
        group,
        async post(attributes, { of = population, nowMs } = {}) {
          const options = nowMs === undefined ? {} : { options: { nowMs } };
          const { id, outcome } = await of.create(user, attributes, options);
          assert.equal(outcome.kind, "committed");
          return id;
        },
        async put(id, after, of = population) {
          const outcome = await of.update(user, await of.read(user, id), { after });
          assert.equal(outcome.kind, "committed");
        },
        async remove(id, of = population) {
          const outcome = await of.remove(user, await of.read(user, id));
          assert.equal(outcome.kind, "committed");
        },
        linkOf: (id, of = population) => store.memberships.linkOf(of.scope, id),
        member: (accountId) => memberOf(store, tenantId, accountId),
        wish: (accountId, wish) =>
          store.memberships.fulfil(tenantId, accountId, wish, testCircumstances),
        account: (email, differences) => createAccount(store, email, differences),
        async set(settings) {
          assert.equal(await saveTestSettings(store, tenantId, settings), "saved");
        },
        async since() {
          const now = {
            entries: await store.auditLog.count(tenantId),
            events: await store.outbox.count(tenantId),
            mails: (await store.mails.list(tenantId, { limit: 1000 })).length,
          };
          const difference = {
            entries: now.entries - counted.entries,
            events: now.events - counted.events,
            mails: now.mails - counted.mails,
          };
          Object.assign(counted, now);
          return difference;
        },
      };
      await site.since();
      await keep(site);
    },
  };
}

async function memberOf(
  store: Store,
  tenantId: TestTenantId,
  accountId: AccountId,
): Promise<Member & { readonly access: EffectiveAccess }> {
  const member = await store.memberships.read(tenantId, accountId);
  if (member === undefined) {
    throw new Error(`${accountId} should be there`);
  }
  const settings = await store.memberships.settings(tenantId);
  assert(settings !== undefined);
  const access = effectiveAccessOf(member.isMember ? member.facts : undefined, settings);
  return { ...member, access };
}

/** The id of a tenant of a test. */
export type TestTenantId = TestPopulation["scope"]["tenantId"];

async function createAccount(
  store: Store,
  email: string,
  differences: Partial<Account> = {},
): Promise<Account> {
  const account: Account = {
    accountId: `account-of-${email}` as AccountId,
    email,
    emailVerified: true,
    hasLogin: true,
    name: undefined,
    preferredLanguage: undefined,
    ref: undefined,
    madeBy: undefined,
    created: testTime(0),
    revision: 1,
    ...differences,
  };
  const outcome = await store.accounts.create(account, testCircumstances);
  assert.equal(outcome.kind, "done");
  return account;
}

/** The account that a User is linked to, or invited as. */
export async function accountBehind(
  site: AccountSite,
  id: string,
  of: TestPopulation = site.population,
): Promise<AccountId> {
  const link = await site.linkOf(id, of);
  assert(link?.accountId !== undefined, `${id} should have an account`);
  return link.accountId;
}

/** Has a domain of the tenant verified. */
export async function verifyDomain(site: AccountSite, domain: string): Promise<void> {
  const { tenantId } = site.population.scope;
  const wanted = { domain, challenge: "challenge", created: testTime(0) };
  await site.store.domains.add(tenantId, wanted, testCircumstances);
  const proof = { method: "asserted", isShared: false } as const;
  const outcome = await site.store.domains.verify(tenantId, domain, proof, testCircumstances);
  assert.equal(outcome.kind, "verified");
}

/** Every event of the tenant. */
export async function lastEvents(
  site: AccountSite,
): Promise<readonly { type: string; data: JsonObject }[]> {
  return site.store.outbox.list(site.population.scope.tenantId, { after: 0, limit: 1000 });
}

/** Longer ago than an invitation lives. */

/** Who is provisioned first. */
export const ann: { readonly userName: string } = { userName: "ann@acme.example" };
