/** Verifies ID tokens: signed by the provider, for this client, at this time (OpenID Connect Core 1.0 §3.1.3.7, RFC 8725). */
import type { JsonObject } from "@rollcall/scim";
import { isJsonObject } from "@rollcall/scim";
import type { ProviderKeysParts } from "./provider-keys.ts";
import { createProviderKeys } from "./provider-keys.ts";
import type { VerifiedToken } from "./verify-signed-token.ts";
import {
  clockSkewSecondsMax,
  signedTokenLengthMax,
  verifySignedToken,
} from "./verify-signed-token.ts";

/** A token, and what it is held against. */
export interface PresentedToken {
  readonly idToken: string;
  readonly issuer: string;
  readonly clientId: string;
  /** What the token has to repeat; undefined where nothing was asked of it. */
  readonly nonce: string | undefined;
}

/** What a token comes to: `refused` for its own sake, `unavailable` because the provider has not told its keys. */
export type TokenVerdict =
  | { readonly kind: "verified"; readonly claims: JsonObject }
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "unavailable"; readonly why: string };

/** Verifies. */
export type VerifyIdToken = (token: PresentedToken) => Promise<TokenVerdict>;

/** Makes the function; it remembers the keys of providers. */
export function createVerifyIdToken(parts: ProviderKeysParts): VerifyIdToken {
  const providerKeys = createProviderKeys(parts);
  return async (token) => {
    const { idToken, issuer, clientId } = token;
    if (idToken.length > signedTokenLengthMax) {
      return refused(`it is longer than ${signedTokenLengthMax} characters`);
    }
    const keys = {
      known: () => providerKeys.of(issuer),
      renewed: () => providerKeys.renewed(issuer),
    };
    const expected = {
      issuer,
      audience: clientId,
      requiredClaims: ["sub", "iat", "exp"],
      signer: "the provider",
    };
    const verdict = await verifySignedToken(idToken, { keys, expected, now: parts.now });
    return verdict.kind === "verified" ? checkedClaims(verdict, token, parts.now()) : verdict;
  };
}

/** What jose leaves to its caller. */
function checkedClaims(
  { payload, protectedHeader }: VerifiedToken,
  { clientId, nonce }: PresentedToken,
  nowMs: number,
): TokenVerdict {
  const {
    aud,
    azp,
    iat = 0,
    nonce: repeated,
  } = payload as typeof payload & {
    readonly azp?: unknown;
    readonly nonce?: unknown;
  };
  // An access token or a logout token of the same provider says so, and lets nobody in.
  if (protectedHeader.typ !== undefined && protectedHeader.typ.toUpperCase() !== "JWT") {
    return refused("it is a token of another kind (typ)");
  }
  if (azp === undefined ? Array.isArray(aud) && aud.length > 1 : azp !== clientId) {
    return refused("it was made for another client (azp)");
  }
  if (iat > nowMs / 1000 + clockSkewSecondsMax) {
    return refused("it was made in the future (iat)");
  }
  if (nonce !== undefined && repeated !== nonce) {
    return refused("it was not made for this login (nonce)");
  }
  const claims: unknown = payload;
  return isJsonObject(claims) ? { kind: "verified", claims } : refused("it has no claims");
}

function refused(why: string): TokenVerdict {
  return { kind: "refused", why };
}
