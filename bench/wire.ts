/**
 * One keep-alive connection to a server that sends prepared bytes and reads the answer: no more work than needed, so
 * that the load generator takes little of the machine it shares with what it measures.
 */
import { connect } from "node:net";

/** One answer. */
export interface WireAnswer {
  readonly status: number;
  readonly body: Buffer;
  /** From the first byte sent to the last one received. */
  readonly ms: number;
}

/** A connection; one request at a time. */
export interface Wire {
  send(request: Buffer): Promise<WireAnswer>;
  close(): void;
}

/** Where requests go, and what each carries. */
export interface WireTarget {
  readonly port: number;
  /** The path in front of every request's path. */
  readonly root: string;
  readonly token: string;
}

/** One request before it is bytes. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

/** Writes a request as bytes. */
export function encodeRequest(
  { port, root, token }: WireTarget,
  { method, path, body }: WireRequest,
): Buffer {
  const text = body === undefined ? "" : JSON.stringify(body);
  const length =
    body === undefined
      ? ""
      : `Content-Type: application/scim+json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n`;
  return Buffer.from(
    `${method} ${root}${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n` +
      `Accept: application/scim+json\r\n${length}\r\n${text}`,
  );
}

interface Head {
  readonly status: number;
  /** Where the body begins. */
  readonly bodyAt: number;
  /** Undefined for a chunked body. */
  readonly length: number | undefined;
}

interface Waiting {
  readonly settle: (answer: WireAnswer) => void;
  readonly fail: (error: Error) => void;
  readonly from: number;
}

/** Opens a connection. */
export async function openWire(port: number): Promise<Wire> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await new Promise<void>((settle, fail) => {
    socket.once("connect", settle);
    socket.once("error", fail);
  });
  let waiting: Waiting | undefined;
  let chunks: Buffer[] = [];
  let received = 0;
  let head: Head | undefined;
  const fail = (error: Error): void => {
    waiting?.fail(error);
    waiting = undefined;
  };
  const finish = (body: Buffer): void => {
    const { settle, from } = waiting ?? {};
    const status = head?.status ?? 0;
    chunks = [];
    received = 0;
    head = undefined;
    waiting = undefined;
    settle?.({ status, body, ms: performance.now() - (from ?? 0) });
  };
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    received += chunk.length;
    if (head === undefined) {
      head = headOf(whole(chunks));
    }
    if (head === undefined) {
      return;
    }
    if (head.length !== undefined) {
      if (received >= head.bodyAt + head.length) {
        finish(whole(chunks).subarray(head.bodyAt, head.bodyAt + head.length));
      }
    } else if (endsChunks(chunk, chunks)) {
      finish(joinChunks(whole(chunks).subarray(head.bodyAt)));
    }
  });
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("the server closed the connection")));
  return {
    send: (request) =>
      new Promise((settle, reject) => {
        if (waiting !== undefined || socket.destroyed) {
          reject(new Error("the connection is in use, or closed"));
          return;
        }
        waiting = { settle, fail: reject, from: performance.now() };
        socket.write(request);
      }),
    close: () => {
      socket.destroy();
    },
  };
}

function whole(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks;
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
}

function headOf(bytes: Buffer): Head | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) {
    return undefined;
  }
  const text = bytes.toString("latin1", 0, end);
  const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
  const status = Number(text.slice(9, 12));
  const isChunked = length === undefined && /\r\ntransfer-encoding: *chunked/i.test(text);
  return { status, bodyAt: end + 4, length: isChunked ? undefined : Number(length ?? 0) };
}

const lastChunk = Buffer.from("0\r\n\r\n");

/** Tells whether the bytes so far end with the last chunk of a chunked body. */
function endsChunks(chunk: Buffer, chunks: readonly Buffer[]): boolean {
  const tail =
    chunk.length >= lastChunk.length ? chunk : Buffer.concat(chunks.slice(-lastChunk.length));
  return tail.length >= lastChunk.length && tail.subarray(-lastChunk.length).equals(lastChunk);
}

function joinChunks(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    if (!(size > 0)) {
      return Buffer.concat(parts);
    }
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 4 + size;
  }
}
