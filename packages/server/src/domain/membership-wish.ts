/** What operators and the persons themselves want of a membership, and the edits that it comes to. Pure. */
import type { Grant, Link, LockSource, MembershipFacts, Protection } from "./account.ts";
import { cleanText } from "./clean-text.ts";
import type { NoticeKind } from "./mail.ts";
import type { AccessEffect, AccountInTenant, MembershipEdit } from "./membership-edit.ts";
import type { TeamId } from "./tenant.ts";

/** A wish. */
export type MembershipWish =
  /** By hand: a grant that no sync touches. */
  | { readonly kind: "add"; readonly role: string }
  /** Takes back everything that was given by hand. */
  | { readonly kind: "remove" }
  /** A role by hand in a team, or in the tenant where there is no team. */
  | {
      readonly kind: "grant";
      readonly teamId: TeamId | undefined;
      readonly role: string;
      /** Whether the team is archived, which the store looks up: the grant is kept, and has no effect yet. */
      readonly isIdle?: boolean | undefined;
    }
  /** Takes back what was given there by hand, or kept so that the tenant has an owner: what is automatic decides again. */
  | { readonly kind: "revoke"; readonly teamId: TeamId | undefined }
  | { readonly kind: "lock"; readonly source: ManualLock; readonly reason: string | undefined }
  | { readonly kind: "unlock"; readonly source: ManualLock }
  | { readonly kind: "protect"; readonly protection: Protection | undefined }
  /** The person goes, and no sync brings them back. */
  | { readonly kind: "leave" }
  /** The person agrees to the link of a User, or does not. */
  | { readonly kind: "accept" | "decline"; readonly resource: ResourceOfLink }
  /** Asks the person, who may have declined, to agree to the link of a User; or does not ask any more. */
  | { readonly kind: "invite" | "withdraw"; readonly resource: ResourceOfLink };

/** The locks that people set; those of a connection belong to its sync. */
export type ManualLock = Exclude<LockSource, "scim" | "erasure">;

/** The longest reason of a lock, in characters. */
export const lockReasonMax = 500;

/** Tells whether a text can be the reason of a lock. */
export function isLockReason(text: string): boolean {
  return text.trim() !== "" && [...text].length <= lockReasonMax && cleanText(text) === text;
}

/** Which link. */
export type ResourceOfLink = Pick<Link, "connectionId" | "resourceId">;

/** Which action the audit log calls it. */
export const actionOfWish: Readonly<Record<MembershipWish["kind"], string>> = {
  add: "membership.add",
  remove: "membership.remove",
  grant: "grant.add",
  revoke: "grant.remove",
  lock: "lock.add",
  unlock: "lock.remove",
  protect: "membership.protect",
  leave: "membership.leave",
  accept: "invitation.accept",
  decline: "invitation.decline",
  invite: "invitation.send",
  withdraw: "invitation.revoke",
};

/** Derives the edits of a wish from what the tenant has on the account. */
export function editsOf(
  wish: MembershipWish,
  { facts }: AccountInTenant,
  at: string,
): readonly MembershipEdit[] {
  switch (wish.kind) {
    case "add":
      return [manualGrant({ teamId: undefined, role: wish.role }, at)];
    case "grant":
      return [manualGrant(wish, at)];
    case "remove":
      return endingEdits(facts.grants.filter(({ source }) => source === "manual"));
    case "revoke":
      return endingEdits(
        facts.grants.filter(
          ({ source, teamId }) =>
            teamId === wish.teamId && (source === "manual" || source === "retained"),
        ),
      );
    case "lock": {
      const { source, reason } = wish;
      return [{ kind: "add-lock", lock: { source, connectionId: undefined, reason, at } }];
    }
    case "unlock":
      return [{ kind: "remove-lock", lock: { source: wish.source, connectionId: undefined } }];
    case "protect":
      return [{ kind: "protect", protection: wish.protection }];
    case "leave":
      return leavingEdits(facts);
    case "accept":
      return acceptingEdits(facts, wish.resource, at);
    case "decline":
      return [...linksOf(facts, wish.resource).flatMap(decliningEdits), { kind: "decline" }];
    case "invite":
      // That they have declined is forgotten by the person alone, who accepts.
      return linksOf(facts, wish.resource)
        .filter(({ state }) => state === "declined")
        .map((link) => ({ kind: "save-link", link: { ...link, state: "pending" } }));
    case "withdraw":
      return [];
  }
}

/** What a person is told of a wish of an operator (I5): that they are a member from now on, or no longer. */
export function noticeOfWish(
  { kind }: MembershipWish,
  { before, after }: Pick<AccessEffect, "before" | "after">,
): NoticeKind | undefined {
  if (before.isMember === after.isMember || !handWishes.includes(kind)) {
    return undefined;
  }
  return after.isMember ? "attached" : "detached";
}

/** What operators do; whoever leaves or accepts knows. */
const handWishes: readonly MembershipWish["kind"][] = ["add", "grant", "remove", "revoke"];

function manualGrant(
  { teamId, role, isIdle }: Pick<Grant, "teamId" | "role" | "isIdle">,
  at: string,
): MembershipEdit {
  const grant = { source: "manual", sourceId: undefined, teamId, role, at } as const;
  return { kind: "save-grant", grant: isIdle === true ? { ...grant, isIdle } : grant };
}

function endingEdits(grants: readonly Grant[]): readonly MembershipEdit[] {
  return grants.map(({ source, sourceId, teamId }) => ({
    kind: "delete-grant",
    grant: { source, sourceId, teamId },
  }));
}

function leavingEdits({ links, grants, locks }: MembershipFacts): readonly MembershipEdit[] {
  const ofSyncs = locks.filter(({ source }) => source === "scim");
  return [
    ...links.map(declined),
    // Also those of Users that are gone: no sync lifts the lock of somebody who has left.
    ...ofSyncs.map((lock): MembershipEdit => ({ kind: "remove-lock", lock })),
    ...endingEdits(grants),
    { kind: "leave-by-login" },
    { kind: "decline" },
  ];
}

/** What the connection has said meanwhile holds: whoever was deactivated before they accepted is suspended. */
function acceptingEdits(
  facts: MembershipFacts,
  resource: ResourceOfLink,
  at: string,
): readonly MembershipEdit[] {
  return [
    ...linksOf(facts, resource).flatMap((link): readonly MembershipEdit[] => {
      const lock = { source: "scim", connectionId: link.connectionId } as const;
      return [
        { kind: "save-link", link: { ...link, state: "linked", proof: "person" } },
        link.active
          ? { kind: "remove-lock", lock }
          : { kind: "add-lock", lock: { ...lock, reason: undefined, at } },
      ];
    }),
    { kind: "forget-decline" },
  ];
}

function linksOf(
  { links }: MembershipFacts,
  { connectionId, resourceId }: ResourceOfLink,
): readonly Link[] {
  return links.filter(
    (link) => link.connectionId === connectionId && link.resourceId === resourceId,
  );
}

function declined(link: Link): MembershipEdit {
  return { kind: "save-link", link: { ...link, state: "declined" } };
}

/**
 * Whom the connection calls active it does not lock (semantics §4). A lock of somebody whom it calls inactive stays: nobody
 * gets back what the identity provider has taken by declining what it offers.
 */
function decliningEdits(link: Link): readonly MembershipEdit[] {
  const lock = { source: "scim", connectionId: link.connectionId } as const;
  return [declined(link), ...(link.active ? [{ kind: "remove-lock" as const, lock }] : [])];
}
