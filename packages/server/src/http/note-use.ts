/** Notes when a credential was last used: at most one write a minute each, never on the way of a request. */
import type { Credential } from "../domain/credential.ts";
import type { CredentialTable } from "../store/store.ts";

/** How old a note gets before it is renewed. */
const noteAgeMs = 60_000;

/** Makes the function that requests call; failures go to `onError`. */
export function createNoteUse(
  credentials: Pick<CredentialTable, "touch">,
  onError: (error: unknown) => void,
): (credential: Credential, nowMs: number) => void {
  const underWay = new Set<string>();
  return ({ credentialId, lastUsed }, nowMs) => {
    const fresh = lastUsed !== undefined && nowMs - Date.parse(lastUsed) < noteAgeMs;
    if (fresh || underWay.has(credentialId)) {
      return;
    }
    underWay.add(credentialId);
    credentials
      .touch(credentialId, new Date(nowMs).toISOString())
      .catch(onError)
      .finally(() => underWay.delete(credentialId));
  };
}
