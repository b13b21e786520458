/** Verifies signed JSON Web Tokens: which keys may sign, which claims must be there, how far clocks may be apart (RFC 7519 §7.2, RFC 8725). */
import type { JWTPayload, JWTVerifyGetKey, JWTVerifyResult } from "jose";
import { jwtVerify } from "jose";
import { signingAlgorithms } from "../domain/signing-algorithms.ts";
import type { FoundKeys } from "./provider-keys.ts";

/** The keys of whoever signs. */
export interface SignerKeys {
  known(): Promise<FoundKeys>;
  /** Those that there are by now, because one is missing. */
  renewed(): Promise<FoundKeys>;
}

/** What a token is held against. */
export interface ExpectedToken {
  readonly issuer: string;
  /** One of them has to be in the token. */
  readonly audience: string | readonly string[];
  readonly subject?: string;
  readonly requiredClaims: readonly string[];
  /** Who should have signed it, in words. */
  readonly signer: string;
}

/** What a token says that is signed, for the one it was given to, and valid now. */
export interface VerifiedToken {
  readonly kind: "verified";
  readonly payload: JWTPayload;
  readonly protectedHeader: JWTVerifyResult["protectedHeader"];
}

/** What a token comes to: `refused` for its own sake, `unavailable` because its keys are not to be had. */
export type SignedTokenVerdict =
  | VerifiedToken
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "unavailable"; readonly why: string };

/** What it takes beside the token. */
interface Verification {
  readonly keys: SignerKeys;
  readonly expected: ExpectedToken;
  readonly now: () => number;
}

/** The longest token, in characters. */
export const signedTokenLengthMax: number = 65_536;
/** How far the clocks of whoever signs and of the server may be apart. */
export const clockSkewSecondsMax: number = 60;

/** Verifies a token; asks for the keys anew when it names one that is not known. */
export async function verifySignedToken(
  token: string,
  verification: Verification,
): Promise<SignedTokenVerdict> {
  const verdict = await verifiedWith(await verification.keys.known(), token, verification);
  if (verdict !== "unknown-key") {
    return verdict;
  }
  const again = await verifiedWith(await verification.keys.renewed(), token, verification);
  return again === "unknown-key"
    ? refused(`it names a key that ${verification.expected.signer} has not`)
    : again;
}

async function verifiedWith(
  found: FoundKeys,
  token: string,
  { expected, now }: Verification,
): Promise<SignedTokenVerdict | "unknown-key"> {
  if (found.kind === "unavailable") {
    return found;
  }
  try {
    const { payload, protectedHeader } = await signedBy(found.keys, token, expected, now());
    return { kind: "verified", payload, protectedHeader };
  } catch (error) {
    const code = codeOf(error);
    return code === "ERR_JWKS_NO_MATCHING_KEY"
      ? "unknown-key"
      : refused(whyOf(error, code, expected));
  }
}

async function signedBy(
  keys: JWTVerifyGetKey,
  token: string,
  { issuer, audience, subject, requiredClaims }: ExpectedToken,
  nowMs: number,
): Promise<Pick<JWTVerifyResult, "payload" | "protectedHeader">> {
  const options = {
    algorithms: [...signingAlgorithms],
    issuer,
    audience: typeof audience === "string" ? audience : [...audience],
    ...(subject === undefined ? {} : { subject }),
    clockTolerance: clockSkewSecondsMax,
    currentDate: new Date(nowMs),
    requiredClaims: [...requiredClaims],
  };
  try {
    return await jwtVerify(token, keys, options);
  } catch (error) {
    // A token that does not say which of several keys signed it.
    for await (const key of keysIn(error)) {
      try {
        return await jwtVerify(token, key, options);
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

const reasons: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: "it has expired (exp)",
  ERR_JOSE_ALG_NOT_ALLOWED: `its algorithm is none of ${signingAlgorithms.join(", ")}`,
};

const claimReasons: Readonly<Record<string, string>> = {
  iss: "it is of another issuer (iss)",
  aud: "it was made for another client (aud)",
  sub: "it is about another subject (sub)",
  nbf: "it is not valid yet (nbf)",
};

const signatureCodes = ["ERR_JWS_SIGNATURE_VERIFICATION_FAILED", "ERR_JWKS_MULTIPLE_MATCHING_KEYS"];

/** In words of our own: messages of the library may repeat what the token says. */
function whyOf(error: unknown, code = "", { signer }: ExpectedToken): string {
  const known = signatureCodes.includes(code) ? `its signature is not ${signer}'s` : reasons[code];
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

function refused(why: string): SignedTokenVerdict {
  return { kind: "refused", why };
}
