/** Listens on a port or a socket: time limits, malformed requests, TLS and the graceful stop (RFC 9112, RFC 7644 §7.2). */
import { readFileSync, statSync, unlinkSync } from "node:fs";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import { connect, isIPv6 } from "node:net";
import type { Duplex } from "node:stream";
import { errorResponse, ScimError } from "@rollcall/scim";
import type { Config } from "../config/config.ts";
import { cleanText } from "../domain/clean-text.ts";
import { refusal } from "../domain/refusal.ts";
import type { App } from "./app.ts";
import type { Peer } from "./client-address.ts";
import { hasRightHost, incomingRequest } from "./incoming-request.ts";
import type { JsonLog } from "./json-log.ts";
import type { RefusalLog } from "./refusal-log.ts";
import { createRefusalLog } from "./refusal-log.ts";
import { sendResponse, takeRest } from "./send-response.ts";

/** The largest headers with the request line: a filter of 8 KiB takes three times that when percent-encoded. */
const headerBytesMax = 48 * 1024;
/** How long the headers of a request may take. */
const headersTimeoutMs = 10_000;
/** How long a whole request may take to arrive; shorter than the handler's time, so that a slow client gets 408 and not 503. */
const requestTimeoutMs = 20_000;
/** How long an idle connection is kept; longer than the 60 s of most load balancers. */
const keepAliveTimeoutMs = 65_000;
/** How often the time limits are looked at. */
const checkIntervalMs = 2_000;
/** How long a stop waits for requests under way. */
const stopTimeoutMs = 28_000;
/** How long the last bytes of the last answers may take when the server stops. */
const lastBytesMs = 100;

/** A listening server. */
export interface Listener {
  /** Where it listens: `http://127.0.0.1:8480`, or `unix:/run/rollcall.sock`. */
  readonly address: string;
  /** Stops accepting, waits for the requests under way and closes every connection. */
  stop(): Promise<void>;
}

/** What is listened with. */
export type ListenOptions = Pick<Config, "host" | "port" | "tlsCert" | "tlsKey">;

/** Starts to listen. */
export async function listen(app: App, options: ListenOptions, log: JsonLog): Promise<Listener> {
  // A client may send requests one behind the other, so a connection can owe several answers.
  const underWay = new Set<ServerResponse>();
  const state = { isStopping: false };
  const isUnix = options.host.startsWith("unix:");
  const refusals = createRefusalLog(log);
  const refuse = (outgoing: ServerResponse, { socket }: IncomingMessage, error: ScimError) => {
    refusals.note(socket.remoteAddress, { status: error.status, reason: error.message });
    return sendResponse(outgoing, errorResponse(error));
  };
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const request = incomingRequest(incoming, outgoing);
    await (request === undefined
      ? refuse(outgoing, incoming, unreadableRequest())
      : sendResponse(outgoing, await app(request, peerOf(incoming.socket, isUnix))));
  };
  const server = createServerFor(options, (incoming, outgoing) => {
    underWay.add(outgoing);
    if (state.isStopping) {
      outgoing.setHeader("Connection", "close");
    }
    outgoing.on("close", () => {
      takeRest(incoming);
      underWay.delete(outgoing);
      if (state.isStopping) {
        closeConnections(server, underWay.size);
      }
    });
    if (!hasRightHost(incoming)) {
      outgoing.shouldKeepAlive = false;
      const error = new ScimError(400, "Send one Host header with the request.");
      void refuse(outgoing, incoming, error);
      return;
    }
    answer(incoming, outgoing).catch((error: unknown) => {
      log.error("answer could not be sent", error);
      outgoing.destroy();
    });
  });
  server.keepAliveTimeout = keepAliveTimeoutMs;
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const owed = [...underWay].filter((outgoing) => outgoing.req.socket === socket);
    void answerMalformed(error, socket, owed, refusals);
  });
  server.on("tlsClientError", ({ code, message }: NodeJS.ErrnoException) => {
    log.debug("TLS handshake failed", { code: code ?? cleanText(message, 200) });
  });
  server.on("checkExpectation", (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const error = new ScimError(417, "The only expectation that can be met is 100-continue.");
    void refuse(outgoing, incoming, error);
  });
  await startListening(server, options);
  server.on("error", (error) => log.error("server error", error));
  return {
    address: addressOf(server, options),
    async stop() {
      state.isStopping = true;
      await stopServer(server, underWay.size);
    },
  };
}

