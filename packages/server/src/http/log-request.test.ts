import { scimRequestOf } from "@rollcall/scim";
import { expect, test } from "vitest";
import type { RequestLogEntry } from "../domain/request-log-entry.ts";
import type { Answer, Exchange, ServerRequest } from "./exchange.ts";
import { createJsonLog } from "./json-log.ts";
import { logAccess, logRequest } from "./log-request.ts";

const requestFrom = (agent: string): ServerRequest => {
  const headers = { "user-agent": agent, authorization: "Bearer hidden" };
  const request = new Request("http://h/scim/v2/Users?filter=secret", { headers });
  return { ...scimRequestOf(request), isGone: () => false };
};
const exchange: Exchange = {
  request: requestFrom(`Okta \u009b31m${"x".repeat(500)}`),
  requestId: "r-1",
  path: "/scim/v2/Users",
  address: "192.0.2.1",
  startMs: 0,
};
const answer: Answer = {
  response: { status: 400, headers: {}, body: undefined },
  report: {
    pathTemplate: "/scim/v2/Users",
    scimType: "invalidFilter",
    reason: "line\r\nforged \u001b[31m\u202e",
    warnings: Array.from({ length: 30 }, (_, index) => `op ${index}\nignored`),
    defect: undefined,
  },
  caller: undefined,
  isLogged: true,
};

test("an entry is clean, bounded, and has neither query nor token nor address", () => {
  const entries: RequestLogEntry[] = [];
  logRequest({ append: (entry) => entries.push(entry) }, exchange, answer, 12);
  const [entry] = entries;
  const text = JSON.stringify(entry);
  expect(text).not.toMatch(/\\r|\\n|\\u001b|hidden|secret|192\.0\.2/);
  expect(entry?.client).toHaveLength(200);
  expect(entry?.client).toContain("Okta �31m");
  expect(entry?.reason).toBe("line��forged �[31m�");
  expect(entry?.warnings).toHaveLength(21);
  expect(entry?.warnings.at(-1)).toBe("and 10 more warnings");
  expect(entry?.durationMs).toBe(12);
});

test("a token that a client put into its name or into an attribute name is hidden", () => {
  const token = `rollcall_scim_${"a".repeat(12)}_${"b".repeat(43)}_${"c".repeat(6)}`;
  const entries: RequestLogEntry[] = [];
  logRequest(
    { append: (entry) => entries.push(entry) },
    { ...exchange, request: requestFrom(token) },
    { ...answer, report: { ...answer.report, reason: `no ${token}`, warnings: [token] } },
    0,
  );
  expect(JSON.stringify(entries)).not.toContain("bbbb");
  expect(entries[0]?.client).toBe("rollcall_scim_(hidden)");
});

test("whoever debugs gets a line for each request, with ids and neither query nor token nor reason", () => {
  const lines: string[] = [];
  const caller = { tenantId: "t", connectionId: "c", credentialId: "k" } as Answer["caller"];
  const answered = { ...answer, caller };
  logAccess(
    createJsonLog(
      (line) => lines.push(line),
      () => 0,
    ),
    exchange,
    answered,
    0.0123456,
  );
  expect(lines).toEqual([]);
  const log = createJsonLog(
    (line) => lines.push(line),
    () => 0,
    "debug",
  );
  logAccess(log, exchange, answered, 0.0123456);
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      level: "debug",
      time: "1970-01-01T00:00:00.000Z",
      message: "request",
      requestId: "r-1",
      method: "GET",
      path: "/scim/v2/Users",
      status: 400,
      durationMs: 12.346,
      tenantId: "t",
      connectionId: "c",
      credentialId: "k",
    },
  ]);
});
