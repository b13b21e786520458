/** AWS-style tools as clients, as aws-style-clients.json shows it. */
import {
  addInBatches,
  displayNameOf,
  nameAttributes,
  nameOf,
  patchMessage,
  path,
  plusFilter,
  removeByValue,
  uri,
  workEmailOf,
} from "../messages.ts";
import type { ClientHabits } from "../scim-client-habits.ts";

const scimJson = "application/scim+json";

/** Tools that were written for AWS IAM Identity Center. */
export const aws: ClientHabits = {
  name: "aws",
  title: "ssosync, idp-scim-sync",
  profile: "aws",
  flows: "aws-style-clients.json",
  headers: { accept: scimJson },
  contentType: scimJson,
  alwaysContentType: true,
  probes: () => ["/ServiceProviderConfig"],
  find: { kind: "create", onConflict: ({ userName }) => plusFilter("userName", userName) },
  body: (person) => ({
    schemas: [uri.user],
    externalId: person.externalId,
    userName: person.userName,
    name: nameOf(person),
    displayName: displayNameOf(person),
    title: person.title,
    emails: workEmailOf(person),
    active: person.active,
  }),
  change: { method: "PUT", readsFirst: false },
  attributes: [...nameAttributes, path.workEmail, path.title],
  onLeave: "delete",
  groups: {
    find: {
      kind: "create",
      onConflict: ({ displayName }) => plusFilter("displayName", displayName),
    },
    body: ({ displayName, externalId }) => ({ schemas: [uri.group], externalId, displayName }),
    update: "PATCH",
    createsWithMembers: false,
    readsFirst: false,
    rename: ({ displayName, externalId }, id) =>
      patchMessage([{ op: "replace", value: { id, displayName, externalId } }]),
    add: addInBatches(100),
    remove: removeByValue(100),
  },
};
