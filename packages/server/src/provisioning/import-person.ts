/** Imports accounts and what a tenant has on them by hand: memberships, grants, locks, links that were agreed to. */
import type { JsonObject } from "@rollcall/scim";
import { memberOf } from "@rollcall/scim";
import type { Account, AccountChange, AccountId } from "../domain/account.ts";
import { checkedAccountChange } from "../domain/checked-account.ts";
import type { Connection } from "../domain/connection.ts";
import { parseEmailAddress } from "../domain/email-address.ts";
import type { MembershipWish } from "../domain/membership-wish.ts";
import { refusal } from "../domain/refusal.ts";
import type { TenantId } from "../domain/tenant.ts";
import { changeAccount, createAccount, findAccount } from "./account-administration.ts";
import { neededText, switchOf, textOf } from "./import-line.ts";
import { setActive } from "./import-resource.ts";
import type { ImportOutcome, ImportParts, ImportPlace } from "./import-site.ts";
import { connectionOf, tenantOf } from "./import-site.ts";
import type { OperatorWish } from "./membership-administration.ts";
import { changeMembership } from "./membership-administration.ts";

/** Imports an account: the one with its ref, its id or, where it is vouched for, its address is changed. */
export async function importAccount(
  content: JsonObject,
  place: ImportPlace,
  parts: ImportParts,
): Promise<ImportOutcome> {
  const { store, circumstances, now } = parts;
  const change = checkedAccountChange(changeIn(content));
  const accountId = textOf(content, "id") as AccountId | undefined;
  const existing = await existingAccount(accountId, change, parts);
  if (existing !== undefined) {
    const changes = Object.entries(change).some(
      ([name, value]) => Object.entries(existing).find(([known]) => known === name)?.[1] !== value,
    );
    if (changes && !parts.dryRun) {
      await changeAccount(store, existing.accountId, change, circumstances);
    }
    return changes ? "changed" : "unchanged";
  }
  const madeBy = await makerOf(content, place, parts);
  if (!parts.dryRun) {
    const { email, emailVerified = false, hasLogin = false, ...texts } = change;
    const wish = { ...texts, email, emailVerified, hasLogin, accountId, madeBy };
    await createAccount(store, wish, { ...circumstances, nowMs: now() });
  }
  return "created";
}