function createServerFor(
  { tlsCert, tlsKey }: ListenOptions,
  listener: (incoming: IncomingMessage, outgoing: ServerResponse) => void,
): Server {
  const limits = {
    maxHeaderSize: headerBytesMax,
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: checkIntervalMs,
    // Without a Host header Node would answer by itself and not with a SCIM Error.
    requireHostHeader: false,
    // Of two headers none is dropped, or it would be up to Node which one of two tokens counts.
    joinDuplicateHeaders: true,
  };
  if (tlsCert === undefined || tlsKey === undefined) {
    return createServer(limits, listener);
  }
  const tls = { minVersion: "TLSv1.2", handshakeTimeout: headersTimeoutMs } as const;
  try {
    const pem = { cert: readFileSync(tlsCert), key: readFileSync(tlsKey) };
    return createTlsServer({ ...limits, ...pem, ...tls }, listener);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw refusal(`--tls-cert ${tlsCert} and --tls-key ${tlsKey} cannot be used: ${reason}`);
  }
}

function peerOf(socket: IncomingMessage["socket"], isUnix: boolean): Peer {
  // A connection that has been reset has no address any more, and must not pass for this machine.
  const address = isUnix ? "unix" : (socket.remoteAddress ?? "unknown");
  return { address, encrypted: "encrypted" in socket };
}

/** Answers what is HTTP and still no request that makes sense, such as an impossible URL. */
function unreadableRequest(): ScimError {
  return new ScimError(400, "The request line or the Host header cannot be read.");
}

const malformedErrors: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, `The request line and headers exceed ${headerBytesMax} bytes.`],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, "The chunk extensions are too large."],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "The request took too long to arrive."],
};

/** Answers what is not HTTP, is too large or too slow, and closes the connection. */
async function answerMalformed(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  owed: readonly ServerResponse[],
  refusals: RefusalLog,
): Promise<void> {
  if (error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  // Requests that came in whole before this one are carried out all the same, so their answers come first.
  await Promise.all(owed.filter(({ req }) => req.complete).map(closeOf));
  if (!socket.writable || owed.some(({ req, headersSent }) => !req.complete && headersSent)) {
    socket.destroy();
    return;
  }
  const [status, detail] = malformedErrors[error.code ?? ""] ?? [
    400,
    "This is not an HTTP request.",
  ];
  const { remoteAddress } = "remoteAddress" in socket ? (socket as Socket) : {};
  refusals.note(remoteAddress, { status, reason: detail, code: error.code });
  const { headers, body } = errorResponse(new ScimError(status, detail));
  const text = [...(body ?? "")].join("");
  const head = [
    `HTTP/1.1 ${status} ${reasonPhrases[status] ?? "Error"}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${Buffer.byteLength(text)}`,
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${text}`);
}

function closeOf(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    outgoing.once("close", resolve);
  });
}

const reasonPhrases: Readonly<Record<number, string>> = {
  400: "Bad Request",
  408: "Request Timeout",
  413: "Content Too Large",
  431: "Request Header Fields Too Large",
};

async function startListening(server: Server, { host, port }: ListenOptions): Promise<void> {
  const socketPath = host.startsWith("unix:") ? host.slice("unix:".length) : undefined;
  if (socketPath !== undefined) {
    await removeStaleSocket(socketPath);
  }
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(listenErrorOf(error, host, port)),
    );
    server.listen(socketPath === undefined ? { host, port } : { path: socketPath }, () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
}

function listenErrorOf(error: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (error.code) {
    case "EADDRINUSE":
      return refusal(`${host}:${port} is in use by another program: give another --port`);
    case "EACCES":
      return refusal(`not allowed to listen on ${host}:${port}: give a --port above 1023`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return refusal(`${host} is no address of this machine: give another --host`);
    default:
      return error;
  }
}

/** A server that was killed leaves its socket behind; one that still answers keeps it. */
async function removeStaleSocket(path: string): Promise<void> {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) {
    return;
  }
  if (!stats.isSocket()) {
    throw refusal(`${path} is there and is no socket`);
  }
  const isAlive = await new Promise<boolean>((resolve) => {
    const probe = connect({ path }, () => {
      probe.destroy();
      resolve(true);
    });
    probe.on("error", () => resolve(false));
  });
  if (isAlive) {
    throw refusal(`another program listens on ${path}`);
  }
  unlinkSync(path);
}

function addressOf(server: Server, { host, tlsCert }: ListenOptions): string {
  const bound = server.address();
  if (bound === null || typeof bound === "string") {
    return host;
  }
  const name = isIPv6(host) ? `[${host}]` : host;
  return `${tlsCert === undefined ? "http" : "https"}://${name}:${bound.port}`;
}

async function stopServer(server: Server, underWayCount: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const patience = setTimeout(() => server.closeAllConnections(), stopTimeoutMs);
    server.close(() => {
      clearTimeout(patience);
      resolve();
    });
    closeConnections(server, underWayCount);
  });
}

/** Connections that have never sent a request do not count as idle: they go when no request is under way. */
function closeConnections(server: Server, underWayCount: number): void {
  server.closeIdleConnections();
  if (underWayCount === 0) {
    setTimeout(() => server.closeAllConnections(), lastBytesMs).unref();
  }
}
