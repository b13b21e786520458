/** What changes and the end of a User do to the account behind it (semantics §4). */
import type { JsonObject } from "@rollcall/scim";
import { ScimError } from "@rollcall/scim";
import type { AccountId, Link } from "../../domain/account.ts";
import type { AccessEffect, MembershipEdit } from "../../domain/membership-edit.ts";
import { accessEffectOf } from "../../domain/membership-edit.ts";
import type { Person } from "../../domain/person.ts";
import { isToBeTriedAgain } from "../../domain/person.ts";
import type { Candidates } from "./account-candidates.ts";
import { candidatesAsked, domainAsked } from "./account-candidates.ts";
import { claimEmail, releaseEmail, updateAccount } from "./accounts.ts";
import type { Asked } from "./asked.ts";
import { allAsked, ask, known } from "./asked.ts";
import type { FoundPerson } from "./attach-person.ts";
import { attachPerson, isOwnAccount, linkOf, readPerson, scimUnlock } from "./attach-person.ts";
import { editRows } from "./edit-rows.ts";
import { guardAccess } from "./guard-access.ts";
import { revokeInvitations } from "./invitations.ts";
import type { StoredLink } from "./membership-facts.ts";
import { deleteLink, linkAsked, saveLink } from "./membership-facts.ts";
import type { PersonEffect, PersonNotice, PersonOutcome, PersonSite } from "./person-site.ts";
import { noPersonEffect } from "./person-site.ts";
import type { Script } from "./script.ts";

/** What is read for a change beside the resource. */
export interface PersonGround {
  readonly link: StoredLink | undefined;
  /** Undefined where the change concerns no address and no look-up. */
  readonly candidates: Candidates | undefined;
}

/** A change of a User, as far as accounts are concerned. */
export interface PersonChange {
  readonly before: Person;
  readonly after: Person;
}

/** Asks for what a change needs; `form` is the comparison form of the resource afterwards. */
export function personGroundAsked(
  { scope, resourceId, context }: Pick<PersonSite, "scope" | "resourceId" | "context">,
  { before, after }: PersonChange,
  form: JsonObject,
): Asked<PersonGround> {
  return allAsked<PersonGround & Readonly<Record<string, unknown>>>({
    link: linkAsked(scope, resourceId),
    candidates: isToBeTriedAgain(before, after)
      ? candidatesAsked(scope, after, form, context)
      : known(undefined),
  });
}

/** Changes the link and the access of a User whose attributes change. */
export function* changePerson(
  site: PersonSite,
  change: PersonChange,
  { link, candidates }: PersonGround,
): Script<PersonOutcome> {
  const { after } = change;
  switch (link?.state) {
    case "linked":
      return yield* changeLinked(site, change, link, candidates);
    case "declined":
      return saveAssertions(site, after, link);
    case "pending":
      return candidates !== undefined && change.before.email?.key !== after.email?.key
        ? yield* inviteAgain(site, after, candidates)
        : saveAssertions(site, after, link);
    default:
      return candidates === undefined
        ? saveAssertions(site, after, link)
        : yield* attachPerson(site, after, candidates, "update");
  }
}

/** Ends what a User that goes away has given. */
export function* removePerson(site: PersonSite, link: Link | undefined): Script<PersonOutcome> {
  const { scope, resourceId, at, settings } = site;
  const found = link?.accountId === undefined ? undefined : yield* readPerson(link.accountId, site);
  const revoked = link?.state === "pending" ? [revokeInvitations(site)] : [];
  if (link === undefined || found === undefined) {
    const rows = link === undefined ? [] : [deleteLink(scope, resourceId)];
    return { ...noPersonEffect, statements: [...rows, ...revoked] };
  }
  const { inTenant } = found;
  const leaving: readonly MembershipEdit[] = [{ kind: "delete-link", link }];
  const isKept = accessEffectOf(inTenant, leaving, settings).after.isMember;
  const edits: readonly MembershipEdit[] = [
    ...leaving,
    ...(isKept && link.state === "linked" ? scimLock(site) : scimUnlock(site)),
  ];
  const effect = accessEffectOf(inTenant, edits, settings);
  const forbidden = yield* forbid(effect, site);
  return (
    forbidden ?? {
      ...noPersonEffect,
      statements: [...editRows(scope.tenantId, edits, effect, at), ...revoked],
      effect,
      account: { accountId: found.account.accountId, ref: found.account.ref, isNew: false },
      notices: ceasedNotice(found, effect, site),
    }
  );
}

function* changeLinked(
  site: PersonSite,
  { before, after }: PersonChange,
  link: Link,
  candidates: Candidates | undefined,
): Script<PersonOutcome> {
  const saved = { ...linkOf("linked", site, after, link.accountId), proof: link.proof };
  const isMoved = before.email?.key !== after.email?.key && candidates !== undefined;
  if (isSameLink(link, saved) && !isMoved) {
    return noPersonEffect;
  }
  const found = link.accountId === undefined ? undefined : yield* readPerson(link.accountId, site);
  if (found === undefined) {
    return noPersonEffect;
  }
  const edits: readonly MembershipEdit[] = [
    { kind: "save-link", link: saved },
    ...(after.active ? scimUnlock(site) : scimLock(site)),
  ];
  const effect = accessEffectOf(found.inTenant, edits, site.settings);
  const forbidden = yield* forbid(effect, site);
  if (forbidden !== undefined) {
    return forbidden;
  }
  const moved = isMoved
    ? yield* moveEmail(site, { before, after }, found, candidates)
    : noPersonEffect;
  return {
    ...noPersonEffect,
    claims: moved.claims,
    statements: [...editRows(site.scope.tenantId, edits, effect, site.at), ...moved.statements],
    effect,
    account: { accountId: found.account.accountId, ref: found.account.ref, isNew: false },
    warnings: moved.warnings,
  };
}

