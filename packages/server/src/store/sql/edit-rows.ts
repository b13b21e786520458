/** The statements of edits of what a tenant has on an account. */
import type { AccessEffect, MembershipEdit } from "../../domain/membership-edit.ts";
import type { TenantId } from "../../domain/tenant.ts";
import { noteTenant } from "./accounts.ts";
import {
  deleteDecline,
  deleteGrant,
  deleteLink,
  deleteLock,
  deleteMembership,
  insertDecline,
  insertLock,
  insertMembership,
  saveGrant,
  saveLink,
  saveProtection,
} from "./membership-facts.ts";
import type { Statement } from "./statement.ts";

/** Writes the edits; a membership begins before everything else and ends after it. */
export function editRows(
  tenantId: TenantId,
  edits: readonly MembershipEdit[],
  { before, after }: AccessEffect,
  at: string,
): readonly Statement[] {
  const { accountId } = after.facts;
  const begins = after.isMember && !before.isMember;
  const ends = before.isMember && !after.isMember;
  return [
    ...(edits.length > 0 ? [noteTenant(accountId, tenantId)] : []),
    ...(begins ? [insertMembership(tenantId, accountId, at)] : []),
    ...edits.map((edit) => rowOf(tenantId, edit, after, at)),
    ...(ends ? [deleteMembership(tenantId, accountId)] : []),
  ];
}

function rowOf(
  tenantId: TenantId,
  edit: MembershipEdit,
  { facts: { accountId } }: AccessEffect["after"],
  at: string,
): Statement {
  switch (edit.kind) {
    case "save-link":
      return saveLink(tenantId, edit.link, { at });
    case "delete-link":
      return deleteLink({ tenantId, connectionId: edit.link.connectionId }, edit.link.resourceId);
    case "add-lock":
      return insertLock(tenantId, accountId, edit.lock);
    case "remove-lock":
      return deleteLock(tenantId, accountId, edit.lock);
    case "save-grant":
      return saveGrant(tenantId, accountId, edit.grant, edit.grant.at);
    case "delete-grant":
      return deleteGrant(tenantId, accountId, edit.grant);
    case "protect":
      return saveProtection(tenantId, accountId, edit.protection);
    case "decline":
      return insertDecline(tenantId, accountId, at);
    case "forget-decline":
      return deleteDecline(tenantId, accountId);
  }
}
