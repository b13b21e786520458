import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { adminToken } from "../../../../test/admin-client.ts";
import type { TestRollcall } from "../../../../test/compose-for-tests.ts";
import { composeForTests } from "../../../../test/compose-for-tests.ts";
import { operations } from "../admin-contract/operations.ts";
import { scopeOf } from "../domain/connection.ts";
import type { Scope } from "../domain/tenant.ts";
import type { Route } from "./app.ts";
import { routeOf, routes } from "./app.ts";
import type { Peer } from "./client-address.ts";

const dayMs = 86_400_000;
const errorUri = "urn:ietf:params:scim:api:messages:2.0:Error";
const origin = "http://127.0.0.1";
const local: Peer = { address: "127.0.0.1", encrypted: false };
const remote: Peer = { address: "192.0.2.1", encrypted: true };

let rollcall: TestRollcall;
let other: TestRollcall;
let token = "";
let admin = "";
beforeAll(async () => {
  rollcall = await composeForTests();
  other = await composeForTests();
  token = rollcall.first?.token ?? "";
  admin = await adminToken(rollcall);
});
afterAll(async () => {
  await rollcall.remove();
  await other.remove();
});

interface Sent {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: { readonly [name: string]: unknown };
}

async function send(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  more: { readonly peer?: Peer; readonly body?: string; readonly on?: TestRollcall } = {},
): Promise<Sent> {
  const body = method === "GET" || method === "HEAD" ? {} : { body: more.body ?? "{}" };
  const request = new Request(`${origin}${path}`, { method, headers, ...body });
  const response = await (more.on ?? rollcall).fetch(request, more.peer ?? local);
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: text === "" || isPage(response) ? {} : JSON.parse(text),
  };
}
/** What people get, and who watches; programs get JSON. */
const isPage = ({ headers }: Pick<Sent, "headers">): boolean =>
  headers.get("content-type")?.startsWith("text/") === true;
const bearer = (text: string) => ({ authorization: `Bearer ${text}` });

/** Every path there is below a route that stands for many. */
function pathsOf(route: string): readonly string[] {
  if (!route.endsWith("/*")) {
    return [route];
  }
  const stem = route.slice(0, -2);
  if (routeOf(stem)?.policy === "admin") {
    const paths = new Set(operations.map(({ path }) => path));
    return ["", "/", "/nope", ...paths].map((path) => `${stem}${filled(path)}`);
  }
  if (stem === "/scim") {
    // What is below it goes the way of the versioned routes, which have all paths.
    return ["", "/Users", "/.search", "/v1/Users", "/V2/Users"].map((path) => `${stem}${path}`);
  }
  const types = rollcall.registry.resourceTypes.flatMap(({ endpoint }) => [
    endpoint,
    `${endpoint}/.search`,
    `${endpoint}/${randomUUID()}`,
    `${endpoint}?filter=${encodeURIComponent('id eq "x"')}`,
  ]);
  const fixed = ["", "/", "/ServiceProviderConfig", "/ResourceTypes", "/ResourceTypes/User"];
  const rest = ["/Schemas", "/Schemas/urn:x", "/Me", "/Bulk", "/.search", "/nope", "/a/b/c"];
  return [...fixed, ...rest, ...types].map((path) => `${stem}${path}`);
}

function filled(template: string): string {
  return template
    .replace(/\{(tenant|connection)\}/g, "default")
    .replace(/\{\w+\}/g, () => randomUUID());
}

