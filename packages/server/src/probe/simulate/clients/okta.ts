/** Okta as a client, as okta.json shows it. */
import {
  addInBatches,
  displayNameOf,
  nameAttributes,
  nameOf,
  patchMessage,
  path,
  removeByFilter,
  renameWithoutPath,
  spacedFilter,
  uri,
  workEmailOf,
} from "../messages.ts";
import type { ClientHabits } from "../scim-client-habits.ts";

const scimJson = "application/scim+json";
const scimJsonUtf8 = "application/scim+json; charset=utf-8";
const oktaPage = "&startIndex=1&count=100";

/** Okta with the template of its catalogue: profiles by PUT, activation by PATCH, group push. */
export const okta: ClientHabits = {
  name: "okta",
  title: "Okta",
  profile: "okta",
  flows: "okta.json",
  headers: {
    accept: scimJson,
    "accept-charset": "utf-8",
    "user-agent": "Okta SCIM Client 1.0.0",
  },
  contentType: scimJsonUtf8,
  probes: (random) => [
    "/Users?startIndex=1&count=2",
    "/Groups?startIndex=1&count=100",
    `/Users${spacedFilter("userName", random, oktaPage)}`,
  ],
  find: {
    kind: "filter",
    queries: ({ userName }) => [spacedFilter("userName", userName, oktaPage)],
  },
  body: (person) => ({
    schemas: [uri.user],
    userName: person.userName,
    name: nameOf(person),
    emails: workEmailOf(person),
    displayName: displayNameOf(person),
    title: person.title,
    locale: "en-US",
    externalId: `00u${person.externalId.slice(0, 17)}`,
    groups: [],
    password: `Simulated-${person.number}!`,
    active: person.active,
  }),
  change: {
    method: "PUT",
    readsFirst: true,
    activate: (active) => [{ op: "replace", value: { active } }],
  },
  attributes: [...nameAttributes, path.workEmail, path.title],
  onLeave: "deactivate",
  groups: {
    find: {
      kind: "filter",
      queries: ({ displayName }) => [spacedFilter("displayName", displayName, oktaPage)],
    },
    body: ({ displayName }) => ({ schemas: [uri.group], displayName, members: [] }),
    update: "PATCH",
    createsWithMembers: false,
    readsFirst: false,
    rename: renameWithoutPath((_, id) => ({ id })),
    add: addInBatches(256, "add", true),
    remove: removeByFilter(256),
    replaceAll: (members) =>
      patchMessage([
        {
          op: "replace",
          path: "members",
          value: members.map(({ id, userName }) => ({ value: id, display: userName })),
        },
      ]),
  },
  reactions: [
    [/^POST \/Users (?!2)/, "the assignment fails with the detail shown to the administrator"],
    [/^\w+ \/Groups.* (?!2)/, "the push group is marked as failed until somebody pushes it again"],
  ],
};
