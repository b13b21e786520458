import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { connect } from "node:net";
import type { PlainResponse } from "@rollcall/scim";
import { afterEach, expect, test } from "vitest";
import { sendResponse, takeRest } from "./send-response.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Handle = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>;

async function portOf(handle: Handle): Promise<number> {
  const server = createServer((incoming, outgoing) => void handle(incoming, outgoing));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
const serve = (response: PlainResponse) =>
  portOf((_, outgoing) => sendResponse(outgoing, response));

function open(port: number, text: string): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(text);
      resolve(socket);
    });
    socket.on("error", () => undefined);
  });
}
const get = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

async function answerTo(port: number, text = get): Promise<string> {
  const socket = await open(port, text);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => socket.on("close", resolve));
  return Buffer.concat(chunks).toString();
}

/** Endless pieces that say how many were asked for, and whether they were given up. */
function endless() {
  const seen = { read: 0, closed: false };
  function* source(): Iterable<string> {
    try {
      for (;;) {
        seen.read += 1;
        yield "x".repeat(65_536);
      }
    } finally {
      seen.closed = true;
    }
  }
  return { seen, pieces: source() };
}

test("text goes with its length in bytes", async () => {
  const answer = await answerTo(await serve({ status: 201, headers: { ETag: '"1"' }, body: "äé" }));
  expect(answer).toMatch(/^HTTP\/1\.1 201 Created\r\nETag: "1"\r\nContent-Length: 4\r\n/);
  expect(answer.endsWith("\r\n\r\näé")).toBe(true);
  expect(answer).not.toMatch(/transfer-encoding/i);
});

test.each([204, 304])("%i has no content and no length", async (status) => {
  const answer = await answerTo(await serve({ status, headers: {}, body: undefined }));
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(answer).not.toMatch(/content-length|transfer-encoding/i);
  expect(answer.endsWith("\r\n\r\n")).toBe(true);
});

test("pieces go in chunks, or until the connection ends for HTTP/1.0", async () => {
  const port = await serve({ status: 200, headers: {}, body: ["ab", "", "ü"] });
  const answer = await answerTo(port);
  expect(answer).toMatch(/transfer-encoding: chunked/i);
  expect(answer).not.toMatch(/content-length/i);
  // Some versions of Node put what is written in one turn into one chunk.
  expect(answer).toMatch(/\r\n\r\n(?:2\r\nab\r\n2\r\nü|4\r\nabü)\r\n0\r\n\r\n$/);
  const old = await answerTo(port, "GET / HTTP/1.0\r\n\r\n");
  expect(old).not.toMatch(/chunked/i);
  expect(old.endsWith("\r\n\r\nabü")).toBe(true);
});

test("a client that takes nothing is waited for, and no piece is made meanwhile", async () => {
  const { seen, pieces } = endless();
  const port = await serve({ status: 200, headers: {}, body: pieces });
  const socket = await open(port, get);
  let before = -1;
  // What fits into the buffers of two sockets is made; then it stands still.
  await expect
    .poll(
      () => {
        const stands = seen.read === before && seen.read > 0;
        before = seen.read;
        return stands;
      },
      { interval: 200, timeout: 20_000 },
    )
    .toBe(true);
  expect(seen.read).toBeLessThan(1_000);
  expect(seen.closed).toBe(false);
  const stood = seen.read;
  socket.on("data", () => undefined);
  await expect.poll(() => seen.read, { timeout: 20_000 }).toBeGreaterThan(stood);
  socket.destroy();
  await expect.poll(() => seen.closed, { timeout: 20_000 }).toBe(true);
});

test("a client that goes away ends it", async () => {
  const { seen, pieces } = endless();
  const settled: string[] = [];
  const port = await portOf(async (_, outgoing) => {
    await sendResponse(outgoing, { status: 200, headers: {}, body: pieces });
    settled.push("done");
  });
  const socket = await open(port, get);
  await new Promise((resolve) => socket.once("data", resolve));
  socket.destroy();
  await expect.poll(() => settled).toEqual(["done"]);
  expect(seen.closed).toBe(true);
});

test("what was begun and fails is told to whoever sends", async () => {
  function* failing(): Iterable<string> {
    yield "begun";
    throw new Error("broken");
  }
  const failures: unknown[] = [];
  const port = await portOf(async (_, outgoing) => {
    await sendResponse(outgoing, { status: 200, headers: {}, body: failing() }).catch(
      (error: unknown) => {
        failures.push(error);
        outgoing.destroy();
      },
    );
  });
  const answer = await answerTo(port);
  expect(answer).not.toContain("0\r\n\r\n");
  expect(failures).toEqual([new Error("broken")]);
});

test("the rest of a body is taken for a moment: the client reads its answer, and cannot go on for ever", async () => {
  const port = await portOf(async (incoming, outgoing) => {
    outgoing.on("close", () => takeRest(incoming));
    await sendResponse(outgoing, { status: 413, headers: {}, body: "too long" });
  });
  const socket = await open(port, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n");
  const sending = setInterval(() => socket.write("x".repeat(1_000)), 10);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => socket.on("close", resolve));
  clearInterval(sending);
  expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 413 [\s\S]*too long$/);
});
