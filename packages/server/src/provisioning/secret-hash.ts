/** Hashes the secrets of tokens and compares them in constant time (RFC 6750 §5, RFC 7644 §7.4). */
import { timingSafeEqual } from "node:crypto";
import type { KeptToken } from "../domain/credential.ts";
import type { InstanceKey } from "./instance-key.ts";
import { createKeyedHash } from "./instance-key.ts";

/** What is kept of a secret. */
type KeptSecret = Pick<KeptToken, "secretHash" | "pepperVersion">;

/** Hashes and checks the secrets of one instance. */
export interface SecretHash {
  /** The version new hashes are made under: the newest. */
  readonly pepperVersion: number;
  /** Every version that hashes can be checked under. */
  readonly pepperVersions: readonly number[];
  /** Hashes under the newest key. */
  hash(secret: string): string;
  /** Compares a secret with a credential's; takes as long when there is no credential. */
  matches(secret: string, credential: KeptSecret | undefined): boolean;
}

/** Makes the hash of an instance from its keys, of which there is at least one. */
export function createSecretHash(keys: readonly InstanceKey[]): SecretHash {
  const hashes = new Map(
    keys.map((key) => [key.version, createKeyedHash(key, "credential")] as const),
  );
  const pepperVersion = Math.max(...hashes.keys());
  const hash = hashes.get(pepperVersion);
  if (hash === undefined) {
    throw new TypeError("an instance has at least one key");
  }
  const nobody = hash("");
  // A credential that was read is held for seconds; hashing for each of its requests would be a tenth of their work.
  const proven = new WeakMap<KeptSecret, Buffer>();
  const nobodyProven = Buffer.alloc(0);
  return {
    pepperVersion,
    pepperVersions: [...hashes.keys()],
    hash,
    matches(secret, credential) {
      const presented = Buffer.from(secret);
      const before =
        (credential === undefined ? undefined : proven.get(credential)) ?? nobodyProven;
      if (before.length === presented.length && timingSafeEqual(before, presented)) {
        return before !== nobodyProven;
      }
      const known = credential === undefined ? undefined : hashes.get(credential.pepperVersion);
      const given = Buffer.from((known ?? hash)(secret), "hex");
      const kept = Buffer.from(
        known === undefined ? nobody : (credential?.secretHash ?? nobody),
        "hex",
      );
      const isRight =
        kept.length === given.length && timingSafeEqual(given, kept) && known !== undefined;
      if (isRight && credential !== undefined) {
        proven.set(credential, presented);
      }
      return isRight;
    },
  };
}
