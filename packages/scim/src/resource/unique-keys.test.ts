/** Keys that no two live resources may share. */
import { expect, test } from "vitest";
import { groupResourceType } from "../schema/group.ts";
import { userResourceType } from "../schema/user.ts";
import { uniqueKeysOf } from "./unique-keys.ts";

test("names are folded, external ids are exact", () => {
  expect(
    uniqueKeysOf(
      userResourceType,
      { userName: "ΟΔΥΣΣΕΥΣ", externalId: "Ab" },
      { uniqueExternalId: true },
    ),
  ).toEqual([
    { path: "userName", key: "οδυσσευσ" },
    { path: "externalId", key: "Ab" },
  ]);
});

test("a rule holds only while its setting is on", () => {
  const attributes = { displayName: "A", externalId: "x" };
  expect(uniqueKeysOf(groupResourceType, attributes, {})).toEqual([]);
  expect(uniqueKeysOf(groupResourceType, attributes, { uniqueGroupNames: true })).toEqual([
    { path: "displayName", key: "a" },
  ]);
});

test("what is missing or empty gives no key", () => {
  const settings = { uniqueExternalId: true };
  expect(uniqueKeysOf(userResourceType, { userName: "a", externalId: "" }, settings)).toEqual([
    { path: "userName", key: "a" },
  ]);
});
