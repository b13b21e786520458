/** What changes and the end of a User do to the account behind it (semantics §4). */
import type { JsonObject } from "@rollcall/scim";
import { ScimError } from "@rollcall/scim";
import type { Account, Link } from "../../domain/account.ts";
import type { AccessEffect, MembershipEdit } from "../../domain/membership-edit.ts";
import { accessEffectOf } from "../../domain/membership-edit.ts";
import type { Person } from "../../domain/person.ts";
import { isToBeTriedAgain } from "../../domain/person.ts";
import type { Scope } from "../../domain/tenant.ts";
import type { Candidates } from "./account-candidates.ts";
import { candidatesAsked, domainAsked } from "./account-candidates.ts";
import {
  accountToChangeAsked,
  claimEmail,
  claimMovedEmail,
  releaseEmail,
  tenantsOfAccountAsked,
} from "./accounts.ts";
import type { Asked } from "./asked.ts";
import { allAsked, ask, known } from "./asked.ts";
import type { FoundPerson } from "./attach-person.ts";
import { attachPerson, isOwnAccount, linkOf, readPerson, scimUnlock } from "./attach-person.ts";
import { beginningRows, editRows } from "./edit-rows.ts";
import { guardAccess } from "./guard-access.ts";
import { revokeInvitations } from "./invitations.ts";
import type { LinkAndGroups, StoredLink } from "./membership-facts.ts";
import { deleteLink, linkAndGroupsAsked, saveLink } from "./membership-facts.ts";
import type { PersonEffect, PersonNotice, PersonOutcome, PersonSite } from "./person-site.ts";
import { noPersonEffect } from "./person-site.ts";
import type { AdminAction } from "./record-consequences.ts";
import type { Script } from "./script.ts";
import type { Tombstone } from "./tombstones.ts";

/** What is read for a change beside the resource. */
export interface PersonGround extends LinkAndGroups {
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
  const { statements, answer } = allAsked({
    ground: linkAndGroupsAsked(scope, resourceId),
    candidates: isToBeTriedAgain(before, after)
      ? candidatesAsked(scope, after, form, context)
      : known<Candidates | undefined>(undefined),
  });
  return {
    statements,
    answer: (results) => {
      const { ground, candidates } = answer(results);
      return { ...ground, candidates };
    },
  };
}

