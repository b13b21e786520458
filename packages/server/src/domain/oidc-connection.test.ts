/** What an OIDC connection may be, and how its settings are kept. */
import { expect, test } from "vitest";
import {
  checkedLoginSettings,
  clientIdProblemOf,
  issuerProblemOf,
  keptLoginSettings,
  loginSettingsDefault,
  loginSettingsOf,
  parseJitRule,
  parseLoginMode,
} from "./oidc-connection.ts";

test("an issuer is an https URL with a public address, or what the operator allows", () => {
  expect(issuerProblemOf("https://login.acme.example/tenant", [])).toBeUndefined();
  expect(issuerProblemOf("http://127.0.0.1:3000", ["127.0.0.0/8"])).toBeUndefined();
  for (const issuer of [
    "http://login.acme.example",
    "https://127.0.0.1",
    "https://login.acme.example/?a=b",
    "https://login.acme.example/#a",
    "https://login.acme.example/?",
    "login.acme.example",
    "",
  ]) {
    expect(issuerProblemOf(issuer, []), issuer).toMatch(/issuer/);
  }
});

test("texts have no blanks and nothing that cannot be seen", () => {
  expect(clientIdProblemOf("a".repeat(256))).toBeUndefined();
  for (const text of ["", " ", "a b", "a\n", "\u202Ea", "a".repeat(257)]) {
    expect(clientIdProblemOf(text)).toBeDefined();
  }
});

test("settings are kept where they differ from the defaults", () => {
  expect(keptLoginSettings(loginSettingsDefault)).toEqual({});
  const settings = {
    ...loginSettingsDefault,
    mode: "login",
    jit: "any",
    scopes: ["openid"],
  } as const;
  const kept = keptLoginSettings(settings);
  expect(kept).toEqual({ mode: "login", jit: "any", scopes: ["openid"] });
  expect(loginSettingsOf(JSON.stringify(kept))).toEqual(settings);
  expect(loginSettingsOf("{}")).toEqual(loginSettingsDefault);
});

test("what does not fit is refused", () => {
  const { scopes } = loginSettingsDefault;
  for (const differing of [
    { jit: "any" as const },
    { scopes: ["email"] },
    { scopes: [...scopes, "a b"] },
    { scopes: [...scopes, ...Array.from({ length: 20 }, (_, index) => `s${index}`)] },
    { groupsClaim: "" },
    { subjectClaim: "a b" },
  ]) {
    expect(() => checkedLoginSettings({ ...loginSettingsDefault, ...differing })).toThrow();
  }
  expect(() => parseLoginMode("both")).toThrow(/scim, login/);
  expect(() => parseJitRule("all")).toThrow(/verified-domains/);
});
