/** Attaches a User to an account, or not: what the attach policy decides, as rows (semantics §2, §3). */
import { ScimError } from "@rollcall/scim";
import type { Account, AccountId, Link, LinkProof } from "../../domain/account.ts";
import type { AttachDecision, FoundAccount } from "../../domain/attach-policy.ts";
import { decideAttachment } from "../../domain/attach-policy.ts";
import { parseEmailAddress } from "../../domain/email-address.ts";
import type { AccountInTenant, MembershipEdit } from "../../domain/membership-edit.ts";
import { accessEffectOf } from "../../domain/membership-edit.ts";
import type { Person } from "../../domain/person.ts";
import { roleOfRoles } from "../../domain/roles-attribute.ts";
import type { TenantId } from "../../domain/tenant.ts";
import type { Candidates } from "./account-candidates.ts";
import { domainAsked } from "./account-candidates.ts";
import {
  accountAsked,
  claimAccount,
  claimEmail,
  insertAccount,
  tenantsOfAccountAsked,
} from "./accounts.ts";
import { allAsked, ask } from "./asked.ts";
import { beginningRows, editRows } from "./edit-rows.ts";
import { insertInvitation } from "./invitations.ts";
import { deleteLink, saveLink, tenantAccountAsked } from "./membership-facts.ts";
import type { PersonEffect, PersonOutcome, PersonSite } from "./person-site.ts";
import { noPersonEffect, unknownAccount } from "./person-site.ts";
import type { Script } from "./script.ts";

/** What is known of an account that may be meant. */
export interface FoundPerson {
  readonly account: Account;
  readonly inTenant: AccountInTenant;
  readonly tenants: readonly TenantId[];
  readonly by: FoundAccount["by"];
}

/** Attaches a User that has no account so far. */
export function* attachPerson(
  site: PersonSite,
  person: Person,
  candidates: Candidates,
  occasion: "post" | "update",
): Script<PersonOutcome> {
  const { settings } = site;
  const mayBeMeant = settings.accounts && person.active && !site.isStaged;
  const found = mayBeMeant ? yield* findPerson(site, person, candidates) : undefined;
  if (found?.by === "email" && !hasEmail(found.account, person)) {
    // Its address has moved since it was looked up: it is somebody else's by now, or nobody's.
    return { kind: "again" };
  }
  const isSpokenFor =
    found !== undefined && (yield* isDomainOfAccountVerified(site, candidates, found));
  const { isDomainVerified } = candidates;
  const decision = decideAttachment({
    occasion,
    active: person.active,
    settings,
    email: person.email,
    isDomainVerified,
    found: found && { ...foundAccountOf(found, site), isDomainVerified: isSpokenFor },
    isStaged: site.isStaged,
  });
  return outcomeOf(decision, site, person, {
    occasion,
    found,
    candidates,
    isDomainVerified: isDomainVerified && isSpokenFor,
  });
}

function hasEmail({ email }: Account, person: Person): boolean {
  return email !== undefined && parseEmailAddress(email)?.key === person.email?.key;
}

/** Of somebody who was not found by the address the own one counts: whoever knows an externalId proves no domain. */
function* isDomainOfAccountVerified(
  { scope }: PersonSite,
  { isDomainVerified }: Candidates,
  { account, by }: FoundPerson,
): Script<boolean> {
  const own = by === "email" ? undefined : parseEmailAddress(account.email ?? "");
  return own === undefined ? isDomainVerified : yield* ask(domainAsked(scope.tenantId, own));
}

/** Reads what the tenant has on an account, and where else it is known. */
export function* readPerson(
  accountId: AccountId,
  { scope, context: { dialect } }: Pick<PersonSite, "scope" | "context">,
): Script<Omit<FoundPerson, "by"> | undefined> {
  const { account, inTenant, tenants } = yield* ask(
    allAsked({
      account: accountAsked(accountId),
      inTenant: tenantAccountAsked(scope.tenantId, accountId, { lock: true, dialect }),
      tenants: tenantsOfAccountAsked(accountId),
    }),
  );
  return account && { account, inTenant, tenants };
}

