/** Whom an operation of the admin API is about, within what the credential may see, and what is done in its name. */
import type { NamedPerson } from "../../admin-contract/account-texts.ts";
import type { Account, AccountId, Link } from "../../domain/account.ts";
import type { AdminScope } from "../../domain/admin-credential.ts";
import { adminScopeOf } from "../../domain/admin-credential.ts";
import type { AskedPerson } from "../../domain/asked-person.ts";
import { parseAskedPerson } from "../../domain/asked-person.ts";
import type { Member } from "../../domain/member.ts";
import { isKnown } from "../../domain/member-summary.ts";
import { personOf, personType } from "../../domain/person.ts";
import type { Tenant, TenantId } from "../../domain/tenant.ts";
import type { TenantSettings } from "../../domain/tenant-settings.ts";
import { seesAccount, seesMember } from "../../domain/visible-account.ts";
import { accountIdsOf } from "../../provisioning/access-check.ts";
import type { PeopleAdministration } from "../../provisioning/people-administration.ts";
import { createPeopleAdministration } from "../../provisioning/people-administration.ts";
import { notFound } from "./problem.ts";
import type { AdminCall, AdminParts } from "./served-operation.ts";

/** A call of any operation. */
type AnyCall = Pick<AdminCall<unknown, unknown>, "path" | "caller" | "circumstances" | "nowMs">;

/** A call about a tenant. */
type CallInTenant = AnyCall & { readonly tenant: Tenant };

/** What the credential is good for. */
export function scopeOf({ caller }: Pick<AnyCall, "caller">): AdminScope {
  return adminScopeOf(caller);
}

/** What is done about people, in the name of the caller. */
export function peopleOf(
  { circumstances, nowMs }: Pick<AnyCall, "circumstances" | "nowMs">,
  parts: AdminParts,
): PeopleAdministration {
  return createPeopleAdministration({
    ...parts,
    now: () => nowMs,
    circumstances: () => circumstances,
  });
}

/** Finds the id of whom a request names; undefined when nobody is meant. */
export async function accountIdOf(
  person: AskedPerson,
  { store }: Pick<AdminParts, "store">,
): Promise<AccountId | undefined> {
  const [accountId] = await accountIdsOf(store, [person]);
  return accountId;
}

/** Whom the path names. */
export function personIn({ path }: Pick<AnyCall, "path">): AskedPerson {
  return parseAskedPerson(path["account"] ?? "");
}

/** Whom the body names. */
export function personNamed({ accountId, email, ref }: NamedPerson): AskedPerson {
  if (accountId !== undefined) {
    return { accountId };
  }
  // The contract has seen to it that one of them is there.
  return ref === undefined ? { email: email ?? "" } : { ref };
}

/** Finds the account that the path names, for operations on the whole instance. */
export async function accountIn(call: AnyCall, parts: AdminParts): Promise<Account> {
  const accountId = await accountIdOf(personIn(call), parts);
  const account = accountId === undefined ? undefined : await parts.store.accounts.byId(accountId);
  if (account === undefined) {
    throw notFound("account");
  }
  return account;
}

/** Finds somebody who may become a member or be locked: for a credential of the tenant only who is, or is known. */
export async function eligibleMember(
  person: AskedPerson,
  as: "member" | "locked",
  call: CallInTenant,
  parts: AdminParts,
): Promise<Member> {
  const member = await memberOf(person, call, parts);
  const sees = as === "member" ? seesAccount : seesMember;
  if (member === undefined || !sees(scopeOf(call), member)) {
    throw notFound("account");
  }
  return member;
}

/** An address of an account that something was sent to. */
interface SentTo {
  readonly accountId: AccountId;
  readonly address: string;
}

/**
 * Tells which addresses of some accounts the credential may see. Of who is no member, one of a tenant sees those that
 * its own Users have: whoever was invited or has left may have another one by now.
 */
export async function addressesSeen(
  accountIds: readonly AccountId[],
  call: CallInTenant,
  parts: Pick<AdminParts, "store" | "registry">,
): Promise<(sent: SentTo) => boolean> {
  const scope = scopeOf(call);
  if (scope === "instance") {
    return () => true;
  }
  const { tenantId } = call.tenant;
  const members = await parts.store.memberships.many(tenantId, [...new Set(accountIds)]);
  const seen = members
    .filter((member) => seesAccount(scope, member))
    .map(({ account }) => account.accountId);
  const asserted = new Map<AccountId, readonly string[]>();
  for (const { account, isMember, facts } of members) {
    if (!isMember) {
      asserted.set(account.accountId, await assertedAddresses(tenantId, facts.links, parts));
    }
  }
  return ({ accountId, address }) =>
    seen.includes(accountId) || (asserted.get(accountId) ?? []).includes(address.toLowerCase());
}

/** The addresses of Users, in lower case. */
async function assertedAddresses(
  tenantId: TenantId,
  links: readonly Link[],
  { store, registry }: Pick<AdminParts, "store" | "registry">,
): Promise<readonly string[]> {
  const type = registry.named(personType);
  const addresses: string[] = [];
  for (const { connectionId, resourceId } of links) {
    const scope = { tenantId, connectionId };
    const user = type && (await store.resources.read(scope, type, resourceId, []));
    const email = user && personOf(user.attributes).email;
    addresses.push(...(email === undefined ? [] : [email.text.toLowerCase()]));
  }
  return addresses;
}

/** Finds the member that the path names; somebody on whom the tenant has nothing is none. */
export async function knownMember(call: CallInTenant, parts: AdminParts): Promise<Member> {
  const member = await memberOf(personIn(call), call, parts);
  if (member === undefined || !isKnown(member)) {
    throw notFound("member");
  }
  return member;
}

async function memberOf(
  person: AskedPerson,
  { tenant }: CallInTenant,
  parts: AdminParts,
): Promise<Member | undefined> {
  const accountId = await accountIdOf(person, parts);
  return accountId === undefined
    ? undefined
    : parts.store.memberships.read(tenant.tenantId, accountId);
}

/** The settings that a tenant works with. */
export async function settingsOf(
  { tenantId }: Pick<Tenant, "tenantId">,
  { store }: Pick<AdminParts, "store">,
): Promise<TenantSettings> {
  const settings = await store.memberships.settings(tenantId);
  if (settings === undefined) {
    throw notFound("tenant");
  }
  return settings;
}

/** The slugs of the connections of a tenant, by their ids. */
export async function connectionSlugs(
  { tenantId }: Tenant,
  { store }: Pick<AdminParts, "store">,
): Promise<ReadonlyMap<string, string>> {
  const connections = await store.connections.list(tenantId);
  return new Map(connections.map(({ connectionId, slug }) => [connectionId, slug]));
}
