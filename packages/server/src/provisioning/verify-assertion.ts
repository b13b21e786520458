/** Verifies assertions that OAuth clients prove themselves with, made by them or about them (RFC 7521 §4.2, RFC 7523 §3). */
import type { JWTPayload } from "jose";
import type { ClientKeys, ClientProof, OauthClient } from "../domain/oauth-client.ts";
import type { ProviderKeysParts } from "./provider-keys.ts";
import { createKeysByUrl, createProviderKeys, keySetOf } from "./provider-keys.ts";
import type { ExpectedToken, SignerKeys } from "./verify-signed-token.ts";
import {
  clockSkewSecondsMax,
  signedTokenLengthMax,
  verifySignedToken,
} from "./verify-signed-token.ts";

/** A proof by keys. */
export type KeyProof = Exclude<ClientProof, { readonly method: "client_secret_basic" }>;

/** An assertion, and the client that it is about. */
export interface PresentedAssertion {
  readonly assertion: string;
  readonly client: Pick<OauthClient, "clientId">;
  readonly proof: KeyProof;
  /** How the authorization server may be called in assertions that clients make themselves. */
  readonly audiences: readonly string[];
}

/** What an assertion comes to; of a good one what it takes to refuse it the next time. */
export type AssertionVerdict =
  | {
      readonly kind: "good";
      /** Undefined where it has none, so that nobody can tell one from the other. */
      readonly jti: string | undefined;
      /** When it would not be good any more anyhow. */
      readonly endsMs: number;
    }
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "unavailable"; readonly why: string };

/** Verifies. */
export type VerifyAssertion = (presented: PresentedAssertion) => Promise<AssertionVerdict>;

/** How far ahead an assertion of a client itself may end, in seconds. */
export const ownAssertionSecondsMax: number = 3600;
/** How far ahead one may end that somebody else made, in seconds: Microsoft Entra ID makes some that are good for a day. */
export const federatedAssertionSecondsMax: number = 90_000;
/** The longest jti, in characters. */
const jtiLengthMax = 1024;

/** Makes the function; it remembers the keys at URLs. */
export function createVerifyAssertion(parts: ProviderKeysParts): VerifyAssertion {
  const byUrl = createKeysByUrl(parts);
  const byIssuer = createProviderKeys(parts);
  const keysOf = (keys: ClientKeys, issuer: string): SignerKeys => {
    switch (keys.kind) {
      case "inline": {
        const found = Promise.resolve(keySetOf({ keys: keys.keys }));
        return { known: () => found, renewed: () => found };
      }
      case "url":
        return { known: () => byUrl.of(keys.url), renewed: () => byUrl.renewed(keys.url) };
      case "issuer":
        return { known: () => byIssuer.of(issuer), renewed: () => byIssuer.renewed(issuer) };
    }
  };
  return async (presented) => {
    const { assertion, proof } = presented;
    if (assertion.length > signedTokenLengthMax) {
      return refused(`it is longer than ${signedTokenLengthMax} characters`);
    }
    const expected = expectedOf(presented);
    const keys = keysOf(proof.keys, expected.issuer);
    const verdict = await verifySignedToken(assertion, { keys, expected, now: parts.now });
    if (verdict.kind !== "verified") {
      return verdict;
    }
    const { typ } = verdict.protectedHeader;
    return isAssertionType(typ)
      ? checkedTimes(verdict.payload, proof, parts.now())
      : refused("it is a token of another kind (typ)");
  };
}

function expectedOf({ client, proof, audiences }: PresentedAssertion): ExpectedToken {
  const { clientId } = client;
  return proof.method === "private_key_jwt"
    ? {
        issuer: clientId,
        subject: clientId,
        audience: audiences,
        requiredClaims: ["iss", "sub", "aud", "exp", "jti"],
        signer: "the client",
      }
    : {
        issuer: proof.issuer,
        subject: proof.subject,
        audience: proof.audience,
        requiredClaims: ["iss", "sub", "aud", "exp"],
        signer: "the issuer",
      };
}

function isAssertionType(typ: string | undefined): boolean {
  return typ === undefined || ["jwt", "client-authentication+jwt"].includes(typ.toLowerCase());
}

/** What jose leaves to its caller: one that is good for years could be used by whoever finds it. */
function checkedTimes(
  { exp = 0, iat, jti }: JWTPayload,
  { method }: KeyProof,
  nowMs: number,
): AssertionVerdict {
  const now = nowMs / 1000;
  const secondsMax =
    method === "private_key_jwt" ? ownAssertionSecondsMax : federatedAssertionSecondsMax;
  if (exp > now + secondsMax + clockSkewSecondsMax) {
    return refused(`it is good for more than ${secondsMax} seconds (exp)`);
  }
  if (iat !== undefined && iat > now + clockSkewSecondsMax) {
    return refused("it was made in the future (iat)");
  }
  if (jti !== undefined && (typeof jti !== "string" || jti.length > jtiLengthMax)) {
    return refused(`its jti is no text of at most ${jtiLengthMax} characters`);
  }
  return { kind: "good", jti, endsMs: (exp + clockSkewSecondsMax) * 1000 };
}

function refused(why: string): AssertionVerdict {
  return { kind: "refused", why };
}
