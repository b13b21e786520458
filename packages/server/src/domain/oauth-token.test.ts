import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { formatToken, parseToken, tokenPattern } from "./credential.ts";
import {
  accessTokenIn,
  accessTokenPartsOf,
  accessTokenSignatureOf,
  accessTokenStateOf,
  grantedScopesOf,
} from "./oauth-token.ts";
import type { CredentialId } from "./tenant.ts";

const clientId = "AbCdEf123456" as CredentialId;
const sign = (text: string) => createHash("sha256").update(text).digest();

test.each([
  [["scim:read"], 0],
  [["scim:write"], 1_764_371_920_123],
  [["scim:read", "scim:write"], 253_402_300_799_999],
] as const)(
  "an access token says its scopes %j and its time %d, in the form of any token",
  (scopes, issuedMs) => {
    const text = formatToken(accessTokenPartsOf({ clientId, scopes, issuedMs }, sign), "oauth");
    expect(text).toMatch(new RegExp(`^${tokenPattern.source}$`));
    const parts = parseToken(text, "oauth");
    expect(parts).toBeDefined();
    const read = accessTokenIn(parts ?? (undefined as never));
    expect(read.token).toEqual({ clientId, scopes, issuedMs });
    expect(accessTokenSignatureOf(sign(read.signed))).toBe(read.signature);
    for (const kind of ["scim", "admin", "client"] as const) {
      expect(parseToken(text, kind)).toBeUndefined();
    }
  },
);

test("what is signed has the client, the time and the scopes in it", () => {
  const all = [
    { clientId, scopes: ["scim:read"], issuedMs: 1 },
    { clientId, scopes: ["scim:write"], issuedMs: 1 },
    { clientId, scopes: ["scim:read"], issuedMs: 2 },
    { clientId: "ZbCdEf123456" as CredentialId, scopes: ["scim:read"], issuedMs: 1 },
  ] as const;
  const signatures = all.map((token) => accessTokenIn(accessTokenPartsOf(token, sign)).signature);
  expect(new Set(signatures).size).toBe(all.length);
  expect(signatures[0]).toHaveLength(32);
});

test("a token ends after an hour, or when its client has ended what was made before", () => {
  const token = { clientId, scopes: [], issuedMs: Date.parse("2026-01-01T00:00:00.500Z") };
  const expires = "2026-01-01T01:00:00.500Z";
  expect(accessTokenStateOf(token, { tokensSince: undefined })).toEqual({
    expires,
    revoked: undefined,
  });
  const same = "2026-01-01T00:00:00.500Z";
  expect(accessTokenStateOf(token, { tokensSince: same })).toEqual({ expires, revoked: undefined });
  const later = "2026-01-01T00:00:00.501Z";
  expect(accessTokenStateOf(token, { tokensSince: later })).toEqual({ expires, revoked: later });
});

test.each([
  [undefined, ["scim:read", "scim:write"]],
  ["", ["scim:read", "scim:write"]],
  ["scim", ["scim:read", "scim:write"]],
  ["scim:write", ["scim:write"]],
  ["scim:write scim:read", ["scim:read", "scim:write"]],
  ["scim scim:read", ["scim:read"]],
  ["SCIM:READ", undefined],
  ["scim:read openid", undefined],
])("of a client with both scopes %j asks for %j", (asked, granted) => {
  expect(grantedScopesOf(asked, { scopes: ["scim:read", "scim:write"] })).toEqual(granted);
});
