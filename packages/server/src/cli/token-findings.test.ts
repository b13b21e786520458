import { expect, test } from "vitest";
import type { CredentialId } from "../domain/tenant.ts";
import type { NamedToken } from "./token-findings.ts";
import { expiringTokens, foreignKeyFindings } from "./token-findings.ts";

const nowMs = Date.UTC(2026, 5, 15, 12);
const dayMs = 86_400_000;
const tokenFor = (days: number | undefined, pepperVersion = 1): NamedToken => ({
  name: "acme/okta",
  token: {
    credentialId: "abc" as CredentialId,
    pepperVersion,
    expires: days === undefined ? undefined : new Date(nowMs + days * dayMs).toISOString(),
  },
});

test("tokens that end within 30 days are told, others are not", () => {
  expect(expiringTokens([tokenFor(30), tokenFor(undefined)], nowMs)).toEqual([
    { check: "tokens", state: "ok", text: "none ends within 30 days" },
  ]);
  expect(expiringTokens([tokenFor(29.5), tokenFor(300), tokenFor(1.5)], nowMs)).toEqual([
    expect.objectContaining({
      state: "warning",
      text: "token abc of acme/okta ends in 29 days: make another and change over",
    }),
    expect.objectContaining({ text: expect.stringContaining("ends in 1 days") }),
  ]);
});

test("tokens of a version of the key that is not given are a problem", () => {
  expect(foreignKeyFindings([tokenFor(1)], { pepperVersions: [1, 2] })).toMatchObject([
    { state: "ok", text: expect.stringContaining("version 1, 2") },
  ]);
  expect(foreignKeyFindings([tokenFor(1), tokenFor(1, 3)], { pepperVersions: [1] })).toMatchObject([
    { state: "problem", text: expect.stringMatching(/^1 token\(s\) are hashed under version 3/) },
  ]);
});
