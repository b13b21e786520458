/** Cuts bytes into lines at line feeds only: a JSON text may have any other character that some take for the end of a line. */
import { refusal } from "../domain/refusal.ts";

/** A line without its end. */
export interface Line {
  readonly bytes: Buffer;
  /** Where the next line begins, in bytes from the beginning. */
  readonly end: number;
}

const lineFeed = 0x0a;

/** The longest line: more than any message that a client may send. */
export const lineLengthMax: number = 64 * 1024 * 1024;

/** How lines are read. */
export interface LineReading {
  /** Where the first chunk begins, in bytes. */
  readonly from?: number;
  readonly lengthMax?: number;
}

/** Gives the lines, some at a time; what follows the last line feed is a line unless it is empty. */
export async function* linesOf(
  chunks: AsyncIterable<Buffer>,
  { from = 0, lengthMax = lineLengthMax }: LineReading = {},
): AsyncGenerator<readonly Line[]> {
  const rest: { parts: Buffer[]; length: number } = { parts: [], length: 0 };
  let end = from;
  for await (const chunk of chunks) {
    const lines: Line[] = [];
    let start = 0;
    for (let at = chunk.indexOf(lineFeed); at >= 0; at = chunk.indexOf(lineFeed, start)) {
      const bytes = joined(rest, chunk.subarray(start, at));
      end += bytes.length + 1;
      lines.push({ bytes, end });
      start = at + 1;
    }
    rest.parts.push(chunk.subarray(start));
    rest.length += chunk.length - start;
    if (rest.length > lengthMax) {
      throw refusal(`a line is longer than ${lengthMax} bytes: this is no file with lines of JSON`);
    }
    yield lines;
  }
  const bytes = joined(rest, Buffer.alloc(0));
  if (bytes.length > 0) {
    yield [{ bytes, end: end + bytes.length }];
  }
}

function joined(rest: { parts: Buffer[]; length: number }, last: Buffer): Buffer {
  const bytes = rest.length === 0 ? last : Buffer.concat([...rest.parts, last]);
  rest.parts = [];
  rest.length = 0;
  return bytes;
}
