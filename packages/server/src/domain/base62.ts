/** Numbers and bytes in base62 digits: what stands in tokens needs no escaping anywhere. */

/** The digits, in their order. */
export const base62Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Writes a whole number in so many digits. */
export function base62Of(number: number, length: number): string {
  let rest = number;
  let digits = "";
  for (let place = 0; place < length; place += 1) {
    digits = base62Alphabet.charAt(rest % base62Alphabet.length) + digits;
    rest = Math.floor(rest / base62Alphabet.length);
  }
  return digits;
}

/** Reads a number of base62 digits. */
export function parseBase62(digits: string): number {
  return [...digits].reduce(
    (sum, digit) => sum * base62Alphabet.length + base62Alphabet.indexOf(digit),
    0,
  );
}
