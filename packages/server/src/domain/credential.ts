/** Bearer tokens of connections and of the admin API: their text form, their life and what is kept of them (RFC 6750, RFC 7644 §2, §7.4). */
import { base62Alphabet, base62Of } from "./base62.ts";
import type { ConnectionId, CredentialId, TenantId } from "./tenant.ts";

/** What a credential allows. */
export type CredentialScope = "scim:read" | "scim:write";

/** What is kept of a token, of whichever kind; the secret itself is nowhere. */
export interface KeptToken {
  readonly credentialId: CredentialId;
  readonly name: string;
  /** HMAC-SHA-256 of the secret under the instance's pepper, hexadecimal. */
  readonly secretHash: string;
  /** Version of the pepper. */
  readonly pepperVersion: number;
  /** The last four characters of the token, to recognise it by. */
  readonly lastFour: string;
  /** xsd:dateTime in UTC, as all times here. */
  readonly created: string;
  /** Who made it: `cli`, `first-start`, or an operator. */
  readonly creator: string;
  /** Undefined for the explicit `never`. */
  readonly expires: string | undefined;
  readonly revoked: string | undefined;
  readonly lastUsed: string | undefined;
}

/** A stored credential of a connection. */
export interface Credential extends KeptToken {
  readonly tenantId: TenantId;
  readonly connectionId: ConnectionId;
  readonly scopes: readonly CredentialScope[];
  /** Addresses it may be used from, in CIDR notation; empty for any. */
  readonly cidrs: readonly string[];
  /** The id of the User of the connection whose token it is, whom /Me stands for (RFC 7644 §3.11); it gives no right. */
  readonly userId?: string;
}

/** Who is calling, once a credential was accepted. */
export interface Caller {
  readonly tenantId: TenantId;
  readonly connectionId: ConnectionId;
  readonly credentialId: CredentialId;
  readonly scopes: readonly CredentialScope[];
  /** The id of the User whose token it is. */
  readonly userId?: string | undefined;
}

/**
 * What a token is for: SCIM, the admin API, SCIM for an hour as an OAuth client got it, the token endpoint, where it is the
 * secret of a client, and an event stream that its receiver polls. One never opens what the other opens.
 */
export type TokenKind = "scim" | "admin" | "oauth" | "client" | "stream";

/** What a bearer token is made of. */
export interface TokenParts {
  readonly credentialId: CredentialId;
  readonly secret: string;
}

/** Finds tokens of every kind in text, for secret scanners: 12 base62 id, 43 base62 secret (256 bit), 6 base62 CRC-32. */
export const tokenPattern: RegExp =
  /rollcall_(?:scim|admin|oauth|client|stream)_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}/;

const idLength = 12;
const secretLength = 43;
const checksumLength = 6;
const wholeToken = new RegExp(`^${tokenPattern.source}$`);
const everyToken = new RegExp(tokenPattern.source, "g");

/** Takes tokens out of text that is written down somewhere; what is left says that one stood there. */
export function withoutTokens(text: string): string {
  return text.replace(everyToken, (token) => `${/^rollcall_[a-z]+_/.exec(token)?.[0]}(hidden)`);
}

/** How many random bytes {@link tokenPartsOf} takes: far more than it needs on average, as some are thrown away. */
export const tokenBytes = 256;

/** Draws the id and the secret of a new token from random bytes. */
export function tokenPartsOf(bytes: Uint8Array): TokenParts {
  // A byte over the last full round of the alphabet would favour its first letters.
  const usable = [...bytes].filter((byte) => byte < 256 - (256 % base62Alphabet.length));
  if (usable.length < idLength + secretLength) {
    throw new TypeError(`a token needs ${tokenBytes} random bytes`);
  }
  const letters = usable
    .map((byte) => base62Alphabet.charAt(byte % base62Alphabet.length))
    .join("");
  return {
    credentialId: letters.slice(0, idLength) as CredentialId,
    secret: letters.slice(idLength, idLength + secretLength),
  };
}

