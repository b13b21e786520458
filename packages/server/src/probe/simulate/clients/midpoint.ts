/** The client midPoint, as midpoint.json shows it. */
import {
  addInBatches,
  displayNameOf,
  nameAttributes,
  nameOf,
  patchMessage,
  path,
  plusFilter,
  removeByFilter,
  spacedFilter,
  uri,
} from "../messages.ts";
import type { ClientHabits } from "../scim-client-habits.ts";

const scimJson = "application/scim+json";

/** MidPoint with the connector of Exclamation Labs. */
export const midpoint: ClientHabits = {
  name: "midpoint",
  title: "midPoint",
  profile: "midpoint",
  flows: "midpoint.json",
  headers: { accept: scimJson },
  contentType: scimJson,
  alwaysContentType: true,
  probes: () => ["/ResourceTypes", "/Schemas"],
  find: { kind: "filter", queries: ({ userName }) => [spacedFilter("userName", userName)] },
  body: (person) => ({
    schemas: [uri.user],
    userName: person.userName,
    name: nameOf(person),
    displayName: displayNameOf(person),
    title: person.title,
    emails: [
      { value: person.email, type: "work" },
      { value: `home.${person.email}`, type: "home" },
    ],
    active: person.active,
  }),
  change: { method: "PUT", readsFirst: true },
  attributes: [...nameAttributes, path.workEmail, path.title],
  onLeave: "delete",
  groups: {
    find: {
      kind: "filter",
      queries: ({ displayName }) => [plusFilter("displayName", displayName)],
    },
    body: ({ displayName }) => ({ schemas: [uri.group], displayName }),
    update: "PATCH",
    createsWithMembers: false,
    readsFirst: true,
    rename: ({ displayName }, id) => patchMessage([{ op: "replace", value: { id, displayName } }]),
    remove: removeByFilter(1),
    add: addInBatches(100),
  },
};
