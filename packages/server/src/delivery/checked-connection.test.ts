import { spawnSync } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Receiver } from "../../../../test/webhook-receiver.ts";
import { makeCertificate, startReceiver, statusAnswer } from "../../../../test/webhook-receiver.ts";
import type {
  AddressResolver,
  CheckedConnectionParts,
  OutboundPost,
} from "./checked-connection.ts";
import {
  answerLengthMax,
  createAddressResolver,
  getChecked,
  postChecked,
} from "./checked-connection.ts";

const loopback = ["127.0.0.0/8", "::1"];
const unasked: AddressResolver = async (host) => {
  throw new Error(`nobody should look up ${host}`);
};
let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterEach(() => {
  receiver.clear();
  receiver.answerWith(statusAnswer(204));
});
afterAll(() => receiver.close());

function post(
  url: string,
  parts: Partial<CheckedConnectionParts> = {},
  more: Partial<OutboundPost> = {},
) {
  return postChecked(
    { url, headers: { "content-type": "application/json" }, body: '{"a":"ä"}', ...more },
    { allowed: loopback, resolve: unasked, timeoutMs: 20_000, ...parts },
  );
}
const answers = (...addresses: readonly string[]) => ({ resolve: async () => addresses });
/** With the port of a real receiver behind a host. */
const at = (host: string, scheme = "https") => `${scheme}://${host}:${receiver.port}/in?a=b`;

describe("no socket is opened to", () => {
  test.each([
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "0x7f.1",
    "0177.0.0.1",
    "2130706433",
    "0",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "ann@127.0.0.1",
    "8.8.8.8@127.0.0.1",
    "localhost@127.0.0.1",
    "%31%32%37.0.0.1",
    "127。0。0。1",
  ])("a forbidden address written as %s", async (host) => {
    for (const scheme of ["https", "http"]) {
      const outcome = await post(at(host, scheme), { allowed: [] });
      expect(outcome.kind).toBe("unanswered");
    }
    expect(receiver.connections()).toBe(0);
  });

  test.each([
    [["127.0.0.1"]],
    [["::1"]],
    [["::ffff:127.0.0.1"]],
    [["8.8.8.8", "127.0.0.1"]],
    [["127.0.0.1", "8.8.8.8"]],
    [["2606:4700:4700::1111", "::1"]],
    [["64:ff9b::127.0.0.1"]],
    [["8.8.8.8", "127.1"]],
    [["127.0.0.1%lo"]],
    [[]],
  ])("a name that leads to %j", async (addresses) => {
    const outcome = await post(at("hooks.example.com"), { allowed: [], ...answers(...addresses) });
    expect(outcome.kind).toBe("unanswered");
    expect(JSON.stringify(outcome)).toContain("hooks.example.com");
    expect(JSON.stringify(outcome)).not.toContain("127.0.0");
    expect(receiver.connections()).toBe(0);
  });

  test("what a name of the machine leads to, with and without a dot at its end", async () => {
    for (const host of ["localhost", "localhost."]) {
      const outcome = await post(at(host), { allowed: [], resolve: createAddressResolver() });
      expect(outcome).toMatchObject({ reason: "localhost leads to a loopback address" });
    }
    expect(receiver.connections()).toBe(0);
  });

  test("anybody over plain http whom the operator does not allow", async () => {
    const outcome = await post(at("hooks.example.com", "http"), {
      allowed: ["10.0.0.0/8"],
      ...answers("127.0.0.1"),
    });
    expect(outcome).toMatchObject({ reason: "hooks.example.com leads to a loopback address" });
    expect(await post("http://hooks.example.com/", answers("8.8.8.8"))).toMatchObject({
      reason: expect.stringContaining("https"),
    });
    expect(receiver.connections()).toBe(0);
  });

  test("where a redirect points", async () => {
    const other = await startReceiver();
    for (const status of [301, 302, 303, 307, 308]) {
      receiver.answerWith(statusAnswer(status, { location: `http://127.0.0.1:${other.port}/` }));
      expect(await post(at("127.0.0.1", "http"))).toMatchObject({ kind: "answered", status });
    }
    expect(other.connections()).toBe(0);
    await other.close();
  });

  test("a proxy of the environment", () => {
    // The platform reads these when a process starts.
    const script = `
      import { postChecked } from "./packages/server/dist/delivery/checked-connection.js";
      const outcome = await postChecked(
        { url: "http://127.0.0.1:9/", headers: {}, body: "" },
        { allowed: ["127.0.0.0/8"], resolve: async () => [], timeoutMs: 5000 },
      );
      console.log(JSON.stringify(outcome));`;
    const proxy = `http://127.0.0.1:${receiver.port}`;
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      encoding: "utf8",
      env: { NODE_USE_ENV_PROXY: "1", http_proxy: proxy, HTTP_PROXY: proxy, HTTPS_PROXY: proxy },
    });
    expect(stdout).toContain("refused");
    expect(receiver.connections()).toBe(0);
  });
});

