/** The built server under test, and other servers beside it, each as a process of its own. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Site } from "./site.ts";
import type { Wire, WireRequest, WireTarget } from "./wire.ts";
import { encodeRequest } from "./wire.ts";

/** A server that listens. */
export interface ServerProcess extends WireTarget {
  readonly pid: number;
  /** Milliseconds from starting the process to its ready line. */
  readonly readyMs: number;
  encode(request: WireRequest): Buffer;
  /** Asks it to stop and waits until it has; throws when it ends badly. */
  stop(): Promise<void>;
}

/** How the server is started. */
export interface ServerOptions {
  /** For the node that runs it. */
  readonly nodeFlags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Another folder than that of the site. */
  readonly folder?: string;
}

const bin = fileURLToPath(new URL("../packages/server/bin/rollcall.mjs", import.meta.url));
const readyWithinMs = 120_000;

/** Starts the built server on a site. */
export function startServer(site: Site, options: ServerOptions = {}): Promise<ServerProcess> {
  const { databaseUrl, token } = site;
  return startProcess({
    words: [
      ...(options.nodeFlags ?? []),
      bin,
      "serve",
      "--data",
      options.folder ?? site.folder,
      "--port",
      "0",
      "--rate-limit",
      "0",
    ],
    environment: {
      ...(databaseUrl === undefined ? {} : { ROLLCALL_DATABASE_URL: databaseUrl }),
      ...options.environment,
    },
    root: "/scim/v2",
    token,
  });
}

/** What to start. */
export interface ProcessStart {
  /** Behind `node`. */
  readonly words: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
  readonly root: string;
  readonly token: string;
}

/** Starts a node process that prints `listening on http://HOST:PORT` when it is ready. */
export async function startProcess(start: ProcessStart): Promise<ServerProcess> {
  const { words, environment, folder, root, token } = start;
  const from = performance.now();
  const child = spawn(process.execPath, words, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...environment },
    ...(folder === undefined ? {} : { cwd: folder }),
  });
  let output = "";
  const exited = new Promise<string>((settle) => {
    child.once("exit", (code, signal) => settle(String(code ?? signal)));
  });
  child.stderr.on("data", (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4000);
  });
  const port = await new Promise<number>((settle, fail) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      fail(new Error(`not ready in time: ${output}`));
    }, readyWithinMs);
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      if (timer.hasRef()) {
        text += chunk.toString();
        const ready = /listening on http:\/\/\S+:(\d+)/.exec(text)?.[1];
        if (ready !== undefined) {
          clearTimeout(timer);
          settle(Number(ready));
        }
      }
    });
    void exited.then((code) => {
      clearTimeout(timer);
      fail(new Error(`ended with ${code} before it was ready: ${output}`));
    });
  });
  const target: WireTarget = { port, root, token };
  return {
    ...target,
    pid: child.pid ?? 0,
    readyMs: performance.now() - from,
    encode: (request) => encodeRequest(target, request),
    async stop() {
      child.kill("SIGTERM");
      const code = await exited;
      if (code !== "0") {
        throw new Error(`the server ended with ${code}: ${output}`);
      }
    },
  };
}

/** Sends one request and reads its answer as JSON; throws when the status is another one. */
export async function ask(
  wire: Wire,
  server: ServerProcess,
  request: WireRequest,
  status: number,
): Promise<Record<string, unknown>> {
  const answer = await wire.send(server.encode(request));
  if (answer.status !== status) {
    throw new Error(
      `${request.method} ${request.path} was answered with ${answer.status}, not ${status}: ${answer.body.toString().slice(0, 500)}`,
    );
  }
  return answer.body.length === 0 ? {} : JSON.parse(answer.body.toString());
}
