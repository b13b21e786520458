/** Splits the text of a PATCH path (RFC 7644 §3.5.2) around the brackets of a value path, in linear time. */
import { isAttributeName } from "../attribute-path/parse-attribute-path.ts";
import { ScimError } from "../errors.ts";

/** The longest path, in UTF-8 bytes. */
const patchPathLengthMax: number = 8192;

/** The three parts of `emails[type eq "work"].value`. */
export interface ValuePathParts {
  readonly attributePath: string;
  readonly filter: string | undefined;
  readonly subAttribute: string | undefined;
}

/** Splits a path; the parts are not parsed. Throws `invalidPath`. */
export function splitValuePath(text: string): ValuePathParts {
  if (text === "" || utf8LengthOf(text) > patchPathLengthMax) {
    throw new ScimError("invalidPath", `path: expected 1 to ${patchPathLengthMax} bytes`);
  }
  const open = text.indexOf("[");
  if (open === -1) {
    return { attributePath: text, filter: undefined, subAttribute: undefined };
  }
  const close = closingBracket(text, open);
  if (close === undefined) {
    throw new ScimError("invalidPath", "path: expected ] at the end of the value filter");
  }
  const filter = text.slice(open + 1, close);
  if (/^\s*-?\d+\s*$/.test(filter)) {
    throw new ScimError("invalidPath", "path: expected a filter in brackets; SCIM has no indexes");
  }
  return {
    attributePath: text.slice(0, open),
    filter,
    subAttribute: subAttributeIn(text.slice(close + 1)),
  };
}

/** The bracket that closes the one at `open`, outside of quoted strings. */
function closingBracket(text: string, open: number): number | undefined {
  let depth = 0;
  let quoted = false;
  for (let index = open; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (quoted) {
      index += character === "\\" ? 1 : 0;
      quoted = character !== '"';
    } else if (character === '"') {
      quoted = true;
    } else if (character === "[") {
      depth += 1;
    } else if (character === "]") {
      depth -= 1;
      if (depth === 0) {
        return index;
      }
    }
  }
  return undefined;
}

function subAttributeIn(rest: string): string | undefined {
  if (rest === "") {
    return undefined;
  }
  if (rest.startsWith(".") && isAttributeName(rest.slice(1))) {
    return rest.slice(1);
  }
  throw new ScimError("invalidPath", "path: expected the end or one sub-attribute behind ]");
}

function utf8LengthOf(text: string): number {
  let length = 0;
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0;
    length += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
  }
  return length;
}