/** The login e-mail follows only where the tenant owns the account and has verified both domains (I1). */
function* moveEmail(
  site: PersonSite,
  { before, after }: PersonChange,
  found: Omit<FoundPerson, "by">,
  { isDomainVerified, emailHolder }: Candidates,
): Script<Pick<PersonEffect, "claims" | "statements" | "warnings">> {
  const { account } = found;
  const { email } = after;
  const old = before.email;
  const mayMove =
    isDomainVerified &&
    email !== undefined &&
    old !== undefined &&
    account.email !== undefined &&
    old.text.toLowerCase() === account.email.toLowerCase() &&
    isOwnAccount(found, site) &&
    (yield* ask(domainAsked(site.scope.tenantId, old)));
  if (!mayMove || email === undefined || old === undefined) {
    return noPersonEffect;
  }
  if (emailHolder !== undefined) {
    const warning = "emails: the account keeps its login e-mail, another account has the new one";
    return { ...noPersonEffect, warnings: [warning] };
  }
  return {
    ...noPersonEffect,
    claims: [claimEmail(account.accountId, email)],
    statements: [
      releaseEmail(account.accountId, old),
      updateAccount({ ...account, email: email.text, emailVerified: true }, email),
    ],
  };
}

/** A changed address makes the invitation void; who is meant now is found anew. */
function* inviteAgain(
  site: PersonSite,
  after: Person,
  candidates: Candidates,
): Script<PersonOutcome> {
  const outcome = yield* attachPerson(site, after, candidates, "update");
  if (outcome.kind !== "effect") {
    return outcome;
  }
  const { scope, resourceId } = site;
  return {
    ...outcome,
    // Before anything else: of two links of one account in a connection the second is refused.
    statements: [deleteLink(scope, resourceId), revokeInvitations(site), ...outcome.statements],
  };
}

/** What the connection asserts now; why there is no account stays as it was. */
function saveAssertions(
  site: PersonSite,
  after: Person,
  link: StoredLink | undefined,
): PersonEffect {
  if (link === undefined) {
    return noPersonEffect;
  }
  const saved = { ...linkOf(link.state, site, after, link.accountId), proof: link.proof };
  const { scope, at } = site;
  return isSameLink(link, saved)
    ? noPersonEffect
    : {
        ...noPersonEffect,
        statements: [saveLink(scope.tenantId, saved, { at, reason: link.reason })],
      };
}

function isSameLink(one: Link, other: Link): boolean {
  return one.active === other.active && one.role === other.role && one.state === other.state;
}

function scimLock({ scope, at }: PersonSite): readonly MembershipEdit[] {
  const { connectionId } = scope;
  return [{ kind: "add-lock", lock: { source: "scim", connectionId, reason: undefined, at } }];
}

function* forbid(
  effect: AccessEffect,
  { scope, settings, context, isAlone }: PersonSite,
): Script<Extract<PersonOutcome, { kind: "protected" | "alone" }> | undefined> {
  const { dialect } = context;
  const forbidden = yield* guardAccess(effect, {
    tenantId: scope.tenantId,
    settings,
    dialect,
    isAlone,
  });
  switch (forbidden) {
    case undefined:
      return undefined;
    case "alone":
      return { kind: "alone" };
    case "break-glass":
      return {
        kind: "protected",
        error: new ScimError(403, "The user is protected and cannot be deactivated or deleted."),
      };
    case "last-owner":
      return {
        kind: "protected",
        error: new ScimError(
          403,
          "The user is the last owner and cannot be deactivated, deleted or given a lower role.",
        ),
      };
  }
}

/** Whoever has an account of their own is told; of one that the connection made nobody knows. */
function ceasedNotice(
  found: Omit<FoundPerson, "by">,
  { before, after, access }: AccessEffect,
  site: PersonSite,
): readonly PersonNotice[] {
  const { account } = found;
  return before.isMember && !after.isMember && !isMadeHere(found, site)
    ? [
        {
          kind: "detached",
          account,
          language: account.preferredLanguage,
          role: access.before.role,
        },
      ]
    : [];
}

function isMadeHere({ account, tenants }: Omit<FoundPerson, "by">, { scope }: PersonSite): boolean {
  return (
    account.madeBy?.tenantId === scope.tenantId &&
    !account.hasLogin &&
    tenants.every((tenantId) => tenantId === scope.tenantId)
  );
}

/** The account that a tombstone leads back to. */
export function accountLeft(link: Link | undefined): AccountId | undefined {
  return link?.state === "linked" ? link.accountId : undefined;
}
