/** Keycloak as a client, with a plugin, as keycloak.json shows it. */
import { displayNameOf, nameAttributes, nameOf, path, uri } from "../messages.ts";
import type { ClientHabits } from "../scim-client-habits.ts";

const scimJson = "application/scim+json";

/** The plugin scim for Keycloak (sh.libre.scim). */
export const keycloak: ClientHabits = {
  name: "keycloak",
  title: "Keycloak with the plugin sh.libre.scim",
  profile: "keycloak",
  flows: "keycloak.json",
  headers: { accept: scimJson },
  contentType: "application/json",
  alwaysContentType: true,
  probes: () => ["/ServiceProviderConfig"],
  find: { kind: "create", onConflict: undefined },
  body: (person) => ({
    schemas: [uri.user],
    externalId: person.externalId,
    userName: person.userName,
    displayName: displayNameOf(person),
    name: nameOf(person),
    active: person.active,
    emails: [{ value: person.email }],
    roles: [{ value: "offline_access" }],
  }),
  change: { method: "PUT", readsFirst: false },
  attributes: [...nameAttributes, path.workEmail],
  onLeave: "delete",
  groups: {
    find: { kind: "create", onConflict: undefined },
    body: ({ displayName, externalId }, members) => ({
      schemas: [uri.group],
      externalId,
      displayName,
      members: members.map(({ id }) => ({ value: id, $ref: `Users/${id}` })),
    }),
    update: "PUT",
    createsWithMembers: true,
    readsFirst: false,
  },
  reactions: [[/^POST .* 409/, "the object is never linked: every later change of it is lost"]],
};
