/** What the SCIM plugins of Keycloak need beyond the defaults. */
import type { ClientProfile } from "./client-profile.ts";

/**
 * Keycloak. Interop: the plugin libre.scim sends group changes by PATCH and decodes a whole group from the answer
 * (keycloak.json, libre-scim-group-lifecycle).
 */
export const keycloakProfile: ClientProfile = {
  name: "keycloak",
  title: "Keycloak",
  settings: { groupPatchAnswer: "200" },
  rewrites: [],
};