const spellings: Readonly<Record<string, (path: string) => string>> = {
  "as it is": (path) => path,
  "with a slash at the end": (path) => path.replace(/(\?|$)/, "/$1"),
  "with two slashes in front": (path) => `/${path}`,
  "with doubled slashes": (path) => path.replaceAll("/", "//"),
  "in capitals": (path) => path.toUpperCase(),
  "with an encoded letter": (path) => path.replace("c", "%63").replace("U", "%55"),
  "with encoded slashes": (path) => `/${path.slice(1).replaceAll("/", "%2F")}`,
  "with dot segments": (path) => `/./x/..${path.replace(/(\?|$)/, "/.$1")}`,
  "with encoded dot segments": (path) => `/healthz/%2e%2e${path}`,
  "out of an open place": (path) => `/healthz/..${path}`,
  "into an open place": (path) => path.replace(/(\?|$)/, "/../../../healthz$1"),
  "with backslashes": (path) => path.replaceAll("/", "\\").replace("\\", "/"),
  "with a parameter": (path) => path.replace(/(\?|$)/, ";x=healthz$1"),
  "with a NUL": (path) => path.replace(/(\?|$)/, "%00$1"),
  "with a fragment": (path) => `${path}#/healthz`,
  "with the token in the query": (path) =>
    `${path}${path.includes("?") ? "&" : "?"}access_token=${token}`,
};

type Credentials = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Headers with a token that open nothing, though the token is good. */
function spoilt(good: string): Credentials {
  const [, kind = "", id = ""] = good.split("_");
  return {
    none: {},
    empty: { authorization: "" },
    "scheme alone": { authorization: "Bearer" },
    malformed: bearer("x"),
    cut: bearer(good.slice(0, -1)),
    "with another id": bearer(good.replace(id, "0".repeat(12))),
    "of another kind": bearer(good.replace(kind, kind === "scim" ? "admin" : "scim")),
    doubled: { authorization: `Bearer ${good}, Bearer ${good}` },
    "without scheme": { authorization: good },
    basic: { authorization: `Basic ${Buffer.from(`x:${good}`).toString("base64")}` },
    cookie: { cookie: `token=${good}; rollcall=${good}; authorization=Bearer ${good}` },
    "another header": {
      "x-authorization": `Bearer ${good}`,
      "proxy-authorization": `Bearer ${good}`,
    },
  };
}

/** Credentials that open nothing of SCIM. */
async function badCredentials(): Promise<Credentials> {
  const scope = scopeOf(rollcall.first?.connection ?? (undefined as never));
  rollcall.clock.aheadMs = -40 * dayMs;
  const expired = await rollcall.newToken(scope);
  rollcall.clock.aheadMs = 0;
  const revoked = await rollcall.newToken(scope);
  const at = new Date().toISOString();
  const id = revoked.split("_")[2] as never;
  await rollcall.store.credentials.revoke(scope, id, at, rollcall.circumstances());
  const elsewhere = await rollcall.newToken(scope, { cidrs: ["198.51.100.0/24"] });
  return {
    ...spoilt(token),
    foreign: bearer(other.first?.token ?? ""),
    expired: bearer(expired),
    revoked: bearer(revoked),
    "from another network": bearer(elsewhere),
    "of the admin API": bearer(admin),
    ...(await badOauthCredentials(scope)),
  };
}

/** Access tokens that open nothing any more, and the secret of a client, which opens nothing but the token endpoint. */
async function badOauthCredentials(scope: Scope): Promise<Credentials> {
  const wish = { method: "client_secret_basic", name: "", cidrs: [], creator: "test" } as const;
  const scopes = ["scim:read", "scim:write"] as const;
  const { oauthClients, accessTokens } = rollcall;
  const { client, secret = "" } = await oauthClients.create({ ...wish, scope, scopes });
  const { client: removed } = await oauthClients.create({ ...wish, scope, scopes });
  await oauthClients.remove(removed);
  const tokenOf = ({ clientId }: typeof client, issuedMs = Date.now(), of = accessTokens) =>
    bearer(of.make({ clientId, scopes, issuedMs }));
  return {
    "an access token of a removed client": tokenOf(removed),
    "an expired access token": tokenOf(client, Date.now() - dayMs),
    "an access token of another instance": tokenOf(client, Date.now(), other.accessTokens),
    "the secret of a client": bearer(secret),
  };
}

