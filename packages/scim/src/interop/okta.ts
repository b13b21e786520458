/** What Okta needs beyond the defaults. */
import type { ClientProfile } from "./client-profile.ts";

/**
 * Okta. Interop: Okta sends a POST for a person it deactivated before (okta.json, reassign-after-deactivation-by-post),
 * and its test suite wants 409 for one who is active (okta.json, spec-test-suite).
 */
export const oktaProfile: ClientProfile = {
  name: "okta",
  title: "Okta",
  settings: { adoption: "inactive-only" },
  rewrites: [],
};
