/** What a change causes: exactly one audit entry, and the events that fit. */
import type { DeleteChange, JsonObject, StoredResource, UpdateChange } from "@rollcall/scim";
import {
  enterpriseUserSchema,
  groupResourceType,
  userResourceType,
  withExtension,
} from "@rollcall/scim";
import { expect, test } from "vitest";
import type { AppliedChange } from "./consequences.ts";
import { consequencesOf } from "./consequences.ts";

const at = "2026-01-02T03:04:05.006Z";
const applied: AppliedChange = {
  revision: 2,
  lastModified: at,
  relations: [],
  leftRelationsOf: [],
};
const users = userResourceType.extensions.some(
  ({ schema }) => schema.id === enterpriseUserSchema.id,
)
  ? userResourceType
  : withExtension(userResourceType, { schema: enterpriseUserSchema, required: false });

function circumstances() {
  let made = 0;
  return {
    actor: { kind: "credential", id: "abc" } as const,
    requestId: "r-1",
    newId: () => {
      made += 1;
      return `id-${made}`;
    },
  };
}

function stored(attributes: JsonObject): StoredResource {
  return { id: "u1", attributes, created: at, lastModified: at, revision: 1, relations: {} };
}

function update(before: JsonObject, after: JsonObject): UpdateChange {
  return {
    kind: "update",
    cause: "patch",
    resourceType: users,
    id: "u1",
    before: stored(before),
    after,
    relations: [],
    uniqueKeys: [],
  };
}

function eventsOf(before: JsonObject, after: JsonObject) {
  return consequencesOf(update(before, after), applied, circumstances()).outboxEvents.map(
    ({ type }) => type,
  );
}

test("a create gives one audit entry and one event", () => {
  const { auditEntry, outboxEvents } = consequencesOf(
    {
      kind: "create",
      resourceType: users,
      id: "u1",
      after: { userName: "ada", externalId: "x", active: true },
      relations: [],
      uniqueKeys: [],
    },
    { ...applied, revision: 1 },
    circumstances(),
  );
  expect(auditEntry).toMatchObject({
    action: "user.create",
    outcome: "done",
    requestId: "r-1",
    target: { type: "User", id: "u1", name: "ada", externalId: "x" },
  });
  expect(auditEntry.differences).toContainEqual({ path: "userName", after: "ada" });
  expect(outboxEvents.map(({ type, revision }) => ({ type, revision }))).toEqual([
    { type: "user.created", revision: 1 },
  ]);
});

test("switching a person off says so and ends sessions; other updates do not", () => {
  expect(eventsOf({ active: true }, { active: false })).toEqual([
    "user.deactivated",
    "sessions.revoke",
  ]);
  expect(eventsOf({ active: false }, { active: true })).toEqual(["user.reactivated"]);
  expect(eventsOf({ active: true, title: "a" }, { active: true, title: "b" })).toEqual([
    "user.updated",
  ]);
  expect(eventsOf({ active: false, title: "a" }, { active: false })).toEqual(["user.updated"]);
});

test("a delete ends sessions of a person who was active, and only then", () => {
  const remove = (attributes: JsonObject, resourceType = users): DeleteChange => ({
    kind: "delete",
    resourceType,
    id: "u1",
    before: stored(attributes),
  });
  const typesOf = (change: DeleteChange) =>
    consequencesOf(change, applied, circumstances()).outboxEvents.map(({ type }) => type);
  expect(typesOf(remove({ userName: "a", active: true }))).toEqual([
    "user.deleted",
    "sessions.revoke",
  ]);
  expect(typesOf(remove({ userName: "a", active: false }))).toEqual(["user.deleted"]);
  expect(typesOf(remove({ displayName: "g" }, groupResourceType))).toEqual(["group.deleted"]);
});

test("differences name extension attributes under their URI and carry both values", () => {
  const { auditEntry } = consequencesOf(
    update(
      { userName: "ada", [enterpriseUserSchema.id]: { department: "A", costCenter: "1" } },
      { userName: "ada", [enterpriseUserSchema.id]: { department: "B" } },
    ),
    applied,
    circumstances(),
  );
  expect(auditEntry.differences).toEqual([
    { path: `${enterpriseUserSchema.id}:department`, before: "A", after: "B" },
    { path: `${enterpriseUserSchema.id}:costCenter`, before: "1" },
  ]);
});

test("relations are listed by id as long as the list is whole, and counted above", () => {
  const data = (relations: AppliedChange["relations"]) =>
    consequencesOf(
      { ...update({}, {}), resourceType: groupResourceType },
      { ...applied, relations },
      circumstances(),
    ).outboxEvents[0]?.data;
  const few = { attribute: "members", addedCount: 1, removedCount: 0, added: ["a"], removed: [] };
  expect(data([few])).toMatchObject({ members: { added: ["a"], removed: [] } });
  expect(data([{ ...few, addedCount: 2000 }])?.["members"]).toEqual({
    addedCount: 2000,
    removedCount: 0,
  });
});

test("values of attributes that are never returned are in no audit entry", () => {
  const { auditEntry } = consequencesOf(
    update({ userName: "a", password: "old secret" }, { userName: "a", password: "new secret" }),
    applied,
    circumstances(),
  );
  expect(auditEntry.differences).toEqual([
    { path: "password", before: "(hidden)", after: "(hidden)" },
  ]);
});
