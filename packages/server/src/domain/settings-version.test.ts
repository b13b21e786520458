/** Tests of the versions of settings, and of what If-Match asks for. */
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { matchesVersion, settingsVersionOf } from "./settings-version.ts";

const hash = (text: string) => createHash("sha256").update(text).digest("hex");

test("equal settings have one version, in whatever order, others have others", () => {
  const one = settingsVersionOf({ accounts: true, roles: ["a", "b"] }, hash);
  expect(one).toMatch(/^[0-9a-f]{16}$/);
  expect(settingsVersionOf({ roles: ["a", "b"], accounts: true }, hash)).toBe(one);
  for (const other of [{}, { accounts: true }, { accounts: true, roles: ["b", "a"] }]) {
    expect(settingsVersionOf(other, hash)).not.toBe(one);
  }
});

test.each([
  ['"v1"', true],
  ['W/"v1"', true],
  [' "v0", "v1" ', true],
  ["*", true],
  ['"v0"', false],
  ['""', false],
  ["v1", undefined],
  ["", undefined],
  ['"v0", v1', undefined],
])("If-Match: %s", (ifMatch, expected) => {
  expect(matchesVersion(ifMatch, "v1")).toBe(expected);
});
