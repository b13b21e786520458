/** OneLogin as a client, as onelogin.json shows it. */
import {
  addInBatches,
  displayNameOf,
  nameAttributes,
  nameOf,
  patchMessage,
  path,
  plusFilter,
  removeByFilter,
  workEmailOf,
} from "../messages.ts";
import type { ClientHabits } from "../scim-client-habits.ts";

const oneloginSchemas = ["urn:scim:schemas:core:2.0", "urn:scim:schemas:extension:enterprise:2.0"];

/** OneLogin's SCIM v2 Enterprise connector. */
export const onelogin: ClientHabits = {
  name: "onelogin",
  title: "OneLogin",
  profile: "onelogin",
  flows: "onelogin.json",
  headers: { accept: "application/json, application/scim+json" },
  contentType: "application/json",
  alwaysContentType: true,
  probes: (random) => [
    `/Users${plusFilter("userName", random, "&")}`,
    "/ServiceProviderConfig",
    "/Groups",
  ],
  tail: "?",
  find: { kind: "filter", queries: ({ userName }) => [plusFilter("userName", userName, "&")] },
  body: (person) => ({
    schemas: oneloginSchemas,
    userName: person.userName,
    name: { ...nameOf(person), formatted: displayNameOf(person) },
    emails: workEmailOf(person),
    displayName: displayNameOf(person),
    title: person.title,
    active: person.active,
  }),
  change: { method: "PUT", readsFirst: false },
  attributes: [...nameAttributes, path.workEmail, path.title],
  onLeave: "delete",
  groups: {
    find: {
      kind: "list",
      query: "",
      attribute: "displayName",
      own: ({ displayName }) => displayName,
    },
    body: ({ displayName }) => ({ schemas: oneloginSchemas, displayName }),
    update: "PATCH",
    createsWithMembers: false,
    readsFirst: false,
    rename: ({ displayName }) =>
      patchMessage([{ op: "replace", path: "displayName", value: displayName }]),
    add: addInBatches(1),
    remove: removeByFilter(1),
  },
};