/** Credentials that open nothing of the admin API. */
async function badAdminCredentials(): Promise<Credentials> {
  rollcall.clock.aheadMs = -40 * dayMs;
  const expired = await adminToken(rollcall);
  rollcall.clock.aheadMs = 0;
  const revoked = await adminToken(rollcall);
  const at = new Date().toISOString();
  const id = revoked.split("_")[2] as never;
  await rollcall.store.adminCredentials.revoke(id, at, rollcall.circumstances());
  return {
    ...spoilt(admin),
    foreign: bearer(await adminToken(other)),
    expired: bearer(expired),
    revoked: bearer(revoked),
    "of SCIM": bearer(token),
    "an access token": bearer(await newAccessToken()),
  };
}

async function newAccessToken(): Promise<string> {
  const scope = scopeOf(rollcall.first?.connection ?? (undefined as never));
  const scopes = ["scim:read", "scim:write"] as const;
  const wish = { method: "client_secret_basic", name: "", cidrs: [], creator: "test" } as const;
  const { clientId } = (await rollcall.oauthClients.create({ ...wish, scope, scopes })).client;
  return rollcall.accessTokens.make({ clientId, scopes, issuedMs: Date.now() });
}

/** Whether a refusal is a SCIM Error, on the admin API a problem, for OAuth clients an error of theirs, and a page behind the links in mails. */
function expectRefusal({ status, headers, body }: Sent, route: Route | undefined, what: string) {
  expect(status, what).toBeGreaterThanOrEqual(400);
  expect(status, what).toBeLessThan(500);
  if (route?.policy === "admin") {
    expect(headers.get("content-type"), what).toBe("application/problem+json");
    expect(body["status"], what).toBe(status);
  } else if (route?.policy === "client") {
    expect(typeof body["error"], what).toBe("string");
    expect(body["access_token"], what).toBeUndefined();
  } else if (route?.policy === "receiver") {
    expect(typeof body["err"], what).toBe("string");
    expect(body["sets"], what).toBeUndefined();
  } else if (route?.policy === "person") {
    expect(isPage({ headers }), what).toBe(true);
  } else {
    expect(body["schemas"], what).toEqual([errorUri]);
    expect(body["status"], what).toBe(String(status));
  }
}