/** Tells whether the tenant owns an account: this connection made it, and it is linked nowhere else (I1). */
export function isOwnAccount(
  { account: { madeBy }, inTenant, tenants }: Omit<FoundPerson, "by">,
  { scope, resourceId }: PersonSite,
): boolean {
  return (
    madeBy?.tenantId === scope.tenantId &&
    madeBy.connectionId === scope.connectionId &&
    tenants.every((tenantId) => tenantId === scope.tenantId) &&
    inTenant.facts.links.every((link) => isLinkOf(link, { scope, resourceId }))
  );
}

/** Tells whether a link is that of the resource. */
export function isLinkOf(
  link: Link,
  { scope, resourceId }: Pick<PersonSite, "scope" | "resourceId">,
): boolean {
  return link.connectionId === scope.connectionId && link.resourceId === resourceId;
}

function* findPerson(
  site: PersonSite,
  { email }: Person,
  { identity, tombstones, emailHolder }: Candidates,
): Script<FoundPerson | undefined> {
  const { isExternalIdUnique } = site;
  const ways = [
    ["login-identity", isExternalIdUnique ? identity : undefined],
    ["tombstone", isExternalIdUnique ? tombstones.byNameOrExternalId : tombstones.byName],
    ["email", email?.isMatchable === true ? emailHolder : undefined],
  ] as const;
  for (const [by, accountId] of ways) {
    const found = accountId === undefined ? undefined : yield* readPerson(accountId, site);
    if (found !== undefined) {
      return { ...found, by };
    }
  }
  return undefined;
}

function foundAccountOf(
  found: FoundPerson,
  site: PersonSite,
): Omit<FoundAccount, "isDomainVerified"> {
  const { account, inTenant, by } = found;
  const { connectionId } = site.scope;
  return {
    accountId: account.accountId,
    by,
    isMember: inTenant.isMember,
    isLinkedHere: inTenant.facts.links.some(
      (link) => link.connectionId === connectionId && !isLinkOf(link, site),
    ),
    hasDeclined: inTenant.hasDeclined,
    isProven: account.emailVerified || !account.hasLogin || account.email === undefined,
    isOwn: isOwnAccount(found, site),
  };
}

interface AttachGround {
  readonly occasion: "post" | "update";
  readonly found: FoundPerson | undefined;
  readonly candidates: Candidates;
  /** That of the address, and that of the account's own. */
  readonly isDomainVerified: boolean;
}

function outcomeOf(
  decision: AttachDecision,
  site: PersonSite,
  person: Person,
  ground: AttachGround,
): PersonOutcome {
  switch (decision.kind) {
    case "refuse":
      return { kind: "refused", error: new ScimError(decision.scimType, decision.detail) };
    case "none":
      return unattached(decision, site, person, ground);
    case "create":
      return withNewAccount(decision, site, person, ground.candidates);
    default:
      return withAccount(decision, site, person, { ...ground, found: foundIn(ground) });
  }
}

function foundIn({ found }: AttachGround): FoundPerson {
  if (found === undefined) {
    throw new TypeError("only an account that was found can be linked");
  }
  return found;
}

/** A dormant User has no row; one that was refused or waits has, so that somebody can look into it. */
function unattached(
  { reason, warning }: Extract<AttachDecision, { kind: "none" }>,
  site: PersonSite,
  person: Person,
  { occasion }: AttachGround,
): PersonEffect {
  const link = linkOf("none", site, person, undefined);
  const { at, scope, resourceId } = site;
  const isDormant = reason === "inactive" || reason === "directory-only";
  const forgotten = occasion === "update" ? [deleteLink(scope, resourceId)] : [];
  return {
    ...noPersonEffect,
    unattached: reason,
    statements: isDormant ? forgotten : [saveLink(scope.tenantId, link, { at, reason })],
    warnings: warning === undefined ? [] : [warning],
  };
}

