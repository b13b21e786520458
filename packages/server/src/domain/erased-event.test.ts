/** Tests of what is left of the events about an erased person. */
import { expect, test } from "vitest";
import { erasedEventData } from "./erased-event.ts";

const access = { state: "active", role: "user", grants: [], locks: [] };

test("ids, versions and access stay, and nothing that says who it was", () => {
  const data = {
    id: "u-1",
    resourceType: "User",
    revision: 3,
    resource: { userName: "ann@acme.example", active: false, name: { givenName: "Ann" } },
    changed: ["userName", "name"],
    accountId: "a-1",
    isNewAccount: true,
    accessRevision: 7,
    access,
  };
  const left = erasedEventData(data);
  expect(left).toEqual({ ...data, resource: { active: false } });
  expect(Object.keys(left)).toEqual(Object.keys(data));
  expect(JSON.stringify(left)).not.toMatch(/ann/i);
});

test("names become a word, what is not known goes, and once more changes nothing", () => {
  const data = {
    id: "u-1",
    name: "ann@acme.example",
    externalId: "ann",
    ref: "user-17",
    leftRelationsOf: ["g-1"],
    nickNames: ["Annie"],
    resource: { userName: "ann" },
  };
  const left = erasedEventData(data);
  expect(left).toEqual({
    id: "u-1",
    name: "(erased)",
    externalId: "(erased)",
    ref: null,
    leftRelationsOf: ["g-1"],
    resource: {},
  });
  expect(erasedEventData(left)).toEqual(left);
});
