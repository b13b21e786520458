/** Signs Security Event Tokens with a key of the instance, and publishes the public half (RFC 8417 §2.3, RFC 7517 §5). */
import type { JsonObject } from "@rollcall/scim";
import type { JWK } from "jose";
import { CompactSign, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from "jose";
import type { SetClaims } from "../domain/set-claims.ts";
import type { Store } from "../store/store.ts";
import type { InstanceKey } from "./instance-key.ts";
import type { TextSeal } from "./sealed-text.ts";

/** Signs and publishes. */
export interface SetSigner {
  /** Answers with the compact form of a JWS. */
  sign(claims: SetClaims): Promise<string>;
  /** A JSON Web Key Set. */
  publicKeys(): Promise<JsonObject>;
}

/** What it needs. */
export interface SetSignerParts {
  readonly store: Pick<Store, "claimInstanceFact">;
  readonly seal: TextSeal;
  readonly keys: readonly InstanceKey[];
}

const algorithm = "ES256";
const type = "secevent+jwt";

interface SigningKey {
  readonly kid: string;
  readonly privateKey: Awaited<ReturnType<typeof importJWK>>;
  readonly publicJwk: JsonObject;
}

/**
 * Makes it. The key is made once for each version of the instance key and kept under that one, so that every process
 * signs with the same; a new instance key brings a new signing key, and the one before stays published.
 */
export function createSetSigner({ store, seal, keys }: SetSignerParts): SetSigner {
  const versions = keys.map(({ version }) => version).toSorted((one, other) => other - one);
  const known = new Map<number, Promise<SigningKey>>();
  const keyOf = (version: number): Promise<SigningKey> => {
    const found = known.get(version) ?? readKey(version, { store, seal });
    known.set(version, found);
    // What failed once may work the next time.
    found.catch(() => known.delete(version));
    return found;
  };
  const [newest] = versions;
  if (newest === undefined) {
    throw new TypeError("an instance has at least one key");
  }
  return {
    sign: async (claims) => {
      const { kid, privateKey } = await keyOf(newest);
      return await new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
        .setProtectedHeader({ alg: algorithm, typ: type, kid })
        .sign(privateKey);
    },
    publicKeys: async () => ({
      keys: (await Promise.all(versions.map(keyOf))).map(({ publicJwk }) => publicJwk),
    }),
  };
}

async function readKey(
  version: number,
  { store, seal }: Pick<SetSignerParts, "store" | "seal">,
): Promise<SigningKey> {
  const name = `set-signing-key-${version}`;
  // Of several that are made at once the first is noted, and all use that one.
  const sealed = await store.claimInstanceFact(name, seal.seal(await newKey(), name));
  const text = seal.open(sealed, name);
  if (text === undefined) {
    throw new Error(`the key ${name} was sealed under an instance key that is gone`);
  }
  const privateJwk: JWK = JSON.parse(text);
  const { kty = "", crv = "", x = "", y = "" } = privateJwk;
  const kid = await calculateJwkThumbprint(privateJwk);
  return {
    kid,
    privateKey: await importJWK(privateJwk, algorithm),
    publicJwk: { kty, crv, x, y, kid, alg: algorithm, use: "sig" },
  };
}

async function newKey(): Promise<string> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  return JSON.stringify(await exportJWK(privateKey));
}
