/** Microsoft Entra ID as a client, in both of its dialects, as entra-modern.json and entra-legacy.json show it. */
import {
  addInBatches,
  displayNameOf,
  nameAttributes,
  nameOf,
  patchMessage,
  path,
  plusFilter,
  removeByFilter,
  renameWithoutPath,
  uri,
} from "../messages.ts";
import type { ChangedValue, ClientHabits } from "../scim-client-habits.ts";

const scimJsonUtf8 = "application/scim+json; charset=utf-8";

const entraReactions: ClientHabits["reactions"] = [
  [/^GET \/(Users|Groups)\?filter 4/, "the whole provisioning job is put into quarantine at once"],
  [/^POST .* 409/, "the object stays unmatched; it is tried again with growing delay"],
  [/ (401|403)$/, "the job is put into quarantine: the credentials are invalid"],
];

const entraBody: ClientHabits["body"] = (person) => ({
  schemas: [uri.user, uri.enterprise],
  externalId: person.externalId,
  userName: person.userName,
  active: person.active,
  displayName: displayNameOf(person),
  title: person.title,
  emails: [{ primary: true, type: "work", value: person.email }],
  meta: { resourceType: "User" },
  name: { formatted: displayNameOf(person), ...nameOf(person) },
  roles: [],
  [uri.enterprise]: { department: person.department },
});

const entraProbes: ClientHabits["probes"] = (random) => [
  `/Users${plusFilter("userName", random)}`,
  `/Groups?excludedAttributes=members&${plusFilter("displayName", random).slice(1)}`,
];

const entraGroupBody = {
  schemas: [uri.group, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
  meta: { resourceType: "Group" },
};

const managerPath = `${uri.enterprise}:manager`;

/** Values with filters in their path one by one, the others together without a path. */
function entraPatch(changes: readonly ChangedValue[]): readonly unknown[] {
  const filtered = changes.filter((change) => change.path.includes("["));
  const plain = changes.filter((change) => !change.path.includes("["));
  return [
    ...filtered.map(({ path: where, value }) => ({ op: "replace", path: where, value })),
    ...(plain.length === 0
      ? []
      : [
          {
            op: "replace",
            value: Object.fromEntries(plain.map(({ path: where, value }) => [where, value])),
          },
        ]),
  ];
}

/** Entra ID with `?aadOptscim062020`. */
export const entra: ClientHabits = {
  name: "entra",
  title: "Microsoft Entra ID, with aadOptscim062020",
  profile: "entra",
  flows: "entra-modern.json",
  headers: {},
  contentType: scimJsonUtf8,
  probes: entraProbes,
  find: {
    kind: "filter",
    queries: ({ externalId, userName }) => [
      plusFilter("externalId", externalId),
      plusFilter("userName", userName),
    ],
  },
  body: entraBody,
  change: {
    method: "PATCH",
    readsFirst: true,
    patch: entraPatch,
    activate: (active) => [{ op: "replace", path: "active", value: active }],
  },
  attributes: [...nameAttributes, path.workEmail, path.title, path.department],
  onLeave: "deactivate-then-delete",
  manager: (id) => [{ op: "add", path: managerPath, value: { value: id } }],
  groups: {
    find: {
      kind: "filter",
      queries: ({ displayName }) => [
        `?excludedAttributes=members&${plusFilter("displayName", displayName).slice(1)}`,
      ],
    },
    body: ({ displayName, externalId }) => ({ ...entraGroupBody, externalId, displayName }),
    update: "PATCH",
    createsWithMembers: false,
    readsFirst: false,
    rename: renameWithoutPath(),
    add: addInBatches(20),
    remove: removeByFilter(1),
  },
  reactions: entraReactions,
};

const inCapitals = (changes: readonly ChangedValue[]): readonly unknown[] =>
  changes.map(({ path: where, value }) => ({
    op: "Replace",
    path: where,
    value: typeof value === "boolean" ? (value ? "True" : "False") : value,
  }));

/** Entra ID as it is for applications outside its gallery. */
export const entraLegacy: ClientHabits = {
  ...entra,
  name: "entra-legacy",
  title: "Microsoft Entra ID, without the flag",
  flows: "entra-legacy.json",
  change: {
    method: "PATCH",
    readsFirst: true,
    patch: inCapitals,
    activate: (active) => inCapitals([{ path: path.active, value: active }]),
  },
  manager: (id) => [{ op: "Add", path: managerPath, value: id }],
  groups: {
    find: {
      kind: "filter",
      queries: ({ displayName }) => [
        `?excludedAttributes=members&${plusFilter("displayName", displayName).slice(1)}`,
      ],
    },
    body: ({ displayName, externalId }) => ({
      ...entraGroupBody,
      externalId,
      displayName,
      members: [],
    }),
    update: "PATCH",
    createsWithMembers: false,
    readsFirst: false,
    rename: ({ displayName }) =>
      patchMessage([{ op: "Replace", path: "displayName", value: displayName }]),
    add: (members) =>
      members.map(({ id }) =>
        patchMessage([{ op: "Add", path: "members", value: [{ $ref: null, value: id }] }]),
      ),
    remove: (members) =>
      members.map(({ id }) =>
        patchMessage([{ op: "Remove", path: "members", value: [{ $ref: null, value: id }] }]),
      ),
  },
};
