/** What Pocket ID needs beyond the defaults. */
import type { ClientProfile } from "./client-profile.ts";

/**
 * Pocket ID. Interop: Pocket ID sends a PUT without `members` when a group has become empty
 * (pocket-id.json, full-sync-cycle).
 */
export const pocketIdProfile: ClientProfile = {
  name: "pocket-id",
  title: "Pocket ID",
  settings: { putWithoutMembers: "clear" },
  rewrites: [],
};
