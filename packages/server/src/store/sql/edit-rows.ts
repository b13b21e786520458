/** The statements of edits of what a tenant has on an account. */
import type { AccessEffect, MembershipEdit } from "../../domain/membership-edit.ts";
import type { TenantId } from "../../domain/tenant.ts";
import { noteTenant } from "./accounts.ts";
import {
  deleteDecline,
  deleteGrant,
  deleteLink,
  deleteLock,
  endMembership,
  insertDecline,
  insertLock,
  insertMembership,
  saveByLogin,
  saveGrant,
  saveLink,
  saveProtection,
} from "./membership-facts.ts";
import type { Statement } from "./statement.ts";

/**
 * What begins a membership, where edits come to one; it has to change a row. Where it does not, somebody else has begun
 * it meanwhile, and since there was no row to wait for, the edits were decided without knowing what they have done.
 */
export function beginningRows(
  tenantId: TenantId,
  { before, after }: AccessEffect,
  at: string,
): readonly Statement[] {
  return after.isMember && !before.isMember
    ? [insertMembership(tenantId, after.facts.accountId, at)]
    : [];
}

/** Writes the edits, behind what begins a membership; one that ends does so after everything else. */
export function editRows(
  tenantId: TenantId,
  edits: readonly MembershipEdit[],
  { before, after }: AccessEffect,
  at: string,
): readonly Statement[] {
  const { accountId } = after.facts;
  const ends = before.isMember && !after.isMember;
  return [
    ...(edits.length > 0 ? [noteTenant(accountId, tenantId)] : []),
    ...edits.map((edit) => rowOf(tenantId, edit, after, at)),
    ...(ends ? endMembership(tenantId, accountId) : []),
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
    case "join-by-login":
    case "leave-by-login":
      return saveByLogin(tenantId, accountId, edit.kind === "join-by-login");
    case "decline":
      return insertDecline(tenantId, accountId, at);
    case "forget-decline":
      return deleteDecline(tenantId, accountId);
  }
}
