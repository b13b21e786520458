/** Bearer authentication: from the Authorization header to the caller and its connection (RFC 7644 §2, RFC 6750). */
import { addressIsIn } from "../domain/cidr.ts";
import type { Connection } from "../domain/connection.ts";
import type { Caller, Credential, TokenParts } from "../domain/credential.ts";
import { scopeNeededBy } from "../domain/credential.ts";
import { accessTokenStateOf } from "../domain/oauth-token.ts";
import type { AccessTokens } from "../provisioning/access-tokens.ts";
import type { SecretHash } from "../provisioning/secret-hash.ts";
import type { Refused } from "./bearer.ts";
import { bearerTokenOf, invalidToken, realm, refusalOfState, refuse } from "./bearer.ts";
import type { CredentialCache, FoundOauthClient } from "./credential-cache.ts";

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
  readonly oauthClientCache: Pick<CredentialCache<FoundOauthClient>, "find">;
  readonly secretHash: SecretHash;
  readonly accessTokens: AccessTokens;
  /** Told about the use of a credential; must not wait. */
  readonly noteUse: (credential: Credential, nowMs: number) => void;
}

/** What of a credential decides, of an access token as of any other. */
type Bearer = Pick<
  Credential,
  "tenantId" | "connectionId" | "credentialId" | "scopes" | "cidrs" | "expires" | "revoked"
>;

interface Found {
  readonly bearer: Bearer;
  readonly connection: Connection | undefined;
  /** To be noted as used. */
  readonly credential: Credential | undefined;
}

/** Decides who is calling, before anything else about the request is looked at. */
export async function authenticate(
  presented: Presented,
  parts: AuthenticationParts,
): Promise<AuthenticationVerdict> {
  const token = bearerTokenOf(presented.authorization, "scim", "oauth");
  if ("kind" in token) {
    return token;
  }
  const found =
    token.tokenKind === "scim"
      ? await credentialOf(token, presented.nowMs, parts)
      : await accessTokenOf(token, presented.nowMs, parts);
  if (found === undefined) {
    return invalidToken("The bearer token is not valid.", "unknown bearer token");
  }
  const { bearer, connection, credential } = found;
  const caller: Caller = {
    tenantId: bearer.tenantId,
    connectionId: bearer.connectionId,
    credentialId: bearer.credentialId,
    scopes: bearer.scopes,
    userId: credential?.userId,
  };
  const refusal = refusalOf(bearer, presented, caller);
  if (refusal !== undefined) {
    return refusal;
  }
  if (connection === undefined) {
    return invalidToken("The bearer token is not valid.", "its connection is gone", caller);
  }
  if (credential !== undefined) {
    parts.noteUse(credential, presented.nowMs);
  }
  if (connection.disabled) {
    return refuse(403, "The connection is disabled.", { caller, reason: "connection disabled" });
  }
  return lackOfScope(caller, presented) ?? { kind: "accepted", caller, connection };
}

async function credentialOf(
  { credentialId, secret }: TokenParts,
  nowMs: number,
  { credentialCache, secretHash }: AuthenticationParts,
): Promise<Found | undefined> {
  const found = await credentialCache.find(credentialId, nowMs);
  return secretHash.matches(secret, found?.credential) && found !== undefined
    ? { ...found, bearer: found.credential }
    : undefined;
}

/** An access token is good as long as its client is there, which another process may have ended. */
async function accessTokenOf(
  parts: TokenParts,
  nowMs: number,
  { oauthClientCache, accessTokens }: AuthenticationParts,
): Promise<Found | undefined> {
  const token = accessTokens.read(parts);
  const found = token && (await oauthClientCache.find(token.clientId, nowMs));
  if (token === undefined || found === undefined) {
    return undefined;
  }
  const { client, connection } = found;
  const bearer: Bearer = {
    tenantId: client.tenantId,
    connectionId: client.connectionId,
    credentialId: client.clientId,
    scopes: token.scopes.filter((scope) => client.scopes.includes(scope)),
    cidrs: client.cidrs,
    ...accessTokenStateOf(token, client),
  };
  return { bearer, connection, credential: undefined };
}

/** Why a credential with the right secret is refused all the same, told because its holder asks. */
function refusalOf(
  credential: Bearer,
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