describe("a name is resolved once", () => {
  test("and what it leads to a moment later is not connected to", async () => {
    const other = await startReceiver({ host: "127.0.0.2", port: receiver.port });
    const asked: string[] = [];
    const resolve: AddressResolver = async (host) => {
      asked.push(host);
      return asked.length === 1 ? ["127.0.0.2"] : ["127.0.0.1"];
    };
    const outcome = await post(at("hooks.example.com", "http"), {
      allowed: ["127.0.0.2"],
      resolve,
    });
    expect(outcome).toMatchObject({ kind: "answered", status: 204 });
    expect(asked).toEqual(["hooks.example.com"]);
    expect(other.requests).toHaveLength(1);
    // Once more, and the name has gone where nobody may.
    expect(
      await post(at("hooks.example.com", "http"), { allowed: ["127.0.0.2"], resolve }),
    ).toMatchObject({ reason: expect.stringContaining("loopback") });
    expect(receiver.connections()).toBe(0);
    await other.close();
  });

  test("and of several addresses the next one is tried when nobody is at the first", async () => {
    const outcome = await post(at("hooks.example.com", "http"), answers("127.0.0.3", "127.0.0.1"));
    expect(outcome).toMatchObject({ kind: "answered", status: 204 });
    expect(receiver.connections()).toBe(1);
  });

  test("also when several wait for the same answer; a failure is not kept", async () => {
    const resolve = createAddressResolver();
    const [first, second] = [resolve("localhost"), resolve("localhost")];
    expect(first).toBe(second);
    expect(await first).toEqual(
      expect.arrayContaining([expect.stringMatching(/^(127\.0\.0\.1|::1)$/)]),
    );
    const [failed, failedToo] = [resolve("nobody.invalid"), resolve("nobody.invalid")];
    await expect(failed).rejects.toThrow();
    await expect(failedToo).rejects.toThrow();
    expect(resolve("nobody.invalid").catch(() => "asked again")).not.toBe(failed);
  });
});

test("what is sent arrives as it is, to the host of the URL, on a connection of its own", async () => {
  await post(at("Hooks.Example.com.", "http"), answers("127.0.0.1"));
  await post(at("Hooks.Example.com.", "http"), answers("127.0.0.1"));
  expect(receiver.connections()).toBe(2);
  expect(receiver.requests[1]).toMatchObject({
    method: "POST",
    path: "/in?a=b",
    body: '{"a":"ä"}',
    headers: {
      host: `hooks.example.com.:${receiver.port}`,
      "content-type": "application/json",
      "content-length": "10",
      connection: "close",
    },
  });
});

describe("an answer", () => {
  test.each([200, 201, 204, 304, 404, 410, 500, 503])("%i is one", async (status) => {
    receiver.answerWith(statusAnswer(status, { "retry-after": "7" }));
    expect(await post(at("127.0.0.1", "http"))).toEqual({
      kind: "answered",
      status,
      retryAfter: "7",
      text: "",
    });
  });

  test("is read no further than is polite, however long it is", async () => {
    const sent = { bytes: 0 };
    const closed = new Promise<void>((resolve) => {
      receiver.answerWith((response) => {
        response.writeHead(200);
        response.on("close", resolve);
        response.on("error", () => undefined);
        const more = () => {
          while (!response.destroyed) {
            sent.bytes += answerLengthMax;
            if (!response.write(Buffer.alloc(answerLengthMax))) {
              response.once("drain", more);
              return;
            }
          }
        };
        more();
      });
    });
    expect(await post(at("127.0.0.1", "http"))).toMatchObject({ status: 200 });
    await closed;
    // What the machine's buffers hold was sent, and not what a reader would have taken.
    expect(sent.bytes).toBeLessThan(64 * 1024 * 1024);
  });

  test("counts although the rest of it never comes", async () => {
    receiver.answerWith((response) => {
      response.writeHead(200, { "content-length": "10" });
      response.write("begun");
    });
    expect(await post(at("127.0.0.1", "http"), { timeoutMs: 300 })).toMatchObject({ status: 200 });
  });

  test("that does not come in time is none", async () => {
    receiver.answerWith(() => undefined);
    expect(await post(at("127.0.0.1", "http"), { timeoutMs: 300 })).toEqual({
      kind: "unanswered",
      reason: "no answer within 0.3 seconds",
    });
  });

  test("is not waited for longer than it takes to find the host", async () => {
    const outcome = await post(at("hooks.example.com"), {
      timeoutMs: 300,
      resolve: () => new Promise(() => undefined),
    });
    expect(outcome).toMatchObject({ reason: "no answer within 0.3 seconds" });
  });

  test("drop by drop is cut off", async () => {
    const server = createServer((socket) => {
      const timer = setInterval(() => socket.write("x"), 20);
      socket.on("close", () => clearInterval(timer)).on("error", () => undefined);
      socket.write("HTTP/1.1 200 OK\r\nx-long: ");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    expect(await post(`http://127.0.0.1:${port}/`, { timeoutMs: 400 })).toMatchObject({
      reason: "no answer within 0.4 seconds",
    });
    server.close();
  });

  test.each([
    ["that is closed at once", ""],
    ["that is no HTTP", "220 mail.example.com ESMTP\r\n"],
    [
      "that switches protocols",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    ],
    ["whose head has no end", `HTTP/1.1 200 OK\r\nx: ${"y".repeat(100_000)}`],
  ])("%s is none", async (_, text) => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => socket.end(text));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    expect((await post(`http://127.0.0.1:${port}/`)).kind).toBe("unanswered");
    server.close();
  });

  test("is not asked for when it is too late to send", async () => {
    const outcome = await post(at("127.0.0.1", "http"), {}, { mayBegin: () => false });
    expect(outcome).toMatchObject({ reason: expect.stringContaining("held up") });
    expect(receiver.requests).toEqual([]);
  });

  test("is given up when somebody says so, before and while it is waited for", async () => {
    receiver.answerWith(() => undefined);
    expect((await post(at("127.0.0.1", "http"), {}, { signal: AbortSignal.abort() })).kind).toBe(
      "unanswered",
    );
    expect(receiver.connections()).toBe(0);
    const giveUp = new AbortController();
    const waiting = post(at("127.0.0.1", "http"), {}, { signal: giveUp.signal });
    await expect.poll(() => receiver.requests.length).toBe(1);
    giveUp.abort();
    expect((await waiting).kind).toBe("unanswered");
  });

  test("is not to be had where nobody listens or no name is known, which is said in words", async () => {
    const gone = await startReceiver();
    await gone.close();
    expect(await post(`http://127.0.0.1:${gone.port}/`)).toMatchObject({
      reason: "the connection was refused",
    });
    const unknown = Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" });
    expect(
      await post(at("hooks.example.com"), { resolve: () => Promise.reject(unknown) }),
    ).toMatchObject({ reason: "the host name is not known" });
  });
});

