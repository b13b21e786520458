/** Ping as a client, as ping.json shows it. */
import {
  displayNameOf,
  memberValues,
  nameAttributes,
  nameOf,
  path,
  uri,
  workEmailOf,
} from "../messages.ts";
import type { ClientHabits } from "../scim-client-habits.ts";

/** PingOne and PingFederate: everything by PUT, `username Eq`. */
export const ping: ClientHabits = {
  name: "ping",
  title: "PingOne, PingFederate",
  profile: "ping",
  flows: "ping.json",
  headers: { accept: "application/json" },
  contentType: "application/json",
  alwaysContentType: true,
  probes: () => ["/Groups?startIndex=1&count=1000"],
  find: {
    kind: "filter",
    queries: ({ userName }) => [`?filter=username+Eq+%22${encodeURIComponent(userName)}%22`],
  },
  body: (person) => ({
    schemas: [uri.user],
    userName: person.userName,
    name: nameOf(person),
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
      query: "?startIndex=1&count=1000",
      attribute: "displayName",
      own: ({ displayName }) => displayName,
    },
    body: ({ displayName }, members) => ({
      schemas: [uri.group],
      displayName,
      members: memberValues(members),
    }),
    update: "PUT",
    createsWithMembers: true,
    readsFirst: false,
  },
};
