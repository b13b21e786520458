import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as tlsConnect } from "node:tls";
import type { PlainResponse } from "@rollcall/scim";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { App } from "./app.ts";
import type { Peer } from "./client-address.ts";
import type { ServerRequest } from "./exchange.ts";
import { createJsonLog } from "./json-log.ts";
import type { Listener, ListenOptions } from "./listen.ts";
import { listen } from "./listen.ts";

const log = createJsonLog(() => undefined, Date.now);
const plain: ListenOptions = { host: "127.0.0.1", port: 0, tlsCert: undefined, tlsKey: undefined };
const listeners: Listener[] = [];
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-listen-"));
});
afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.stop()));
  rmSync(folder, { recursive: true });
});

async function start(app: App, options: Partial<ListenOptions> = {}): Promise<Listener> {
  const listener = await listen(app, { ...plain, ...options }, log);
  listeners.push(listener);
  return listener;
}
const answered = (body: string): PlainResponse => ({ status: 200, headers: {}, body });
const textOf = async ({ readBody }: ServerRequest): Promise<string> =>
  Buffer.from((await readBody(1_000_000)) ?? "too long").toString();
const echo: App = async (request) => answered(`${request.method} ${await textOf(request)}`);
const portOf = ({ address }: Listener) => Number(new URL(address).port);

/** Sends bytes and answers with everything that comes back until the connection ends. */
function sendRaw(listener: Listener, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(portOf(listener), "127.0.0.1", () => socket.write(bytes));
    const chunks: string[] = [];
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => chunks.push(chunk));
    socket.on("close", () => resolve(chunks.join("")));
    socket.on("error", reject);
  });
}

function scimErrorIn(answer: string): { status: string; schemas: string[] } {
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  expect(head).toMatch(/content-type: application\/scim\+json/i);
  return JSON.parse(body);
}

