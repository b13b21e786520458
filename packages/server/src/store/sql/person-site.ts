/** Where the account of a User is decided on: the population, the tenant's settings, the names that mails tell. */
import type { ResourceChange, ScimError } from "@rollcall/scim";
import type { Account, AccountId } from "../../domain/account.ts";
import type { PersonMailKind } from "../../domain/mail.ts";
import type { AccessEffect, AccountInTenant } from "../../domain/membership-edit.ts";
import type { Scope } from "../../domain/tenant.ts";
import type { TenantSettings } from "../../domain/tenant-settings.ts";
import type { PopulationFacts } from "./population-facts.ts";
import type { Recording } from "./recording.ts";
import { settingsIn } from "./settings-in.ts";
import type { SqlContext } from "./sql-context.ts";
import type { Statement } from "./statement.ts";

/** Where it is decided. */
export interface PersonSite {
  readonly scope: Scope;
  readonly resourceId: string;
  /** xsd:dateTime in UTC: the time of the change. */
  readonly at: string;
  readonly settings: TenantSettings;
  readonly tenantName: string;
  readonly connectionName: string;
  readonly context: SqlContext;
  /** Whether the facts of the tenant are taken alone. */
  readonly isAlone: boolean;
}

/** The site of a change of a User. */
export function personSiteOf(
  { scope, change, context, isAlone = false }: Recording<ResourceChange>,
  facts: PopulationFacts,
  at: string,
): PersonSite {
  const { tenantName, connectionName } = facts;
  return {
    scope,
    resourceId: change.id,
    at,
    settings: settingsIn(facts, context),
    tenantName,
    connectionName,
    context,
    isAlone,
  };
}

/** A mail that a change causes. */
export interface PersonNotice {
  readonly kind: Exclude<PersonMailKind, "digest">;
  readonly account: Account;
  readonly language: string | undefined;
  readonly role: string | undefined;
  readonly invitationId?: string;
}

/** What a change of a User does to its account. */
export interface PersonEffect {
  readonly kind: "effect";
  /** Statements that must each change a row; otherwise somebody else was faster and all is decided again. */
  readonly claims: readonly Statement[];
  readonly statements: readonly Statement[];
  /** Undefined where there is no account, before and after. */
  readonly effect: AccessEffect | undefined;
  /** What of the account itself is told to the application. */
  readonly account:
    | { readonly accountId: AccountId; readonly ref: string | undefined; readonly isNew: boolean }
    | undefined;
  readonly notices: readonly PersonNotice[];
  readonly warnings: readonly string[];
}

/** What comes of deciding. */
export type PersonOutcome =
  | PersonEffect
  | { readonly kind: "refused"; readonly error: ScimError }
  /** Nothing is changed, and the audit log says so. */
  | { readonly kind: "protected"; readonly error: ScimError }
  /** The facts of the tenant are to be taken alone first. */
  | { readonly kind: "alone" };

/** What has no effect on any account. */
export const noPersonEffect: PersonEffect = {
  kind: "effect",
  claims: [],
  statements: [],
  effect: undefined,
  account: undefined,
  notices: [],
  warnings: [],
};

/** An account of which the tenant has nothing. */
export function unknownAccount(accountId: AccountId): AccountInTenant {
  return {
    facts: { accountId, protection: undefined, links: [], grants: [], locks: [] },
    isMember: false,
    hasDeclined: false,
  };
}