/** Writes a token as the client gets it. */
export function formatToken({ credentialId, secret }: TokenParts, kind: TokenKind): string {
  const text = `${prefixOf(kind)}${credentialId}_${secret}`;
  return `${text}_${checksumOf(text)}`;
}

/** Reads a token of a kind; undefined when its form or its checksum is wrong, so that noise never reaches a database. */
export function parseToken(text: string, kind: TokenKind): TokenParts | undefined {
  const prefix = prefixOf(kind);
  if (!wholeToken.test(text) || !text.startsWith(prefix)) {
    return undefined;
  }
  const credentialId = text.slice(prefix.length, prefix.length + idLength);
  const secret = text.slice(prefix.length + idLength + 1, -checksumLength - 1);
  const parts = { credentialId: credentialId as CredentialId, secret };
  return formatToken(parts, kind) === text ? parts : undefined;
}

function prefixOf(kind: TokenKind): string {
  return `rollcall_${kind}_`;
}

/** How long a token lives when nothing else is said, in days (RFC 7644 §7.4 wants a limit). */
export const lifetimeDaysDefault = 365;
/** The shortest lifetime that can be asked for, in days. */
export const lifetimeDaysMin = 30;
/** The longest lifetime that can be asked for, in days, but for the explicit `never`. */
export const lifetimeDaysMax = 730;

const dayMs = 86_400_000;

/** What became of reading a lifetime: a number of days, none for `never`, or what is wrong with it. */
export type LifetimeReading =
  | { readonly kind: "days"; readonly days: number }
  | { readonly kind: "never" }
  | { readonly kind: "problem"; readonly problem: string };

/** Reads a lifetime such as `90d` or `never`. */
export function parseLifetime(text: string): LifetimeReading {
  if (text === "never") {
    return { kind: "never" };
  }
  const days = /^\d{1,4}d?$/.test(text) ? Number.parseInt(text, 10) : Number.NaN;
  return days >= lifetimeDaysMin && days <= lifetimeDaysMax
    ? { kind: "days", days }
    : {
        kind: "problem",
        problem: `a token lives ${lifetimeDaysMin}d to ${lifetimeDaysMax}d, or "never"`,
      };
}

/** The time a token made now ends, as xsd:dateTime in UTC; undefined for `never`. */
export function expiryOf(lifetime: LifetimeReading, nowMs: number): string | undefined {
  return lifetime.kind === "days"
    ? new Date(nowMs + lifetime.days * dayMs).toISOString()
    : undefined;
}

/** Whether a credential works. */
export type CredentialState = "active" | "expired" | "revoked";

/** The state of a credential at a time. */
export function credentialStateOf(
  { expires, revoked }: Pick<KeptToken, "expires" | "revoked">,
  nowMs: number,
): CredentialState {
  if (revoked !== undefined) {
    return "revoked";
  }
  return expires !== undefined && Date.parse(expires) <= nowMs ? "expired" : "active";
}

/** How many whole days a credential still works; undefined when it never ends. */
export function daysLeftOf(
  { expires }: Pick<KeptToken, "expires">,
  nowMs: number,
): number | undefined {
  return expires === undefined ? undefined : Math.floor((Date.parse(expires) - nowMs) / dayMs);
}

/** The scope that a request needs: reading for GET, HEAD, OPTIONS and searches by POST, writing for the rest (RFC 7644 §3.2). */
export function scopeNeededBy(method: string, path: string): CredentialScope {
  const reads =
    ["GET", "HEAD", "OPTIONS"].includes(method) ||
    // As routes are found: in any case, with or without a slash at the end.
    (method === "POST" && /\/\.search\/?$/i.test(path));
  return reads ? "scim:read" : "scim:write";
}

/** Six base62 digits of the CRC-32 of ASCII text. */
function checksumOf(text: string): string {
  return base62Of(crc32Of(text), checksumLength);
}

const crcTable: readonly number[] = Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) {
    value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return value;
});

function crc32Of(text: string): number {
  let crc = 0xffffffff;
  for (let index = 0; index < text.length; index += 1) {
    crc = (crc >>> 8) ^ (crcTable[(crc ^ text.charCodeAt(index)) & 0xff] ?? 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
