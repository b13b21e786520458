/** Seals text that has to be read back, under the instance key: AES-256-GCM with a key of its own for each purpose. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import type { InstanceKey } from "./instance-key.ts";

/** Seals and opens texts of one purpose. */
export interface TextSeal {
  /** Seals under the newest key. `place` says where the text belongs; it can be opened there alone. */
  seal(text: string, place: string): string;
  /** Opens; undefined when the text was not sealed for this place, or under a key that is gone. */
  open(sealed: string, place: string): string | undefined;
}

const cipher = "aes-256-gcm";
const nonceLength = 12;
const tagLength = 16;

/** Makes the seal of a purpose from the keys of the instance, of which there is at least one. */
export function createTextSeal(
  keys: readonly InstanceKey[],
  purpose: "idempotency" | "webhook" | "oidc" | "scim-cursor" | "set-key",
): TextSeal {
  const derived = new Map(
    keys.map(({ version, key }) => [
      version,
      new Uint8Array(hkdfSync("sha256", key, "", `rollcall sealed ${purpose}`, 32)),
    ]),
  );
  const newest = Math.max(...derived.keys());
  const newestKey = derived.get(newest);
  if (newestKey === undefined) {
    throw new TypeError("an instance has at least one key");
  }
  return {
    seal(text, place) {
      const nonce = randomBytes(nonceLength);
      const sealing = createCipheriv(cipher, newestKey, nonce).setAAD(Buffer.from(place));
      const sealed = Buffer.concat([nonce, sealing.update(text, "utf8"), sealing.final()]);
      return `${newest}.${Buffer.concat([sealed, sealing.getAuthTag()]).toString("base64url")}`;
    },
    open(sealed, place) {
      const [version = "", text = "", ...more] = sealed.split(".");
      const key = derived.get(Number(version));
      const bytes = Buffer.from(text, "base64url");
      // What is no base64url would be skipped over.
      const isExact =
        more.length === 0 &&
        String(Number(version)) === version &&
        bytes.toString("base64url") === text;
      if (key === undefined || !isExact || bytes.length < nonceLength + tagLength) {
        return undefined;
      }
      const opening = createDecipheriv(cipher, key, bytes.subarray(0, nonceLength), {
        authTagLength: tagLength,
      })
        .setAAD(Buffer.from(place))
        .setAuthTag(bytes.subarray(-tagLength));
      const opened = opening.update(bytes.subarray(nonceLength, -tagLength));
      return isAuthentic(opening) ? opened.toString("utf8") : undefined;
    },
  };
}

/** Node says by throwing that the tag is not the right one. */
function isAuthentic(opening: { final(): Uint8Array }): boolean {
  try {
    opening.final();
    return true;
  } catch {
    return false;
  }
}
