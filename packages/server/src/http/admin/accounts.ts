/** Does what the admin API does to accounts. */

import type { ErasureJson } from "../../admin-contract/account-data.ts";
import { eraseAccount, exportAccount } from "../../admin-contract/account-data.ts";
import { refSchema } from "../../admin-contract/account-texts.ts";
import type {
  AccountCreation,
  AccountJson,
  AccountSummaryJson,
  FoundAccountsJson,
} from "../../admin-contract/accounts.ts";
import {
  accountChangeOf,
  accountSummaryOf,
  changeAccount,
  createAccount,
  listAccounts,
  lookUpAccounts,
  membershipJsonOf,
  personsOf,
  readAccount,
  readAccountByRef,
  saveAccountByRef,
} from "../../admin-contract/accounts.ts";
import type { Page, PageQuery } from "../../admin-contract/operation.ts";
import type { Account, AccountId } from "../../domain/account.ts";
import type { AskedPerson } from "../../domain/asked-person.ts";
import type { Member } from "../../domain/member.ts";
import type { TenantId } from "../../domain/tenant.ts";
import { seesAccount } from "../../domain/visible-account.ts";
import { accountIdsOf } from "../../provisioning/access-check.ts";
import type { AccountWish, Erasure } from "../../provisioning/account-administration.ts";
import type { AdminCaller } from "./authenticate-admin.ts";
import { limitOf, pageOfRead, textPositionOf } from "./cursor.ts";
import { accountIdOf, accountIn, peopleOf, personIn, scopeOf, settingsOf } from "./people.ts";
import { invalidRequest, notFound } from "./problem.ts";
import type { AdminCall, AdminParts, ServedOperation } from "./served-operation.ts";
import { served } from "./served-operation.ts";

/** The operations. */
export const servedAccounts: readonly ServedOperation[] = [
  served(listAccounts, async ({ query, caller }, parts) => ({
    body:
      caller.tenantId === undefined
        ? await allAccounts(query, parts)
        : await accountsOfMembers(caller.tenantId, query, parts),
  })),
  served(createAccount, async (call, parts) => {
    const account = await peopleOf(call, parts).createAccount(wishOf(call.body));
    return { body: { ...accountSummaryOf(account), memberships: [] } };
  }),
  served(lookUpAccounts, async ({ body, caller }, parts) => ({
    body: await foundAccounts(personsOf(body), caller, parts),
  })),
  served(readAccountByRef, async (call, parts) => ({
    body: await shownAccount({ ref: call.path["ref"] ?? "" }, call, parts),
  })),
  served(saveAccountByRef, async (call, parts) => {
    const change = accountChangeOf(call.body);
    const saved = await peopleOf(call, parts).saveAccountByRef(refIn(call), change);
    const body = await withMemberships(saved.account, call, parts);
    return { status: saved.isNew ? 201 : 200, body };
  }),
  served(readAccount, async (call, parts) => ({
    body: await shownAccount(personIn(call), call, parts),
  })),
  served(changeAccount, async (call, parts) => {
    const { accountId } = await accountIn(call, parts);
    const change = accountChangeOf(call.body);
    const account = await peopleOf(call, parts).changeAccount(accountId, change);
    return { body: await withMemberships(account ?? gone(), call, parts) };
  }),
  served(exportAccount, async (call, parts) => ({
    body: await peopleOf(call, parts).exportAccount(await accountIn(call, parts)),
  })),
  served(eraseAccount, async (call, parts) => {
    const { accountId } = await accountIn(call, parts);
    const erasure = await peopleOf(call, parts).eraseAccount(accountId);
    return { body: await erasureJson(accountId, erasure ?? gone(), parts) };
  }),
];

function gone(): never {
  throw notFound("account");
}

function wishOf({ email, emailVerified = false, hasLogin = false, ...texts }: AccountCreation) {
  const wish: AccountWish = { email, emailVerified, hasLogin, ...texts };
  return wish;
}

function refIn({ path }: Pick<AdminCall<unknown, unknown>, "path">): string {
  const reading = refSchema.safeParse(path["ref"]);
  if (!reading.success) {
    const detail = reading.error.issues[0]?.message ?? "";
    throw invalidRequest([{ path: "ref", detail }]);
  }
  return reading.data;
}

