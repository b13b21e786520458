/** Makes and reads access tokens of OAuth clients under the instance keys; every process with the same keys reads them. */
import { timingSafeEqual } from "node:crypto";
import type { TokenParts } from "../domain/credential.ts";
import { formatToken } from "../domain/credential.ts";
import type { AccessToken } from "../domain/oauth-token.ts";
import {
  accessTokenIn,
  accessTokenPartsOf,
  accessTokenSignatureOf,
} from "../domain/oauth-token.ts";
import type { InstanceKey } from "./instance-key.ts";
import { createKeyedHash } from "./instance-key.ts";

/** Makes and reads access tokens. */
export interface AccessTokens {
  /** Under the newest key. */
  make(token: AccessToken): string;
  /** Answers undefined for one that was not made under a key of this instance. */
  read(parts: TokenParts): AccessToken | undefined;
}

/** Makes it from the keys of the instance, of which there is at least one. */
export function createAccessTokens(keys: readonly InstanceKey[]): AccessTokens {
  const signers = keys
    .toSorted((one, other) => other.version - one.version)
    .map((key) => {
      const hash = createKeyedHash(key, "oauth-token");
      return (text: string) => Buffer.from(hash(text), "hex");
    });
  const [newest] = signers;
  if (newest === undefined) {
    throw new TypeError("an instance has at least one key");
  }
  return {
    make: (token) => formatToken(accessTokenPartsOf(token, newest), "oauth"),
    read: (parts) => {
      const { token, signed, signature } = accessTokenIn(parts);
      const given = Buffer.from(signature);
      const isOurs = signers.some((sign) => {
        const expected = Buffer.from(accessTokenSignatureOf(sign(signed)));
        return expected.length === given.length && timingSafeEqual(expected, given);
      });
      return isOurs ? token : undefined;
    },
  };
}
