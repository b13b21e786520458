/** Accounts as operators and the application make, find, change and erase them. */
import type { Account, AccountChange, AccountId, AccountOutcome } from "../domain/account.ts";
import { instanceAuditId } from "../domain/admin-credential.ts";
import type { Circumstances } from "../domain/audit-entry.ts";
import { checkedAccountChange, withUnprovenEmail } from "../domain/checked-account.ts";
import { parseEmailAddress } from "../domain/email-address.ts";
import type { ErasureOutcome } from "../domain/erasure.ts";
import type { Member } from "../domain/member.ts";
import { isKnown } from "../domain/member-summary.ts";
import { refusal } from "../domain/refusal.ts";
import type { ConnectionId, Tenant, TenantId } from "../domain/tenant.ts";
import type { TenantSettings } from "../domain/tenant-settings.ts";
import type { Store } from "../store/store.ts";
import type { Occasion } from "./create-connection.ts";
import { newId } from "./new-id.ts";

/** What a new account shall be. */
export interface AccountWish {
  /** The id it shall have, such as the one it had in another instance; a new one when nothing is said. */
  readonly accountId?: AccountId | undefined;
  /** The connection whose sync made it, where it is brought from another instance. */
  readonly madeBy?: Account["madeBy"];
  readonly email: string | undefined;
  /** Whether somebody has shown that the address is theirs. */
  readonly emailVerified?: boolean;
  /** Whether the application lets them log in. */
  readonly hasLogin?: boolean;
  readonly name?: string | undefined;
  readonly preferredLanguage?: string | undefined;
  readonly ref?: string | undefined;
}

/** Makes an account; refuses a bad address and what another account has. */
export async function createAccount(
  { accounts }: Store,
  wish: AccountWish,
  occasion: Occasion,
): Promise<Account> {
  const account = newAccount(wish, occasion.nowMs);
  return accountIn(await accounts.create(account, occasion), account);
}

/** Changes an account; an address that moves is unverified unless the change says otherwise. Undefined when it is gone. */
export async function changeAccount(
  { accounts }: Store,
  accountId: AccountId,
  change: AccountChange,
  circumstances: Circumstances,
): Promise<Account | undefined> {
  const before = await accounts.byId(accountId);
  if (before === undefined) {
    return undefined;
  }
  const checked = checkedAccountChange(withUnprovenEmail(change, before.email));
  const outcome = await accounts.change(accountId, checked, circumstances);
  return outcome.kind === "gone" ? undefined : accountIn(outcome, { ...before, ...checked });
}

/** How often an upsert tries again when somebody else makes or drops the same account meanwhile. */
const upsertAttemptsMax = 3;

/**
 * Makes the account of an id of the application, or changes it to what is said; what is not said stays as it is. An account
 * without such an id that has the address gets it, but only where the application vouches for the address: else whoever
 * registered a stranger's address there would receive the stranger's access.
 */
export async function saveAccountByRef(
  store: Store,
  ref: string,
  wish: AccountChange,
  occasion: Occasion,
): Promise<{ readonly account: Account; readonly isNew: boolean }> {
  const change = checkedAccountChange({ ...wish, ref });
  for (let attempt = 1; attempt <= upsertAttemptsMax; attempt += 1) {
    const known =
      (await store.accounts.holderOfRef(ref)) ?? (await adoptableAccount(store, change));
    if (known !== undefined) {
      const account = await changeAccount(store, known, change, occasion);
      if (account !== undefined) {
        return { account, isNew: false };
      }
      continue;
    }
    const account = newAccount({ ...change, email: change.email }, occasion.nowMs);
    const outcome = await store.accounts.create(account, occasion);
    // Whoever was faster may have made this very account, which the next round then finds.
    if (outcome.kind === "done" || attempt === upsertAttemptsMax) {
      return { account: accountIn(outcome, account), isNew: true };
    }
  }
  throw refusal(`the account with ref ${ref} changes all the time: try again`);
}

/** The account without an id of the application that has the address. */
async function adoptableAccount(
  { accounts }: Store,
  { email, emailVerified }: AccountChange,
): Promise<AccountId | undefined> {
  const address = email === undefined ? undefined : parseEmailAddress(email);
  const holder = address === undefined ? undefined : await accounts.holderOfEmail(address);
  const account = holder === undefined ? undefined : await accounts.byId(holder);
  if (account === undefined) {
    return undefined;
  }
  if (account.ref === undefined && emailVerified !== true) {
    throw refusal(
      "there is an account with this e-mail address; it gets the ref when the application says that it has verified the address",
    );
  }
  // With another ref it is somebody else's: making a second one is then refused.
  return account.ref === undefined ? account.accountId : undefined;
}

function newAccount(wish: AccountWish, nowMs: number): Account {
  const { emailVerified = false, hasLogin = false, accountId, madeBy, ...texts } = wish;
  const { email, name, preferredLanguage, ref } = texts;
  checkedAccountChange({ email, emailVerified, name, preferredLanguage, ref });
  return {
    accountId: accountId ?? (newId() as AccountId),
    email,
    emailVerified,
    hasLogin,
    name,
    preferredLanguage,
    ref,
    madeBy,
    created: new Date(nowMs).toISOString(),
    revision: 1,
  };
}

