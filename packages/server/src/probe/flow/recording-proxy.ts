/** A proxy between a client and a service provider that passes everything on and tells what went by. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { silenceOf } from "../target.ts";
import type { Exchange } from "./record-flow.ts";

/** A running proxy. */
export interface RecordingProxy {
  /** What the client uses as SCIM base URL. */
  readonly url: string;
  close(): Promise<void>;
}

/** Where it listens, where it passes things on to, and whom it tells. */
interface ProxyWish {
  /** The SCIM base URL of the service provider. */
  readonly target: string;
  readonly host: string;
  readonly port: number;
  readonly onExchange: (exchange: Exchange) => void;
  /** Something could not be passed on. */
  readonly onFailure: (problem: string) => void;
}

/** Headers that belong to one connection, or that change with the encoding. */
const ownHeaders = new Set([
  ...["host", "connection", "keep-alive", "transfer-encoding", "te", "upgrade", "trailer"],
  ...["content-length", "content-encoding", "accept-encoding", "expect"],
]);

/** Starts to listen. Rejects when the port is taken. */
export async function startRecordingProxy(wish: ProxyWish): Promise<RecordingProxy> {
  const server = createServer((request, response) => {
    passOn(wish, request, response).catch((error: unknown) => {
      wish.onFailure(`${request.method} ${silenceOf(error)}`);
      if (!response.headersSent) {
        response.writeHead(502);
      }
      response.end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(wish.port, wish.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${wish.host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

async function passOn(
  { target, onExchange }: ProxyWish,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = "GET", url: path = "/" } = request;
  const sent = await buffer(request);
  const headers = Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      value === undefined || ownHeaders.has(name) ? [] : [[name, String(value)]],
    ),
  );
  const answer = await fetch(`${target}${path}`, {
    method,
    headers,
    redirect: "manual",
    ...(sent.length === 0 ? {} : { body: new Uint8Array(sent) }),
  });
  const received = Buffer.from(await answer.arrayBuffer());
  for (const [name, value] of answer.headers) {
    if (!ownHeaders.has(name)) {
      response.setHeader(name, value);
    }
  }
  // Told first: whoever has the answer may look at the recording.
  onExchange({
    method,
    path,
    headers,
    text: String(sent),
    answer: { status: answer.status, text: String(received) },
  });
  response.writeHead(answer.status);
  response.end(method === "HEAD" ? undefined : received);
}
