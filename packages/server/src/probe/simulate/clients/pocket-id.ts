/** Pocket ID as a client, as pocket-id.json shows it. */
import { displayNameOf, memberValues, nameAttributes, nameOf, path, uri } from "../messages.ts";
import type { ClientHabits } from "../scim-client-habits.ts";

const scimJson = "application/scim+json";

/** Pocket ID: reads everything, matches by externalId, PUTs. It deletes only what it has made itself here. */
export const pocketId: ClientHabits = {
  name: "pocket-id",
  title: "Pocket ID",
  profile: "pocket-id",
  flows: "pocket-id.json",
  headers: { accept: scimJson },
  contentType: scimJson,
  probes: () => [],
  find: {
    kind: "list",
    query: "?count=1000&startIndex=1",
    attribute: "externalId",
    own: ({ externalId }) => externalId,
  },
  body: (person) => ({
    externalId: person.externalId,
    schemas: [uri.user],
    userName: person.userName,
    name: nameOf(person),
    displayName: displayNameOf(person),
    active: person.active,
    emails: [{ value: person.email, primary: true }],
  }),
  change: { method: "PUT", readsFirst: false },
  attributes: [...nameAttributes, path.workEmail],
  onLeave: "delete",
  groups: {
    find: {
      kind: "list",
      query: "?count=1000&startIndex=1",
      attribute: "externalId",
      own: ({ externalId }) => externalId,
    },
    body: ({ displayName, externalId }, members) => ({
      externalId,
      schemas: [uri.group],
      displayName,
      ...(members.length === 0 ? {} : { members: memberValues(members) }),
    }),
    update: "PUT",
    createsWithMembers: true,
    readsFirst: false,
  },
};
