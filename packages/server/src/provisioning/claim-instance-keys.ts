/** Ties a database to the instance keys its tokens are hashed under, so that no process works on it with others. */
import { refusal } from "../domain/refusal.ts";
import type { Store } from "../store/store.ts";
import type { InstanceKey } from "./instance-key.ts";
import { createKeyedHash } from "./instance-key.ts";

/** Notes a fingerprint of each key that the database does not know; refuses one that is not the one it knows. */
export async function claimInstanceKeys(
  store: Pick<Store, "claimInstanceFact">,
  keys: readonly InstanceKey[],
): Promise<void> {
  for (const key of keys) {
    const fingerprint = fingerprintOf(key);
    const noted = await store.claimInstanceFact(`instance-key-${key.version}`, fingerprint);
    if (noted !== fingerprint) {
      throw refusal(
        `the instance key (version ${key.version}) is not the one that the tokens of this database are hashed under: ` +
          "give the same ROLLCALL_PEPPER, or the same file .pepper in the data folder, as the server that made them",
      );
    }
  }
}

/** Tells keys apart and nothing about them. */
export function fingerprintOf(key: InstanceKey): string {
  return createKeyedHash(key, "fingerprint")("rollcall instance key");
}
