/** Tells for many accounts at once what they may do in a tenant, in a number of statements that does not grow with them. */
import type { Account, AccountId } from "../domain/account.ts";
import type { AskedPerson } from "../domain/asked-person.ts";
import { askedPersonsMax } from "../domain/asked-person.ts";
import type { EffectiveAccess } from "../domain/effective-access.ts";
import { effectiveAccessOf } from "../domain/effective-access.ts";
import type { EmailAddress } from "../domain/email-address.ts";
import { parseEmailAddress } from "../domain/email-address.ts";
import type { Member } from "../domain/member.ts";
import { whyNoAccess } from "../domain/member-summary.ts";
import type { TenantId } from "../domain/tenant.ts";
import type { TenantSettings } from "../domain/tenant-settings.ts";
import type { Store } from "../store/store.ts";

/** What was found. */
export interface AccessCheck {
  readonly asked: AskedPerson;
  /** Undefined when there is no such account: then there is no access. */
  readonly account: Account | undefined;
  /** What the tenant has on the account, be it nothing. */
  readonly member: Member | undefined;
  readonly tenantId: TenantId;
  readonly access: EffectiveAccess;
  /** Why there is no access; undefined where it is active. */
  readonly whyNot: string | undefined;
}

/** Checks access, in the order of the questions; undefined when there is no such tenant. */
export async function checkAccess(
  { accounts, memberships }: Pick<Store, "accounts" | "memberships">,
  tenantId: TenantId,
  persons: readonly AskedPerson[],
): Promise<readonly AccessCheck[] | undefined> {
  if (persons.length > askedPersonsMax) {
    throw new TypeError(`at most ${askedPersonsMax} accounts are asked about at once`);
  }
  const [accountIds, settings] = await Promise.all([
    accountIdsOf({ accounts }, persons),
    memberships.settings(tenantId),
  ]);
  if (settings === undefined) {
    return undefined;
  }
  const ids = new Set(accountIds.flatMap((accountId) => accountId ?? []));
  const members = new Map(
    (await memberships.many(tenantId, [...ids])).map((member) => [
      member.account.accountId,
      member,
    ]),
  );
  return persons.map((asked, index) => {
    const accountId = accountIds[index];
    const member = accountId === undefined ? undefined : members.get(accountId);
    return { asked, tenantId, ...accessOfMember(member, settings) };
  });
}

/**
 * Finds the ids that some persons have, in their order and in a number of statements that does not grow with them;
 * undefined where nobody is meant. Whether there is an account of an id is not looked at.
 */
export async function accountIdsOf(
  { accounts }: Pick<Store, "accounts">,
  persons: readonly AskedPerson[],
): Promise<readonly (AccountId | undefined)[]> {
  const emails = persons.flatMap((person) => emailOf(person) ?? []);
  const refs = persons.flatMap((person) => ("ref" in person ? [person.ref] : []));
  const [byEmail, byRef] = await Promise.all([
    accounts.holdersOfEmails(emails),
    accounts.holdersOfRefs(refs),
  ]);
  return persons.map((person) => {
    if ("accountId" in person) {
      return person.accountId as AccountId;
    }
    return "ref" in person ? byRef.get(person.ref) : byEmail.get(emailOf(person)?.key ?? "");
  });
}

function emailOf(person: AskedPerson): EmailAddress | undefined {
  return "email" in person ? parseEmailAddress(person.email) : undefined;
}

function accessOfMember(
  member: Member | undefined,
  settings: TenantSettings,
): Pick<AccessCheck, "account" | "member" | "access" | "whyNot"> {
  return {
    account: member?.account,
    member,
    access: effectiveAccessOf(member?.facts, settings),
    whyNot: member === undefined ? "there is no such account" : whyNoAccess(member, settings),
  };
}
