/** What Google Workspace needs beyond the defaults: nothing. */
import type { ClientProfile } from "./client-profile.ts";

/**
 * Google Workspace. Interop: Google sends people alone, never groups (google-workspace.json, catalog-app-provisioning).
 */
export const googleProfile: ClientProfile = {
  name: "google",
  title: "Google Workspace",
  settings: {},
  rewrites: [],
};
