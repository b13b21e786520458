/** Roles by `roles` in every shape (lessons, Tuist; semantics.md §6, source `roles`). */
import type { JsonValue } from "@rollcall/scim";
import fc from "fast-check";
import { expect, test } from "vitest";
import { roleOfRoles, roleRank } from "./roles-attribute.ts";

const settings = {
  roles: ["owner", "admin", "member", "viewer"],
  defaultRole: "member",
  roleMapping: { "global admin": "admin", boss: "owner", readers: "viewer", stale: "gone" },
};
const entra = (value: string, displayName: string = "Something") =>
  JSON.stringify({ id: "18d14569-c3bd-439b-9a66-3a2aee01d14f", value, displayName });

const cases: readonly (readonly [string, JsonValue | undefined, string | undefined])[] = [
  ["absent", undefined, undefined],
  ["null", null, undefined],
  ["an empty list", [], undefined],
  ["an empty text", "", undefined],
  ["a list of blanks", ["", " "], undefined],
  ["an empty object", {}, undefined],
  ["objects without values", [{ type: "work", primary: true }], undefined],
  ["a string", "admin", "admin"],
  ["a string in another case", " ADMIN ", "admin"],
  ["a list of strings", ["viewer", "Admin"], "admin"],
  ["a list of objects", [{ value: "viewer" }, { value: "admin", display: "x" }], "admin"],
  ["a single object", { value: "viewer" }, "viewer"],
  ["Entra's JSON string", entra("admin"), "admin"],
  ["Entra's JSON string in a list", [entra("viewer"), entra("Readers")], "viewer"],
  ["Entra's JSON string as value", [{ value: entra("admin") }], "admin"],
  ["Entra's JSON string as value of an object", { value: entra("admin"), primary: true }, "admin"],
  ["a JSON string of a list", '["viewer","admin"]', "admin"],
  ["what only looks like JSON", ["{viewer", "[x]"], "member"],
  ["a value with a display", [{ value: "admin", display: "viewer" }], "admin"],
  [
    "a value that means nothing does not give way to its display",
    [{ value: "7", display: "admin" }],
    "member",
  ],
  ["a display alone", [{ display: "Viewer" }], "viewer"],
  [
    "Entra without a value",
    [JSON.stringify({ id: "1", value: null, displayName: "Admin" })],
    "admin",
  ],
  ["the mapping", [{ value: "Global ADMIN" }], "admin"],
  ["the owner role by its name", [{ value: "owner" }], "member"],
  ["the owner role beside another", [{ value: "owner" }, { value: "viewer" }], "viewer"],
  ["the owner role by the mapping", [{ value: "Boss" }], "owner"],
  ["a mapping to a role that is gone", [{ value: "stale" }], "member"],
  ["the known beside a mapping to a role that is gone", ["stale", "viewer"], "viewer"],
  ["nothing that is known", [{ value: "offline_access" }], "member"],
  ["the known beside the unknown", [{ value: "offline_access" }, { value: "viewer" }], "viewer"],
  [
    "primary wins over higher ones",
    [{ value: "admin" }, { value: "viewer", primary: true }],
    "viewer",
  ],
  ["primary as a text", [{ value: "admin" }, { value: "viewer", primary: "True" }], "viewer"],
  ["primary false", [{ value: "admin", primary: false }, { value: "viewer" }], "admin"],
  ["primary that means nothing", [{ value: "admin" }, { value: "x", primary: true }], "admin"],
  ["primary around a JSON string", [{ value: entra("viewer"), primary: true }, "admin"], "viewer"],
  ["numbers and booleans", [1, true, { value: 5 }], undefined],
  ["names of Object.prototype", ["constructor", "__proto__", "toString"], "member"],
];
test.each(cases)("roles: %s", (_, roles, expected) => {
  expect(roleOfRoles(roles, settings)).toBe(expected);
});

test("the mapping comes before the names of the roles", () => {
  const roleMapping = { admin: "viewer", owner: "owner" };
  expect(roleOfRoles(["admin"], { ...settings, roleMapping })).toBe("viewer");
  expect(roleOfRoles(["Owner"], { ...settings, roleMapping })).toBe("owner");
});

test("a text that is nested without end is no value", () => {
  const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
  expect(roleOfRoles(deep, settings)).toBeUndefined();
  expect(roleOfRoles([deep, "viewer"], settings)).toBe("viewer");
});

test("0 is the highest rank, and an unknown role ranks below all", () => {
  expect(["owner", "viewer", "king"].map((role) => roleRank(role, settings.roles))).toEqual([
    0, 3, 4,
  ]);
});

test("whatever comes, the answer is a role of the tenant, and the owner role only by the mapping (seed 7643)", () => {
  const word = fc.constantFrom("owner", "OWNER", "admin", "viewer", "x", entra("owner"), "", "{");
  const roles = fc.oneof(
    word,
    fc.array(fc.oneof(word, fc.record({ value: word, primary: fc.boolean(), display: word }))),
    fc.jsonValue({ maxDepth: 4 }),
  );
  fc.assert(
    fc.property(roles, (value) => {
      const read: JsonValue = JSON.parse(JSON.stringify(value));
      const role = roleOfRoles(read, { ...settings, roleMapping: {} });
      expect([undefined, "admin", "member", "viewer"]).toContain(role);
    }),
    { seed: 7643, numRuns: 1000 },
  );
});
