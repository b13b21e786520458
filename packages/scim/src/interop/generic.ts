/** The profile of a client nobody has told us about: the defaults, which any client can work with. */
import type { ClientProfile } from "./client-profile.ts";

/** Any client. Interop: SailPoint and CyberArk keep to the defaults (sailpoint-cyberark.json, all scenarios). */
export const genericProfile: ClientProfile = {
  name: "generic",
  title: "Any SCIM client",
  settings: {},
  rewrites: [],
};
