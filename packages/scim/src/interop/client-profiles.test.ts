import { expect, test } from "vitest";
import { ScimError } from "../errors.ts";
import {
  clientProfileNamed,
  clientProfileNames,
  clientSettingsOf,
  defaultClientSettings,
  parseClientSetting,
} from "./client-profiles.ts";

test("there are twelve profiles, generic first", () => {
  expect(clientProfileNames).toEqual([
    "generic",
    "okta",
    "entra",
    "authentik",
    "onelogin",
    "jumpcloud",
    "keycloak",
    "ping",
    "google",
    "midpoint",
    "aws",
    "pocket-id",
  ]);
  for (const name of clientProfileNames) {
    expect(clientProfileNamed(name).name).toBe(name);
  }
});

test("profiles differ from the defaults in the table of settings, and in nothing else", () => {
  const differing = clientProfileNames
    .map((name) => [name, clientProfileNamed(name).settings] as const)
    .filter(([, settings]) => Object.keys(settings).length > 0);
  expect(Object.fromEntries(differing)).toEqual({
    okta: { adoption: "inactive-only" },
    entra: {
      adoption: "never",
      uniqueExternalId: false,
      groupPatchAnswer: "204",
      unqualifiedExtensionNames: true,
    },
    keycloak: { groupPatchAnswer: "200" },
    midpoint: { unqualifiedExtensionNames: true },
    aws: { adoption: "never" },
    "pocket-id": { putWithoutMembers: "clear" },
  });
});

test("what is set on the connection wins over the profile, and that over the defaults", () => {
  const settings = clientSettingsOf(clientProfileNamed("entra"), { adoption: "always" });
  expect(settings).toEqual({
    ...defaultClientSettings,
    adoption: "always",
    uniqueExternalId: false,
    groupPatchAnswer: "204",
    unqualifiedExtensionNames: true,
  });
});

test.each([
  ["strict", "on", { strict: true }],
  ["strict", "false", { strict: false }],
  ["uniqueExternalId", "off", { uniqueExternalId: false }],
  ["adoption", "inactive-only", { adoption: "inactive-only" }],
  ["groupPatchAnswer", "204", { groupPatchAnswer: "204" }],
  ["putWithoutMembers", "clear", { putWithoutMembers: "clear" }],
] as const)("%s=%s", (key, text, expected) => {
  expect(parseClientSetting(key, text)).toEqual(expected);
});

test.each([
  ["strict", "maybe", /strict takes one of on, off, true, false/],
  ["adoption", "on", /adoption takes one of always, inactive-only, never/],
  ["nope", "on", /the settings are strict, adoption, uniqueExternalId/],
  ["constructor", "on", /There is no setting of that name/],
])("%s=%s is refused with what is allowed", (key, text, message) => {
  expect(() => parseClientSetting(key, text)).toThrow(ScimError);
  expect(() => parseClientSetting(key, text)).toThrow(message);
});
