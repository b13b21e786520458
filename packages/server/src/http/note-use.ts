/** Notes when a credential was last used: at most one write a minute each, never on the way of a request. */
import type { KeptToken } from "../domain/credential.ts";
import type { AdminCredentialTable, CredentialTable } from "../store/store.ts";

/** How old a note gets before it is renewed. */
const noteAgeMs = 60_000;
/** The most notes remembered; above it all are forgotten, which costs a read each. */
const notesMax = 10_000;

/** Makes the function that requests call; failures go to `onError`. */
export function createNoteUse(
  credentials: Pick<CredentialTable | AdminCredentialTable, "touch">,
  onError: (error: unknown) => void,
): (credential: Pick<KeptToken, "credentialId" | "lastUsed">, nowMs: number) => void {
  // What a credential says of itself may have been read some seconds ago.
  const notedMs = new Map<string, number>();
  return ({ credentialId, lastUsed }, nowMs) => {
    const noted = notedMs.get(credentialId) ?? (lastUsed && Date.parse(lastUsed));
    if (typeof noted === "number" && nowMs - noted < noteAgeMs) {
      return;
    }
    if (notedMs.size >= notesMax) {
      notedMs.clear();
    }
    notedMs.set(credentialId, nowMs);
    credentials.touch(credentialId, new Date(nowMs).toISOString()).catch((error: unknown) => {
      notedMs.delete(credentialId);
      onError(error);
    });
  };
}
