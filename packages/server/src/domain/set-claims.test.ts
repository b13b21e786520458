import type { JsonObject } from "@rollcall/scim";
import { createStandardRegistry } from "@rollcall/scim";
import { expect, test } from "vitest";
import { erasedEventData } from "./erased-event.ts";
import type { SetSite, ToldEvent } from "./set-claims.ts";
import { eventIdIn, setClaimsOf, setEventUris, setIdOf } from "./set-claims.ts";

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const userUri = "urn:ietf:params:scim:schemas:core:2.0:User";
const site = (mode: "notice" | "full"): SetSite => ({
  streamId: "stream",
  stream: { mode, audience: "https://receiver.example" },
  issuer: "https://id.example",
  baseUrl: "https://id.example/scim/v2",
  registry: createStandardRegistry(),
});
const event = (type: string, data: JsonObject, resourceType = "User"): ToldEvent => ({
  eventId: "e1",
  type,
  at: "2026-01-02T03:04:05.678Z",
  resourceType,
  resourceId: "id1",
  revision: 3,
  data,
});
const claimsOf = (mode: "notice" | "full", told: ToldEvent) => setClaimsOf(told, site(mode));
const resource = {
  userName: "ann",
  externalId: "x1",
  active: true,
  [enterprise]: { department: "Ops" },
};

test("the claims of RFC 8417 and 9967 §2.1 are there, and no others", () => {
  const claims = claimsOf("notice", event("user.created", { resource, changed: ["userName"] }));
  expect(claims).toEqual({
    iss: "https://id.example",
    iat: Date.parse("2026-01-02T03:04:05Z") / 1000,
    jti: "stream.e1",
    aud: "https://receiver.example",
    txn: "e1",
    sub_id: { format: "scim", uri: "/Users/id1", externalId: "x1", id: "id1" },
    events: {
      [setEventUris.createNotice]: { version: 'W/"3"', attributes: ["userName"] },
    },
  });
});

test("EVT-16 a full create has what an answer would show", () => {
  const told = event("user.created", {
    resource: { ...resource, password: "secret" },
    changed: [],
  });
  expect(claimsOf("full", told)?.events).toEqual({
    [setEventUris.createFull]: {
      version: 'W/"3"',
      data: {
        schemas: [userUri, enterprise],
        id: "id1",
        ...resource,
        meta: {
          resourceType: "User",
          version: 'W/"3"',
          location: "https://id.example/scim/v2/Users/id1",
        },
      },
    },
  });
});

test.each([
  ["patch", setEventUris.patchNotice],
  ["replace", setEventUris.putNotice],
  ["adopt", setEventUris.putNotice],
])("a notice of %s names the attributes in the syntax of paths", (cause, uri) => {
  const changed = ["userName", `${enterprise}:department`, "password"];
  expect(claimsOf("notice", event("user.updated", { cause, resource, changed }))?.events).toEqual({
    [uri]: { version: 'W/"3"', attributes: ["userName", `${enterprise}:department`] },
  });
});

test("a full patch leads to what the attributes are now", () => {
  const changed = ["userName", "title", `${enterprise}:department`];
  const told = event("user.updated", { cause: "patch", resource, changed });
  expect(claimsOf("full", told)?.events[setEventUris.patchFull]?.["data"]).toEqual({
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: [
      { op: "replace", path: "userName", value: "ann" },
      { op: "remove", path: "title" },
      { op: "replace", path: `${enterprise}:department`, value: "Ops" },
    ],
  });
});

test("a User that was switched off or on is told with the change that did it", () => {
  const change = { cause: "patch", resource: { ...resource, active: false }, changed: ["active"] };
  const uris = (type: string) => Object.keys(claimsOf("notice", event(type, change))?.events ?? {});
  expect(uris("user.deactivated")).toEqual([setEventUris.patchNotice, setEventUris.deactivate]);
  expect(uris("user.reactivated")).toEqual([setEventUris.patchNotice, setEventUris.activate]);
});

test("a deletion has no payload, in either mode", () => {
  const told = event("user.deleted", { name: "ann", externalId: "x1", leftRelationsOf: [] });
  for (const mode of ["notice", "full"] as const) {
    const claims = claimsOf(mode, told);
    expect(claims?.events).toEqual({ [setEventUris.delete]: {} });
    expect(claims?.sub_id["externalId"]).toBe("x1");
  }
});

test("members come as operations, and too many of them as a notice", () => {
  const told = (members: JsonObject, cause = "patch") =>
    event(
      "group.updated",
      { cause, resource: { displayName: "g" }, changed: [], members },
      "Group",
    );
  const few = { added: ["a", "b"], removed: ['c"'] };
  expect(claimsOf("full", told(few))?.events[setEventUris.patchFull]?.["data"]).toMatchObject({
    Operations: [
      { op: "add", path: "members", value: [{ value: "a" }, { value: "b" }] },
      { op: "remove", path: 'members[value eq "c\\""]' },
    ],
  });
  const many = { addedCount: 5000, removedCount: 0 };
  const notice = { version: 'W/"3"', attributes: ["members"] };
  expect(claimsOf("full", told(many))?.events).toEqual({ [setEventUris.patchNotice]: notice });
  // What a group has in all an event does not know.
  expect(claimsOf("full", told(few, "replace"))?.events).toEqual({
    [setEventUris.putNotice]: notice,
  });
});

test("of a person who was erased since nothing is told but that something changed", () => {
  const data = { cause: "patch", resource, changed: ["userName"], externalId: "x1" };
  for (const type of ["user.created", "user.updated", "user.deleted"]) {
    const claims = claimsOf("full", event(type, erasedEventData(data)));
    expect(JSON.stringify(claims)).not.toMatch(/ann|x1|erased|remove|data/);
    expect(claims?.sub_id["id"]).toBe("id1");
  }
  expect(erasedEventData(data)["cause"]).toBe("patch");
});

test("of a type that is gone there is nothing to tell", () => {
  expect(claimsOf("full", event("device.created", {}, "Device"))).toBeUndefined();
});

test("the id of a SET leads back to its event, in its own stream alone", () => {
  expect(eventIdIn(setIdOf("stream", "e1"), "stream")).toBe("e1");
  expect(eventIdIn(setIdOf("other", "e1"), "stream")).toBeUndefined();
});
