/** What becomes of a login in a tenant: let in or refused, whom it makes a member, which grants follow. Pure. */
import type { Account, MembershipFacts } from "./account.ts";
import type { AttributeDifference } from "./audit-entry.ts";
import { personTextMax } from "./checked-account.ts";
import { cleanText } from "./clean-text.ts";
import type { EffectiveAccess } from "./effective-access.ts";
import type { EmailAddress } from "./email-address.ts";
import type { Member } from "./member.ts";
import type { AccountInTenant } from "./membership-edit.ts";
import type { LoginSettings } from "./oidc-connection.ts";
import type { TenantSettings } from "./tenant-settings.ts";

/** What an identity provider of the tenant says of somebody who logs in. */
export interface AssertedLogin {
  /** How the provider calls the person, for good. */
  readonly subject: string;
  readonly email: EmailAddress | undefined;
  /** Whether the provider says that the address is the person's. */
  readonly isEmailVerified: boolean;
  readonly name: string | undefined;
  /** Undefined where they are not known: those of the last login stay. */
  readonly groups: readonly string[] | undefined;
  /** For operators: what of it was not taken, without personal data. */
  readonly warnings: readonly string[];
}

/** Why somebody is not let in; it says nothing about accounts that the tenant has nothing to do with. */
export const loginRefusalReasons = [
  "invalid-token",
  "locked",
  "declined",
  "not-provisioned",
  "jit-off",
  "email-unverified",
  "domain-unverified",
  "attach-policy",
  "accounts-off",
  "no-access",
] as const;

/** One of them. */
export type LoginRefusal = (typeof loginRefusalReasons)[number];

/** Each with a sentence for whoever reads the answer. */
export const loginRefusals: Readonly<Record<LoginRefusal, string>> = {
  "invalid-token": "The ID token is not one that the tenant accepts.",
  locked: "The membership is suspended.",
  declined: "The person has left the tenant or declined to be a member.",
  "not-provisioned":
    "The person is no member: no user of a connection is linked, and nothing is given by hand.",
  "jit-off": "The person is no member, and a login makes nobody one here.",
  "email-unverified":
    "The person is no member, and the identity provider does not say that the e-mail is verified.",
  "domain-unverified":
    "The person is no member, and the tenant has not verified the domain of the e-mail.",
  "attach-policy": "The person is no member, and the attach policy of the tenant takes nobody.",
  "accounts-off": "The person is no member, and the tenant is a mere directory.",
  "no-access": "Nothing gives the person a role.",
};

/** Why an ID token is not accepted. */
export interface TokenRefusal {
  /** For the operator: a sentence without anything of the token. */
  readonly why: string;
}

/** The account that a login is found to be of. */
export interface FoundLogin {
  readonly by: "subject" | "external-id" | "email";
  readonly inTenant: AccountInTenant;
  /** What suspends the person at present. */
  readonly suspendedBy: EffectiveAccess["suspendedBy"];
}

/** What the decision depends on. */
export interface LoginGround {
  readonly login: Pick<AssertedLogin, "email" | "isEmailVerified">;
  readonly rules: Pick<LoginSettings, "mode" | "jit">;
  readonly settings: Pick<TenantSettings, "accounts" | "attachPolicy">;
  /** Whether the tenant has verified the domain of the e-mail. */
  readonly isDomainVerified: boolean;
  readonly found: FoundLogin | undefined;
}

/** What becomes of it; whoever is let in and `joins` is a member by the login from now on. */
export type LoginDecision =
  | { readonly kind: "accept"; readonly joins: boolean }
  | { readonly kind: "refuse"; readonly reason: LoginRefusal };

/** Decides; the first row that fits counts. */
export function decideLogin(ground: LoginGround): LoginDecision {
  const { found, rules } = ground;
  if (found !== undefined && found.suspendedBy.length > 0) {
    return refuse("locked");
  }
  if (found?.inTenant.hasDeclined === true) {
    return refuse("declined");
  }
  if (rules.mode === "scim") {
    return found !== undefined && isProvisioned(found.inTenant.facts)
      ? { kind: "accept", joins: false }
      : refuse("not-provisioned");
  }
  return found?.inTenant.isMember === true
    ? { kind: "accept", joins: false }
    : decideAboutStranger(ground);
}

/**
 * Before it matters whether there is an account elsewhere, so that the answer does not tell (I4): the attach policy binds
 * logins as it binds syncs, and there is no invitation that a login could wait for.
 */
