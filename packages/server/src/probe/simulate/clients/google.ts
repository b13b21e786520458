/** Google Workspace as a client, as google-workspace.json shows it. */
import { nameOf, oneOperationEach, path, spacedFilter, uri, workEmailOf } from "../messages.ts";
import type { ClientHabits } from "../scim-client-habits.ts";

const scimJson = "application/scim+json";

/** Google Workspace's catalogue applications: people only. */
export const google: ClientHabits = {
  name: "google",
  title: "Google Workspace",
  profile: "google",
  flows: "google-workspace.json",
  headers: { accept: scimJson },
  contentType: scimJson,
  probes: () => ["/Users?count=1"],
  find: { kind: "filter", queries: ({ userName }) => [spacedFilter("userName", userName)] },
  body: (person) => ({
    schemas: [uri.user],
    userName: person.userName,
    name: nameOf(person),
    emails: workEmailOf(person),
    active: person.active,
  }),
  change: {
    method: "PATCH",
    readsFirst: false,
    patch: oneOperationEach("replace"),
    activate: (active) => [{ op: "replace", path: "active", value: active }],
  },
  attributes: [path.userName, path.active, path.givenName, path.familyName, path.workEmail],
  onLeave: "deactivate-then-delete",
};
