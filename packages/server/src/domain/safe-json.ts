/** JSON that is safe on a terminal: what JSON leaves as it is and a terminal obeys is written as an escape. */

/** C1 controls (0x9B begins an escape sequence), format characters (bidi, zero width) and separators. */
const unsafePattern = /[\u007F-\u009F\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Writes a value as JSON in one line, or indented; read back, it is the same value. */
export function safeJson(value: unknown, indent?: number): string {
  return escapeUnsafe(JSON.stringify(value, null, indent));
}

/** Escapes what a terminal obeys in a text of JSON. */
export function escapeUnsafe(json: string): string {
  return json.replace(unsafePattern, escapeOf);
}

function escapeOf(character: string): string {
  return character
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}