describe("the auth matrix", () => {
  test("every route says who gets in", () => {
    for (const { policy } of routes) {
      expect([
        "scim",
        "admin",
        "client",
        "receiver",
        "local",
        "machine",
        "person",
        "anyone",
      ]).toContain(policy);
    }
    expect(new Set(routes.map(({ path }) => path)).size).toBe(routes.length);
  });

  test("no route × bad credential × spelling ever succeeds, and each refusal has the form of its route", async () => {
    const credentialsOf = { scim: await badCredentials(), admin: await badAdminCredentials() };
    // Routes do not know which database there is: on the other one a tenth of the paths will do.
    const step = inject("database") === undefined ? 1 : 10;
    let count = 0;
    // What anyone may read says the same to everybody.
    for (const route of routes.filter(({ policy }) => policy !== "anyone")) {
      const credentials = credentialsOf[route.policy === "admin" ? "admin" : "scim"];
      for (const [index, path] of pathsOf(route.path).entries()) {
        if (index % step !== 0) {
          continue;
        }
        for (const [spelling, spell] of Object.entries(spellings)) {
          // One policy stands before all operations of the admin API: some of their paths stand for all, spelt oddly.
          if (route.policy === "admin" && index % 6 !== 0 && spelling !== "as it is") {
            continue;
          }
          for (const [name, headers] of Object.entries(credentials)) {
            for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"]) {
              const answer = await send(method, spell(path), headers, { peer: remote });
              const what = `${method} ${spell(path)} (${spelling}), ${name}`;
              const { pathname } = new URL(`${origin}${spell(path)}`);
              expectRefusal(answer, routeOf(pathname), what);
              count += 1;
            }
          }
        }
      }
    }
    expect(count).toBeGreaterThan(20_000 / step);
  }, 300_000);

  test.each([
    ["/scim/v2/*", badCredentials],
    ["/api/v1/*", badAdminCredentials],
  ] as const)(
    "below %s a bad credential is 401 before anything else is looked at",
    async (route, credentialsOf) => {
      const credentials = await credentialsOf();
      for (const path of pathsOf(route)) {
        for (const [name, headers] of Object.entries(credentials)) {
          for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "FROB"]) {
            const answer = await send(method, path, headers, { peer: remote, body: "{" });
            expect(answer.status, `${method} ${path}, ${name}`).toBe(401);
            expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer realm="rollcall"/);
          }
        }
      }
    },
  );

  test("a token that may read alone writes nowhere", async () => {
    const scope = scopeOf(rollcall.first?.connection ?? (undefined as never));
    const reader = await rollcall.newToken(scope, { scopes: ["scim:read"] });
    for (const path of pathsOf("/scim/v2/*").filter((path) => !path.endsWith("/.search"))) {
      for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
        const answer = await send(method, path, bearer(reader));
        expect(answer.status, `${method} ${path}`).toBe(403);
        expect(answer.headers.get("www-authenticate")).toContain('error="insufficient_scope"');
        expect(answer.body["schemas"]).toEqual([errorUri]);
      }
    }
    expect((await send("GET", "/scim/v2/Users", bearer(reader))).status).toBe(200);
  });

  test("a good token opens nothing but SCIM", async () => {
    for (const { path, policy } of routes.filter(({ policy }) => policy !== "scim")) {
      const { status } = await send("GET", path, bearer(token), { peer: remote });
      const expected = { admin: 401, receiver: 401, client: 405, anyone: 200 } as Record<
        string,
        number
      >;
      expect(status, path).toBe(
        path.endsWith("/*") && policy === "anyone" ? 404 : (expected[policy] ?? 404),
      );
    }
    for (const path of ["/", "/api", "/scimv2", "/scim/v2x/Users"]) {
      expect((await send("GET", path, bearer(token))).status).toBe(404);
    }
    for (const path of ["/scim/v1/Users", "/scim/v22/Users", "/scim/V3"]) {
      const answer = await send("GET", path, bearer(token));
      expect([answer.status, answer.body["scimType"]]).toEqual([400, "invalidVers"]);
    }
  });
});

describe("RFC 7644 §2, RFC 6750 §3: the challenge", () => {
  test("without credentials it names no error", async () => {
    const answer = await send("GET", "/scim/v2/Users", {});
    expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="rollcall"');
  });

  test("with a bad token it is invalid_token", async () => {
    for (const headers of [
      bearer("x"),
      bearer(other.first?.token ?? ""),
      { authorization: "Basic x" },
    ]) {
      const answer = await send("GET", "/scim/v2/Users", headers);
      expect(answer.headers.get("www-authenticate")).toBe(
        'Bearer realm="rollcall", error="invalid_token"',
      );
    }
  });

  test("the scheme is read in any case, and blanks before the token do not matter", async () => {
    for (const authorization of [`bearer ${token}`, `BEARER ${token}`, `Bearer   ${token}`]) {
      expect((await send("GET", "/scim/v2/Users", { authorization })).status).toBe(200);
    }
  });
});

test("a disabled connection is 403 with a good token, 401 with a bad one, and works again when enabled", async () => {
  const { scope, token } = await rollcall.newTenant("disabled");
  const connection = await rollcall.store.connections.read(scope);
  if (connection === undefined) {
    throw new Error("no connection");
  }
  const save = (disabled: boolean) =>
    rollcall.store.connections.save({ ...connection, disabled }, [], rollcall.circumstances());
  await save(true);
  expect((await send("GET", "/scim/v2/Users", bearer(token))).status).toBe(403);
  expect((await send("GET", "/scim/v2/nope", bearer(token))).status).toBe(403);
  expect((await send("GET", "/scim/v2/Users", bearer("x"))).status).toBe(401);
  await save(false);
  expect((await send("GET", "/scim/v2/Users", bearer(token))).status).toBe(200);
});

