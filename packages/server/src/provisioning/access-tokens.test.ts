import { expect, test } from "vitest";
import { parseToken } from "../domain/credential.ts";
import type { CredentialId } from "../domain/tenant.ts";
import { createAccessTokens } from "./access-tokens.ts";

const keyOf = (version: number) => ({ version, key: new Uint8Array(32).fill(version) });
const token = {
  clientId: "AbCdEf123456" as CredentialId,
  scopes: ["scim:read"],
  issuedMs: 1_764_371_920_123,
} as const;

test("a token is read with the key it was made under, also when that is not the newest any more, and with no other", () => {
  const read = (text: string, keys: readonly number[]) => {
    const parts = parseToken(text, "oauth");
    return parts && createAccessTokens(keys.map(keyOf)).read(parts);
  };
  const text = createAccessTokens([keyOf(1)]).make(token);
  expect(read(text, [1])).toEqual(token);
  expect(read(text, [1, 2])).toEqual(token);
  expect(read(text, [2])).toBeUndefined();
  expect(read(createAccessTokens([keyOf(1), keyOf(2)]).make(token), [2])).toEqual(token);
  const parts = parseToken(text, "oauth") ?? (undefined as never);
  const more = { ...parts, secret: `${parts.secret.slice(0, 10)}3${parts.secret.slice(11)}` };
  expect(createAccessTokens([keyOf(1)]).read(more)).toBeUndefined();
});
