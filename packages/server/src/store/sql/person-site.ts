/** Where the account of a User is decided on: the population, the tenant's settings, the names that mails tell. */
import type { ResourceChange, ScimError } from "@rollcall/scim";
import type { Account, AccountId, GroupGrant } from "../../domain/account.ts";
import type { UnattachedReason } from "../../domain/attach-policy.ts";
import type { AttributeDifference } from "../../domain/audit-entry.ts";
import type { PersonMailKind } from "../../domain/mail.ts";
import type { AccessEffect, AccountInTenant } from "../../domain/membership-edit.ts";
import type { Scope } from "../../domain/tenant.ts";
import type { TenantSettings } from "../../domain/tenant-settings.ts";
import type { PopulationFacts } from "./population-facts.ts";
import type { AdminAction } from "./record-consequences.ts";
import type { Recording } from "./recording.ts";
import { settingsIn } from "./settings-in.ts";
import type { SqlContext } from "./sql-context.ts";
import type { Statement } from "./statement.ts";

/** Where it is decided. */
export interface PersonSite {
  readonly scope: Scope;
  readonly resourceId: string;
  /** What groups give to the User, whether it is linked or not. */
  readonly groupGrants: readonly GroupGrant[];
  /** xsd:dateTime in UTC: the time of the change. */
  readonly at: string;
  readonly settings: TenantSettings;
  readonly tenantName: string;
  readonly connectionName: string;
  readonly context: SqlContext;
  /** Whether the facts of the tenant are taken alone. */
  readonly isAlone: boolean;
  /** Whether no two Users of the connection share an externalId: else it tells nobody from anybody else. */
  readonly isExternalIdUnique: boolean;
  /** Whether nobody gets anything by the connection yet. */
  readonly isStaged: boolean;
}

/** The site of a change of a User. */
export function personSiteOf(
  { scope, change, context, isAlone = false }: Recording<ResourceChange>,
  facts: PopulationFacts,
  at: string,
): PersonSite {
  return personSiteIn({ scope, resourceId: change.id, at, context, isAlone }, facts);
}

/** The site of a User in a population. */
export function personSiteIn(
  place: Pick<PersonSite, "scope" | "resourceId" | "at" | "context" | "isAlone">,
  facts: PopulationFacts,
): PersonSite {
  const { tenantName, connectionName } = facts;
  return {
    ...place,
    groupGrants: [],
    settings: settingsIn(facts, place.context),
    tenantName,
    connectionName,
    isExternalIdUnique: facts.identifyingPaths.includes("externalId"),
    isStaged: facts.isStaged,
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
  /** Why the User is tied to nobody, where that was decided. */
  readonly unattached?: UnattachedReason;
  readonly warnings: readonly string[];
  /** What of the account itself changes, or stays although the User has changed, for the audit log. */
  readonly accountDifferences: readonly AttributeDifference[];
  /** What the audit log of the instance says. */
  readonly instanceAction: AdminAction | undefined;
}

/** What comes of deciding. */
export type PersonOutcome =
  | PersonEffect
  | { readonly kind: "refused"; readonly error: ScimError }
  /** Nothing is changed, and the audit log says so. */
  | { readonly kind: "protected"; readonly error: ScimError }
  /** The facts of the tenant are to be taken alone first. */
  | { readonly kind: "alone" }
  /** What it was decided on is not so any more. */
  | { readonly kind: "again" };

/** What has no effect on any account. */
export const noPersonEffect: PersonEffect = {
  kind: "effect",
  claims: [],
  statements: [],
  effect: undefined,
  account: undefined,
  notices: [],
  warnings: [],
  accountDifferences: [],
  instanceAction: undefined,
};

/** An account of which the tenant has nothing. */
export function unknownAccount(accountId: AccountId): AccountInTenant {
  return {
    facts: { accountId, protection: undefined, links: [], grants: [], locks: [] },
    isMember: false,
    hasDeclined: false,
  };
}
