/** What PUT keeps, clears and refuses. */
import { expect, test } from "vitest";
import type { JsonObject } from "../json.ts";
import { defineAttribute } from "../schema/attribute.ts";
import { withExtension } from "../schema/resource-type.ts";
import { userResourceType } from "../schema/user.ts";
import { replaceAttributes } from "./enforce-mutability.ts";
import { validateResource } from "./validate-resource.ts";

const ext = "urn:example:ext";
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const resourceType = withExtension(userResourceType, {
  schema: {
    id: ext,
    name: "Ext",
    description: "d",
    attributes: [
      defineAttribute({ name: "badge", description: "d", mutability: "immutable" }),
      defineAttribute({
        name: "codes",
        description: "d",
        multiValued: true,
        mutability: "immutable",
      }),
      defineAttribute({ name: "score", description: "d", mutability: "readOnly" }),
      defineAttribute({ name: "free", description: "d" }),
      defineAttribute({ name: "kept", description: "d", keptByReplace: true }),
      defineAttribute({
        name: "desk",
        description: "d",
        type: "complex",
        subAttributes: [
          { name: "floor", description: "d", mutability: "immutable" },
          { name: "room", description: "d" },
        ],
      }),
    ],
  },
  required: false,
});
const reading = { strict: false, unqualifiedExtensionNames: false };
const put = (before: JsonObject, body: JsonObject) =>
  replaceAttributes(
    before,
    validateResource({ userName: "a", ...body }, resourceType, reading),
    resourceType,
  );

test("what is left out is cleared, except what PUT keeps", () => {
  const before = {
    userName: "b",
    title: "t",
    active: false,
    roles: [{ value: "r" }],
    [enterprise]: { department: "d" },
  };
  expect(put(before, {})).toEqual({ userName: "a", active: false, roles: [{ value: "r" }] });
});

test("null and [] clear also what PUT keeps, but unassigning active switches nobody on", () => {
  expect(
    put({ userName: "a", active: false, roles: [{ value: "r" }] }, { roles: [], active: null }),
  ).toEqual({ userName: "a", active: false });
});

test("lists are replaced whole", () => {
  expect(put({ emails: [{ value: "x" }, { value: "y" }] }, { emails: [{ value: "z" }] })).toEqual({
    userName: "a",
    active: true,
    emails: [{ value: "z" }],
  });
});

test("readOnly and immutable values stay when their extension is left out", () => {
  const before = {
    userName: "a",
    active: true,
    [ext]: { badge: "1", codes: ["x"], score: "7", free: "f", desk: { floor: "3", room: "r" } },
  };
  expect(put(before, {})).toEqual({
    userName: "a",
    active: true,
    [ext]: { badge: "1", codes: ["x"], score: "7", desk: { floor: "3" } },
  });
});

test("an immutable value may be set once and sent again, by its case rule, and not changed", () => {
  const before = { userName: "a", active: true, [ext]: { badge: "N1", codes: ["x", "y"] } };
  expect(put({ userName: "a" }, { [ext]: { badge: "1" } })[ext]).toEqual({ badge: "1" });
  expect(put(before, { [ext]: { badge: "n1", codes: ["X", "y"] } })).toEqual(before);
  for (const extension of [{ badge: "2" }, { codes: ["x"] }, { codes: ["y", "z"] }]) {
    expect(() => put(before, { [ext]: extension })).toThrow(
      expect.objectContaining({ scimType: "mutability" }),
    );
  }
});

test("an immutable sub-attribute stays, and must not change", () => {
  const before = { userName: "a", active: true, [ext]: { desk: { floor: "3", room: "r" } } };
  expect(put(before, { [ext]: { desk: { room: "s" } } })[ext]).toEqual({
    desk: { floor: "3", room: "s" },
  });
  expect(() => put(before, { [ext]: { desk: { floor: "4" } } })).toThrow(
    expect.objectContaining({ scimType: "mutability" }),
  );
});

test("the state before is not changed", () => {
  const before = { userName: "b", [ext]: { badge: "1", free: "x" } };
  const copy = structuredClone(before);
  put(before, { [ext]: { free: "y" } });
  expect(before).toEqual(copy);
});

test("an extension attribute that PUT keeps is cleared by null and kept when left out", () => {
  const before = { userName: "a", active: true, [ext]: { kept: "k" } };
  expect(put(before, {})).toEqual(before);
  expect(put(before, { [ext]: { free: "f" } })[ext]).toEqual({ free: "f", kept: "k" });
  expect(put(before, { [ext]: { kept: null } })).toEqual({ userName: "a", active: true });
});
