/** A seal for cursors of tests: whoever changes a character breaks it, and nothing about it is secret. */
import type { CursorSeal } from "../provider/cursor-seal.ts";

/** Makes the seal of one caller. */
export function createTestCursorSeal(caller: string): CursorSeal {
  return {
    seal: (text, place) => {
      const body = [...new TextEncoder().encode(text)]
        .map((byte) => byte.toString(16).padStart(2, "0"))
        .join("");
      return `${body}.${sumOf([caller, place, body])}`;
    },
    open: (sealed, place) => {
      const [body = "", sum] = sealed.split(".");
      if (!/^(?:[0-9a-f]{2})*$/.test(body) || sum !== sumOf([caller, place, body])) {
        return undefined;
      }
      const bytes = body.match(/../g)?.map((pair) => Number.parseInt(pair, 16)) ?? [];
      return new TextDecoder().decode(Uint8Array.from(bytes));
    },
  };
}

/** FNV-1a over everything that belongs together. */
function sumOf(texts: readonly string[]): string {
  let sum = 0x811c9dc5;
  for (const character of JSON.stringify(texts)) {
    sum = Math.imul(sum ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return (sum >>> 0).toString(16);
}
