/** Edits of what a tenant has on an account, as values: what they make of the facts, and how the audit log tells them. Pure. */
import type { JsonValue } from "@rollcall/scim";
import { sameJson } from "@rollcall/scim";
import type { Grant, Link, Lock, MembershipFacts, Protection } from "./account.ts";
import type { AttributeDifference } from "./audit-entry.ts";
import type { EffectiveAccess } from "./effective-access.ts";
import { effectiveAccessOf, keepsMembership } from "./effective-access.ts";
import type { TenantSettings } from "./tenant-settings.ts";

/** One edit. */
export type MembershipEdit =
  | { readonly kind: "save-link"; readonly link: Link }
  | { readonly kind: "delete-link"; readonly link: Link }
  | { readonly kind: "add-lock"; readonly lock: Lock }
  | { readonly kind: "remove-lock"; readonly lock: Pick<Lock, "source" | "connectionId"> }
  | { readonly kind: "save-grant"; readonly grant: Grant & { readonly at: string } }
  | {
      readonly kind: "delete-grant";
      readonly grant: Pick<Grant, "source" | "sourceId" | "teamId">;
    }
  | { readonly kind: "protect"; readonly protection: Protection | undefined }
  /** The person is a member by a login from now on, or no longer. */
  | { readonly kind: "join-by-login" | "leave-by-login" }
  | { readonly kind: "decline" }
  | { readonly kind: "forget-decline" };

/** What a tenant has on an account. */
export interface AccountInTenant {
  readonly facts: MembershipFacts;
  readonly isMember: boolean;
  readonly hasDeclined: boolean;
  /** The last revision of the access that the application was told of; left out where there was none. */
  readonly accessRevision?: number | undefined;
}

/** What edits come to. */
export interface AccessEffect {
  readonly before: AccountInTenant;
  readonly after: AccountInTenant;
  readonly access: { readonly before: EffectiveAccess; readonly after: EffectiveAccess };
  readonly differences: readonly AttributeDifference[];
}

/** Applies edits in their order; whether a membership exists afterwards follows from the facts. */
export function accessEffectOf(
  before: AccountInTenant,
  edits: readonly MembershipEdit[],
  settings: TenantSettings,
): AccessEffect {
  const edited = edits.reduce(applyEdit, before);
  const after = { ...edited, isMember: keepsMembership(edited.facts) };
  const access = {
    before: effectiveAccessOf(before.isMember ? before.facts : undefined, settings),
    after: effectiveAccessOf(after.isMember ? after.facts : undefined, settings),
  };
  return {
    before,
    after,
    access,
    differences: differencesBetween(
      shownForm(before, access.before),
      shownForm(after, access.after),
    ),
  };
}

function applyEdit(account: AccountInTenant, edit: MembershipEdit): AccountInTenant {
  const { facts } = account;
  const withFacts = (changed: Partial<MembershipFacts>): AccountInTenant => ({
    ...account,
    facts: { ...facts, ...changed },
  });
  switch (edit.kind) {
    case "save-link":
      return withFacts({ links: [...linksBut(facts.links, edit.link), edit.link] });
    case "delete-link":
      return withFacts({ links: linksBut(facts.links, edit.link) });
    case "add-lock":
      return facts.locks.some((lock) => isSameLock(lock, edit.lock))
        ? account
        : withFacts({ locks: [...facts.locks, edit.lock] });
    case "remove-lock":
      return withFacts({ locks: facts.locks.filter((lock) => !isSameLock(lock, edit.lock)) });
    case "save-grant":
      return withFacts({ grants: [...grantsBut(facts.grants, edit.grant), edit.grant] });
    case "delete-grant":
      return withFacts({ grants: grantsBut(facts.grants, edit.grant) });
    case "protect":
      return withFacts({ protection: edit.protection });
    case "join-by-login":
      return withFacts({ byLogin: true });
    case "leave-by-login":
      return withFacts({ byLogin: false });
    case "decline":
      return { ...account, hasDeclined: true };
    case "forget-decline":
      return { ...account, hasDeclined: false };
  }
}

function linksBut(links: readonly Link[], { connectionId, resourceId }: Link): readonly Link[] {
  return links.filter(
    (link) => link.connectionId !== connectionId || link.resourceId !== resourceId,
  );
}

function isSameLock(
  one: Pick<Lock, "source" | "connectionId">,
  other: Pick<Lock, "source" | "connectionId">,
): boolean {
  return one.source === other.source && one.connectionId === other.connectionId;
}

function grantsBut(
  grants: readonly Grant[],
  { source, sourceId, teamId }: Pick<Grant, "source" | "sourceId" | "teamId">,
): readonly Grant[] {
  return grants.filter(
    (grant) => grant.source !== source || grant.sourceId !== sourceId || grant.teamId !== teamId,
  );
}

/** What the audit log compares. */
function shownForm(
  { facts, isMember, hasDeclined }: AccountInTenant,
  access: EffectiveAccess,
): Readonly<Record<string, JsonValue>> {
  return {
    "access.account": isMember ? facts.accountId : null,
    "access.links": facts.links
      .map(({ connectionId, resourceId, state }) => `${connectionId}/${resourceId}: ${state}`)
      .sort(),
    "access.locks": facts.locks
      .map(({ source, connectionId }) =>
        connectionId === undefined ? source : `${source} of ${connectionId}`,
      )
      .sort(),
    "access.grants": facts.grants.map(grantText).sort(),
    "access.state": access.state,
    "access.role": access.role ?? null,
    "access.teams": access.teams.map(({ teamId, role }) => `${teamId}: ${role}`),
    "access.protection": facts.protection ?? null,
    "access.declined": hasDeclined,
  };
}

/** A grant counts also where another one gives the same, since that may go. */
function grantText({ source, sourceId, teamId, role }: Grant): string {
  const from = sourceId === undefined ? source : `${source} of ${sourceId}`;
  return teamId === undefined ? `${from}: ${role}` : `${from} in ${teamId}: ${role}`;
}

function differencesBetween(
  before: Readonly<Record<string, JsonValue>>,
  after: Readonly<Record<string, JsonValue>>,
): readonly AttributeDifference[] {
  return Object.keys(after).flatMap((path): readonly AttributeDifference[] => {
    const from = before[path] ?? null;
    const to = after[path] ?? null;
    return sameJson(from, to) ? [] : [{ path, before: from, after: to }];
  });
}