test("a token works from its networks alone, and a proxy's word counts only when it is trusted", async () => {
  const proxied = await composeForTests({ trustedProxy: ["10.0.0.0/8"] });
  const scope = scopeOf(proxied.first?.connection ?? (undefined as never));
  const text = await proxied.newToken(scope, { cidrs: ["192.0.2.0/24"] });
  const from = async (address: string, forwarded?: string) => {
    const headers = {
      ...bearer(text),
      ...(forwarded === undefined ? {} : { "x-forwarded-for": forwarded }),
    };
    const peer = { address, encrypted: true };
    return (await send("GET", "/scim/v2/Users", headers, { peer, on: proxied })).status;
  };
  expect(await from("192.0.2.7")).toBe(200);
  expect(await from("203.0.113.1")).toBe(401);
  expect(await from("10.1.1.1", "192.0.2.7")).toBe(200);
  expect(await from("10.1.1.1", "192.0.2.7, 203.0.113.1")).toBe(401);
  expect(await from("203.0.113.1", "192.0.2.7")).toBe(401);
  await proxied.remove();
});

test("a token that sends too fast gets 429 with Retry-After, is logged once, and no other token pays", async () => {
  const limited = await composeForTests({ rateLimit: 1 });
  const first = bearer(limited.first?.token ?? "");
  const other = bearer((await limited.newTenant("globex")).token);
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => send("GET", "/scim/v2/Users", first, { on: limited })),
  );
  const over = answers.filter(({ status }) => status === 429);
  expect(over.length).toBeGreaterThanOrEqual(3);
  expect(over.every(({ headers }) => headers.get("retry-after") === "1")).toBe(true);
  expect(over[0]?.body["schemas"]).toEqual([errorUri]);
  expect((await send("GET", "/scim/v2/Users", other, { on: limited })).status).toBe(200);
  await limited.remove();
});

test("every answer to a token tells what it may still send, also the one that is refused", async () => {
  const limited = await composeForTests({ rateLimit: 1 });
  const first = bearer(limited.first?.token ?? "");
  const admin = bearer(await adminToken(limited));
  for (const [path, headers] of [
    ["/scim/v2/Users", first],
    ["/api/v1/tenants", admin],
  ] as const) {
    for (const [status, left] of [
      [200, 1],
      [200, 0],
      [429, 0],
    ]) {
      const answer = await send("GET", path, headers, { on: limited });
      expect(answer.status).toBe(status);
      expect(answer.headers.get("ratelimit-policy")).toBe('"token";q=2;w=2');
      expect(answer.headers.get("ratelimit")).toMatch(new RegExp(`^"token";r=${left};t=[12]$`));
      expect(answer.headers.get("x-ratelimit-limit")).toBe("2");
      expect(answer.headers.get("x-ratelimit-remaining")).toBe(String(left));
      expect(answer.headers.get("x-ratelimit-reset")).toMatch(/^\d{10}$/);
    }
  }
  expect((await send("GET", "/scim/v2/Users", {}, { on: limited })).headers.get("ratelimit")).toBe(
    null,
  );
  const unlimited = await send("GET", "/scim/v2/Users", bearer(token));
  expect(unlimited.headers.get("ratelimit")).toBe(null);
  await limited.remove();
});

