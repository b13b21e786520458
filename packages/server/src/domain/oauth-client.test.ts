import { expect, test } from "vitest";
import type { ClientSecret } from "./oauth-client.ts";
import { parseKeySet, secretsAt, secretsWith } from "./oauth-client.ts";

const at = (seconds: number) => new Date(seconds * 1000).toISOString();
const secret = (lastFour: string, ends?: number): ClientSecret => ({
  secretHash: lastFour,
  pepperVersion: 1,
  lastFour,
  created: at(0),
  ends: ends === undefined ? undefined : at(ends),
});

test("a new secret stands before the one it replaces, which ends no later than it would have", () => {
  const { nowMs, ends } = { nowMs: 10_000, ends: at(60) };
  const named = (secrets: readonly ClientSecret[]) =>
    secretsWith(secret("new"), { secrets }, { nowMs, ends }).map((one) => [one.lastFour, one.ends]);
  expect(named([secret("old")])).toEqual([
    ["new", undefined],
    ["old", at(60)],
  ]);
  // Two at most: the third is gone at once.
  expect(named([secret("old"), secret("older", 20)])).toEqual([
    ["new", undefined],
    ["old", at(60)],
  ]);
  expect(named([secret("short", 20)])).toEqual([
    ["new", undefined],
    ["short", at(20)],
  ]);
  expect(named([secret("ended", 10)])).toEqual([["new", undefined]]);
  const now = secretsWith(secret("new"), { secrets: [secret("old")] }, { nowMs, ends: at(10) });
  expect(now.map(({ lastFour }) => lastFour)).toEqual(["new"]);
});

test("a secret works until its end", () => {
  const secrets = [secret("new"), secret("old", 60)];
  const workingAt = (nowMs: number) => secretsAt({ secrets }, nowMs).length;
  expect([59_999, 60_000].map(workingAt)).toEqual([2, 1]);
});

test.each([
  [undefined],
  [[]],
  [{}],
  [{ keys: [] }],
  [{ keys: ["x"] }],
  [{ keys: [{ kid: "x" }] }],
  [{ keys: [{ kty: "oct", k: "AA" }] }],
  [{ keys: [{ kty: "EC", d: "AA" }] }],
  [
    {
      keys: [
        { kty: "RSA", n: "AA" },
        { kty: "RSA", p: "AA" },
      ],
    },
  ],
  [{ keys: Array.from({ length: 21 }, () => ({ kty: "RSA" })) }],
])("%j is no set of public keys", (document) => {
  expect(parseKeySet(document).kind).toBe("problem");
});

test("a set of public keys is kept as it is", () => {
  const keys = [{ kty: "EC", crv: "P-256", x: "x", y: "y", kid: "one" }];
  expect(parseKeySet({ keys, more: true })).toEqual({ kind: "keys", keys });
});