describe("what is no good HTTP gets a SCIM Error, and the server lives on", () => {
  test.each([
    ["no HTTP at all", "hello\r\n\r\n", 400],
    ["an unknown method", "FROB / HTTP/1.1\r\nHost: h\r\n\r\n", 400],
    ["a bad header", "GET / HTTP/1.1\r\nHost h\r\n\r\n", 400],
    [
      "two body lengths",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      400,
    ],
    [
      "headers beyond the limit",
      `GET / HTTP/1.1\r\nHost: h\r\nX: ${"x".repeat(60_000)}\r\n\r\n`,
      431,
    ],
    ["a URL beyond the limit", `GET /${"x".repeat(60_000)} HTTP/1.1\r\nHost: h\r\n\r\n`, 431],
    ["a Host that is none", "GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n", 400],
    ["HTTP/1.1 without Host", "GET / HTTP/1.1\r\n\r\n", 400],
    ["two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n", 400],
    ["a path with a backslash", "GET /\\x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", 400],
    [
      "an expectation",
      "GET / HTTP/1.1\r\nHost: h\r\nExpect: tea\r\nConnection: close\r\n\r\n",
      417,
    ],
  ])("%s", async (_, bytes, status) => {
    const listener = await start(echo);
    const answer = await sendRaw(listener, bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(scimErrorIn(answer)).toMatchObject({
      schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
      status: String(status),
    });
    expect(await (await fetch(listener.address, { method: "POST", body: "x" })).text()).toBe(
      "POST x",
    );
  });

  test("each refusal is a line of the log, with the reason and nothing of what was sent", async () => {
    const lines: string[] = [];
    const listener = await listen(
      echo,
      plain,
      createJsonLog((line) => lines.push(line), Date.now),
    );
    listeners.push(listener);
    for (const bytes of [
      "secret\u001b[2J\r\n\r\n",
      "GET /secret HTTP/1.1\r\n\r\n",
      "GET /secret HTTP/1.1\r\nHost: se cret\r\nConnection: close\r\n\r\n",
      `GET /secret HTTP/1.1\r\nHost: h\r\nX: ${"x".repeat(60_000)}\r\n\r\n`,
      "GET /secret HTTP/1.1\r\nHost: h\r\nExpect: secret\r\nConnection: close\r\n\r\n",
    ]) {
      await sendRaw(listener, bytes);
    }
    expect(lines.map((line) => JSON.parse(line))).toMatchObject(
      [400, 400, 400, 431, 417].map((status) => ({
        level: "info",
        message: "request refused by the listener",
        status,
        reason: expect.any(String),
      })),
    );
    for (const sent of ["secret", "cret", "\u001b", "xxx"]) {
      expect(lines.join("")).not.toContain(sent);
    }
    await sendRaw(listener, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    expect(lines).toHaveLength(5);
  });

  test("an app that fails in the middle of a long answer breaks the connection and is logged", async () => {
    const lines: string[] = [];
    function* failing(): Iterable<string> {
      yield "begun";
      throw new Error("broken half-way");
    }
    const listener = await listen(
      async () => ({ status: 200, headers: {}, body: failing() }),
      plain,
      createJsonLog((line) => lines.push(line), Date.now),
    );
    listeners.push(listener);
    const answer = await sendRaw(listener, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    expect(answer.endsWith("0\r\n\r\n")).toBe(false);
    expect(lines.join("")).toContain("broken half-way");
  });

  test("HTTP/1.0 needs no Host header", async () => {
    const listener = await start(async ({ path }) => answered(path));
    const answer = await sendRaw(listener, "GET /p HTTP/1.0\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1.1 200 [\s\S]*\/p$/);
  });

  test("what came in whole before it is answered first", async () => {
    const seen: string[] = [];
    const listener = await start(async (request) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      seen.push(await textOf(request));
      return answered(`did ${seen.at(-1)}`);
    });
    const post = (body: string) =>
      `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const answer = await sendRaw(listener, `${post("one")}${post("two")}no HTTP\r\n\r\n`);
    expect(seen).toEqual(["one", "two"]);
    expect(answer.match(/did (one|two)|HTTP\/1.1 \d+/g)).toEqual([
      "HTTP/1.1 200",
      "did one",
      "HTTP/1.1 200",
      "did two",
      "HTTP/1.1 400",
    ]);
  });

  test("a client that goes away in the middle of its body hurts nobody", async () => {
    const listener = await start(echo);
    const socket = connect(portOf(listener), "127.0.0.1", () => {
      socket.write("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nabc");
      setTimeout(() => socket.destroy(), 20);
    });
    await new Promise((resolve) => socket.on("close", resolve));
    expect((await fetch(listener.address)).status).toBe(200);
  });
});

describe("the peer", () => {
  test("is the address of the socket", async () => {
    const peers: Peer[] = [];
    const listener = await start(async (_, peer) => {
      peers.push(peer);
      return answered("");
    });
    await fetch(listener.address);
    expect(peers).toEqual([{ address: "127.0.0.1", encrypted: false }]);
  });

  test("is `unix` on a socket, whose stale file is taken over and whose live one is not", async () => {
    const path = join(folder, "s.sock");
    const peers: Peer[] = [];
    const app: App = async (_, peer) => {
      peers.push(peer);
      return answered("ok");
    };
    const abandon = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
    spawnSync(process.execPath, ["-e", abandon]);
    const listener = await start(app, { host: `unix:${path}` });
    expect(listener.address).toBe(`unix:${path}`);
    await new Promise((resolve) => httpRequest({ socketPath: path, path: "/" }, resolve).end());
    expect(peers).toEqual([{ address: "unix", encrypted: false }]);
    await expect(start(app, { host: `unix:${path}` })).rejects.toThrow("another program listens");
  });

  test("a file that is no socket is left alone", async () => {
    const path = join(folder, "precious");
    writeFileSync(path, "data");
    await expect(start(echo, { host: `unix:${path}` })).rejects.toThrow("is no socket");
  });

  test("IPv6 addresses are written with brackets", async () => {
    const listener = await start(echo, { host: "::1" });
    expect(listener.address).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect((await fetch(listener.address)).status).toBe(200);
  });
});

test("a port in use is said in words", async () => {
  const listener = await start(echo);
  await expect(start(echo, { port: portOf(listener) })).rejects.toThrow(
    "in use by another program",
  );
});

test.each([
  ["is missing", undefined, "ENOENT"],
  ["is no PEM", "nonsense", "cannot be used"],
])("a certificate that %s is said in words", async (_, text, words) => {
  const file = join(folder, "cert.pem");
  if (text !== undefined) {
    writeFileSync(file, text);
  }
  const started = start(echo, { tlsCert: file, tlsKey: file });
  await expect(started).rejects.toMatchObject({
    name: "Refusal",
    message: expect.stringContaining(words),
  });
});

test("a stop waits for every answer that a connection is owed", async () => {
  const gates: (() => void)[] = [];
  const listener = await start(async () => {
    await new Promise<void>((resolve) => gates.push(resolve));
    return answered("done");
  });
  const get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  const answer = sendRaw(listener, `${get}${get}`);
  await expect.poll(() => gates.length).toBe(2);
  const stopped = listener.stop();
  gates[0]?.();
  // Longer than the last bytes of a last answer may take.
  await new Promise((resolve) => setTimeout(resolve, 200));
  gates[1]?.();
  expect((await answer).match(/done/g)).toHaveLength(2);
  await stopped;
});

test("a stop lets the request under way finish, refuses new ones and closes idle connections", async () => {
  const gate: { open?: () => void } = {};
  const entered: { yes?: () => void } = {};
  const isEntered = new Promise<void>((resolve) => {
    entered.yes = resolve;
  });
  const listener = await start(async () => {
    entered.yes?.();
    await new Promise<void>((resolve) => {
      gate.open = resolve;
    });
    return answered("done");
  });
  const idle = connect(portOf(listener), "127.0.0.1");
  const idleClosed = new Promise((resolve) => idle.on("close", resolve));
  idle.on("error", () => undefined);
  const underWay = fetch(listener.address);
  await isEntered;
  const stopped = listener.stop();
  await expect(fetch(listener.address)).rejects.toThrow();
  gate.open?.();
  expect(await (await underWay).text()).toBe("done");
  await idleClosed;
  await stopped;
});

const certificateTool = "openssl";
const hasOpenssl = spawnSync(certificateTool, ["version"]).status === 0;

test.runIf(hasOpenssl)("TLS from 1.2 on, nothing older", async () => {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  execFileSync(
    certificateTool,
    [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-days",
      "2",
      "-subj",
      "/CN=localhost",
      "-keyout",
      key,
      "-out",
      cert,
    ],
    { stdio: "ignore" },
  );
  const peers: Peer[] = [];
  const listener = await start(
    async (_, peer) => {
      peers.push(peer);
      return answered("ok");
    },
    { tlsCert: cert, tlsKey: key },
  );
  expect(listener.address).toMatch(/^https:/);
  const handshake = (version: "TLSv1.1" | "TLSv1.2" | "TLSv1.3") =>
    new Promise<string>((resolve) => {
      const options = { port: portOf(listener), host: "127.0.0.1", rejectUnauthorized: false };
      const socket = tlsConnect(
        { ...options, minVersion: version, maxVersion: version, ciphers: "DEFAULT@SECLEVEL=0" },
        () => {
          socket.write("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
          resolve(socket.getProtocol() ?? "none");
        },
      );
      socket.on("error", () => resolve("refused"));
      socket.resume();
    });
  expect(await handshake("TLSv1.1")).toBe("refused");
  expect(await handshake("TLSv1.2")).toBe("TLSv1.2");
  expect(await handshake("TLSv1.3")).toBe("TLSv1.3");
  await expect.poll(() => peers.length).toBe(2);
  expect(peers[0]?.encrypted).toBe(true);
});