/** What is not said stays as it is. */
function changeIn(content: JsonObject): AccountChange {
  const texts = (["email", "name", "preferredLanguage", "ref"] as const).flatMap((name) => {
    const value = memberOf(content, name) === undefined ? undefined : textOf(content, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const switches = (["emailVerified", "hasLogin"] as const).flatMap((name) => {
    const value = switchOf(content, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries([...texts, ...switches]);
}

async function existingAccount(
  accountId: AccountId | undefined,
  { ref, email, emailVerified }: AccountChange,
  { store: { accounts } }: ImportParts,
): Promise<Account | undefined> {
  const byRef = ref === undefined ? undefined : await accounts.holderOfRef(ref);
  const known = byRef ?? accountId;
  const found = known === undefined ? undefined : await accounts.byId(known);
  if (found !== undefined) {
    return found;
  }
  const address = email === undefined ? undefined : parseEmailAddress(email);
  const holder = address === undefined ? undefined : await accounts.holderOfEmail(address);
  const account = holder === undefined ? undefined : await accounts.byId(holder);
  if (account !== undefined && ref !== undefined && account.ref !== undefined) {
    throw refusal("another account has the e-mail address, with another ref");
  }
  if (account !== undefined && ref !== undefined && emailVerified !== true) {
    throw refusal(
      "there is an account with this e-mail address; it gets the ref when the line says emailVerified",
    );
  }
  return account;
}

/** The connection whose sync made it keeps it up to date, here too. */
async function makerOf(
  content: JsonObject,
  place: ImportPlace,
  parts: ImportParts,
): Promise<Account["madeBy"]> {
  const name = textOf(content, "madeBy");
  if (name === undefined) {
    return undefined;
  }
  const { tenantId, connectionId } = await connectionOf(place, name, parts);
  return { tenantId, connectionId };
}

/** Imports what says that somebody is protected, or has left and shall not be brought back. */
export function importMembership(
  content: JsonObject,
  place: ImportPlace,
  parts: ImportParts,
): Promise<ImportOutcome> {
  const protection = textOf(content, "protection");
  if (protection !== undefined && protection !== "break-glass") {
    throw refusal("protection: expected break-glass");
  }
  return switchOf(content, "declined") === true
    ? fulfilLine({ kind: "leave" }, content, place, parts)
    : wish({ kind: "protect", protection }, content, place, parts);
}

/** Imports a lock that somebody has set. */
export function importLock(
  content: JsonObject,
  place: ImportPlace,
  parts: ImportParts,
): Promise<ImportOutcome> {
  const source = neededText(content, "source");
  if (source !== "admin" && source !== "security") {
    throw refusal("source: expected admin or security");
  }
  return wish({ kind: "lock", source, reason: textOf(content, "reason") }, content, place, parts);
}

/**
 * Imports that somebody is a member by a User: agrees to the link where this instance has only asked the person, and has
 * a member suspended that was so. Whoever is inactive is not made a member, and therefore is active for a moment.
 */
export async function importLink(
  content: JsonObject,
  place: ImportPlace,
  parts: ImportParts,
): Promise<ImportOutcome> {
  const connection = await connectionOf(place, textOf(content, "connection"), parts);
  const user = neededText(content, "user");
  const isSuspended = switchOf(content, "active") === false;
  const site: LinkSite = { content, place, parts, connection, user };
  const linked = await linkUnlessLinked(site, isSuspended);
  // Also where an earlier start was killed in between.
  const suspended = isSuspended && (await setActive(user, false, connection, parts));
  return linked || suspended ? "changed" : "unchanged";
}

interface LinkSite {
  readonly content: JsonObject;
  readonly place: ImportPlace;
  readonly parts: ImportParts;
  readonly connection: Connection;
  readonly user: string;
}

async function linkUnlessLinked(site: LinkSite, isSuspended: boolean): Promise<boolean> {
  const { content, place, parts, connection, user } = site;
  const { tenantId, connectionId } = connection;
  const stateNow = async () =>
    (await parts.store.memberships.linkOf({ tenantId, connectionId }, user))?.state ?? "none";
  let state = await stateNow();
  if (state === "none" && isSuspended && (await setActive(user, true, connection, parts))) {
    state = await stateNow();
  }
  if (state !== "pending") {
    return false;
  }
  const resource = { connectionId, resourceId: user };
  return (await fulfilLine({ kind: "accept", resource }, content, place, parts)) === "changed";
}

async function accountNamed(
  content: JsonObject,
  { store }: ImportParts,
): Promise<Account | undefined> {
  return findAccount(store, neededText(content, "account"));
}

async function wish(
  wanted: OperatorWish,
  content: JsonObject,
  place: ImportPlace,
  parts: ImportParts,
): Promise<ImportOutcome> {
  const tenant = tenantOf(place);
  const account = await accountNamed(content, parts);
  if (parts.dryRun) {
    return "changed";
  }
  if (account === undefined) {
    throw refusal("account: there is no such account");
  }
  const { changed } = await changeMembership(
    parts.store,
    { tenant, account },
    wanted,
    parts.circumstances,
  );
  return changed ? "changed" : "unchanged";
}

/** Fulfils what a line says of an account; refuses what protects it. */
export async function fulfilLine(
  wanted: MembershipWish,
  content: JsonObject,
  place: ImportPlace,
  parts: ImportParts,
): Promise<ImportOutcome> {
  const { tenantId }: { readonly tenantId: TenantId } = tenantOf(place);
  const account = await accountNamed(content, parts);
  if (parts.dryRun) {
    return "changed";
  }
  if (account === undefined) {
    throw refusal("account: there is no such account");
  }
  const { memberships } = parts.store;
  const outcome = await memberships.fulfil(
    tenantId,
    account.accountId,
    wanted,
    parts.circumstances,
  );
  if (outcome.kind !== "done") {
    throw refusal(
      outcome.kind === "gone" ? "the account is gone" : `the member is protected: ${outcome.by}`,
    );
  }
  return outcome.changed ? "changed" : "unchanged";
}
