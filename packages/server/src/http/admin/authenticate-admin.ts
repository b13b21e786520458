/** Bearer authentication of the admin API: from the Authorization header to what the credential is good for (RFC 6750 §2.1). */
import type { AdminCredential } from "../../domain/admin-credential.ts";
import type { ConnectionId, CredentialId, TenantId } from "../../domain/tenant.ts";
import type { SecretHash } from "../../provisioning/secret-hash.ts";
import type { Presented } from "../authenticate.ts";
import type { Refused } from "../bearer.ts";
import { bearerTokenOf, invalidToken, refusalOfState } from "../bearer.ts";
import type { CredentialCache } from "../credential-cache.ts";

/** Who calls the admin API. */
export interface AdminCaller {
  readonly credentialId: CredentialId;
  /** The one tenant it may see; undefined for all of them. */
  readonly tenantId: TenantId | undefined;
  readonly connectionId: ConnectionId | undefined;
}

/** What it needs. */
export interface AdminAuthenticationParts {
  readonly adminCredentialCache: Pick<CredentialCache<AdminCredential>, "find">;
  readonly secretHash: SecretHash;
  /** Told about the use of a credential; must not wait. */
  readonly noteAdminUse: (credential: AdminCredential, nowMs: number) => void;
}

/** What authentication came to. */
export type AdminVerdict =
  | { readonly kind: "accepted"; readonly caller: AdminCaller }
  | Refused<AdminCaller>;

/** Decides who is calling, before anything else about the request is looked at. */
export async function authenticateAdmin(
  { authorization, nowMs }: Pick<Presented, "authorization" | "nowMs">,
  { adminCredentialCache, secretHash, noteAdminUse }: AdminAuthenticationParts,
): Promise<AdminVerdict> {
  const token = bearerTokenOf(authorization, "admin");
  if ("kind" in token) {
    return token;
  }
  const credential = await adminCredentialCache.find(token.credentialId, nowMs);
  if (!secretHash.matches(token.secret, credential) || credential === undefined) {
    return invalidToken("The bearer token is not valid.", "unknown bearer token");
  }
  const { credentialId, tenantId } = credential;
  const caller: AdminCaller = { credentialId, tenantId, connectionId: undefined };
  const refusal = refusalOfState(credential, nowMs, caller);
  if (refusal !== undefined) {
    return refusal;
  }
  noteAdminUse(credential, nowMs);
  return { kind: "accepted", caller };
}