describe("over TLS", () => {
  const certificate = makeCertificate("DNS:hooks.example.com", "IP:127.0.0.9");
  const trust = { trustedCertificates: certificate.cert };
  let secure: Receiver;
  beforeAll(async () => {
    secure = await startReceiver({ certificate, host: "0.0.0.0" });
  });
  afterEach(() => secure.clear());
  afterAll(() => secure.close());
  const to = (host: string, parts: Partial<CheckedConnectionParts>) =>
    post(`https://${host}:${secure.port}/`, { ...answers("127.0.0.1"), ...parts });

  test("the certificate is of the name in the URL, not of the address", async () => {
    for (const host of ["hooks.example.com", "hooks.example.com."]) {
      expect(await to(host, trust)).toMatchObject({ kind: "answered", status: 204 });
    }
    expect(await to("127.0.0.9", trust)).toMatchObject({ kind: "answered", status: 204 });
    expect(secure.requests).toHaveLength(3);
  });

  test.each(["other.example.com", "127.0.0.1"])(
    "another name, %s, is sent nothing",
    async (host) => {
      expect(await to(host, trust)).toMatchObject({
        kind: "unanswered",
        reason: expect.stringMatching(/certificate/),
      });
      expect(secure.requests).toEqual([]);
    },
  );

  test("PUSH-05 a certificate that nobody vouches for is sent nothing, also where the operator allows the address", async () => {
    expect(await to("hooks.example.com", {})).toMatchObject({
      kind: "unanswered",
      reason: expect.stringMatching(/self-signed/),
    });
    expect(secure.requests).toEqual([]);
  });

  test("a receiver without TLS is sent nothing", async () => {
    expect((await post(at("hooks.example.com"), answers("127.0.0.1"))).kind).toBe("unanswered");
    expect(receiver.requests).toEqual([]);
  });
});

describe("what is read", () => {
  const read = (allowed: readonly string[] = loopback, lengthMax = 100) =>
    getChecked(
      { url: at("127.0.0.1", "http"), headers: { accept: "application/json" }, lengthMax },
      { allowed, resolve: unasked, timeoutMs: 20_000 },
    );

  test("arrives whole, up to the limit", async () => {
    const text = "ä".repeat(50);
    receiver.answerWith((response) => response.writeHead(200).end(text));
    expect(await read()).toEqual({ kind: "answered", status: 200, text });
    const [request] = receiver.requests;
    expect([request?.method, request?.path, request?.body]).toEqual(["GET", "/in?a=b", ""]);
    expect(request?.headers["content-length"]).toBeUndefined();
    receiver.answerWith((response) => response.writeHead(200).end(`${text}x`));
    expect(await read()).toMatchObject({
      kind: "unanswered",
      reason: expect.stringMatching(/100/),
    });
  });

  test("is not what a redirect leads to", async () => {
    receiver.answerWith((response) => response.writeHead(302, { location: "/other" }).end());
    expect(await read()).toMatchObject({ kind: "answered", status: 302 });
    expect(receiver.requests).toHaveLength(1);
  });

  test("comes from nowhere that is not allowed", async () => {
    const before = receiver.connections();
    expect((await read([])).kind).toBe("unanswered");
    expect(receiver.connections()).toBe(before);
  });

  test("is nothing when the answer is cut off", async () => {
    receiver.answerWith((response) => {
      response.writeHead(200, { "content-length": "50" }).write("half");
      setImmediate(() => response.destroy());
    });
    expect((await read()).kind).toBe("unanswered");
  });
});
