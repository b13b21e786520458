/**
 * What `JSON.parse` does not see: duplicate members, depth, NUL and lone surrogates (RFC 8259 §4, §9; RFC 7493 §2.1).
 *
 * Two linear passes around the engine's parser. Before it, the text: strings are jumped over, brackets give the depth,
 * colons the number of members written. After it, the values: fewer members than were written means an exact duplicate.
 * Measured on 1 KB: with both passes and the decoding 2.2 times as long as `JSON.parse` alone; on 11 MB 1.4 times.
 */
import { ScimError } from "../errors.ts";

/** The deepest nesting of objects and arrays. */
export const jsonDepthMax: number = 64;

/** The most members of one object; every name is compared and looked up, which a million of them would make slow. */
export const jsonMembersMax: number = 10_000;

/** Up to how many members names are compared pairwise; a set costs more for few. */
const pairwiseMax = 8;

/** Parses text between the two passes; throws `invalidSyntax` for what it should not contain. */
export function checkJsonShape(text: string, parse: (text: string) => unknown): unknown {
  const written = countMembers(text);
  const value = parse(text);
  // The decoder has refused raw ones, so that only escapes can make a NUL or a lone surrogate.
  const kept = checkValue(value, text.includes("\\u"));
  if (kept !== written) {
    throw new ScimError("invalidSyntax", "An object in the body has two members of the same name.");
  }
  return value;
}

/** Counts the members of all objects in well-formed text, and checks depth and size before anything else is done. */
function countMembers(text: string): number {
  const membersAt: number[] = [0];
  let members = 0;
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case 0x22: // "
        index = endOfString(text, index);
        break;
      case 0x3a: // :
        members++;
        membersAt[depth] = countMember(membersAt[depth] ?? 0);
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth++;
        if (depth > jsonDepthMax) {
          throw new ScimError(
            "invalidSyntax",
            `The body is nested deeper than ${jsonDepthMax} levels.`,
          );
        }
        membersAt[depth] = 0;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
        break;
    }
  }
  return members;
}

function countMember(before: number): number {
  if (before === jsonMembersMax) {
    throw new ScimError(
      "invalidSyntax",
      `An object in the body has more than ${jsonMembersMax} members.`,
    );
  }
  return before + 1;
}

/** The index of the quote that ends the string beginning at `start`; the end of the text when nothing does. */
function endOfString(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (quote !== -1) {
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === 0x5c) {
      backslashes++;
    }
    if (backslashes % 2 === 0) {
      return quote;
    }
    quote = text.indexOf('"', quote + 1);
  }
  return text.length;
}

/** Counts the members of a parsed value and checks names and strings; its depth is known to be bounded. */
function checkValue(value: unknown, escaped: boolean): number {
  if (typeof value === "string") {
    return escaped ? checkText(value) : 0;
  }
  if (typeof value !== "object" || value === null) {
    return 0;
  }
  if (Array.isArray(value)) {
    let members = 0;
    for (const element of value) {
      members += checkValue(element, escaped);
    }
    return members;
  }
  const names = Object.keys(value);
  checkNames(names);
  if (escaped) {
    names.forEach(checkText);
  }
  let members = names.length;
  for (const member of Object.values(value)) {
    members += checkValue(member, escaped);
  }
  return members;
}

function checkText(text: string): 0 {
  if (text.includes("\0") || /\p{Surrogate}/u.test(text)) {
    throw new ScimError("invalidSyntax", "A string in the body has a NUL or half a character.");
  }
  return 0;
}

/** Attribute names differ in more than case (RFC 7643 §2.1). */
function checkNames(names: readonly string[]): void {
  if (names.length > pairwiseMax ? hasCaseDuplicate(names) : hasCaseDuplicatePair(names)) {
    throw new ScimError(
      "invalidSyntax",
      "An object in the body has two members whose names differ only in case.",
    );
  }
}

function hasCaseDuplicate(names: readonly string[]): boolean {
  return new Set(names.map((name) => name.toLowerCase())).size < names.length;
}

function hasCaseDuplicatePair(names: readonly string[]): boolean {
  for (let right = 1; right < names.length; right++) {
    for (let left = 0; left < right; left++) {
      const one = names[left] ?? "";
      const other = names[right] ?? "";
      if (one.length === other.length && one.toLowerCase() === other.toLowerCase()) {
        return true;
      }
    }
  }
  return false;
}