describe("fair shares", () => {
  /** A body that ends when the test says so. */
  const slowBody = () => {
    const end: { now?: () => void } = {};
    const body = new ReadableStream({
      start: (controller) => {
        end.now = () => {
          controller.enqueue(Buffer.from('{"userName":"slow"}'));
          controller.close();
        };
      },
    });
    return { body, end };
  };
  const figures = async (on: TestRollcall) => {
    const { text } = await send("GET", "/metrics", {}, { on });
    return (name: string) => Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1]);
  };

  test("one tenant that floods is worked on a few at a time, and another one is not kept waiting", async () => {
    const small = await composeForTests({ tenantConcurrency: 2 });
    const flood = bearer(small.first?.token ?? "");
    const quiet = bearer((await small.newTenant("quiet")).token);
    let answered = 0;
    const flooding = Array.from({ length: 120 }, () =>
      send("GET", "/scim/v2/Users", flood, { on: small }).then(({ status }) => {
        answered += 1;
        return status;
      }),
    );
    // Behind all of the flood, which is no more than a few turns away.
    const { status } = await send("GET", "/scim/v2/Users", quiet, { on: small });
    expect(status).toBe(200);
    expect(answered).toBeLessThan(60);
    expect(new Set(await Promise.all(flooding))).toEqual(new Set([200]));
    const after = await figures(small);
    expect(after("rollcall_http_requests_waiting")).toBe(0);
    expect(after("rollcall_http_requests_under_way")).toBe(0);
    await small.remove();
  });

  test("a client whose body takes its time keeps nobody from being worked on", async () => {
    const small = await composeForTests({ tenantConcurrency: 1 });
    const good = bearer(small.first?.token ?? "");
    const slow = Array.from({ length: 6 }, slowBody);
    const sent = slow.map(({ body }) =>
      small.fetch(
        new Request(`${origin}/scim/v2/Users`, {
          method: "POST",
          headers: { ...good, "content-type": "application/scim+json" },
          body,
          duplex: "half",
        } as RequestInit),
        local,
      ),
    );
    expect((await send("GET", "/scim/v2/Users", good, { on: small })).status).toBe(200);
    for (const { end } of slow) {
      end.now?.();
    }
    const statuses = (await Promise.all(sent)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([201, 409, 409, 409, 409, 409]);
    await small.remove();
  });
});

describe("metrics", () => {
  test("are for this machine alone, and not for what a proxy on it passes on", async () => {
    await send("GET", "/scim/v2/Users?filter=secret", bearer(token));
    const answer = await small("/metrics");
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(answer.text).toMatch(
      /^rollcall_http_requests_total\{method="GET",route="\/scim\/v2\/Users",status="\d+"\} \d+$/m,
    );
    expect(answer.text).not.toContain("secret");
    expect((await small("/metrics", remote)).status).toBe(404);
    expect((await small("/metrics", local, { "x-forwarded-for": "127.0.0.1" })).status).toBe(404);
    expect((await small("/metrics", local, { via: "1.1 proxy" })).status).toBe(404);
    expect((await send("POST", "/metrics", {})).status).toBe(405);
  });

  test("have no name of a tenant, a person or a token in them", async () => {
    const { scope, token } = await rollcall.newTenant("secretive");
    const body = JSON.stringify({ userName: "ann@secretive.example" });
    const headers = { ...bearer(token), "content-type": "application/scim+json" };
    expect((await send("POST", "/scim/v2/Users", headers, { body })).status).toBe(201);
    const { text } = await small("/metrics");
    for (const word of ["secretive", scope.tenantId, scope.connectionId, token.split("_")[2]]) {
      expect(text).not.toContain(word);
    }
  });

  test("are opened by no setting but a port of their own, and are there alone then", async () => {
    const open = await composeForTests({ openHealth: true });
    expect((await send("GET", "/metrics", {}, { peer: remote, on: open })).status).toBe(404);
    await open.remove();
    const apart = await composeForTests({ adminPort: 0 });
    expect((await send("GET", "/metrics", {}, { on: apart })).status).toBe(404);
    expect((await send("GET", "/healthz", {}, { on: apart })).status).toBe(200);
    const address = await apart.listen();
    const line = apart.logLines
      .map((text) => JSON.parse(text))
      .find(({ message }) => message === "listening to operators");
    const operators = String(line.address);
    expect(operators).not.toBe(address);
    for (const [path, status] of [
      ["/metrics", 200],
      ["/healthz", 200],
      ["/readyz", 200],
      ["/scim/v2/Users", 404],
      ["/api/v1/tenants", 404],
      ["/", 404],
    ] as const) {
      const answer = await fetch(`${operators}${path}`, {
        headers: bearer(apart.first?.token ?? ""),
      });
      expect(answer.status, path).toBe(status);
      await answer.text();
    }
    expect((await fetch(`${operators}/metrics`, { method: "DELETE" })).status).toBe(405);
    await apart.remove();
  });

  const small = (path: string, peer = local, headers = {}) => send("GET", path, headers, { peer });
});

