/**
 * Access tokens of OAuth clients: which scopes they have, how long they live, and what is in their text (RFC 6749 §1.4, §3.3).
 * A token is not kept anywhere: it is signed, and its client is looked up with every use, so that it ends with the client.
 */
import { base62Alphabet, base62Of, parseBase62 } from "./base62.ts";
import { addressIsIn } from "./cidr.ts";
import type { CredentialScope, TokenParts } from "./credential.ts";
import type { OauthClient } from "./oauth-client.ts";
import type { CredentialId } from "./tenant.ts";

/** How long an access token lives, in seconds. */
export const accessTokenSeconds: number = 3600;

/** What an access token says. */
export interface AccessToken {
  readonly clientId: CredentialId;
  readonly scopes: readonly CredentialScope[];
  /** Milliseconds since 1970. */
  readonly issuedMs: number;
}

/** Signs what a token says: 32 bytes, of which each gives a digit. */
export type SignAccessToken = (text: string) => Uint8Array;

/** With the digit of the scopes and the signature it is as long as the secret of any other token. */
const timeLength = 10;

const scopeDigits: Readonly<Record<CredentialScope, number>> = { "scim:read": 1, "scim:write": 2 };
const everyScope: readonly CredentialScope[] = ["scim:read", "scim:write"];

/** Writes the parts of a token. */
export function accessTokenPartsOf(
  { clientId, scopes, issuedMs }: AccessToken,
  sign: SignAccessToken,
): TokenParts {
  const digit = scopes.reduce((sum, scope) => sum + scopeDigits[scope], 0);
  const said = `${base62Of(issuedMs, timeLength)}${base62Of(digit, 1)}`;
  const signature = accessTokenSignatureOf(sign(`${clientId}.${said}`));
  return { credentialId: clientId, secret: `${said}${signature}` };
}

/** Reads what a token says; whether it is signed is for others to find out. */
export function accessTokenIn({ credentialId, secret }: TokenParts): {
  readonly token: AccessToken;
  readonly signed: string;
  readonly signature: string;
} {
  const said = secret.slice(0, timeLength + 1);
  const digit = parseBase62(said.charAt(timeLength));
  return {
    token: {
      clientId: credentialId,
      scopes: everyScope.filter((scope) => (digit & scopeDigits[scope]) !== 0),
      issuedMs: parseBase62(said.slice(0, timeLength)),
    },
    signed: `${credentialId}.${said}`,
    signature: secret.slice(timeLength + 1),
  };
}

/** Writes a signature in base62 digits. */
export function accessTokenSignatureOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => base62Alphabet.charAt(byte % base62Alphabet.length)).join("");
}

/** When a token ends, and whether its client has ended it before, as the state of a credential. */
export function accessTokenStateOf(
  { issuedMs }: AccessToken,
  { tokensSince }: Pick<OauthClient, "tokensSince">,
): { readonly expires: string; readonly revoked: string | undefined } {
  const isEnded = tokensSince !== undefined && issuedMs < Date.parse(tokensSince);
  return {
    expires: new Date(issuedMs + accessTokenSeconds * 1000).toISOString(),
    revoked: isEnded ? tokensSince : undefined,
  };
}

/**
 * The scopes of a request for a token: all of the client when it names none, else those that it names; undefined when one
 * of them is not the client's.
 *
 * Interop: Entra sends `scope=scim` by its description of workload identity federation for SCIM (no recorded flow); it stands for
 * all.
 */
export function grantedScopesOf(
  asked: string | undefined,
  { scopes }: Pick<OauthClient, "scopes">,
): readonly CredentialScope[] | undefined {
  const names = (asked ?? "").split(" ").filter((name) => name !== "" && name !== "scim");
  if (names.length === 0) {
    return scopes;
  }
  const isOwn = names.every((name) => scopes.some((scope) => scope === name));
  return isOwn ? scopes.filter((scope) => names.includes(scope)) : undefined;
}

/** Tells whether a client may ask from an address. */
export function mayAskFrom(address: string, { cidrs }: Pick<OauthClient, "cidrs">): boolean {
  return cidrs.length === 0 || addressIsIn(cidrs, address);
}
