/** What OneLogin needs beyond the defaults: nothing. */
import type { ClientProfile } from "./client-profile.ts";

/**
 * OneLogin. Interop: OneLogin sends schema URIs from before RFC 7643 (onelogin.json, create-user-nonstandard-schemas);
 * lenient reading passes over them.
 */
export const oneloginProfile: ClientProfile = {
  name: "onelogin",
  title: "OneLogin",
  settings: {},
  rewrites: [],
};