test("guessing is slowed down by address, and good tokens never", async () => {
  const limited = await composeForTests({ failedAuthLimit: 5 });
  const good = bearer(limited.first?.token ?? "");
  const statuses: number[] = [];
  for (let round = 0; round < 8; round += 1) {
    statuses.push((await send("GET", "/scim/v2/Users", bearer("x"), { on: limited })).status);
    expect((await send("GET", "/scim/v2/Users", good, { on: limited })).status).toBe(200);
  }
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
  const refused = await send("GET", "/scim/v2/Users", {}, { on: limited });
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(refused.body["schemas"]).toEqual([errorUri]);
  const elsewhere = { address: "192.0.2.9", encrypted: true };
  expect((await send("GET", "/scim/v2/Users", {}, { on: limited, peer: elsewhere })).status).toBe(
    401,
  );
  await limited.remove();
});

describe("plain HTTP", () => {
  test("from another machine is refused without a look at the token, unless it is allowed or a trusted proxy", async () => {
    const afar = { address: "192.0.2.1", encrypted: false };
    const answer = await send("GET", "/scim/v2/Users", bearer(token), { peer: afar });
    expect(answer.status).toBe(403);
    expect(answer.body["detail"]).toContain("https");
    const open = await composeForTests({ allowPlainHttp: true });
    const good = bearer(open.first?.token ?? "");
    expect((await send("GET", "/scim/v2/Users", good, { peer: afar, on: open })).status).toBe(200);
    await open.remove();
  });
});

describe("health", () => {
  test("is for this machine alone", async () => {
    for (const path of ["/healthz", "/readyz"]) {
      expect((await send("GET", path, {})).text).toBe('{"status":"ok"}');
      expect((await send("HEAD", path, {})).status).toBe(200);
      expect((await send("POST", path, {})).status).toBe(405);
      expect((await send("GET", path, {}, { peer: remote })).status).toBe(404);
    }
  });

  test("is for everybody when the configuration says so", async () => {
    const open = await composeForTests({ openHealth: true });
    expect((await send("GET", "/healthz", {}, { peer: remote, on: open })).status).toBe(200);
    await open.remove();
  });
});