function accountIn(outcome: AccountOutcome, { email, ref }: Account): Account {
  if (outcome.kind === "done") {
    return outcome.account;
  }
  throw refusal(
    outcome.kind === "taken" && outcome.by === "email"
      ? `there is an account with the e-mail address ${email} already`
      : `there is an account with ref ${ref} already`,
  );
}

/** Finds an account by its e-mail address, its id or the application's own id, in this order. */
export async function findAccount({ accounts }: Store, text: string): Promise<Account | undefined> {
  const address = parseEmailAddress(text);
  const accountId =
    (address && (await accounts.holderOfEmail(address))) ??
    (await accounts.byId(text as AccountId))?.accountId ??
    (await accounts.holderOfRef(text));
  return accountId === undefined ? undefined : accounts.byId(accountId);
}

/** What one tenant has on an account. */
export interface TenantPart {
  readonly tenant: Tenant;
  readonly settings: TenantSettings;
  readonly member: Member;
}

/** Reads what every tenant that knows an account has on it: a membership, a link or a lock. */
export async function membershipsOf(
  store: Store,
  accountId: AccountId,
): Promise<readonly TenantPart[]> {
  return (await tenantPartsOf(store, accountId)).filter(({ member }) => isKnown(member));
}

/** Reads what every tenant that ever knew an account has on it. */
export async function tenantPartsOf(
  { accounts, tenants, memberships }: Store,
  accountId: AccountId,
): Promise<readonly TenantPart[]> {
  const parts: TenantPart[] = [];
  for (const tenantId of await accounts.tenantsOf(accountId)) {
    const tenant = await tenants.byId(tenantId);
    const settings = await memberships.settings(tenantId);
    const member = await memberships.read(tenantId, accountId);
    if (tenant !== undefined && settings !== undefined && member !== undefined) {
      parts.push({ tenant, settings, member });
    }
  }
  return parts.toSorted((one, other) => (one.tenant.slug < other.tenant.slug ? -1 : 1));
}

/** A User that stands for a person, by its place. */
export interface UserPlace {
  readonly tenantId: TenantId;
  readonly connectionId: ConnectionId;
  readonly resourceId: string;
}

/** What was erased, and what stays. */
export interface Erasure {
  readonly tenants: readonly Tenant[];
  /** Users that identity providers have pushed: they belong to the connections and stay until the clients delete them. */
  readonly remainingUsers: readonly UserPlace[];
}

/**
 * Erases a person: what audit logs and events say, then the account with everything that tenants keep about it. What is
 * written comes first, so that erasing can be repeated when it is interrupted. Undefined when the account is gone;
 * refuses when a tenant cannot be without the person.
 */
export async function eraseAccount(
  store: Store,
  accountId: AccountId,
  circumstances: Circumstances,
): Promise<Erasure | undefined> {
  const parts = await tenantPartsOf(store, accountId);
  refuseProtected(await store.accounts.checkErasure(accountId, circumstances), parts);
  const remainingUsers: UserPlace[] = [];
  for (const { tenant, member } of parts) {
    const { tenantId } = tenant;
    const { links } = member.facts;
    const { deletedUsers, invitations } = await store.memberships.held(tenantId, accountId);
    const users = [...links, ...deletedUsers, ...invitations];
    const resourceIds = users.map(({ resourceId }) => resourceId);
    const targetIds = [...new Set([accountId, ...resourceIds])];
    for (const targetId of targetIds) {
      await store.auditLog.erase(tenantId, targetId);
    }
    await store.outbox.erase(tenantId, targetIds);
    remainingUsers.push(
      ...links.map(({ connectionId, resourceId }) => ({ tenantId, connectionId, resourceId })),
    );
  }
  await store.auditLog.erase(instanceAuditId, accountId);
  const outcome = await store.accounts.erase(accountId, circumstances);
  refuseProtected(outcome, parts);
  return outcome.kind === "erased"
    ? { tenants: parts.map(({ tenant }) => tenant), remainingUsers }
    : undefined;
}

function refuseProtected(
  outcome: ErasureOutcome | { readonly kind: "erasable" },
  parts: readonly TenantPart[],
): void {
  if (outcome.kind !== "protected") {
    return;
  }
  const { tenantId, by } = outcome;
  const part = parts.find(({ tenant }) => tenant.tenantId === tenantId);
  const name = part?.tenant.slug ?? tenantId;
  const owner = part?.settings.roles[0] ?? "owner";
  throw refusal(
    by === "last-owner"
      ? `nothing is erased: the person is the last ${owner} of tenant ${name}, which cannot be without one; make somebody else ${owner} first`
      : `nothing is erased: the person is protected in tenant ${name}; end the protection there first`,
    by,
  );
}
