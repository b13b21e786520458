/** Bearer authentication: from the Authorization header to the caller and its connection (RFC 7644 §2, RFC 6750). */
import { ScimError } from "@rollcall/scim";
import { addressIsIn } from "../domain/cidr.ts";
import type { Connection } from "../domain/connection.ts";
import type { Caller, Credential } from "../domain/credential.ts";
import { credentialStateOf, parseToken, scopeNeededBy } from "../domain/credential.ts";
import type { SecretHash } from "../provisioning/secret-hash.ts";
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

/** What authentication came to. `caller` is there as soon as the secret was right, for the log. */
export type AuthenticationVerdict =
  | { readonly kind: "accepted"; readonly caller: Caller; readonly connection: Connection }
  | {
      readonly kind: "refused";
      readonly error: ScimError;
      readonly caller: Caller | undefined;
      /** Whether it counts as a guess. */
      readonly isFailure: boolean;
    };

/** What it needs. */
export interface AuthenticationParts {
  readonly credentialCache: Pick<CredentialCache, "find">;
  readonly secretHash: SecretHash;
  /** Told about the use of a credential; must not wait. */
  readonly noteUse: (credential: Credential, nowMs: number) => void;
}

const realm = 'Bearer realm="rollcall"';

/** Decides who is calling, before anything else about the request is looked at. */
export async function authenticate(
  presented: Presented,
  { credentialCache, secretHash, noteUse }: AuthenticationParts,
): Promise<AuthenticationVerdict> {
  if (presented.authorization === null) {
    return refuse(401, "Send a bearer token in the Authorization header.", {
      challenge: realm,
      reason: "no credentials",
    });
  }
  const [, text = ""] = /^Bearer +([^\s,]+)$/i.exec(presented.authorization) ?? [];
  const token = parseToken(text);
  if (token === undefined) {
    return invalidToken("The bearer token is not valid.", "malformed bearer token");
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
): AuthenticationVerdict | undefined {
  const state = credentialStateOf(credential, nowMs);
  if (state !== "active") {
    return invalidToken(`The bearer token is ${state}.`, `${state} bearer token`, caller);
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

function lackOfScope(
  caller: Caller,
  { method, path }: Presented,
): AuthenticationVerdict | undefined {
  const needed = scopeNeededBy(method, path);
  return caller.scopes.includes(needed)
    ? undefined
    : refuse(403, `The bearer token lacks the scope ${needed}.`, {
        caller,
        challenge: `${realm}, error="insufficient_scope", scope="${needed}"`,
        reason: `scope ${needed} missing`,
      });
}

function invalidToken(detail: string, reason: string, caller?: Caller): AuthenticationVerdict {
  return refuse(401, detail, { caller, challenge: `${realm}, error="invalid_token"`, reason });
}

function refuse(
  status: 401 | 403,
  detail: string,
  more: {
    readonly caller?: Caller | undefined;
    readonly challenge?: string;
    readonly reason: string;
  },
): AuthenticationVerdict {
  const headers =
    more.challenge === undefined ? {} : { headers: { "WWW-Authenticate": more.challenge } };
  return {
    kind: "refused",
    error: new ScimError(status, detail, { reason: more.reason, ...headers }),
    caller: more.caller,
    isFailure: status === 401,
  };
}