describe("what every answer has", () => {
  test("a request id of the server's making, and never CORS", async () => {
    const headers = { ...bearer(token), "x-request-id": "mine", origin: "https://evil.example" };
    for (const path of ["/scim/v2/Users", "/scim/v2/nope", "/nope"]) {
      const answer = await send("GET", path, headers);
      expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  test("locations from the configuration, whatever the request says about hosts", async () => {
    const named = await composeForTests({ publicUrl: "https://id.example.com/rollcall" });
    const headers = {
      ...bearer(named.first?.token ?? ""),
      "x-forwarded-host": "evil.example",
      forwarded: "host=evil.example",
      "content-type": "application/scim+json",
    };
    const body = JSON.stringify({
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
      userName: "ada",
    });
    // A proxy may keep the path of the public URL or cut it off.
    const made = await send("POST", "/rollcall/scim/v2/Users", headers, { body, on: named });
    expect(made.status).toBe(201);
    const location = made.headers.get("location") ?? "";
    expect(location).toMatch(/^https:\/\/id\.example\.com\/rollcall\/scim\/v2\/Users\//);
    const id = location.split("/").at(-1);
    const found = await send("GET", `/scim/v2/Users/${id}`, headers, { on: named });
    expect(found.status).toBe(200);
    expect(found.body["meta"]).toMatchObject({ location });
    const put = await send("PUT", `/scim/v2/Users/${id}`, headers, { body, on: named });
    expect(put.status).toBe(200);
    await named.remove();
  });
});

test("a request that takes too long is answered with 503 and Retry-After, and told", async () => {
  const slow = await composeForTests({}, { handlerTimeoutMs: 1_000 });
  const never = new ReadableStream({ pull: () => new Promise(() => undefined) });
  const request = new Request(`${origin}/scim/v2/Users`, {
    method: "POST",
    headers: { ...bearer(slow.first?.token ?? ""), "content-type": "application/scim+json" },
    body: never,
    duplex: "half",
  } as RequestInit);
  const response = await slow.fetch(request, local);
  expect(response.status).toBe(503);
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await response.json()).toMatchObject({ schemas: [errorUri], status: "503" });
  expect(slow.logLines.join("")).toContain("request took too long");
  const { connectionId } = slow.first?.connection ?? { connectionId: "" };
  await expect
    .poll(async () => (await slow.store.requestLog.list({ limit: 10 })).at(-1))
    .toMatchObject({ status: 503, connectionId });
  await slow.remove();
});

describe("the request log", () => {
  const logged = async (on: TestRollcall) =>
    (await on.store.requestLog.list({ limit: 100 })).at(-1);

  test("says who asked what and why it was refused, without token, query and id", async () => {
    const id = randomUUID();
    const agent = "Okta\u009b31m SCIM";
    const answer = await send("GET", `/scim/v2/Users/${id}?filter=secret`, {
      ...bearer(token),
      "user-agent": agent,
    });
    expect(answer.status).toBe(404);
    await expect
      .poll(() => logged(rollcall))
      .toMatchObject({
        requestId: answer.headers.get("x-request-id"),
        connectionId: rollcall.first?.connection.connectionId,
        client: "Okta�31m SCIM",
        method: "GET",
        pathTemplate: "/scim/v2/Users/{id}",
        status: 404,
      });
    const text = JSON.stringify(await logged(rollcall));
    expect(text).not.toContain(id);
    expect(text).not.toContain("secret");
    expect(text).not.toContain(token);
  });

  test("says why a token was refused, and whose it was when the secret was right", async () => {
    const { scope, token } = await rollcall.newTenant("logged");
    rollcall.clock.aheadMs = 31 * dayMs;
    await send("GET", "/scim/v2/Users", bearer(token));
    rollcall.clock.aheadMs = 0;
    await expect
      .poll(() => rollcall.store.requestLog.list({ tenantId: scope.tenantId, limit: 9 }))
      .toMatchObject([{ status: 401, reason: expect.stringContaining("expired"), ...scope }]);
  });

  test("does not let one address fill it", async () => {
    const limited = await composeForTests({ failedAuthLimit: 3 });
    for (let round = 0; round < 20; round += 1) {
      await send("GET", "/scim/v2/Users", bearer("x"), { on: limited });
      await send("GET", "/nope", {}, { on: limited });
    }
    await send("GET", "/scim/v2/Users", bearer(limited.first?.token ?? ""), { on: limited });
    await expect.poll(async () => (await logged(limited))?.status).toBe(200);
    expect((await limited.store.requestLog.list({ limit: 100 })).length).toBeLessThanOrEqual(5);
    await limited.remove();
  });
});

test("a use is noted with the credential", async () => {
  const { scope, token } = await rollcall.newTenant("used");
  expect((await rollcall.store.credentials.list(scope))[0]?.lastUsed).toBeUndefined();
  await send("GET", "/scim/v2/Users", bearer(token));
  await expect
    .poll(async () => (await rollcall.store.credentials.list(scope))[0]?.lastUsed)
    .toMatch(/Z$/);
});

test("routing knows its paths and nothing beside them", () => {
  expect(routeOf("/scim/v2")?.policy).toBe("scim");
  expect(routeOf("/scim/v2/Users")?.policy).toBe("scim");
  expect(routeOf("/scim/v2x")?.path).toBe("/scim/*");
  expect(routeOf("/scimv2")).toBeUndefined();
  expect(routeOf("/healthz/x")).toBeUndefined();
  expect(routeOf("/leave/token")?.policy).toBe("person");
  expect(routeOf("/invitations/token")?.policy).toBe("person");
  expect(routeOf("/leaves")).toBeUndefined();
});
