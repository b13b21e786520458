/** OAuth 2.0 client credentials over real HTTP: clients made by operators, tokens, errors, what ends them (RFC 6749, RFC 7523, RFC 8414). */
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { JWK, JWTPayload } from "jose";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AdminClient } from "../../../../test/admin-client.ts";
import { adminToken, createAdminClient } from "../../../../test/admin-client.ts";
import type { TestRollcall } from "../../../../test/compose-for-tests.ts";
import { composeForTests } from "../../../../test/compose-for-tests.ts";
import type { TenantId } from "../domain/tenant.ts";

const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const hourMs = 3_600_000;

let rollcall: TestRollcall;
let origin = "";
let admin: AdminClient;
let keys: { readonly publicJwk: JWK; readonly sign: Sign };
let published: { readonly url: string; keys: readonly JWK[]; asked: number; close(): void };

type Sign = (
  claims: JWTPayload,
  header?: { readonly typ?: string; kid?: string },
) => Promise<string>;

beforeAll(async () => {
  rollcall = await composeForTests({ webhookAllow: ["127.0.0.0/8"] });
  origin = await rollcall.listen();
  admin = createAdminClient(origin, await adminToken(rollcall));
  keys = await newKeys("one");
  published = await publish();
});
afterAll(async () => {
  published.close();
  await rollcall.remove();
});

async function newKeys(kid: string) {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const publicJwk = { ...(await exportJWK(publicKey)), kid };
  const sign: Sign = (claims, header = {}) =>
    new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid, ...header }).sign(privateKey);
  return { publicJwk, sign };
}

