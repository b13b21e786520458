/** Authentik as a client, as authentik.json shows it. */
import {
  batches,
  displayNameOf,
  nameAttributes,
  nameOf,
  patchMessage,
  path,
  plusFilter,
  uri,
} from "../messages.ts";
import type { ClientHabits } from "../scim-client-habits.ts";

const scimJson = "application/scim+json";

/** Authentik: POST for everybody, adoption after a 409, PUT, members one operation each. */
export const authentik: ClientHabits = {
  name: "authentik",
  title: "Authentik",
  profile: "authentik",
  flows: "authentik.json",
  headers: { accept: scimJson },
  contentType: scimJson,
  alwaysContentType: true,
  probes: () => ["/ServiceProviderConfig", "/Users", "/Groups"],
  find: { kind: "create", onConflict: ({ userName }) => plusFilter("userName", userName) },
  body: (person) => ({
    schemas: [uri.user],
    userName: person.userName,
    name: { formatted: displayNameOf(person), ...nameOf(person) },
    displayName: displayNameOf(person),
    active: person.active,
    emails: [{ value: person.email, type: "other", primary: true }],
    title: person.title,
    externalId: person.externalId.replaceAll("-", "").repeat(2),
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
    readsFirst: true,
    // The message has no `schemas`: the client leaves out what nobody has set.
    rename: ({ displayName, externalId }, id) => ({
      Operations: [{ op: "replace", value: { id, schemas: [uri.group], externalId, displayName } }],
    }),
    add: (members) =>
      batches(members, 100).map((batch) =>
        patchMessage(
          batch.map(({ id }) => ({ op: "add", path: "members", value: [{ value: id }] })),
        ),
      ),
    remove: (members) =>
      batches(members, 100).map((batch) =>
        patchMessage(
          batch.map(({ id }) => ({ op: "remove", path: "members", value: [{ value: id }] })),
        ),
      ),
  },
  reactions: [
    [/^(PUT|PATCH) .* 404/, "the mapping is dropped and the object created again"],
    [/ (429|503)$/, "the task is queued again"],
    [/ [45]\d\d$/, "the sync of the object fails and is listed in the provider's status"],
  ],
};
