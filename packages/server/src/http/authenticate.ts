/** Bearer authentication: from the Authorization header to the caller and its connection (RFC 7644 §2, RFC 6750). */
import { addressIsIn } from "../domain/cidr.ts";
import type { Connection } from "../domain/connection.ts";
import type { Caller, Credential } from "../domain/credential.ts";
import { scopeNeededBy } from "../domain/credential.ts";
import type { SecretHash } from "../provisioning/secret-hash.ts";
import type { Refused } from "./bearer.ts";
import { bearerTokenOf, invalidToken, realm, refusalOfState, refuse } from "./bearer.ts";
import type { CredentialCache } from "./credential-cache.ts";

/** What authentication looks at. */
export interface Presented {
  /** The Authorization header. */
  readonly authorization: string | null;
  readonly method: string;
  /** The decoded path that routing decided on. */
  readonly path: string;
  /** The client's address. */
  readonly address: string;
  readonly nowMs: number;
}

/** What authentication came to. */
export type AuthenticationVerdict =
  | { readonly kind: "accepted"; readonly caller: Caller; readonly connection: Connection }
  | Refused<Caller>;

/** What it needs. */
export interface AuthenticationParts {
  readonly credentialCache: Pick<CredentialCache, "find">;
  readonly secretHash: SecretHash;
  /** Told about the use of a credential; must not wait. */
  readonly noteUse: (credential: Credential, nowMs: number) => void;
}

/** Decides who is calling, before anything else about the request is looked at. */
export async function authenticate(
  presented: Presented,
  { credentialCache, secretHash, noteUse }: AuthenticationParts,
): Promise<AuthenticationVerdict> {
  const token = bearerTokenOf(presented.authorization, "scim");
  if ("kind" in token) {
    return token;
  }
  const found = await credentialCache.find(token.credentialId, presented.nowMs);
  if (!secretHash.matches(token.secret, found?.credential) || found === undefined) {
    return invalidToken("The bearer token is not valid.", "unknown bearer token");
  }
  const { credential, connection } = found;
  const caller: Caller = {
    tenantId: credential.tenantId,
    connectionId: credential.connectionId,
    credentialId: credential.credentialId,
    scopes: credential.scopes,
  };
  const refusal = refusalOf(credential, presented, caller);
  if (refusal !== undefined) {
    return refusal;
  }
  if (connection === undefined) {
    return invalidToken("The bearer token is not valid.", "its connection is gone", caller);
  }
  noteUse(credential, presented.nowMs);
  if (connection.disabled) {
    return refuse(403, "The connection is disabled.", { caller, reason: "connection disabled" });
  }
  return lackOfScope(caller, presented) ?? { kind: "accepted", caller, connection };
}

/** Why a credential with the right secret is refused all the same, told because its holder asks. */
function refusalOf(
  credential: Credential,
  { address, nowMs }: Presented,
  caller: Caller,
): Refused<Caller> | undefined {
  const refusal = refusalOfState(credential, nowMs, caller);
  if (refusal !== undefined) {
    return refusal;
  }
  if (credential.cidrs.length > 0 && !addressIsIn(credential.cidrs, address)) {
    return invalidToken(
      "The bearer token is not valid from this address.",
      `bearer token used from ${address}, outside its networks`,
      caller,
    );
  }
  return undefined;
}

function lackOfScope(caller: Caller, { method, path }: Presented): Refused<Caller> | undefined {
  const needed = scopeNeededBy(method, path);
  return caller.scopes.includes(needed)
    ? undefined
    : refuse(403, `The bearer token lacks the scope ${needed}.`, {
        caller,
        challenge: `${realm}, error="insufficient_scope", scope="${needed}"`,
        reason: `scope ${needed} missing`,
      });
}
