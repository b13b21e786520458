/** JumpCloud as a client, as jumpcloud.json shows it. */
import {
  addInBatches,
  displayNameOf,
  nameAttributes,
  nameOf,
  oneOperationEach,
  patchMessage,
  path,
  removeByValue,
  spacedFilter,
  uri,
  workEmailOf,
} from "../messages.ts";
import type { ClientHabits } from "../scim-client-habits.ts";

const scimJson = "application/scim+json";

/** JumpCloud's custom SCIM connector. */
export const jumpcloud: ClientHabits = {
  name: "jumpcloud",
  title: "JumpCloud",
  profile: "jumpcloud",
  flows: "jumpcloud.json",
  headers: { accept: "application/scim+json, application/json" },
  contentType: scimJson,
  alwaysContentType: true,
  probes: (random) => ["/Users", `/Users${spacedFilter("userName", random)}`],
  find: { kind: "filter", queries: ({ userName }) => [spacedFilter("userName", userName)] },
  body: (person) => ({
    schemas: [uri.user],
    userName: person.userName,
    name: nameOf(person),
    emails: workEmailOf(person),
    active: person.active,
    externalId: person.externalId.replaceAll("-", "").slice(0, 24),
    displayName: displayNameOf(person),
    title: person.title,
  }),
  change: {
    method: "PATCH",
    readsFirst: false,
    patch: oneOperationEach("replace"),
    activate: (active) => [{ op: "replace", path: "active", value: active }],
  },
  attributes: [...nameAttributes, path.workEmail, path.title],
  onLeave: "deactivate",
  groups: {
    find: {
      kind: "create",
      onConflict: ({ displayName }) => spacedFilter("displayName", displayName),
    },
    body: ({ displayName }) => ({ schemas: [uri.group], displayName, members: [] }),
    update: "PATCH",
    createsWithMembers: false,
    readsFirst: false,
    rename: ({ displayName }) =>
      patchMessage([{ op: "replace", path: "displayName", value: displayName }]),
    add: addInBatches(1),
    remove: removeByValue(1),
  },
};
