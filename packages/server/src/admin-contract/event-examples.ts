/** An example of the data of every type of event, for the documentation; the tests hold each against its schema. */
import type { JsonObject } from "@rollcall/scim";
import type { EventType } from "../domain/event-types.ts";

const ann = "2819c223-7f76-453a-919d-413861904646";
const bea = "c75ad752-64ae-4823-840d-ffa80929976c";
const crew = "e9e30dba-f08f-4109-8486-d5c6a331660a";
const account = "0199b1c4-3a52-7c51-9d0e-6a1f1f3c2b7d";
const who: JsonObject = { accountId: account, ref: "u-4711" };
const resource: JsonObject = {
  userName: "ann@acme.example",
  externalId: "00u1",
  name: { givenName: "Ann", familyName: "Archer" },
  emails: [{ value: "ann@acme.example", primary: true }],
  active: true,
};
const access: JsonObject = {
  state: "active",
  role: "user",
  teams: [],
  grants: [
    {
      source: "default",
      sourceId: null,
      teamId: null,
      role: "user",
      effective: true,
      why: "no other grant gives a role",
    },
  ],
  locks: [],
};
const ofAnn: JsonObject = { id: ann, resourceType: "User" };
const ofDesign: JsonObject = {
  id: "0199b1c4-5e11-7d3a-a2c4-2b0d3c4e5f60",
  resourceType: "Team",
};
const ofCrew: JsonObject = { id: crew, resourceType: "Group" };

const okta: JsonObject = {
  id: "0199b1c4-4b17-7e2c-8f31-6d2b7c9e0a14",
  resourceType: "Connection",
  slug: "okta",
  name: "Okta",
  profile: "okta",
  staged: false,
};

/** The examples. */
export const eventExamples: Readonly<Record<EventType, JsonObject>> = {
  "user.created": {
    ...ofAnn,
    revision: 1,
    resource,
    changed: ["userName", "externalId", "name", "emails", "active"],
    accountId: account,
    ref: null,
    isNewAccount: true,
    accessRevision: 412,
    access,
  },
  "user.updated": {
    ...ofAnn,
    revision: 2,
    resource: { ...resource, title: "Engineer" },
    changed: ["title"],
  },
  "user.deactivated": {
    ...ofAnn,
    revision: 3,
    resource: { ...resource, active: false },
    changed: ["active"],
    ...who,
  },
  "user.reactivated": { ...ofAnn, revision: 4, resource, changed: ["active"], ...who },
  "user.deleted": {
    ...ofAnn,
    revision: 5,
    name: "ann@acme.example",
    externalId: "00u1",
    leftRelationsOf: [crew],
    ...who,
  },
  "group.created": {
    ...ofCrew,
    revision: 1,
    resource: { displayName: "Crew", externalId: "00g1" },
    changed: ["displayName", "externalId"],
    members: { added: [ann], removed: [] },
  },
  "group.updated": {
    ...ofCrew,
    revision: 2,
    resource: { displayName: "Crew", externalId: "00g1" },
    changed: [],
    members: { added: [bea], removed: [ann] },
  },
  "group.deleted": {
    ...ofCrew,
    revision: 3,
    name: "Crew",
    externalId: "00g1",
    leftRelationsOf: [],
  },
  "access.changed": { ...who, isNewAccount: false, accessRevision: 413, access },
  "team.created": { ...ofDesign, revision: 414, name: "Design", archived: null, groupId: null },
  "team.updated": {
    ...ofDesign,
    revision: 415,
    name: "Product design",
    archived: null,
    groupId: null,
  },
  "sessions.revoke": { ...ofAnn, revision: 3, ...who },
  "account.deleted": { id: account, resourceType: "Account", ref: "u-4711" },
  "connection.created": { ...okta, revision: 401, disabled: false },
  "connection.updated": { ...okta, revision: 402, name: "Okta, Europe", disabled: false },
  "connection.disabled": { ...okta, revision: 416, disabled: true },
  "connection.enabled": { ...okta, revision: 417, disabled: false },
  "connection.deleted": { ...okta, revision: 418, disabled: false },
  "credential.expiring": {
    credentialId: "aB3dE5fG7hJ9",
    connection: "okta",
    name: "first token",
    expires: "2026-06-15T12:00:00.000Z",
    daysLeft: 14,
  },
  "webhook.disabled": {
    webhookId: "0199b1c4-8d02-7a1b-b0c3-1f5a3f0f9e21",
    origin: "https://app.example",
    reason: "the receiver answered 410",
  },
  "webhook.test": { webhookId: "0199b1c4-8d02-7a1b-b0c3-1f5a3f0f9e21" },
};
