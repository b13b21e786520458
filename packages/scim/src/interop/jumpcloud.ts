/** What JumpCloud needs beyond the defaults: nothing. */
import type { ClientProfile } from "./client-profile.ts";

/**
 * JumpCloud. Interop: JumpCloud sends removals of members as a list of values
 * (jumpcloud.json, group-membership-entra-style-remove); every profile understands them.
 */
export const jumpcloudProfile: ClientProfile = {
  name: "jumpcloud",
  title: "JumpCloud",
  settings: {},
  rewrites: [],
};
