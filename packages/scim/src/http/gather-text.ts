/** Decides whether content is sent as one string or in pieces. */

/** From how many characters on content is sent in pieces. */
export const longTextMin: number = 262_144;
/** The fewest characters of a piece, but for the last one. */
const pieceMin = 65_536;

/** Puts pieces together: all of them, or where they are too many, into pieces of a length that is worth sending. */
export function gatherText(pieces: Iterable<string>): string | Iterable<string> {
  const rest = pieces[Symbol.iterator]();
  let text = "";
  for (let next = rest.next(); next.done !== true; next = rest.next()) {
    text += next.value;
    if (text.length >= longTextMin) {
      return largerPieces(text, rest);
    }
  }
  return text;
}

function* largerPieces(first: string, rest: Iterator<string>): Iterable<string> {
  let text = first;
  try {
    for (let next = rest.next(); next.done !== true; next = rest.next()) {
      if (text.length >= pieceMin) {
        yield text;
        text = "";
      }
      text += next.value;
    }
    yield text;
  } finally {
    rest.return?.();
  }
}
