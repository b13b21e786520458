/** Everything that is done about people, in the name of whoever has opened the data: accounts, memberships, domains, links in mails. */
import type { ResourceTypeRegistry } from "@rollcall/scim";
import type { Account, AccountChange, AccountId } from "../domain/account.ts";
import type { Circumstances } from "../domain/audit-entry.ts";
import type { Invitation } from "../domain/invitation.ts";
import type { Tenant } from "../domain/tenant.ts";
import type { TenantDomain } from "../domain/tenant-domain.ts";
import type { MailLinks } from "../mail/mail-links.ts";
import type { Store } from "../store/store.ts";
import type { AccountWish, Erasure, TenantPart } from "./account-administration.ts";
import {
  changeAccount,
  createAccount,
  eraseAccount,
  findAccount,
  membershipsOf,
  saveAccountByRef,
} from "./account-administration.ts";
import type { Occasion } from "./create-connection.ts";
import type { TxtResolver, VerificationWish } from "./domain-administration.ts";
import { addDomain, assertDomain, removeDomain, verifyDomain } from "./domain-administration.ts";
import type { AccountExport } from "./export-account.ts";
import { exportAccount } from "./export-account.ts";
import type { InvitationWish } from "./invitation-administration.ts";
import { revokeInvitation, sendInvitation } from "./invitation-administration.ts";
import type { ChangedMembership, OperatorWish } from "./membership-administration.ts";
import { changeMembership } from "./membership-administration.ts";
import type { PersonActions } from "./person-actions.ts";
import { createPersonActions } from "./person-actions.ts";

/** What is done about people. Whatever cannot be done is a refusal. */
export interface PeopleAdministration {
  createAccount(wish: AccountWish): Promise<Account>;
  /** Undefined when the account is gone. */
  changeAccount(accountId: AccountId, change: AccountChange): Promise<Account | undefined>;
  /** Makes the account of an id of the application, or changes it. */
  saveAccountByRef(
    ref: string,
    wish: AccountChange,
  ): Promise<{ readonly account: Account; readonly isNew: boolean }>;
  /** Finds an account by its e-mail address, its id or the application's own id. */
  findAccount(text: string): Promise<Account | undefined>;
  /** What every tenant has on an account. */
  membershipsOf(accountId: AccountId): Promise<readonly TenantPart[]>;
  exportAccount(account: Account): Promise<AccountExport>;
  /** Undefined when the account is gone. */
  eraseAccount(accountId: AccountId): Promise<Erasure | undefined>;
  changeMembership(
    place: { readonly tenant: Tenant; readonly account: Account },
    wish: OperatorWish,
  ): Promise<ChangedMembership>;
  /** Invites a person whose User waits for them, or whom they have declined. */
  sendInvitation(wish: InvitationWish): Promise<Invitation>;
  /** Ends an open invitation; undefined where there is none. */
  revokeInvitation(tenant: Tenant, invitationId: string): Promise<Invitation | undefined>;
  addDomain(tenant: Tenant, name: string): Promise<TenantDomain>;
  verifyDomain(wish: VerificationWish): Promise<TenantDomain>;
  assertDomain(wish: VerificationWish): Promise<TenantDomain>;
  /** Answers with the name that it had. */
  removeDomain(tenant: Tenant, name: string): Promise<string>;
  /** What a person does with the link of a mail. */
  readonly personActions: PersonActions;
}

/** What it needs. */
export interface PeopleAdministrationParts {
  readonly store: Store;
  readonly registry: ResourceTypeRegistry;
  readonly mailLinks: MailLinks;
  readonly resolveTxt: TxtResolver;
  readonly now: () => number;
  readonly circumstances: () => Circumstances;
}

/** Makes it. */
export function createPeopleAdministration(parts: PeopleAdministrationParts): PeopleAdministration {
  const { store, resolveTxt, now, circumstances } = parts;
  const occasion = (): Occasion => ({ ...circumstances(), nowMs: now() });
  return {
    createAccount: (wish) => createAccount(store, wish, occasion()),
    changeAccount: (accountId, change) => changeAccount(store, accountId, change, circumstances()),
    saveAccountByRef: (ref, wish) => saveAccountByRef(store, ref, wish, occasion()),
    findAccount: (text) => findAccount(store, text),
    membershipsOf: (accountId) => membershipsOf(store, accountId),
    exportAccount: (account) => exportAccount(account, parts),
    eraseAccount: (accountId) => eraseAccount(store, accountId, circumstances()),
    changeMembership: (place, wish) => changeMembership(store, place, wish, circumstances()),
    sendInvitation: (wish) => sendInvitation(store, wish, circumstances()),
    revokeInvitation: (tenant, invitationId) =>
      revokeInvitation(store, { tenant, invitationId }, occasion()),
    addDomain: (tenant, name) => addDomain(store, tenant, name, occasion()),
    verifyDomain: (wish) => verifyDomain(store, wish, circumstances(), resolveTxt),
    assertDomain: (wish) => assertDomain(store, wish, occasion()),
    removeDomain: (tenant, name) => removeDomain(store, tenant, name, circumstances()),
    personActions: createPersonActions(parts),
  };
}