function decideAboutStranger(ground: LoginGround): LoginDecision {
  const { rules, settings, login, isDomainVerified } = ground;
  if (!settings.accounts) {
    return refuse("accounts-off");
  }
  if (rules.jit === "off") {
    return refuse("jit-off");
  }
  if (settings.attachPolicy === "invite" || settings.attachPolicy === "reject") {
    return refuse("attach-policy");
  }
  if (rules.jit === "any" && settings.attachPolicy === "attach") {
    return { kind: "accept", joins: true };
  }
  if (login.email === undefined || !login.isEmailVerified) {
    return refuse("email-unverified");
  }
  return isDomainVerified ? { kind: "accept", joins: true } : refuse("domain-unverified");
}

/** Whom a connection has linked, or who is a member by hand: nobody whom a login alone has made one. */
function isProvisioned({ links, grants }: MembershipFacts): boolean {
  return (
    links.some(({ state }) => state === "linked") ||
    grants.some(({ source }) => source === "manual" || source === "retained")
  );
}

function refuse(reason: LoginRefusal): LoginDecision {
  return { kind: "refuse", reason };
}

/**
 * Tells whether an account may be found by a verified e-mail. Whoever registered an address first without showing that it
 * is theirs is not whom the provider means, member or not.
 */
export function isFoundByEmail({
  emailVerified,
  hasLogin,
}: Pick<Account, "emailVerified" | "hasLogin">): boolean {
  return emailVerified || !hasLogin;
}

/** What became of a login. */
export type LoginOutcome =
  | {
      readonly kind: "accepted";
      readonly member: Member;
      readonly access: EffectiveAccess;
      /** Whether the account is new. */
      readonly isNew: boolean;
      /** Whether the person is a member since this login. */
      readonly hasJoined: boolean;
    }
  | { readonly kind: "refused"; readonly reason: LoginRefusal }
  /** There is no such tenant. */
  | { readonly kind: "gone" };

/** The most groups of a login. */
export const loginGroupsMax: number = 1000;
/** The longest name of a group of a login, in characters. */
export const loginGroupNameMax: number = 256;
/** The longest subject of a login, in characters. */
const loginSubjectMax = 256;

/** Says what is wrong with the name of a group; undefined for a good one. */
export function groupNameProblemOf(name: string): string | undefined {
  return isClean(name, loginGroupNameMax)
    ? undefined
    : `the name of a group has 1 to ${loginGroupNameMax} characters, not all of them blank and none of them invisible`;
}

/** Says what is wrong with a subject; undefined for a good one. */
export function subjectProblemOf(subject: string): string | undefined {
  return isClean(subject, loginSubjectMax)
    ? undefined
    : `a subject has 1 to ${loginSubjectMax} characters, not all of them blank and none of them invisible`;
}

/** The name of a person as it may be kept; undefined where it may not. */
export function personNameOf(name: string | undefined): string | undefined {
  return name !== undefined && isClean(name, personTextMax) ? name : undefined;
}

/** The groups that may be kept, with what is told of the others; too many of them are as good as not known. */
export function takenGroupsOf(
  names: readonly string[],
): Pick<AssertedLogin, "groups" | "warnings"> {
  const distinct = [...new Set(names)];
  if (distinct.length > loginGroupsMax) {
    return {
      groups: undefined,
      warnings: [
        `there are more than ${loginGroupsMax} groups: those of the last login are kept as they are`,
      ],
    };
  }
  const groups = distinct.filter((name) => groupNameProblemOf(name) === undefined);
  const left = distinct.length - groups.length;
  return {
    groups,
    warnings:
      left === 0
        ? []
        : [
            `${left} groups are left out: a name has at most ${loginGroupNameMax} characters and none that cannot be seen`,
          ],
  };
}

/** What the audit log tells of the groups of a login, the first 1,000; nothing where they are as they were. */
export function groupDifferencesOf(
  before: readonly string[],
  after: readonly string[] | undefined,
): readonly AttributeDifference[] {
  if (after === undefined) {
    return [];
  }
  const [from, to] = [before.toSorted(), after.toSorted()];
  return JSON.stringify(from) === JSON.stringify(to)
    ? []
    : [{ path: "login.groups", before: from, after: to }];
}

function isClean(text: string, lengthMax: number): boolean {
  return text.trim() !== "" && [...text].length <= lengthMax && cleanText(text) === text;
}
