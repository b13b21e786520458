/** The name that a credential holds while it works, so that no other one of the same owner has it. */
import type { KeptToken } from "../../domain/credential.ts";

/** Null for one without a name, and for one that was revoked. */
export function liveNameOf({ name, revoked }: Pick<KeptToken, "name" | "revoked">): string | null {
  return name === "" || revoked !== undefined ? null : name;
}
