import { connect } from "node:net";
import type { PlainResponse } from "@rollcall/scim";
import { afterEach, expect, test } from "vitest";
import type { App } from "./app.ts";
import { createJsonLog } from "./json-log.ts";
import type { Listener } from "./listen.ts";
import { listen } from "./listen.ts";

const log = createJsonLog(() => undefined, Date.now);
const listeners: Listener[] = [];
afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.stop()));
});

async function start(app: App): Promise<Listener> {
  const options = { host: "127.0.0.1", port: 0, tlsCert: undefined, tlsKey: undefined };
  const listener = await listen(app, options, log);
  listeners.push(listener);
  return listener;
}
const answered = (body: string): PlainResponse => ({ status: 200, headers: {}, body });
const echo: App = async ({ method }) => answered(method);

/** Sends bytes and answers with everything that comes back until the connection ends. */
function sendRaw({ address }: Listener, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(address).port), "127.0.0.1", () => socket.write(bytes));
    const chunks: string[] = [];
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => chunks.push(chunk));
    socket.on("close", () => resolve(chunks.join("")));
    socket.on("error", reject);
  });
}

test.each([
  ["/a/./b/../c?x=1&y=%20#z", "/a/c x=1&y=%20"],
  ["/a//b/", "/a//b/ "],
  ["//evil.example/x", "//evil.example/x "],
  ["/%2e%2e/a%2Fb", "/a%2Fb "],
  ["http://other.example/x?y", "/x y"],
  ["/?", "/ "],
  ["/a/b?x=%41&y='a'\"b\"", "/a/b x=%41&y=%27a%27%22b%22"],
  ["/a.b/c?d", "/a.b/c d"],
  ["/a..b/...", "/a..b/... "],
])("the target %s is %s", async (target, seen) => {
  const listener = await start(async ({ path, query }) => answered(`${path} ${query}`));
  const answer = await sendRaw(
    listener,
    `GET ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`,
  );
  expect(answer.endsWith(`\r\n\r\n${seen}`), answer).toBe(true);
});

test.each(["h", "h:80", "h.example:", "[::1]:8480", "192.0.2.1", "münchen.example"])(
  "the Host %s is one",
  async (host) => {
    const listener = await start(echo);
    const answer = await sendRaw(
      listener,
      `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
  },
);

test.each(["a/b", "a?b", "a#b", "user@h", "h:99999", "h:x", "[::1", "a\\b"])(
  "the Host %s is none",
  async (host) => {
    const listener = await start(echo);
    const answer = await sendRaw(
      listener,
      `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
  },
);

test.each([
  ["OPTIONS * HTTP/1.1", 400],
  ["GET ftp://h/x HTTP/1.1", 400],
  ["GET http://:x/ HTTP/1.1", 400],
])("%s is no target", async (line, status) => {
  const listener = await start(echo);
  const answer = await sendRaw(listener, `${line}\r\nHost: h\r\nConnection: close\r\n\r\n`);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
});

test("a target that is plain is read as one that is parsed", async () => {
  const listener = await start(async ({ path, query }) => answered(`${path} ${query}`));
  const characters = "-~!$&()*+,;=:@/_aZ09";
  for (const target of [`/${characters}`, `/x?${characters}?.%41`, `//${characters}`]) {
    const answer = await sendRaw(
      listener,
      `GET ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`,
    );
    const { pathname, search } = new URL(`http://h${target}`);
    expect(answer.split("\r\n\r\n")[1]).toBe(`${pathname} ${search.slice(1)}`);
  }
});

test.each(["TRACE", "OPTIONS", "DELETE"])("%s is a method like another", async (method) => {
  const listener = await start(echo);
  const answer = await sendRaw(
    listener,
    `${method} / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`,
  );
  expect(answer.endsWith(`\r\n\r\n${method}`), answer).toBe(true);
});

test("of two headers of a name both are seen, and the names of objects are no headers", async () => {
  const listener = await start(async ({ headers }) =>
    answered(
      JSON.stringify([
        headers.get("AUTHORIZATION"),
        headers.get("if-match"),
        headers.get("user-agent"),
        headers.get("constructor"),
        headers.get("__proto__"),
      ]),
    ),
  );
  const answer = await sendRaw(
    listener,
    'GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\nIf-Match: "1"\r\nIf-Match: "2"\r\nConnection: close\r\n\r\n',
  );
  expect(JSON.parse(answer.split("\r\n\r\n")[1] ?? "")).toEqual([
    "Bearer a, Bearer b",
    '"1", "2"',
    null,
    null,
    null,
  ]);
});

test("a body is read up to the limit and no further, and the connection goes on after a short one", async () => {
  const listener = await start(async ({ readBody }) => {
    const body = await readBody(5);
    return answered(body === undefined ? "too long" : `${body.length} bytes`);
  });
  const post = (body: string, more = "") =>
    `POST / HTTP/1.1\r\nHost: h\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;
  const answer = await sendRaw(
    listener,
    `${post("")}${post("12345")}${post("123456")}${post("1", "Connection: close\r\n")}`,
  );
  expect(answer.match(/too long|\d bytes/g)).toEqual(["0 bytes", "5 bytes", "too long", "1 bytes"]);
});

test("a body that breaks off is the client's failure, for whoever waits for it or asks later", async () => {
  const failures: unknown[] = [];
  const gate: { gone?: Promise<void> } = {};
  const app: App = async ({ readBody }) => {
    await readBody(1000).catch((error: unknown) => failures.push(error));
    await gate.gone;
    await readBody(1000).catch((error: unknown) => failures.push(error));
    return answered("");
  };
  const listener = await start(app);
  const socket = connect(Number(new URL(listener.address).port), "127.0.0.1", () => {
    socket.write("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nabc");
    setTimeout(() => socket.destroy(), 50);
  });
  gate.gone = new Promise((resolve) => socket.on("close", () => setTimeout(resolve, 50)));
  await expect
    .poll(() => failures)
    .toMatchObject([{ scimType: "invalidSyntax" }, { scimType: "invalidSyntax" }]);
});

test("a client that has gone is known to have gone", async () => {
  const gone: boolean[] = [];
  const gate: { closed?: Promise<unknown> } = {};
  const listener = await start(async ({ isGone }) => {
    gone.push(isGone());
    await gate.closed;
    gone.push(isGone());
    return answered("");
  });
  const socket = connect(Number(new URL(listener.address).port), "127.0.0.1", () => {
    socket.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    setTimeout(() => socket.destroy(), 50);
  });
  gate.closed = new Promise((resolve) => socket.on("close", () => setTimeout(resolve, 50)));
  await expect.poll(() => gone).toEqual([false, true]);
});
