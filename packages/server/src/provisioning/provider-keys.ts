/** The keys that identity providers sign with, found by discovery and kept for a while (OpenID Connect Discovery 1.0 §4). */
import type { JsonObject } from "@rollcall/scim";
import { isJsonArray, isJsonObject, memberOf } from "@rollcall/scim";
import type { LocalJWKSet } from "jose";
import { createLocalJWKSet } from "jose";

/** Reads a document of a provider, of at most so many bytes; never throws. */
export type FetchDocument = (
  url: string,
  lengthMax: number,
) => Promise<
  | { readonly kind: "answered"; readonly status: number; readonly text: string }
  | { readonly kind: "unanswered"; readonly reason: string }
>;

/** The largest document of a provider, in bytes. */
const providerDocumentMax = 524_288;

/** The keys of a provider, or why there are none at present. */
export type FoundKeys =
  | { readonly kind: "keys"; readonly keys: LocalJWKSet }
  | { readonly kind: "unavailable"; readonly why: string };

/** Finds keys. */
export interface ProviderKeys {
  /** Those that are known. */
  of(issuer: string): Promise<FoundKeys>;
  /** Those that there are by now, because one is missing; asked for once in a while only. */
  renewed(issuer: string): Promise<FoundKeys>;
}

/** What it needs. */
export interface ProviderKeysParts {
  readonly fetchDocument: FetchDocument;
  readonly now: () => number;
}

/** How long keys are used without asking whether there are others, in milliseconds. */
export const keysAgeMax: number = 600_000;
/** How long a token with an unknown key waits before the provider is asked again. */
export const renewalPauseMs: number = 30_000;
/** How long a provider that did not answer is left alone. */
const failurePauseMs = 5_000;
/** The keys of how many providers are remembered. */
const providersMax = 1000;

interface Remembered {
  readonly found: FoundKeys;
  readonly fetchedMs: number;
  /** When the provider was asked last, whatever came of it. */
  readonly askedMs: number;
}

/** Makes it: an issuer says where its keys are. */
export function createProviderKeys(parts: ProviderKeysParts): ProviderKeys {
  return rememberingKeys(findKeys, parts);
}

/** The same for key sets at URLs that are known (RFC 7517 §5). */
export function createKeysByUrl(parts: ProviderKeysParts): ProviderKeys {
  return rememberingKeys(readKeys, parts);
}

type FindKeys = (place: string, fetchDocument: FetchDocument) => Promise<FoundKeys>;

function rememberingKeys(find: FindKeys, { fetchDocument, now }: ProviderKeysParts): ProviderKeys {
  const remembered = new Map<string, Remembered>();
  const underWay = new Map<string, Promise<FoundKeys>>();
  const remember = (issuer: string, found: FoundKeys): FoundKeys => {
    const nowMs = now();
    const known = remembered.get(issuer);
    // A token with an unknown key, sent while the provider is away, takes nothing from those with a known one.
    const kept = found.kind === "unavailable" && known !== undefined && isFresh(known, nowMs);
    const next = kept ? known : { found, fetchedMs: nowMs };
    remembered.delete(issuer);
    remembered.set(issuer, { ...next, askedMs: nowMs });
    const [oldest] = remembered.keys();
    if (remembered.size > providersMax && oldest !== undefined) {
      remembered.delete(oldest);
    }
    return next.found;
  };
  /** Whoever asks meanwhile waits for the same answer. */
  const asked = (issuer: string): Promise<FoundKeys> => {
    const asking =
      underWay.get(issuer) ??
      find(issuer, fetchDocument)
        .then((found) => remember(issuer, found))
        .finally(() => underWay.delete(issuer));
    underWay.set(issuer, asking);
    return asking;
  };
  return {
    of: (issuer) => {
      const known = remembered.get(issuer);
      return known !== undefined && isFresh(known, now())
        ? Promise.resolve(known.found)
        : asked(issuer);
    },
    renewed: (issuer) => {
      const known = remembered.get(issuer);
      return known !== undefined && now() - known.askedMs < renewalPauseMs
        ? Promise.resolve(known.found)
        : asked(issuer);
    },
  };
}

function isFresh({ found, fetchedMs }: Remembered, nowMs: number): boolean {
  return nowMs - fetchedMs < (found.kind === "keys" ? keysAgeMax : failurePauseMs);
}

async function findKeys(issuer: string, fetchDocument: FetchDocument): Promise<FoundKeys> {
  const configuration = await readJson(
    `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`,
    fetchDocument,
  );
  if (configuration.kind === "unavailable") {
    return configuration;
  }
  // Else whoever answers at one address would speak for another issuer.
  if (memberOf(configuration.document, "issuer") !== issuer) {
    return unavailable("the configuration of the provider is that of another issuer");
  }
  const keysUrl = memberOf(configuration.document, "jwks_uri");
  if (typeof keysUrl !== "string") {
    return unavailable("the configuration of the provider names no keys (jwks_uri)");
  }
  return readKeys(keysUrl, fetchDocument);
}

async function readKeys(url: string, fetchDocument: FetchDocument): Promise<FoundKeys> {
  const keys = await readJson(url, fetchDocument);
  return keys.kind === "unavailable" ? keys : keySetOf(keys.document);
}

/** The keys of a set that may sign. */
export function keySetOf(document: JsonObject): FoundKeys {
  const keys = memberOf(document, "keys");
  const objects = isJsonArray(keys) ? keys.filter(isJsonObject) : [];
  // A secret that is in public signs nothing.
  const usable = objects.flatMap((key) => {
    const kty = memberOf(key, "kty");
    return typeof kty === "string" && kty !== "oct" ? [{ ...key, kty }] : [];
  });
  return usable.length === 0
    ? unavailable("the provider has no keys")
    : { kind: "keys", keys: createLocalJWKSet({ keys: usable }) };
}

async function readJson(
  url: string,
  fetchDocument: FetchDocument,
): Promise<
  | { readonly kind: "document"; readonly document: JsonObject }
  | (FoundKeys & { readonly kind: "unavailable" })
> {
  const answer = await fetchDocument(url, providerDocumentMax);
  if (answer.kind === "unanswered") {
    return unavailable(answer.reason);
  }
  if (answer.status !== 200) {
    return unavailable(`the provider answered ${answer.status}`);
  }
  const document = parsed(answer.text);
  return isJsonObject(document)
    ? { kind: "document", document }
    : unavailable("the provider answered with something that is no JSON object");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON is no document, which the caller says.
    return undefined;
  }
}

function unavailable(why: string): FoundKeys & { readonly kind: "unavailable" } {
  return { kind: "unavailable", why };
}
