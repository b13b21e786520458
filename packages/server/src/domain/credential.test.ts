import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Credential } from "./credential.ts";
import {
  credentialStateOf,
  daysLeftOf,
  expiryOf,
  formatToken,
  lifetimeDaysMax,
  lifetimeDaysMin,
  parseLifetime,
  parseToken,
  scopeNeededBy,
  tokenBytes,
  tokenPartsOf,
  tokenPattern,
  withoutTokens,
} from "./credential.ts";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const randomBytes = fc.uint8Array({ minLength: tokenBytes, maxLength: tokenBytes });
/** Bytes that hardly ever lack 55 usable ones. */
const seeded = fc.property(randomBytes, (bytes) => {
  const usable = bytes.filter((byte) => byte < 248).length;
  fc.pre(usable >= 55);
  const parts = tokenPartsOf(bytes);
  for (const [kind, other] of [
    ["scim", "admin"],
    ["admin", "scim"],
  ] as const) {
    const token = formatToken(parts, kind);
    expect(token).toMatch(new RegExp(`^${tokenPattern.source}$`));
    expect(parseToken(token, kind)).toEqual(parts);
    expect(parseToken(token, other)).toBeUndefined();
    expect(parseToken(token.replace(kind, other), other)).toBeUndefined();
  }
});

describe("the text form of a token", () => {
  test("what is formatted is parsed again, and fits the pattern for secret scanners", () => {
    fc.assert(seeded, { seed: 20_260_101, numRuns: 500 });
  });

  test("any one changed character is noticed by the checksum", () => {
    const token = formatToken(
      tokenPartsOf(Uint8Array.from({ length: tokenBytes }, (_, i) => i % 248)),
      "scim",
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 14, max: token.length - 1 }),
        fc.constantFrom(...alphabet),
        (place, letter) => {
          fc.pre(token[place] !== letter);
          const changed = token.slice(0, place) + letter + token.slice(place + 1);
          expect(parseToken(changed, "scim")).toBeUndefined();
        },
      ),
      { seed: 20_260_102, numRuns: 1000 },
    );
  });

  test("the checksum is the CRC-32 of all before it", () => {
    const token = formatToken(
      { credentialId: "0".repeat(12) as never, secret: "z".repeat(43) },
      "scim",
    );
    const body = token.slice(0, -7);
    let rest = typeof crc32 === "function" ? crc32(body) : Number.NaN;
    let digits = "";
    for (let place = 0; place < 6; place += 1) {
      digits = alphabet.charAt(rest % 62) + digits;
      rest = Math.floor(rest / 62);
    }
    expect(token.slice(-6)).toBe(digits);
  });

  test("every letter of the alphabet is as likely as any other", () => {
    const counts = new Map<string, number>();
    // Each byte value once: 248 usable ones, four for each letter.
    for (let start = 0; start < 248; start += 1) {
      const bytes = Uint8Array.from({ length: tokenBytes }, (_, i) => (start + i) % 256);
      const letter = tokenPartsOf(bytes).credentialId.charAt(0);
      counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
    expect(counts.size).toBe(62);
    expect(new Set(counts.values())).toEqual(new Set([4]));
  });

  test("too few usable bytes are a programmer's error, never a weaker token", () => {
    expect(() => tokenPartsOf(new Uint8Array(20))).toThrow(TypeError);
    expect(() => tokenPartsOf(new Uint8Array(tokenBytes).fill(255))).toThrow(TypeError);
  });

  test.each(["", "x", "rollcall_scim_", "Bearer", "rollcall_scim_a_b_c", "ROLLCALL_SCIM_"])(
    "%j is no token",
    (text) => expect(parseToken(text, "scim")).toBeUndefined(),
  );

  test("bytes of any kind are never taken for a token and never break the parser", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        expect(parseToken(text, "scim")).toBeUndefined();
      }),
      { seed: 20_260_103, numRuns: 500 },
    );
  });
});

describe("the life of a credential", () => {
  const now = Date.UTC(2026, 0, 1);
  const at = (ms: number) => new Date(now + ms).toISOString();

  test.each([
    [{ expires: undefined, revoked: undefined }, "active"],
    [{ expires: at(1), revoked: undefined }, "active"],
    [{ expires: at(0), revoked: undefined }, "expired"],
    [{ expires: at(1), revoked: at(-1) }, "revoked"],
    [{ expires: at(-1), revoked: at(-2) }, "revoked"],
  ] as const)("%o is %s", (credential: Pick<Credential, "expires" | "revoked">, state) => {
    expect(credentialStateOf(credential, now)).toBe(state);
  });

  test("a lifetime has limits, and never is said in words", () => {
    expect(parseLifetime("365d")).toEqual({ kind: "days", days: 365 });
    expect(parseLifetime("90")).toEqual({ kind: "days", days: 90 });
    expect(parseLifetime(`${lifetimeDaysMin}d`).kind).toBe("days");
    expect(parseLifetime(`${lifetimeDaysMax}d`).kind).toBe("days");
    expect(parseLifetime("never")).toEqual({ kind: "never" });
    for (const text of ["29d", "731d", "0", "-1", "1e3", "", "NEVER", "30 d", "30h"]) {
      expect(parseLifetime(text).kind).toBe("problem");
    }
  });

  test("the end is as many days away as was asked for", () => {
    expect(expiryOf({ kind: "days", days: 30 }, now)).toBe("2026-01-31T00:00:00.000Z");
    expect(expiryOf({ kind: "never" }, now)).toBeUndefined();
    expect(daysLeftOf({ expires: at(86_400_000 * 3 + 5) }, now)).toBe(3);
    expect(daysLeftOf({ expires: undefined }, now)).toBeUndefined();
  });
});

test.each([
  ["GET", "/scim/v2/Users", "scim:read"],
  ["HEAD", "/scim/v2/Users", "scim:read"],
  ["POST", "/scim/v2/Users/.search", "scim:read"],
  ["POST", "/scim/v2/.search", "scim:read"],
  ["POST", "/scim/v2/Users", "scim:write"],
  ["POST", "/scim/v2/Users/x.search", "scim:write"],
  ["PUT", "/scim/v2/Users/.search", "scim:write"],
  ["PATCH", "/scim/v2/Users/1", "scim:write"],
  ["DELETE", "/scim/v2/Users/1", "scim:write"],
  ["FROB", "/scim/v2/Users/1", "scim:write"],
])("%s %s needs %s", (method, path, scope) => {
  expect(scopeNeededBy(method, path)).toBe(scope);
});

test("tokens are taken out of text, all of them, and nothing else", () => {
  const parts = { credentialId: "a".repeat(12) as never, secret: "b".repeat(43) };
  const [scim, admin] = [formatToken(parts, "scim"), formatToken(parts, "admin")];
  expect(withoutTokens(`x ${scim}, ${admin}y ${scim}`)).toBe(
    "x rollcall_scim_(hidden), rollcall_admin_(hidden)y rollcall_scim_(hidden)",
  );
  expect(withoutTokens("rollcall_scim_short")).toBe("rollcall_scim_short");
});
