/** A receiver of webhooks on this machine: counts its connections, keeps what it is sent, answers as a test says. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type {
  IncomingHttpHeaders,
  IncomingMessage,
  RequestListener,
  ServerResponse,
} from "node:http";
import { createServer as createPlainServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A request as it arrived. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Answers a request, or leaves it without an answer. */
export type ReceiverAnswer = (response: ServerResponse, request: ReceivedRequest) => void;

/** A receiver that runs. */
export interface Receiver {
  readonly port: number;
  /** How many connections have been made to it. */
  connections(): number;
  readonly requests: readonly ReceivedRequest[];
  /** Answers in another way from now on. */
  answerWith(answer: ReceiverAnswer): void;
  /** Forgets what has arrived. */
  clear(): void;
  close(): Promise<void>;
}

/** A key with the certificate of some names. */
export interface ReceiverCertificate {
  readonly key: string;
  readonly cert: string;
}

/** Answers with a status and nothing else. */
export function statusAnswer(
  status: number,
  headers: Readonly<Record<string, string>> = {},
): ReceiverAnswer {
  return (response) => response.writeHead(status, headers).end();
}

/** Starts a receiver, with TLS if it has a certificate; it answers 204. */
export async function startReceiver({
  certificate,
  host = "127.0.0.1",
  port = 0,
}: {
  readonly certificate?: ReceiverCertificate;
  readonly host?: string;
  readonly port?: number;
} = {}): Promise<Receiver> {
  const state = { answer: statusAnswer(204), connections: 0 };
  const requests: ReceivedRequest[] = [];
  const listener: RequestListener = (request, response) => {
    void readBody(request).then((body) => {
      const { method = "", url: path = "", headers } = request;
      const received = { method, path, headers, body };
      requests.push(received);
      state.answer(response, received);
    });
  };
  const server =
    certificate === undefined
      ? createPlainServer(listener)
      : createSecureServer({ ...certificate }, listener);
  server.on("connection", () => {
    state.connections += 1;
  });
  server.on("tlsClientError", () => undefined);
  server.listen(port, host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => state.connections,
    requests,
    answerWith: (answer) => {
      state.answer = answer;
    },
    clear: () => {
      requests.length = 0;
      state.connections = 0;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Makes a certificate that vouches for itself, of names such as `DNS:hooks.example.com`. */
export function makeCertificate(...names: readonly string[]): ReceiverCertificate {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-certificate-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const words =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=receiver";
  try {
    execFileSync(
      "openssl",
      [
        ...words.split(" "),
        "-addext",
        `subjectAltName=${names.join(",")}`,
        "-keyout",
        key,
        "-out",
        cert,
      ],
      { stdio: "ignore" },
    );
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of request) {
      pieces.push(piece);
    }
  } catch {
    // Whoever was cut off is no concern of the receiver.
  }
  return Buffer.concat(pieces).toString();
}
