/** A request as the front door reads it, whatever server it came through (RFC 9110 §3). */
import { ScimError } from "../errors.ts";

/** What is read of a request. */
export interface ScimRequest {
  readonly method: string;
  /** The path of the URL that the client used: encoded, without dot segments. */
  readonly path: string;
  /** The query string without its question mark. */
  readonly query: string;
  readonly headers: {
    /** The value of a header, its name in any case; several values are joined by a comma. */
    get(name: string): string | null;
  };
  /** Reads the body; undefined as soon as it is longer than so many bytes. Throws ScimError when it breaks off. */
  readBody(lengthMax: number): Promise<Uint8Array | undefined>;
}

/** Reads a request of the Fetch standard. */
export function scimRequestOf(request: Request): ScimRequest {
  const { pathname, search } = new URL(request.url);
  return {
    method: request.method,
    path: pathname,
    query: search.slice(1),
    headers: request.headers,
    readBody: (lengthMax) => readStream(request.body, lengthMax),
  };
}

/** The error of a body that ended before its end. */
export function brokenBody(cause: unknown): ScimError {
  return new ScimError("invalidSyntax", "The body broke off before its end.", { cause });
}

/** Puts the pieces of a body together. */
export function joinedBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) {
    return only;
  }
  const joined = new Uint8Array(pieces.reduce((length, piece) => length + piece.byteLength, 0));
  let offset = 0;
  for (const piece of pieces) {
    joined.set(piece, offset);
    offset += piece.byteLength;
  }
  return joined;
}

async function readStream(
  body: ReadableStream<Uint8Array> | null,
  lengthMax: number,
): Promise<Uint8Array | undefined> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const reader = body?.getReader();
  while (reader !== undefined) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw brokenBody(cause);
    });
    if (done) {
      break;
    }
    length += value.byteLength;
    if (length > lengthMax) {
      await reader.cancel().catch(() => undefined);
      return undefined;
    }
    pieces.push(value);
  }
  return joinedBytes(pieces);
}
