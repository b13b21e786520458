/** A response as the front door answers it, for any server to send (RFC 9110 §3). */

/** Status, headers and content. */
export interface PlainResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * All of the content, or undefined for none. What is too long for one string comes in pieces, each made when it is
   * asked for: whoever sends them asks for the next when the client has taken the last one, and for no more when the
   * client is gone.
   */
  readonly body: string | Iterable<string> | undefined;
}

/** Makes a response of the Fetch standard. */
export function fetchResponseOf({ status, headers, body }: PlainResponse): Response {
  const content = body === undefined || typeof body === "string" ? body : streamOf(body);
  return new Response(content ?? null, { status, headers });
}

const encoder = new TextEncoder();

function streamOf(pieces: Iterable<string>): ReadableStream<Uint8Array> {
  const rest = pieces[Symbol.iterator]();
  return new ReadableStream({
    pull(controller) {
      const next = rest.next();
      if (next.done === true) {
        controller.close();
      } else {
        controller.enqueue(encoder.encode(next.value));
      }
    },
    cancel() {
      rest.return?.();
    },
  });
}
