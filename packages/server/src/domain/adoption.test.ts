/** The adoption table row by row. */
import type { ClientSettings, JsonObject, StoredResource } from "@rollcall/scim";
import { defaultClientSettings, groupResourceType, userResourceType } from "@rollcall/scim";
import { expect, test } from "vitest";
import { adoptionPolicy } from "./adoption.ts";

function stored(id: string, attributes: JsonObject): StoredResource {
  const at = "2026-01-01T00:00:00.000Z";
  return { id, attributes, created: at, lastModified: at, revision: 1, relations: {} };
}

function decide(
  attributes: JsonObject,
  a: StoredResource | undefined,
  b: StoredResource | undefined,
  settings: Partial<ClientSettings> = {},
  resourceType = userResourceType,
) {
  return adoptionPolicy({
    resourceType,
    attributes,
    byName: a,
    namePath: resourceType.uniqueKeys.find(({ role }) => role === "name")?.path,
    byExternalId: b,
    settings: { ...defaultClientSettings, ...settings },
  });
}

const body = { userName: "ada", externalId: "x-1" };

test("nothing there: create", () => {
  expect(decide(body, undefined, undefined)).toEqual({ kind: "create" });
});

test("row 7: the same resource by name and externalId is adopted", () => {
  const a = stored("1", { userName: "Ada", externalId: "x-1", active: true });
  expect(decide(body, a, a)).toEqual({ kind: "adopt", existing: a });
});

test("row 8: found by externalId alone it is adopted, which renames it", () => {
  const b = stored("1", { userName: "old", externalId: "x-1" });
  expect(decide(body, undefined, b)).toEqual({ kind: "adopt", existing: b });
});

test("row 9: the name without an externalId takes the new one", () => {
  const a = stored("1", { userName: "ada" });
  expect(decide(body, a, undefined)).toEqual({ kind: "adopt", existing: a });
});

test("row 10: the name under another externalId is a conflict", () => {
  const a = stored("1", { userName: "ada", externalId: "other" });
  expect(decide(body, a, undefined)).toEqual({ kind: "refuse", path: "userName", existingId: "1" });
});

test("row 11: name and externalId of two different resources are a conflict", () => {
  const a = stored("1", { userName: "ada" });
  const b = stored("2", { userName: "old", externalId: "x-1" });
  expect(decide(body, a, b)).toEqual({ kind: "refuse", path: "userName", existingId: "1" });
});

test("row 12: the name without an externalId in the body is a conflict", () => {
  const a = stored("1", { userName: "ada" });
  expect(decide({ userName: "ada" }, a, undefined)).toEqual({
    kind: "refuse",
    path: "userName",
    existingId: "1",
  });
});

test("with uniqueExternalId off the same name and externalId are still row 7", () => {
  const a = stored("1", { userName: "ada", externalId: "x-1" });
  expect(decide(body, a, undefined, { uniqueExternalId: false }).kind).toBe("adopt");
});

test("inactive-only adopts nobody who is active, and nothing that cannot be inactive", () => {
  const active = stored("1", { userName: "ada", externalId: "x-1", active: true });
  const inactive = stored("1", { userName: "ada", externalId: "x-1", active: false });
  const settings = { adoption: "inactive-only" } as const;
  expect(decide(body, active, active, settings).kind).toBe("refuse");
  expect(decide(body, inactive, inactive, settings).kind).toBe("adopt");
  const group = stored("g", { displayName: "Staff", externalId: "x-1" });
  const groupBody = { displayName: "Staff", externalId: "x-1" };
  expect(decide(groupBody, group, group, settings, groupResourceType).kind).toBe("refuse");
});

test("never adopts nothing, whatever matches", () => {
  const a = stored("1", { userName: "ada", externalId: "x-1", active: false });
  expect(decide(body, a, a, { adoption: "never" })).toEqual({
    kind: "refuse",
    path: "userName",
    existingId: "1",
  });
  expect(decide(body, undefined, a, { adoption: "never" })).toEqual({
    kind: "refuse",
    path: "externalId",
    existingId: "1",
  });
});

test("groups: a name with an externalId of its own is a conflict, one without is adopted", () => {
  const owned = stored("g", { displayName: "Staff", externalId: "other" });
  const free = stored("g", { displayName: "Staff" });
  const groupBody = { displayName: "staff", externalId: "x-1" };
  expect(decide(groupBody, owned, undefined, {}, groupResourceType)).toEqual({
    kind: "refuse",
    path: "displayName",
    existingId: "g",
  });
  expect(decide(groupBody, free, undefined, {}, groupResourceType).kind).toBe("adopt");
});