async function allAccounts(
  query: PageQuery,
  { store }: AdminParts,
): Promise<Page<AccountSummaryJson>> {
  const after = textPositionOf("accounts", query) ?? "";
  const accounts = await store.accounts.page({ after, limit: limitOf(query) + 1 });
  return pageOfRead(accounts, query, {
    list: "accounts",
    keyOf: ({ accountId }) => accountId,
    shown: accountSummaryOf,
  });
}

async function accountsOfMembers(
  tenantId: TenantId,
  query: PageQuery,
  { store }: AdminParts,
): Promise<Page<AccountSummaryJson>> {
  const after = textPositionOf("accounts", query) ?? "";
  const members = await store.memberships.list(tenantId, { after, limit: limitOf(query) + 1 });
  const { items, nextCursor } = pageOfRead(members, query, {
    list: "accounts",
    keyOf: ({ account }) => account.accountId,
    shown: (member) => member,
  });
  const shown = items.filter((member) => seesAccount("tenant", member));
  return { items: shown.map(({ account }) => accountSummaryOf(account)), nextCursor };
}

async function foundAccounts(
  persons: readonly AskedPerson[],
  { tenantId }: AdminCaller,
  { store }: AdminParts,
): Promise<FoundAccountsJson> {
  const ids = await accountIdsOf(store, persons);
  const known = [...new Set(ids.flatMap((accountId) => accountId ?? []))];
  const accounts =
    tenantId === undefined
      ? await store.accounts.byIds(known)
      : (await store.memberships.many(tenantId, known))
          .filter((member) => seesAccount("tenant", member))
          .map(({ account }) => account);
  const byId = new Map(accounts.map((account) => [account.accountId, accountSummaryOf(account)]));
  return {
    items: persons.map((person, index) => ({
      asked: Object.values(person)[0] ?? "",
      account: byId.get(ids[index] ?? ("" as AccountId)) ?? null,
    })),
  };
}

type AnyCall = AdminCall<unknown, unknown>;

/** Shows an account that the credential may see. */
async function shownAccount(
  person: AskedPerson,
  call: AnyCall,
  parts: AdminParts,
): Promise<AccountJson> {
  const { store } = parts;
  const { tenantId } = call.caller;
  const accountId = (await accountIdOf(person, parts)) ?? gone();
  if (tenantId === undefined) {
    return withMemberships((await store.accounts.byId(accountId)) ?? gone(), call, parts);
  }
  const member = await store.memberships.read(tenantId, accountId);
  return member !== undefined && seesAccount(scopeOf(call), member)
    ? accountInTenant(member, tenantId, parts)
    : gone();
}

async function accountInTenant(
  member: Member,
  tenantId: TenantId,
  parts: AdminParts,
): Promise<AccountJson> {
  const tenant = (await parts.store.tenants.byId(tenantId)) ?? gone();
  const settings = await settingsOf(tenant, parts);
  return {
    ...accountSummaryOf(member.account),
    memberships: [membershipJsonOf({ tenant, settings, member })],
  };
}

/** Shows an account with what every tenant has on it. */
async function withMemberships(
  account: Account,
  call: AnyCall,
  parts: AdminParts,
): Promise<AccountJson> {
  const memberships = await peopleOf(call, parts).membershipsOf(account.accountId);
  return { ...accountSummaryOf(account), memberships: memberships.map(membershipJsonOf) };
}

async function erasureJson(
  accountId: AccountId,
  { tenants, remainingUsers }: Erasure,
  { store }: AdminParts,
): Promise<ErasureJson> {
  const slugs = new Map(tenants.map(({ tenantId, slug }) => [tenantId, slug]));
  const users = remainingUsers.map(async ({ tenantId, connectionId, resourceId }) => {
    const connection = await store.connections.read({ tenantId, connectionId });
    return {
      tenant: slugs.get(tenantId) ?? tenantId,
      connection: connection?.slug ?? connectionId,
      id: resourceId,
    };
  });
  return {
    erased: true,
    id: accountId,
    tenants: tenants.map(({ slug }) => slug),
    remainingUsers: await Promise.all(users),
  };
}
