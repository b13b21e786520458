/** The tokens of a filter (RFC 7644 §3.4.2.2, RFC 8259 for literals): one pass over the text, without backtracking. */
import { ScimError } from "../errors.ts";
import { isStorableText } from "../schema/data-type.ts";

/** Reads a filter from left to right. */
export interface FilterScanner {
  /** Where the next character is, counted from 0. */
  position(): number;
  /** The next character; empty at the end. */
  peek(): string;
  /** Skips spaces and tabs, if any. */
  skipBlanks(): void;
  /** Takes the character if it is next. */
  take(character: string): boolean;
  /** The characters up to the next blank, bracket, parenthesis or quote; empty when there are none. */
  peekWord(): string;
  /** Takes the characters that `peekWord` shows. */
  takeWord(): string;
  /** Takes the characters up to the next blank, `)` or `]`. */
  takeBareWord(): string;
  /** Takes a JSON string, the opening quote being next. */
  takeString(): string;
  /** The error that something else was found where a token begins, by default at the next character. */
  unexpected(expected: string, found?: FoundToken): ScimError;
}

/** What an error was about: where it begins, and what it is. */
interface FoundToken {
  readonly position: number;
  readonly kind: string;
}

const blanks = " \t";
const wordEnds = ' \t()[]"';
const bareWordEnds = " \t)]";
const simpleEscapes = '"\\/bfnrt';
const hexDigits = /^[0-9A-Fa-f]{4}$/;

/** Makes a scanner at the beginning of a filter. */
export function createFilterScanner(text: string): FilterScanner {
  let position = 0;

  function peek(): string {
    return text[position] ?? "";
  }

  function peekUntil(ends: string): string {
    return text.slice(position, endOfToken(text, position, ends));
  }

  function takeUntil(ends: string): string {
    const token = peekUntil(ends);
    position += token.length;
    return token;
  }

  function unexpected(expected: string, found: FoundToken = foundAt(text, position)): ScimError {
    return new ScimError(
      "invalidFilter",
      `filter, position ${found.position + 1}: found ${found.kind}, expected ${expected}`,
    );
  }

  function takeString(): string {
    const start = position;
    position += 1;
    let escaped = false;
    while (peek() !== '"') {
      if (peek() === "\\") {
        escaped = true;
        takeEscape();
      } else if (peek() < " ") {
        throw unexpected("the closing double quote of the string");
      } else {
        position += 1;
      }
    }
    position += 1;
    const value = escaped
      ? String(JSON.parse(text.slice(start, position)))
      : text.slice(start + 1, position - 1);
    if (!isStorableText(value)) {
      const kind = "a string with a NUL or a lone surrogate";
      throw unexpected("text", { position: start, kind });
    }
    return value;
  }

  function takeEscape(): void {
    const letter = text[position + 1] ?? "";
    const isUnicode = letter === "u" && hexDigits.test(text.slice(position + 2, position + 6));
    if (!isUnicode && (letter === "" || !simpleEscapes.includes(letter))) {
      const kind = "a backslash";
      throw unexpected('one of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX', { position, kind });
    }
    position += isUnicode ? 6 : 2;
  }

  return {
    position: () => position,
    peek,
    skipBlanks: () => {
      while (position < text.length && blanks.includes(peek())) {
        position += 1;
      }
    },
    take: (character) => {
      const found = peek() === character;
      position += found ? 1 : 0;
      return found;
    },
    peekWord: () => peekUntil(wordEnds),
    takeWord: () => takeUntil(wordEnds),
    takeBareWord: () => takeUntil(bareWordEnds),
    takeString,
    unexpected,
  };
}

/** The token at a position, in words; shows punctuation alone, since a word may be a piece of somebody's data. */
function foundAt(text: string, position: number): FoundToken {
  const character = text[position];
  if (character === undefined) {
    return { position, kind: "the end" };
  }
  if (character === '"') {
    return { position, kind: "a string" };
  }
  if (character < " ") {
    return { position, kind: "a control character" };
  }
  return { position, kind: /^[!-/:-@[-`{-~]$/.test(character) ? `\`${character}\`` : "a word" };
}

function endOfToken(text: string, start: number, ends: string): number {
  let end = start;
  while (end < text.length && !ends.includes(text[end] ?? "")) {
    end += 1;
  }
  return end;
}
