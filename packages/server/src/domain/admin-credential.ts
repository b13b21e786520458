/** Credentials of the admin API: bearer tokens for one tenant, or for the whole instance (RFC 6750). */
import type { KeptToken } from "./credential.ts";
import type { TenantId } from "./tenant.ts";

/** What an admin credential is good for. */
export type AdminScope = "tenant" | "instance";

/** A stored admin credential; the secret itself is nowhere. */
export interface AdminCredential extends KeptToken {
  /** The one tenant it is good for; undefined for the whole instance. */
  readonly tenantId: TenantId | undefined;
}

/** What an admin credential is good for. */
export function adminScopeOf({ tenantId }: Pick<AdminCredential, "tenantId">): AdminScope {
  return tenantId === undefined ? "instance" : "tenant";
}

/** Tells whether one that is good for something may show, make and end one that is good for something: for no more than itself. */
export function mayGive(
  giver: Pick<AdminCredential, "tenantId">,
  { tenantId }: Pick<AdminCredential, "tenantId">,
): boolean {
  return giver.tenantId === undefined || giver.tenantId === tenantId;
}

/** Under which tenant the audit log keeps what is done to the instance as a whole; no tenant has this id. */
export const instanceAuditId: TenantId = "" as string as TenantId;
