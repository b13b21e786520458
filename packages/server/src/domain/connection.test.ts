import { createStandardRegistry } from "@rollcall/scim";
import { expect, test } from "vitest";
import { connectionSettingsOf, uniqueKeyPathsOf } from "./connection.ts";

test("a connection's own settings win over its profile, which wins over the defaults", () => {
  expect(connectionSettingsOf({ profile: "generic", settings: {} })).toMatchObject({
    adoption: "always",
    uniqueExternalId: true,
  });
  expect(connectionSettingsOf({ profile: "entra", settings: {} })).toMatchObject({
    adoption: "never",
    uniqueExternalId: false,
  });
  const settings = { adoption: "always", strict: true } as const;
  expect(connectionSettingsOf({ profile: "entra", settings })).toMatchObject({
    adoption: "always",
    strict: true,
    uniqueExternalId: false,
  });
});

test("unique keys hold while their setting is on, and userName always", () => {
  const registry = createStandardRegistry();
  const pathsWith = (settings: object) =>
    Object.fromEntries(
      uniqueKeyPathsOf(connectionSettingsOf({ profile: "generic", settings }), registry).map(
        ({ resourceType, paths }) => [resourceType.name, [...paths].sort()],
      ),
    );
  expect(pathsWith({})).toEqual({
    User: ["externalId", "userName"],
    Group: ["displayName", "externalId"],
  });
  expect(pathsWith({ uniqueExternalId: false })).toEqual({
    User: ["userName"],
    Group: ["displayName"],
  });
  expect(pathsWith({ uniqueGroupNames: false })).toEqual({
    User: ["externalId", "userName"],
    Group: ["externalId"],
  });
});
