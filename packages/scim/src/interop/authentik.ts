/** What authentik needs beyond the defaults: nothing. */
import type { ClientProfile } from "./client-profile.ts";

/**
 * authentik. Interop: authentik sends a POST for everybody when its provider was made again, with the externalId of before
 * (authentik.json, provider-deleted-and-recreated); the default adoption answers it.
 */
export const authentikProfile: ClientProfile = {
  name: "authentik",
  title: "authentik",
  settings: {},
  rewrites: [],
};
