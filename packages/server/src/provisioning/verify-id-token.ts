/** Verifies ID tokens: signed by the provider, for this client, at this time (OpenID Connect Core 1.0 §3.1.3.7, RFC 8725). */
import type { JsonObject } from "@rollcall/scim";
import { isJsonObject } from "@rollcall/scim";
import type { JWTVerifyGetKey, JWTVerifyResult } from "jose";
import { jwtVerify } from "jose";
import type { FoundKeys, ProviderKeys, ProviderKeysParts } from "./provider-keys.ts";
import { createProviderKeys } from "./provider-keys.ts";

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

/** The longest token, in characters. */
export const idTokenLengthMax: number = 65_536;
/** How far the clocks of provider and server may be apart. */
export const clockSkewSecondsMax: number = 60;
/** No HMAC: its secret would be known to the client, and a public key could be taken for one. */
const algorithms = ["RS256", "PS256", "ES256", "EdDSA"];

/** Makes the function; it remembers the keys of providers. */
export function createVerifyIdToken(parts: ProviderKeysParts): VerifyIdToken {
  const providerKeys = createProviderKeys(parts);
  return async (token) => {
    if (token.idToken.length > idTokenLengthMax) {
      return refused(`it is longer than ${idTokenLengthMax} characters`);
    }
    const found = await providerKeys.of(token.issuer);
    const verdict = await verifiedWith(found, token, parts.now());
    return verdict === "unknown-key" ? await triedAgain(token, providerKeys, parts.now()) : verdict;
  };
}

/** The provider may have changed its keys. */
async function triedAgain(
  token: PresentedToken,
  providerKeys: ProviderKeys,
  nowMs: number,
): Promise<TokenVerdict> {
  const verdict = await verifiedWith(await providerKeys.renewed(token.issuer), token, nowMs);
  return verdict === "unknown-key" ? refused("it names a key that the provider has not") : verdict;
}

async function verifiedWith(
  found: FoundKeys,
  token: PresentedToken,
  nowMs: number,
): Promise<TokenVerdict | "unknown-key"> {
  if (found.kind === "unavailable") {
    return found;
  }
  try {
    return checkedClaims(await signedBy(found.keys, token, nowMs), token, nowMs);
  } catch (error) {
    const code = codeOf(error);
    return code === "ERR_JWKS_NO_MATCHING_KEY" ? "unknown-key" : refused(whyOf(error, code));
  }
}

type SignedToken = Pick<JWTVerifyResult, "payload" | "protectedHeader">;

async function signedBy(
  keys: JWTVerifyGetKey,
  { idToken, issuer, clientId }: PresentedToken,
  nowMs: number,
): Promise<SignedToken> {
  const options = {
    algorithms,
    issuer,
    audience: clientId,
    clockTolerance: clockSkewSecondsMax,
    currentDate: new Date(nowMs),
    requiredClaims: ["sub", "iat", "exp"],
  };
  try {
    return await jwtVerify(idToken, keys, options);
  } catch (error) {
    // A token that does not say which of several keys signed it.
    for await (const key of keysIn(error)) {
      try {
        return await jwtVerify(idToken, key, options);
      } catch (other) {
        if (codeOf(other) !== "ERR_JWS_SIGNATURE_VERIFICATION_FAILED") {
          throw other;
        }
      }
    }
    throw error;
  }
}

type PublicKey = Awaited<ReturnType<JWTVerifyGetKey>> & CryptoKey;

async function* keysIn(error: unknown): AsyncGenerator<PublicKey> {
  if (codeOf(error) === "ERR_JWKS_MULTIPLE_MATCHING_KEYS") {
    // The one place where the type of what jose attaches is taken on trust.
    yield* error as AsyncIterable<PublicKey>;
  }
}

/** What jose leaves to its caller. */
function checkedClaims(
  { payload, protectedHeader }: SignedToken,
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

const reasons: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: "it has expired (exp)",
  ERR_JOSE_ALG_NOT_ALLOWED: `its algorithm is none of ${algorithms.join(", ")}`,
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: "its signature is not the provider's",
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: "its signature is not the provider's",
};

const claimReasons: Readonly<Record<string, string>> = {
  iss: "it is of another issuer (iss)",
  aud: "it was made for another client (aud)",
  nbf: "it is not valid yet (nbf)",
};

/** In words of our own: messages of the library may repeat what the token says. */
function whyOf(error: unknown, code: string | undefined): string {
  const known = reasons[code ?? ""];
  if (known !== undefined) {
    return known;
  }
  const { claim } = Object(error);
  return code === "ERR_JWT_CLAIM_VALIDATION_FAILED" && typeof claim === "string"
    ? (claimReasons[claim] ?? `the claim ${claim} is missing or not as it should be`)
    : "it is no signed token";
}

function codeOf(error: unknown): string | undefined {
  const { code } = Object(error);
  return typeof code === "string" ? code : undefined;
}

function refused(why: string): TokenVerdict {
  return { kind: "refused", why };
}
