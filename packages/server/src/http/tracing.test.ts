import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { TestRollcall } from "../../../../test/compose-for-tests.ts";
import { composeForTests } from "../../../../test/compose-for-tests.ts";
import { isTest, readSourceFiles } from "../../../../test/source-files.ts";

/** A span as OTLP/HTTP has it in JSON. */
interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly status: { readonly code?: number };
  readonly attributes: readonly { readonly key: string; readonly value: object }[];
}

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = "00f067aa0ba902b7";
const serverKind = 2;

let received: { path: string; text: string }[];
let collector: ReturnType<typeof createServer>;
let url = "";
let status = 200;

beforeEach(async () => {
  received = [];
  status = 200;
  collector = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      received.push({ path: request.url ?? "", text: Buffer.concat(pieces).toString() });
      response.writeHead(status, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`;
});
afterEach(async () => {
  await new Promise((resolve) => collector.close(resolve));
});

function spans(): readonly ReceivedSpan[] {
  return received.flatMap(({ text }) =>
    JSON.parse(text).resourceSpans.flatMap(
      (resource: { scopeSpans: { spans: ReceivedSpan[] }[] }) =>
        resource.scopeSpans.flatMap((scope) => scope.spans),
    ),
  );
}
function attributesOf({ attributes }: ReceivedSpan): Readonly<Record<string, unknown>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
function send(rollcall: TestRollcall, path: string, headers: Record<string, string> = {}) {
  const authorization = `Bearer ${rollcall.first?.token}`;
  return rollcall.fetch(
    new Request(`http://127.0.0.1${path}`, { headers: { authorization, ...headers } }),
  );
}

test("a request is a span of the trace it names, with its calls of the store in it, and nothing personal", async () => {
  const rollcall = await composeForTests({ otlpUrl: url });
  const traceparent = `00-${traceId}-${spanId}-01`;
  const id = randomUUID();
  const answer = await send(rollcall, `/scim/v2/Users/${id}?filter=secret`, { traceparent });
  expect(answer.status).toBe(404);
  const scope = rollcall.first?.connection;
  await rollcall.remove();
  const [server, ...others] = spans().filter(({ kind }) => kind === serverKind);
  expect(others).toEqual([]);
  expect(server).toMatchObject({
    traceId,
    parentSpanId: spanId,
    name: "GET /scim/v2/Users/{id}",
  });
  expect(attributesOf(server ?? (undefined as never))).toEqual({
    "http.request.method": "GET",
    "http.route": "/scim/v2/Users/{id}",
    "http.response.status_code": 404,
    "rollcall.request_id": answer.headers.get("x-request-id"),
    "rollcall.tenant_id": scope?.tenantId,
    "rollcall.connection_id": scope?.connectionId,
  });
  const inner = spans().filter((span) => span.parentSpanId === server?.spanId);
  expect(inner.map(({ name }) => name)).toContain("store resources.read");
  expect(inner.every((span) => span.traceId === traceId)).toBe(true);
  expect(received[0]?.path).toBe("/v1/traces");
  const text = received.map(({ text }) => text).join("");
  expect(text).toContain('"rollcall"');
  for (const word of ["secret", id, rollcall.first?.token ?? "", '"default"']) {
    expect(text).not.toContain(word);
  }
});

test("without a trace of its caller's, or with one that makes no sense, a request begins one", async () => {
  const rollcall = await composeForTests({ otlpUrl: url });
  for (const headers of [{}, { traceparent: "00-nonsense" }]) {
    expect((await send(rollcall, "/scim/v2/Users", headers)).status).toBe(200);
  }
  await rollcall.remove();
  const servers = spans().filter(({ kind }) => kind === serverKind);
  expect(servers).toHaveLength(2);
  expect(servers.every(({ parentSpanId = "" }) => parentSpanId === "")).toBe(true);
  expect(new Set(servers.map((span) => span.traceId)).size).toBe(2);
});

test("what a caller does not record is not recorded here", async () => {
  const rollcall = await composeForTests({ otlpUrl: url });
  await send(rollcall, "/scim/v2/Users", { traceparent: `00-${traceId}-${spanId}-00` });
  await rollcall.remove();
  expect(spans()).toEqual([]);
});

test("a collector that refuses is told of once, and no request suffers", async () => {
  status = 400;
  const rollcall = await composeForTests({ otlpUrl: url });
  expect((await send(rollcall, "/scim/v2/Users")).status).toBe(200);
  await rollcall.remove();
  const told = rollcall.logLines.filter((line) => line.includes("traces could not be sent"));
  expect(told).toHaveLength(1);
});

test("without the setting nothing of it is loaded", () => {
  const files = readSourceFiles("packages/server/src").filter((file) => !isTest(file));
  const loading = files.filter((file) => /from "@opentelemetry\//.test(file.text));
  expect(loading.map(({ path }) => path)).toEqual(["packages/server/src/http/tracing.ts"]);
  const importing = files.filter((file) =>
    /^import \{[^}]*\} from "[^"]*\/tracing\.ts"/m.test(file.text),
  );
  expect(importing).toEqual([]);
});
