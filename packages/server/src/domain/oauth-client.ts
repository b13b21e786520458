/** OAuth clients of a connection: how they prove who they are, and what of it is good (RFC 6749 §2, RFC 7523 §2). */
import type { JsonObject } from "@rollcall/scim";
import { isJsonArray, isJsonObject, memberOf } from "@rollcall/scim";
import { cleanText } from "./clean-text.ts";
import type { CredentialScope } from "./credential.ts";
import type { ConnectionId, CredentialId, TenantId } from "./tenant.ts";

/** A public key in a JSON Web Key Set (RFC 7517 §4). */
export type PublicJwk = JsonObject & { readonly kty: string };

/** Where the keys are that a client, or who vouches for it, signs with. */
export type ClientKeys =
  | { readonly kind: "inline"; readonly keys: readonly PublicJwk[] }
  | { readonly kind: "url"; readonly url: string }
  /** Found by OpenID Connect Discovery at the issuer. */
  | { readonly kind: "issuer" };

/** How a client proves who it is. */
export type ClientProof =
  | { readonly method: "client_secret_basic" }
  /** Assertions that it makes itself: issuer and subject are its id. */
  | { readonly method: "private_key_jwt"; readonly keys: ClientKeys }
  /** Assertions that somebody else makes about it, such as Microsoft Entra ID about its provisioning service. */
  | {
      readonly method: "federated";
      readonly keys: ClientKeys;
      readonly issuer: string;
      readonly subject: string;
      readonly audience: string;
    };

/** The methods, in the words of the command line and the admin API. */
export const clientMethods = ["client_secret_basic", "private_key_jwt", "federated"] as const;

/** A secret of a client; the secret itself is nowhere. */
export interface ClientSecret {
  /** HMAC-SHA-256 under the instance's pepper, hexadecimal. */
  readonly secretHash: string;
  readonly pepperVersion: number;
  readonly lastFour: string;
  /** xsd:dateTime in UTC, as all times here. */
  readonly created: string;
  /** Undefined for the newest, which has no end of its own. */
  readonly ends: string | undefined;
}

/** An OAuth client, as it is stored. */
export interface OauthClient {
  /** Made like the id of a credential, and as unique. */
  readonly clientId: CredentialId;
  readonly tenantId: TenantId;
  readonly connectionId: ConnectionId;
  /** Empty, or one that no other client of the connection has. */
  readonly name: string;
  readonly proof: ClientProof;
  /** Newest first; none where it proves itself by keys. */
  readonly secrets: readonly ClientSecret[];
  readonly scopes: readonly CredentialScope[];
  /** Networks that it gets and uses access tokens from; empty for any. */
  readonly cidrs: readonly string[];
  readonly created: string;
  readonly creator: string;
  /** Access tokens that were made before are good no more; undefined where none is too old for that. */
  readonly tokensSince: string | undefined;
  /** When it got an access token last, to the minute. */
  readonly lastUsed: string | undefined;
}

/** How a client shall prove itself, as it is asked for. */
export interface ProofWish {
  readonly method: ClientProof["method"];
  /** A JSON Web Key Set. */
  readonly jwks?: unknown;
  readonly jwksUrl?: string | undefined;
  readonly issuer?: string | undefined;
  readonly subject?: string | undefined;
  readonly audience?: string | undefined;
}

/** A client, with its newest secret where it was just made one. */
export interface IssuedOauthClient {
  readonly client: OauthClient;
  readonly secret: string | undefined;
}

/** How many clients a connection may have. */
export const oauthClientsMax: number = 20;
/** How many secrets of a client work at the same time. */
export const clientSecretsMax: number = 2;
/** How many keys a client may have. */
const clientKeysMax = 20;
/** The longest claim that an assertion is compared with, in characters. */
export const claimValueMax: number = 2048;

/** The secrets of a client that work at a time. */
export function secretsAt(
  { secrets }: Pick<OauthClient, "secrets">,
  nowMs: number,
): readonly ClientSecret[] {
  return secrets.filter(({ ends }) => ends === undefined || Date.parse(ends) > nowMs);
}

/** The secrets of a client after it gets another one; those that worked do so until a time, and no later than before. */
export function secretsWith(
  newest: ClientSecret,
  client: Pick<OauthClient, "secrets">,
  { nowMs, ends }: { readonly nowMs: number; readonly ends: string },
): readonly ClientSecret[] {
  const others = secretsAt(client, nowMs)
    .map((secret) => ({
      ...secret,
      ends: secret.ends !== undefined && secret.ends < ends ? secret.ends : ends,
    }))
    .filter(({ ends: end }) => Date.parse(end) > nowMs);
  return [newest, ...others].slice(0, clientSecretsMax);
}

/** What became of reading a key set. */
export type KeySetReading =
  | { readonly kind: "keys"; readonly keys: readonly PublicJwk[] }
  | { readonly kind: "problem"; readonly problem: string };

/** Members of private keys and of secrets (RFC 7518 §6). */
const privateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/** Reads a JSON Web Key Set of public keys; a private one must not be given away, so it is refused. */
export function parseKeySet(document: unknown): KeySetReading {
  const keys = isJsonObject(document) ? memberOf(document, "keys") : undefined;
  if (!isJsonArray(keys) || keys.length === 0 || keys.length > clientKeysMax) {
    return problem(
      `expected a JSON Web Key Set: an object with 1 to ${clientKeysMax} keys in "keys"`,
    );
  }
  const read: PublicJwk[] = [];
  for (const key of keys) {
    const kty = isJsonObject(key) ? memberOf(key, "kty") : undefined;
    if (!isJsonObject(key) || typeof kty !== "string") {
      return problem("every key of the set is an object with a kty");
    }
    if (kty === "oct" || privateMembers.some((member) => Object.hasOwn(key, member))) {
      return problem("the set has a private key or a secret in it: give public keys alone");
    }
    read.push({ ...key, kty });
  }
  return { kind: "keys", keys: read };
}

/** Says what is wrong with a value that a claim is compared with; undefined for a good one. */
export function claimValueProblemOf(value: string): string | undefined {
  return value !== "" && value.length <= claimValueMax && cleanText(value) === value
    ? undefined
    : `expected 1 to ${claimValueMax} characters, none of them invisible`;
}

function problem(text: string): KeySetReading {
  return { kind: "problem", problem: text };
}