function withNewAccount(
  { isEmailVerified }: Extract<AttachDecision, { kind: "create" }>,
  site: PersonSite,
  person: Person,
  { emailHolder }: Candidates,
): PersonEffect {
  const { scope, at, settings, context } = site;
  // Somebody whom no look-up may find has the address: the account lives without one.
  const email = emailHolder === undefined ? person.email : undefined;
  const account: Account = {
    // Given by the application alone.
    accountId: context.newId() as AccountId,
    email: email?.text,
    emailVerified: email !== undefined && isEmailVerified,
    hasLogin: false,
    name: person.name,
    preferredLanguage: person.language,
    ref: undefined,
    madeBy: { tenantId: scope.tenantId, connectionId: scope.connectionId },
    created: at,
    revision: 1,
  };
  const { accountId } = account;
  const edits: readonly MembershipEdit[] = [
    {
      kind: "save-link",
      link: {
        ...linkOf("linked", site, person, accountId),
        proof: account.emailVerified ? "domain" : undefined,
      },
    },
  ];
  const effect = accessEffectOf(unknownAccount(accountId), edits, settings);
  return {
    ...noPersonEffect,
    claims: [
      ...(email === undefined ? [] : [claimEmail(accountId, email)]),
      ...beginningRows(scope.tenantId, effect, at),
    ],
    statements: [insertAccount(account, email), ...editRows(scope.tenantId, edits, effect, at)],
    effect,
    account: { accountId, ref: undefined, isNew: true },
  };
}

function withAccount(
  decision: Extract<AttachDecision, { kind: "link" | "pending" | "declined" }>,
  site: PersonSite,
  person: Person,
  ground: AttachGround & { readonly found: FoundPerson },
): PersonEffect {
  const { scope, at, settings, context } = site;
  const { account, inTenant } = ground.found;
  const { accountId } = account;
  const proof = decision.kind === "link" ? proofOf(account, ground) : undefined;
  const state = decision.kind === "link" ? "linked" : decision.kind;
  const edits: readonly MembershipEdit[] = [
    { kind: "save-link", link: { ...linkOf(state, site, person, accountId), proof } },
    ...(state === "linked" ? scimUnlock(site) : []),
  ];
  const effect = accessEffectOf(inTenant, edits, settings);
  const notice = {
    account,
    language: account.preferredLanguage ?? person.language,
    role: effect.access.after.role,
  };
  const invitationId = context.newId();
  const isPending = decision.kind === "pending";
  return {
    ...noPersonEffect,
    claims: [claimAccount(account), ...beginningRows(scope.tenantId, effect, at)],
    statements: [
      ...editRows(scope.tenantId, edits, effect, at),
      ...(isPending && account.email !== undefined
        ? [insertInvitation(site, { invitationId, accountId, email: account.email })]
        : []),
    ],
    effect,
    account: { accountId, ref: account.ref, isNew: false },
    notices: [
      ...(decision.kind === "link" && decision.notify
        ? [{ kind: "attached" as const, ...notice }]
        : []),
      ...(isPending ? [{ kind: "invitation" as const, ...notice, invitationId }] : []),
    ],
  };
}

/** What shows that whoever has the account is the person whom the identity provider means. */
function proofOf(
  { emailVerified }: Account,
  { isDomainVerified: isVerified }: AttachGround,
): LinkProof | undefined {
  if (isVerified) {
    return "domain";
  }
  return emailVerified ? "email" : undefined;
}

/** Drops what the connection itself has locked. */
export function scimUnlock({ scope }: Pick<PersonSite, "scope">): readonly MembershipEdit[] {
  const { connectionId } = scope;
  return [{ kind: "remove-lock", lock: { source: "scim", connectionId } }];
}

/** The link of a User, as it asserts. */
export function linkOf(
  state: Link["state"],
  { scope, resourceId, groupGrants, settings }: PersonSite,
  { active, roles }: Person,
  accountId: AccountId | undefined,
): Link {
  return {
    connectionId: scope.connectionId,
    resourceId,
    state,
    accountId,
    active,
    role: roleOfRoles(roles, settings),
    groupGrants,
  };
}