/** Changes the link and the access of a User whose attributes change. */
export function* changePerson(
  where: PersonSite,
  change: PersonChange,
  { link, groupGrants, candidates }: PersonGround,
): Script<PersonOutcome> {
  const site = { ...where, groupGrants };
  const { after } = change;
  switch (link?.state) {
    case "linked":
      return yield* changeLinked(site, change, link, candidates);
    case "declined":
      return yield* changeDeclined(site, change, link);
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
export function* removePerson(
  site: PersonSite,
  { person, link }: { readonly person: Person; readonly link: Link | undefined },
): Script<PersonOutcome> {
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
  const edits: readonly MembershipEdit[] = [...leaving, ...locksLeft(site, link, isKept)];
  const effect = accessEffectOf(inTenant, edits, settings);
  const forbidden = yield* forbid(effect, site);
  return (
    forbidden ?? {
      ...noPersonEffect,
      statements: [...editRows(scope.tenantId, edits, effect, at), ...revoked],
      effect,
      account: { accountId: found.account.accountId, ref: found.account.ref, isNew: false },
      notices: ceasedNotice({ ...found, person }, effect, site),
    }
  );
}

/** The connection locks whom it has taken a User from; what it has locked before stays where there was no such tie. */
function locksLeft(site: PersonSite, { state }: Link, isKept: boolean): readonly MembershipEdit[] {
  if (!isKept) {
    return scimUnlock(site);
  }
  return state === "linked" ? scimLock(site) : [];
}

/** Nothing comes through the link; but whom the connection calls active again it does not lock any more (semantics §4). */
function* changeDeclined(
  site: PersonSite,
  { before, after }: PersonChange,
  link: StoredLink,
): Script<PersonOutcome> {
  const { accountId } = link;
  const isBack = after.active && !before.active;
  const found = isBack && accountId !== undefined ? yield* readPerson(accountId, site) : undefined;
  const { connectionId } = site.scope;
  const isLocked = found?.inTenant.facts.locks.some(
    (lock) => lock.source === "scim" && lock.connectionId === connectionId,
  );
  return found === undefined || isLocked !== true
    ? saveAssertions(site, after, link)
    : yield* changeTied(site, { before, after }, { link, found, candidates: undefined });
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
  return found === undefined
    ? noPersonEffect
    : yield* changeTied(site, { before, after }, { link, found, candidates });
}

/** Whom the account is, and what is known of an address that may move. */
interface Tie {
  readonly link: Link;
  readonly found: Omit<FoundPerson, "by">;
  readonly candidates: Candidates | undefined;
}

/** What the connection says of somebody counts: the lock of its own comes or goes. */
function* changeTied(
  site: PersonSite,
  { before, after }: PersonChange,
  { link, found, candidates }: Tie,
): Script<PersonOutcome> {
  const saved = { ...linkOf(link.state, site, after, link.accountId), proof: link.proof };
  const isMoved = before.email?.key !== after.email?.key && candidates !== undefined;
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
    ...moved,
    claims: [...beginningRows(site.scope.tenantId, effect, site.at), ...moved.claims],
    statements: [...editRows(site.scope.tenantId, edits, effect, site.at), ...moved.statements],
    effect,
    account: { accountId: found.account.accountId, ref: found.account.ref, isNew: false },
  };
}

/** The login e-mail follows only where the tenant owns the account and has verified both domains (I1). */
function* moveEmail(
  site: PersonSite,
  { before, after }: PersonChange,
  found: Omit<FoundPerson, "by">,
  { isDomainVerified, emailHolder }: Candidates,
): Script<PersonEffect> {
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
    const kept = { path: "account.email", before: old.text, after: old.text };
    return { ...noPersonEffect, warnings: [warning], accountDifferences: [kept] };
  }
  if (!(yield* isStillOwn(site, found))) {
    return noPersonEffect;
  }
  const differences = movedDifferences(account, email.text);
  return {
    ...noPersonEffect,
    claims: [claimMovedEmail(account, email), claimEmail(account.accountId, email)],
    statements: [releaseEmail(account.accountId, old)],
    accountDifferences: differences.map(({ path, ...values }) => ({
      path: `account.${path}`,
      ...values,
    })),
    instanceAction: {
      action: "account.update",
      target: { type: "account", id: account.accountId, name: email.text },
      differences,
    },
  };
}

/** Whoever ties the account to a tenant takes its row, so that behind it nobody is left who was not seen before. */
function* isStillOwn(site: PersonSite, found: Omit<FoundPerson, "by">): Script<boolean> {
  const { accountId } = found.account;
  const { dialect } = site.context;
  const { tenants } = yield* ask(
    allAsked({
      account: accountToChangeAsked(accountId, dialect),
      tenants: tenantsOfAccountAsked(accountId),
    }),
  );
  return isOwnAccount({ ...found, tenants }, site);
}

function movedDifferences(
  { email, emailVerified }: Account,
  moved: string,
): AdminAction["differences"] {
  return [
    { path: "email", ...(email === undefined ? {} : { before: email }), after: moved },
    ...(emailVerified ? [] : [{ path: "emailVerified", before: false, after: true }]),
  ];
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
  found: Omit<FoundPerson, "by"> & { readonly person: Person },
  { before, after, access }: AccessEffect,
  site: PersonSite,
): readonly PersonNotice[] {
  const { account, person } = found;
  return before.isMember && !after.isMember && !isMadeHere(found, site)
    ? [
        {
          kind: "detached",
          account,
          language: account.preferredLanguage ?? person.language,
          role: access.before.role,
        },
      ]
    : [];
}

/** Tells whether an account is no more than what a sync of the tenant has made: nobody knows of it yet. */
export function isMadeHere(
  { account, tenants }: Pick<FoundPerson, "account" | "tenants">,
  { scope }: { readonly scope: Pick<Scope, "tenantId"> },
): boolean {
  return (
    account.madeBy?.tenantId === scope.tenantId &&
    !account.hasLogin &&
    tenants.every((tenantId) => tenantId === scope.tenantId)
  );
}

/** Whom a tombstone is about; it leads back to nobody who was merely invited, or had declined. */
export function accountLeft(link: Link | undefined): Pick<Tombstone, "accountId" | "leadsBack"> {
  return { accountId: link?.accountId, leadsBack: link?.state === "linked" };
}
