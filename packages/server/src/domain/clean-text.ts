/** Text from outside, made harmless for logs and terminals: no line breaks, no escape sequences, no hidden direction marks. */

/** Control, format (bidi, zero width), separator, private-use and lone surrogate code points. */
const unsafePattern = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu;

/** Replaces every unsafe code point by `�` and cuts the text after so many characters. */
export function cleanText(text: string, lengthMax: number = text.length): string {
  const cleaned = text.slice(0, lengthMax * 2).replace(unsafePattern, "\uFFFD");
  return cleaned.length <= lengthMax ? cleaned : [...cleaned].slice(0, lengthMax).join("");
}
