/** What the SCIM connectors of midPoint need beyond the defaults. */
import type { ClientProfile } from "./client-profile.ts";

/**
 * midPoint. Interop: midPoint sends attribute names as it found them in the schemas, extension attributes without their
 * URN among them (midpoint.json, scimrest-discovery shows what it reads).
 */
export const midpointProfile: ClientProfile = {
  name: "midpoint",
  title: "midPoint",
  settings: { unqualifiedExtensionNames: true },
  rewrites: [],
};
