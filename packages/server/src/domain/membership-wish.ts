/** What operators and the persons themselves want of a membership, and the edits that it comes to. Pure. */
import type { Link, LockSource, MembershipFacts, Protection } from "./account.ts";
import { cleanText } from "./clean-text.ts";
import type { AccountInTenant, MembershipEdit } from "./membership-edit.ts";

/** A wish. */
export type MembershipWish =
  /** By hand: a grant that no sync touches. */
  | { readonly kind: "add"; readonly role: string }
  /** Takes back what was given by hand. */
  | { readonly kind: "remove" }
  | { readonly kind: "lock"; readonly source: ManualLock; readonly reason: string | undefined }
  | { readonly kind: "unlock"; readonly source: ManualLock }
  | { readonly kind: "protect"; readonly protection: Protection | undefined }
  /** The person goes, and no sync brings them back. */
  | { readonly kind: "leave" }
  /** The person agrees to the link of a User, or does not. */
  | { readonly kind: "accept" | "decline"; readonly resource: ResourceOfLink };

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
  lock: "lock.add",
  unlock: "lock.remove",
  protect: "membership.protect",
  leave: "membership.leave",
  accept: "invitation.accept",
  decline: "invitation.decline",
};

/** Derives the edits of a wish from what the tenant has on the account. */
export function editsOf(
  wish: MembershipWish,
  { facts }: AccountInTenant,
  at: string,
): readonly MembershipEdit[] {
  switch (wish.kind) {
    case "add":
      return [
        {
          kind: "save-grant",
          grant: { source: "manual", sourceId: undefined, role: wish.role, at },
        },
      ];
    case "remove":
      return [{ kind: "delete-grant", grant: { source: "manual", sourceId: undefined } }];
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
      return [...linksOf(facts, wish.resource).map(declined), { kind: "decline" }];
  }
}

function leavingEdits({ links, grants }: MembershipFacts): readonly MembershipEdit[] {
  return [
    ...links.map(declined),
    ...grants.map(
      ({ source, sourceId }): MembershipEdit => ({
        kind: "delete-grant",
        grant: { source, sourceId },
      }),
    ),
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
