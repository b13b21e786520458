/** What PingOne and PingFederate need beyond the defaults: nothing. */
import type { ClientProfile } from "./client-profile.ts";

/**
 * Ping Identity. Interop: PingOne sends `username Eq "…"` as its search (ping.json, pingone-match-create-update);
 * names and operators are read without regard to case everywhere.
 */
export const pingProfile: ClientProfile = {
  name: "ping",
  title: "PingOne or PingFederate",
  settings: {},
  rewrites: [],
};