/** A place that publishes keys. */
async function publish() {
  const place = { url: "", keys: [keys.publicJwk] as readonly JWK[], asked: 0, close: () => {} };
  const server = createServer((_, response) => {
    place.asked += 1;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ keys: place.keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  place.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  place.close = () => void server.close();
  return place;
}

interface Client {
  readonly clientId: string;
  readonly clientSecret: string | null;
  readonly [name: string]: unknown;
}

/** A tenant with a client, and what can be done with them. */
async function newTenant(slug: string, client: object = { method: "client_secret_basic" }) {
  const { scope } = await rollcall.newTenant(slug);
  const connection = await rollcall.store.connections.read(scope);
  const path = `/tenants/${slug}/connections/${connection?.slug}/oauth-clients`;
  const create = async (body: object): Promise<Client> => {
    const { status, body: made } = await admin("POST", path, { body });
    expect(status).toBe(201);
    return made;
  };
  return { scope, connection, path, create, client: await create(client) };
}

async function ask(parameters: Record<string, string>, headers: Record<string, string> = {}) {
  const response = await fetch(`${origin}/oauth/token`, {
    method: "POST",
    headers,
    body: new URLSearchParams(parameters),
  });
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of JSON
  const body: any = await response.json();
  expect(response.headers.get("cache-control")).toBe("no-store");
  return { status: response.status, headers: response.headers, body };
}

const basic = (id: string, secret: string | null) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`,
});
const bySecret = ({ clientId, clientSecret }: Client, more: Record<string, string> = {}) =>
  ask({ grant_type: "client_credentials", ...more }, basic(clientId, clientSecret));
const byAssertion = (assertion: string, more: Record<string, string> = {}) =>
  ask({
    grant_type: "client_credentials",
    client_assertion_type: assertionType,
    client_assertion: assertion,
    ...more,
  });

const scim = (token: string, path = "/Users", more: RequestInit = {}) =>
  fetch(`${origin}/scim/v2${path}`, {
    ...more,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
  });

/** Seconds since 1970. */
const seconds = (ahead = 0) => Math.floor((Date.now() + rollcall.clock.aheadMs) / 1000) + ahead;

const own = (clientId: string, more: JWTPayload = {}): JWTPayload => ({
  iss: clientId,
  sub: clientId,
  aud: `${origin}/oauth/token`,
  exp: seconds(60),
  jti: randomUUID(),
  ...more,
});

const audits = async (tenantId: TenantId) =>
  (await rollcall.store.auditLog.list(tenantId, { limit: 200 })).map(({ action }) => action);

test("RFC 8414: the metadata say where tokens are and how clients authenticate", async () => {
  const response = await fetch(`${origin}/.well-known/oauth-authorization-server`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    issuer: origin,
    token_endpoint: `${origin}/oauth/token`,
    jwks_uri: `${origin}/.well-known/jwks.json`,
    scopes_supported: ["scim:read", "scim:write"],
    response_types_supported: [],
    grant_types_supported: ["client_credentials", jwtBearer],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "private_key_jwt"],
    token_endpoint_auth_signing_alg_values_supported: ["RS256", "PS256", "ES256", "EdDSA"],
  });
  const elsewhere = await fetch(`${origin}/.well-known/oauth-authorization-server/other`);
  expect(elsewhere.status).toBe(404);
});

describe("RFC 6749 §2.3.1, §4.4: client_secret_basic", () => {
  test("gives a token of an hour for the connection of the client, and no audit entry for it", async () => {
    const { client, scope } = await newTenant("basic");
    const before = await audits(scope.tenantId);
    expect(before.filter((action) => action === "oauth-client.create")).toHaveLength(1);
    const { status, body } = await bySecret(client);
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.stringMatching(/^rollcall_oauth_/),
      token_type: "Bearer",
      expires_in: 3600,
      scope: "scim:read scim:write",
    });
    const schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
    const user = JSON.stringify({ schemas, userName: "ann" });
    const made = await scim(body.access_token, "/Users", { method: "POST", body: user });
    expect(made.status).toBe(201);
    const entries = await rollcall.store.auditLog.list(scope.tenantId, { limit: 200 });
    expect(entries.slice(before.length).map(({ action, actor }) => [action, actor])).toEqual([
      ["user.create", { kind: "credential", id: client.clientId }],
    ]);
    rollcall.clock.aheadMs = hourMs - 60_000;
    expect((await scim(body.access_token)).status).toBe(200);
    rollcall.clock.aheadMs = hourMs + 1000;
    const ended = await scim(body.access_token);
    expect(ended.status).toBe(401);
    expect(ended.headers.get("www-authenticate")).toContain('error="invalid_token"');
    rollcall.clock.aheadMs = 0;
  });

  test("scopes are those of the client or some of them; `scim` stands for all", async () => {
    const { client, create } = await newTenant("scopes");
    const reader = await create({ method: "client_secret_basic", scopes: ["scim:read"] });
    expect((await bySecret(client, { scope: "scim" })).body.scope).toBe("scim:read scim:write");
    const narrow = await bySecret(client, { scope: "scim:read" });
    expect(narrow.body.scope).toBe("scim:read");
    const removal = { method: "DELETE" };
    const refused = await scim(narrow.body.access_token, `/Users/${randomUUID()}`, removal);
    expect(refused.status).toBe(403);
    expect(refused.headers.get("www-authenticate")).toContain('scope="scim:write"');
    for (const scope of ["scim:write", "scim:read scim:write", "admin"]) {
      const answer = await bySecret(reader, { scope });
      expect([answer.status, answer.body.error]).toEqual([400, "invalid_scope"]);
      expect(answer.body.access_token).toBeUndefined();
    }
  });

  test("another secret, another client, the id alone: invalid_client, 401 with the scheme that was used", async () => {
    const { client, create } = await newTenant("wrong");
    const other = await create({ method: "client_secret_basic" });
    const { clientId, clientSecret } = client;
    for (const [id, secret] of [
      [clientId, other.clientSecret],
      [other.clientId, clientSecret],
      ["0".repeat(12), clientSecret],
      [clientId, ""],
      [clientId, (await bySecret(client)).body.access_token],
      ["' OR 1=1", "x"],
    ] as const) {
      const answer = await ask({ grant_type: "client_credentials" }, basic(id, secret));
      expect([answer.status, answer.body.error]).toEqual([401, "invalid_client"]);
      expect(answer.headers.get("www-authenticate")).toBe('Basic realm="rollcall"');
    }
    expect((await scim(clientSecret ?? "")).status).toBe(401);
  });

  test("what is no request is refused as RFC 6749 §5.2 says", async () => {
    const { client } = await newTenant("requests");
    const headers = basic(client.clientId, client.clientSecret);
    const errorOf = async (parameters: Record<string, string>, sent = headers) => {
      const { status, body } = await ask(parameters, sent);
      return [status, body.error];
    };
    const grant = { grant_type: "client_credentials" };
    expect(await errorOf({})).toEqual([400, "invalid_request"]);
    expect(await errorOf({ grant_type: "password" })).toEqual([400, "unsupported_grant_type"]);
    expect(await errorOf({ ...grant, client_id: "x" })).toEqual([400, "invalid_request"]);
    expect(await errorOf({ ...grant, client_assertion: "x" })).toEqual([400, "invalid_request"]);
    expect(await errorOf({ ...grant, client_secret: "x" })).toEqual([400, "invalid_request"]);
    expect(await errorOf(grant, { authorization: "Bearer x" })).toEqual([401, "invalid_client"]);
    const none = await ask(grant);
    expect([none.status, none.body.error]).toEqual([401, "invalid_client"]);
    expect(none.headers.get("www-authenticate")).toBeNull();
    const post = (init: RequestInit) => fetch(`${origin}/oauth/token`, { method: "POST", ...init });
    const json = { ...headers, "content-type": "application/json" };
    expect((await post({ headers: json, body: JSON.stringify(grant) })).status).toBe(400);
    const twice = "grant_type=client_credentials&grant_type=client_credentials";
    const form = { ...headers, "content-type": "application/x-www-form-urlencoded" };
    expect((await post({ headers: form, body: twice })).status).toBe(400);
    expect((await post({ headers: form, body: "a".repeat(200_000) })).status).toBe(400);
    const got = await fetch(`${origin}/oauth/token`, { headers });
    expect([got.status, got.headers.get("allow")]).toEqual([405, "POST"]);
  });

  test("a new secret works beside the old one for a while; without overlap the old one and its tokens end at once", async () => {
    const { client, path, scope } = await newTenant("rotated");
    const rotate = async (body: object) => {
      const answer = await admin("POST", `${path}/${client.clientId}/rotate`, { body });
      expect(answer.status).toBe(201);
      return { ...client, clientSecret: answer.body.clientSecret } as Client;
    };
    const second = await rotate({ overlapHours: 2 });
    expect((await bySecret(client)).status).toBe(200);
    expect((await bySecret(second)).status).toBe(200);
    rollcall.clock.aheadMs = 2 * hourMs + 1000;
    expect((await bySecret(client)).status).toBe(401);
    const { access_token: token } = (await bySecret(second)).body;
    expect((await scim(token)).status).toBe(200);
    rollcall.clock.aheadMs += 1000;
    const third = await rotate({ overlapHours: 0 });
    expect((await bySecret(second)).status).toBe(401);
    expect((await scim(token)).status).toBe(401);
    expect((await scim((await bySecret(third)).body.access_token)).status).toBe(200);
    rollcall.clock.aheadMs = 0;
    const actions = await audits(scope.tenantId);
    expect(actions.filter((action) => action === "oauth-client.rotate")).toHaveLength(2);
  });

  test("a client that is removed gets nothing any more, and what it got is worth nothing", async () => {
    const { client, path, scope } = await newTenant("removed");
    const { access_token: token } = (await bySecret(client)).body;
    expect((await scim(token)).status).toBe(200);
    expect((await admin("DELETE", `${path}/${client.clientId}`)).status).toBe(204);
    expect((await admin("DELETE", `${path}/${client.clientId}`)).status).toBe(404);
    expect((await scim(token)).status).toBe(401);
    expect((await bySecret(client)).body.error).toBe("invalid_client");
    const actions = await audits(scope.tenantId);
    expect(actions.filter((action) => action === "oauth-client.remove")).toHaveLength(1);
  });

  test("of a disabled connection nobody gets a token", async () => {
    const { client, connection } = await newTenant("off");
    const { access_token: token } = (await bySecret(client)).body;
    const disabled = { ...connection, disabled: true } as NonNullable<typeof connection>;
    await rollcall.store.connections.save(disabled, [], rollcall.circumstances());
    expect((await bySecret(client)).body.error).toBe("unauthorized_client");
    expect((await scim(token)).status).toBe(403);
  });

  test("a client works from its networks alone", async () => {
    const { create, client } = await newTenant("networks");
    const networks = ["192.0.2.0/24"];
    const far = await create({ method: "client_secret_basic", cidrs: networks });
    expect((await bySecret(client)).status).toBe(200);
    expect((await bySecret(far)).body.error).toBe("invalid_client");
  });
});

describe("RFC 7523 §2.2, §3: private_key_jwt", () => {
  test("AUTH-15 an assertion gives a token once, and none when anything in it is not as it should be", async () => {
    const jwks = { keys: [keys.publicJwk] };
    const { client, create } = await newTenant("keys", { method: "private_key_jwt", jwks });
    const { clientId } = client;
    expect(client.clientSecret).toBeNull();
    const assertion = await keys.sign(own(clientId));
    const granted = await byAssertion(assertion);
    expect(granted.status).toBe(200);
    expect((await scim(granted.body.access_token)).status).toBe(200);
    const replayed = await byAssertion(assertion);
    expect([replayed.status, replayed.body.error]).toEqual([401, "invalid_client"]);
    expect(replayed.body.error_description).toContain("jti");
    // RFC 7523 §3: the issuer identifier is an audience as good as the token endpoint.
    expect((await byAssertion(await keys.sign(own(clientId, { aud: origin })))).status).toBe(200);
    expect(
      (await byAssertion(await keys.sign(own(clientId)), { client_id: clientId })).status,
    ).toBe(200);
    const other = await create({ method: "private_key_jwt", jwks, name: "other" });
    const stranger = await newKeys("one");
    const { jti: _, ...noJti } = own(clientId);
    const { exp: __, ...noExp } = own(clientId);
    for (const bad of [
      await stranger.sign(own(clientId)),
      await keys.sign(own(clientId, { aud: "https://elsewhere.example" })),
      await keys.sign(own(clientId, { exp: seconds(-61) })),
      await keys.sign(own(clientId, { exp: seconds(2 * 3600) })),
      await keys.sign(own(clientId, { nbf: seconds(120) })),
      await keys.sign(own(clientId, { iat: seconds(120) })),
      await keys.sign(own(clientId, { iss: "somebody" })),
      await keys.sign(noJti),
      await keys.sign(noExp),
      await keys.sign(own(clientId), { typ: "at+jwt" }),
      await keys.sign(own("0".repeat(12))),
      (await keys.sign(own(clientId))).replace(/\.[^.]+$/, "."),
      "x",
    ]) {
      const answer = await byAssertion(bad);
      expect([answer.status, answer.body.error]).toEqual([401, "invalid_client"]);
      expect(answer.body.access_token).toBeUndefined();
    }
    const mixed = await byAssertion(await keys.sign(own(clientId)), {
      client_id: String(other.clientId),
    });
    expect(mixed.body.error).toBe("invalid_client");
    // Clocks may be a minute apart.
    expect((await byAssertion(await keys.sign(own(clientId, { exp: seconds(-50) })))).status).toBe(
      200,
    );
    const grant = { grant_type: jwtBearer, client_id: clientId };
    const asGrant = await ask({ ...grant, assertion: await keys.sign(own(clientId)) });
    expect([asGrant.status, asGrant.body.error]).toEqual([400, "invalid_grant"]);
  });

  test("of one assertion that is sent five times at once one gives a token", async () => {
    const jwks = { keys: [keys.publicJwk] };
    const { client } = await newTenant("race", { method: "private_key_jwt", jwks });
    const assertion = await keys.sign(own(client.clientId));
    const answers = await Promise.all(Array.from({ length: 5 }, () => byAssertion(assertion)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test("keys at a URL are read once for a while, and anew for a key that is not known", async () => {
    const wish = { method: "private_key_jwt", jwksUrl: published.url };
    const { clientId } = (await newTenant("by-url", wish)).client;
    const asked = published.asked;
    expect((await byAssertion(await keys.sign(own(clientId)))).status).toBe(200);
    expect((await byAssertion(await keys.sign(own(clientId)))).status).toBe(200);
    expect(published.asked).toBe(asked + 1);
    const next = await newKeys("two");
    published.keys = [next.publicJwk];
    rollcall.clock.aheadMs = 31_000;
    expect((await byAssertion(await next.sign(own(clientId)))).status).toBe(200);
    expect(published.asked).toBe(asked + 2);
    expect((await byAssertion(await keys.sign(own(clientId)))).status).toBe(401);
    rollcall.clock.aheadMs = 0;
    published.keys = [keys.publicJwk];
  });

  test("keys that are replaced sign nothing any more, and end the tokens they gave", async () => {
    const jwks = { keys: [keys.publicJwk] };
    const { client, path } = await newTenant("new-keys", { method: "private_key_jwt", jwks });
    const { clientId } = client;
    const { access_token: token } = (await byAssertion(await keys.sign(own(clientId)))).body;
    const next = await newKeys("next");
    rollcall.clock.aheadMs = 1000;
    const rotate = (body: object) => admin("POST", `${path}/${clientId}/rotate`, { body });
    expect((await rotate({})).status).toBe(409);
    const privateJwk = await generateKeyPair("ES256", { extractable: true });
    const secret = await exportJWK(privateJwk.privateKey);
    expect((await rotate({ jwks: { keys: [secret] } })).status).toBe(400);
    expect((await rotate({ jwks: { keys: [next.publicJwk] } })).status).toBe(201);
    expect((await byAssertion(await keys.sign(own(clientId)))).status).toBe(401);
    expect((await byAssertion(await next.sign(own(clientId)))).status).toBe(200);
    expect((await scim(token)).status).toBe(401);
    rollcall.clock.aheadMs = 0;
  });
});

describe("RFC 7523 §2.1, §2.2: federated, as Microsoft Entra ID does it", () => {
  const trusted = {
    issuer: "https://login.microsoftonline.com/ce5f061f-abe6-4e40-9615-301f87bcb7f0/v2.0",
    subject: "d2f8ee76-c549-45b8-a143-f5b640669704",
    audience: "api://b5ba7a93-4452-4522-aeb4-a2b5da870c16",
  };
  const claims = (more: JWTPayload = {}): JWTPayload => ({
    iss: trusted.issuer,
    sub: trusted.subject,
    aud: trusted.audience,
    iat: seconds(),
    nbf: seconds(),
    exp: seconds(3900),
    ...more,
  });

  test("an assertion of the issuer about the subject, to the audience, gives a token as authentication and as grant", async () => {
    const wish = { method: "federated", jwksUrl: `${published.url}?entra`, ...trusted };
    const { client } = await newTenant("entra", wish);
    const client_id = client.clientId;
    const assertion = await keys.sign(claims(), { typ: "JWT" });
    // Entra sends client_id, scope=scim and the same assertion for as long as it is good.
    for (let turn = 0; turn < 2; turn += 1) {
      const answer = await byAssertion(assertion, { client_id, scope: "scim" });
      expect(answer.status).toBe(200);
      expect((await scim(answer.body.access_token)).status).toBe(200);
    }
    expect((await ask({ grant_type: jwtBearer, client_id, assertion })).status).toBe(200);
    expect((await byAssertion(assertion)).body.error).toBe("invalid_client");
    for (const bad of [
      claims({ iss: "https://login.microsoftonline.com/other/v2.0" }),
      claims({ sub: "other" }),
      claims({ aud: "api://other" }),
      claims({ exp: seconds(-120) }),
      claims({ exp: seconds(3 * 86_400) }),
    ]) {
      const text = await keys.sign(bad);
      expect((await byAssertion(text, { client_id })).body.error).toBe("invalid_client");
      const answer = await ask({ grant_type: jwtBearer, client_id, assertion: text });
      expect([answer.status, answer.body.error]).toEqual([400, "invalid_grant"]);
    }
    const once = await keys.sign(claims({ jti: "once" }));
    expect((await byAssertion(once, { client_id })).status).toBe(200);
    expect((await byAssertion(once, { client_id })).status).toBe(401);
  });

  test("while the keys cannot be read it is 503, and nobody is told that the client is wrong", async () => {
    const wish = { method: "federated", jwksUrl: "http://127.0.0.1:9/keys", ...trusted };
    const { clientId } = (await newTenant("away", wish)).client;
    const answer = await byAssertion(await keys.sign(claims()), { client_id: clientId });
    expect([answer.status, answer.body.error]).toEqual([503, "temporarily_unavailable"]);
    expect(answer.headers.get("retry-after")).toBe("5");
  });
});

describe("the admin API", () => {
  test("lists clients without their secrets, and a name once", async () => {
    const { path, client } = await newTenant("listed");
    const named = { method: "client_secret_basic", name: "entra" };
    expect((await admin("POST", path, { body: named })).status).toBe(201);
    expect((await admin("POST", path, { body: named })).status).toBe(409);
    const { body } = await admin("GET", path);
    expect(body.items).toHaveLength(2);
    expect(body.items[0]).toMatchObject({
      clientId: client.clientId,
      method: "client_secret_basic",
    });
    expect(JSON.stringify(body)).not.toContain(client.clientSecret);
    expect(body.items[0].secrets[0].lastFour).toBe(client.clientSecret?.slice(-4));
  });

  test.each([
    [{ method: "private_key_jwt" }],
    [{ method: "private_key_jwt", jwks: { keys: [{ kty: "oct", k: "c2VjcmV0" }] } }],
    [{ method: "private_key_jwt", jwksUrl: "https://169.254.169.254/keys" }],
    [{ method: "private_key_jwt", jwksUrl: "https://10.0.0.1/keys" }],
    [{ method: "private_key_jwt", jwksUrl: "file:///etc/passwd" }],
    [{ method: "client_secret_basic", jwksUrl: "https://keys.example/" }],
    [{ method: "client_secret_basic", issuer: "https://login.example" }],
    [{ method: "federated", issuer: "https://login.example", subject: "x" }],
    [{ method: "federated", issuer: "https://10.0.0.1", subject: "x", audience: "y" }],
    [{ method: "client_secret_post" }],
    [{}],
  ])("refuses %j and makes nothing", async (body) => {
    const path = "/tenants/default/connections/default/oauth-clients";
    const before = (await admin("GET", path)).body.items.length;
    expect((await admin("POST", path, { body })).status).toBe(400);
    expect((await admin("GET", path)).body.items).toHaveLength(before);
  });
});

test("ServiceProviderConfig lists oauth2 for a connection with a client, and for no other", async () => {
  const { scope } = await newTenant("config");
  const { scope: without } = await rollcall.newTenant("config-without");
  const typesOf = async (of: typeof scope) => {
    const response = await scim(await rollcall.newToken(of), "/ServiceProviderConfig");
    const { authenticationSchemes: schemes } = await response.json();
    return schemes.map(({ type }: { readonly type: string }) => type);
  };
  expect(await typesOf(scope)).toEqual(["oauthbearertoken", "oauth2"]);
  expect(await typesOf(without)).toEqual(["oauthbearertoken"]);
});

test("who fails too often from one address is told to wait, and who does not is not", async () => {
  const limited = await composeForTests({ failedAuthLimit: 2 });
  const request = (secret: string) =>
    new Request("http://127.0.0.1/oauth/token", {
      method: "POST",
      headers: { ...basic("0".repeat(12), secret) },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    });
  const statuses: number[] = [];
  for (let turn = 0; turn < 4; turn += 1) {
    statuses.push((await limited.fetch(request("x"))).status);
  }
  expect(statuses).toEqual([401, 401, 429, 429]);
  const elsewhere = { address: "192.0.2.1", encrypted: true };
  expect((await limited.fetch(request("x"), elsewhere)).status).toBe(401);
  await limited.remove();
});
