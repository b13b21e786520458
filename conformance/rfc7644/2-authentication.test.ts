/** Authentication and authorization with bearer tokens (RFC 7644 §2, §7.4, RFC 6750 §3). */
import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { administration, freshConnection } from "../fresh-connection.ts";
import {
  createScimClient,
  expectError,
  expectStatus,
  idsOf,
  unique,
  userBody,
} from "../scim-client.ts";

const target = await freshConnection({ settings: { strict: true } });
const client = createScimClient(target);
const anonymous = createScimClient({ ...target, token: undefined });
const authorization = (value: string) => ({ headers: { authorization: value } });

test("AUTH-01 AUTH-03 no credentials: 401 that names the Bearer scheme and no error", async () => {
  const answer = await anonymous.get("/Users");
  expectError(answer, 401);
  const challenge = answer.headers.get("www-authenticate");
  expect(challenge).toMatch(/^Bearer realm="[^"]+"/);
  expect(challenge).not.toContain("error=");
});

test.each([
  ["an unknown token", "Bearer nope"],
  ["a tampered token", `Bearer ${target.token}x`],
  ["an empty token", "Bearer "],
])("AUTH-02 %s: 401 with invalid_token and nothing done", async (_, value) => {
  const body = userBody();
  const answer = await client.post("/Users", body, authorization(value));
  expectError(answer, 401);
  expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer realm="[^"]+"/);
  if (value !== "Bearer ") {
    expect(answer.headers.get("www-authenticate")).toContain('error="invalid_token"');
  }
  expect(idsOf(await client.filter("/Users", `userName eq "${body["userName"]}"`))).toEqual([]);
});

test.each(["Basic dXNlcjpwYXNz", "nonsense"])(
  "AUTH-02 %s is no bearer token: 401",
  async (value) => {
    const answer = await client.get("/Users", authorization(value));
    expectError(answer, 401);
    expect(answer.headers.get("www-authenticate")).toContain("Bearer");
  },
);

test("AUTH-02 a token without its scheme is refused", async () => {
  expectError(await client.get("/Users", authorization(String(target.token))), 401);
});

test.runIf(administration)(
  "AUTH-05 TEN-01 TEN-02 each client sees its own population",
  async () => {
    const other = createScimClient(await freshConnection());
    const mine = await client.newUser();
    const theirs = await other.newUser();
    expectError(await client.get(`/Users/${theirs.id}`), 404);
    expectError(await other.get(`/Users/${mine.id}`), 404);
    expect(idsOf(await other.get("/Users"))).toEqual([theirs.id]);
  },
);

test("AUTH-08 tokens carry at least 128 random bits", () => {
  expect(String(target.token).length).toBeGreaterThanOrEqual(22);
});

test("AUTH-10 a token in the query is ignored", async () => {
  expectError(await anonymous.get(`/Users?access_token=${target.token}`), 401);
});

test("AUTH-11 the scheme is read in any case", async () => {
  for (const scheme of ["bearer", "BEARER"]) {
    expectStatus(await client.get("/Users", authorization(`${scheme} ${target.token}`)), 200);
  }
});

test("AUTH-12 ERR-17 authentication comes before everything else", async () => {
  for (const [method, path] of [
    ["GET", `/Users/${randomUUID()}`],
    ["GET", "/Nope"],
    ["PUT", "/Users"],
    ["DELETE", "/Schemas"],
    ["GET", "/Me"],
    ["GET", "/ServiceProviderConfig"],
    ["GET", "/Users?filter=%22"],
  ] as const) {
    expectError(await anonymous.send(method, path), 401);
  }
  expectError(await anonymous.send("POST", "/Users", "{"), 401);
});

test.runIf(administration)("AUTH-07 an expired token is refused", async () => {
  const expired = createScimClient(await freshConnection({ expired: true }));
  const answer = await expired.get("/Users");
  expectError(answer, 401);
  expect(answer.headers.get("www-authenticate")).toContain('error="invalid_token"');
});

test.runIf(administration)("AUTH-04 a token that may only read does not write", async () => {
  const reader = createScimClient(await freshConnection({ scopes: ["scim:read"] }));
  expectStatus(await reader.get("/Users"), 200);
  for (const answer of [
    await reader.post("/Users", userBody()),
    await reader.put(`/Users/${randomUUID()}`, userBody()),
    await reader.patch(`/Users/${randomUUID()}`, [{ op: "add", path: "title", value: "x" }]),
    await reader.delete(`/Users/${randomUUID()}`),
  ]) {
    expectError(answer, 403);
    expect(answer.headers.get("www-authenticate")).toContain('error="insufficient_scope"');
  }
  expect(idsOf(await reader.get("/Users"))).toEqual([]);
});

test.runIf(administration)(
  "AUTH-02 a revoked token is refused, another one of the connection works on",
  async () => {
    const target = await freshConnection();
    const second = await administration?.newToken(target);
    await administration?.revoke(target);
    expectError(await createScimClient(target).get("/Users"), 401);
    expectStatus(await createScimClient({ ...target, token: second }).get("/Users"), 200);
  },
);

test.runIf(administration)(
  "AUTH-05 a disabled connection is 403 with a good token and 401 with a bad one",
  async () => {
    const target = await freshConnection();
    const kept = await createScimClient(target).newUser({ userName: unique("kept") });
    await administration?.disable(target, true);
    expectError(await createScimClient(target).get("/Users"), 403);
    expectError(await createScimClient(target).post("/Users", userBody()), 403);
    expectError(await createScimClient({ ...target, token: "nope" }).get("/Users"), 401);
    await administration?.disable(target, false);
    expect(idsOf(await createScimClient(target).get("/Users"))).toEqual([kept.id]);
  },
);
