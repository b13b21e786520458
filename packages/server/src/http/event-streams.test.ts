/** Security Event Tokens over real HTTP: made by changes, signed, fetched or pushed, acknowledged (RFC 9967, RFC 8935, RFC 8936). */
import { createLocalJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AdminClient } from "../../../../test/admin-client.ts";
import { adminToken, createAdminClient } from "../../../../test/admin-client.ts";
import type { TestRollcall } from "../../../../test/compose-for-tests.ts";
import { composeForTests } from "../../../../test/compose-for-tests.ts";
import type { Receiver } from "../../../../test/webhook-receiver.ts";
import { startReceiver, statusAnswer } from "../../../../test/webhook-receiver.ts";

let rollcall: TestRollcall;
let origin = "";
let admin: AdminClient;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver({});
  rollcall = await composeForTests({ webhookAllow: ["127.0.0.0/8"] }, { handlerTimeoutMs: 3000 });
  origin = await rollcall.listen();
  admin = createAdminClient(origin, await adminToken(rollcall));
});
afterAll(async () => {
  await rollcall.remove();
  await receiver.close();
});

interface Polled {
  readonly sets: Readonly<Record<string, string>>;
  readonly moreAvailable?: boolean;
}

async function newTenant(slug: string) {
  const { token, scope } = await rollcall.newTenant(slug);
  const path = `/tenants/${slug}/event-streams`;
  const scim = async (method: string, where: string, body?: object) => {
    const response = await fetch(`${origin}/scim/v2${where}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect(response.ok, `${method} ${where}`).toBe(true);
    // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of JSON
    return (response.status === 204 ? {} : await response.json()) as any;
  };
  const createUser = (userName: string) =>
    scim("POST", "/Users", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName });
  const add = async (body: object = {}) => {
    const answer = await admin("POST", path, { body });
    expect(answer.status).toBe(201);
    return answer.body;
  };
  return { scope, path, scim, createUser, add };
}

async function post(url: string, token: string, body: unknown = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}
const now = { returnImmediately: true };

async function verified(set: string, { issuer, audience }: { issuer: string; audience: string }) {
  const keys = await (await fetch(`${origin}/.well-known/jwks.json`)).json();
  return await jwtVerify(set, createLocalJWKSet(keys), {
    issuer,
    audience,
    typ: "secevent+jwt",
    algorithms: ["ES256"],
  });
}

describe("a receiver that polls", () => {
  test("POLL-01 POLL-02 POLL-04 POLL-05 POLL-06 POLL-07 POLL-08 POLL-11 fetches what happened, signed, until it has acknowledged it", async () => {
    const { createUser, add, path, scim } = await newTenant("polled");
    await createUser("before");
    const stream = await add();
    const { pollUrl, token } = stream;
    const poll = async (body: object = {}): Promise<Polled> => {
      const answer = await post(pollUrl, token, { ...now, ...body });
      expect(answer.status).toBe(200);
      return answer.body;
    };
    expect(await poll()).toEqual({ sets: {} });
    const { id } = await createUser("ann");
    const bea = await createUser("bea");
    await scim("DELETE", `/Users/${id}`);
    const first = await poll();
    expect(Object.keys(first.sets)).toHaveLength(2);
    // The same SETs, whatever their signatures: those of ES256 differ each time.
    expect(Object.keys((await poll()).sets)).toEqual(Object.keys(first.sets));
    const one = await poll({ maxEvents: 1 });
    expect([Object.keys(one.sets).length, one.moreAvailable]).toEqual([1, true]);
    const [jti = "", text = ""] = Object.entries(one.sets)[0] ?? [];
    const { payload, protectedHeader } = await verified(text, stream);
    expect(protectedHeader.typ).toBe("secevent+jwt");
    expect(payload.jti).toBe(jti);
    expect(Object.keys(payload).toSorted()).toEqual([
      "aud",
      "events",
      "iat",
      "iss",
      "jti",
      "sub_id",
      "txn",
    ]);
    expect(payload["sub_id"]).toEqual({ format: "scim", uri: `/Users/${id}`, id });
    // Acknowledge alone: nothing comes back, not even what waits.
    expect(await poll({ maxEvents: 0, ack: [jti, jti, "nonsense", "x.y"] })).toEqual({ sets: {} });
    const second = await poll();
    const uris = [];
    for (const set of Object.values(second.sets)) {
      const { payload: told } = await verified(set, stream);
      uris.push([Object(told["sub_id"]).id, Object.keys(Object(told["events"]))]);
    }
    expect(uris).toEqual([
      [bea.id, ["urn:ietf:params:scim:event:prov:create:notice"]],
      [id, ["urn:ietf:params:scim:event:prov:delete"]],
    ]);
    const [refused = "", kept = ""] = Object.keys(second.sets);
    const err = { err: "invalid_key", description: "who are you" };
    const last = await poll({ ack: [kept], setErrs: { [refused]: err } });
    expect(last).toEqual({ sets: {} });
    const { body: listed } = await admin("GET", path);
    expect(listed.items).toMatchObject([{ id: stream.id, waiting: 0, dead: 1 }]);
    const deliveries = `/tenants/polled/webhooks/${stream.id}/deliveries?state=dead`;
    const { body: dead } = await admin("GET", deliveries);
    expect(dead.items[0].error).toBe("refused by the receiver: invalid_key: who are you");
  });

  test("POLL-03 waits for the next event when it does not say otherwise, and not for ever", async () => {
    const { createUser, add } = await newTenant("waiting");
    const { pollUrl, token } = await add();
    expect((await post(pollUrl, token)).body).toEqual({ sets: {} });
    const waiting = post(pollUrl, token);
    await createUser("ann");
    expect(Object.keys((await waiting).body.sets)).toHaveLength(1);
  });

  test("POLL-09 EVT-27 has the token of its stream, which opens nothing else", async () => {
    const { add, path } = await newTenant("guarded");
    const [stream, other] = [await add(), await add()];
    const own = rollcall.first?.token ?? "";
    for (const token of ["", "x", own, other.token, await adminToken(rollcall)]) {
      const { status, body, headers } = await post(stream.pollUrl, token, now);
      expect([status, body.err]).toEqual([401, "authentication_failed"]);
      expect(headers.get("www-authenticate")).toMatch(/^Bearer realm="rollcall"/);
    }
    const users = await fetch(`${origin}/scim/v2/Users`, {
      headers: { authorization: `Bearer ${stream.token}` },
    });
    expect(users.status).toBe(401);
    expect((await admin("DELETE", `${path}/${stream.id}`)).status).toBe(204);
    expect((await admin("DELETE", `${path}/${stream.id}`)).status).toBe(404);
    expect((await post(stream.pollUrl, stream.token, now)).status).toBe(401);
    expect((await post(other.pollUrl, other.token, now)).status).toBe(200);
    expect((await admin("GET", "/tenants/guarded/webhooks")).body.items).toEqual([]);
    expect((await admin("GET", `/tenants/guarded/webhooks/${other.id}`)).status).toBe(404);
  });

  test.each([
    ["nonsense"],
    [[]],
    [{ maxEvents: -1 }],
    [{ maxEvents: "1" }],
    [{ returnImmediately: 1 }],
    [{ ack: "x" }],
    [{ ack: [1] }],
    [{ setErrs: [] }],
    [{ ack: Array.from({ length: 1001 }, () => "x") }],
  ])("POLL-10 is told what is wrong with %j", async (body) => {
    const slug = `bad-${Math.random().toString(36).slice(2, 10)}`;
    const { pollUrl, token } = await (await newTenant(slug)).add();
    const answer = await post(pollUrl, token, body);
    expect([answer.status, answer.body.err]).toEqual([400, "invalid_request"]);
    expect(answer.body.description).not.toBe("");
  });
});

describe("a receiver that is pushed to", () => {
  const url = () => `http://127.0.0.1:${receiver.port}/events`;
  const arrived = async (count: number) => {
    await expect.poll(() => receiver.requests.length, { timeout: 30_000 }).toBe(count);
    return receiver.requests;
  };

  test("PUSH-01 PUSH-02 PUSH-06 is sent each SET once it takes it, with its authorization, in full", async () => {
    receiver.clear();
    receiver.answerWith(statusAnswer(202));
    const { createUser, add, scim } = await newTenant("pushed");
    const authorization = "receiver-token";
    const stream = await add({ url: url(), authorization, mode: "full", resourceTypes: ["User"] });
    expect(stream).toMatchObject({ token: null, pollUrl: null, hasAuthorization: true });
    expect(JSON.stringify(stream)).not.toContain(authorization);
    const { id } = await createUser("ann");
    await scim("POST", "/Groups", {
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
      displayName: "crew",
    });
    await arrived(1);
    await scim("PATCH", `/Users/${id}`, {
      schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
      Operations: [{ op: "replace", path: "active", value: false }],
    });
    const [created, patched] = await arrived(2);
    expect(created?.headers).toMatchObject({
      "content-type": "application/secevent+jwt",
      accept: "application/json",
      authorization: `Bearer ${authorization}`,
    });
    const { payload } = await verified(created?.body ?? "", stream);
    expect(payload["events"]).toMatchObject({
      "urn:ietf:params:scim:event:prov:create:full": { data: { id, userName: "ann" } },
    });
    const { payload: change } = await verified(patched?.body ?? "", stream);
    expect(Object.keys(Object(change["events"]))).toEqual([
      "urn:ietf:params:scim:event:prov:patch:full",
      "urn:ietf:params:scim:event:prov:deactivate",
    ]);
    expect(JSON.stringify(change)).not.toContain('"data":null');
  });

  test("PUSH-03 PUSH-04 an error of the SET itself is final, others are tried again", async () => {
    receiver.clear();
    const { createUser, add, path } = await newTenant("refusing");
    const answer = (err: string) => {
      receiver.answerWith((response) => {
        response.writeHead(400, { "content-type": "application/json" });
        response.end(JSON.stringify({ err, description: "no" }));
      });
    };
    answer("invalid_audience");
    await add({ url: url() });
    const counts = async () => {
      const [{ waiting, dead }] = (await admin("GET", path)).body.items;
      return { waiting, dead };
    };
    await createUser("ann");
    await expect.poll(counts, { timeout: 30_000 }).toEqual({ waiting: 0, dead: 1 });
    answer("access_denied");
    await createUser("bea");
    await arrived(2);
    await expect.poll(counts, { timeout: 30_000 }).toEqual({ waiting: 1, dead: 1 });
  });

  test.each([
    [{ url: "https://169.254.169.254/" }],
    [{ url: "https://10.0.0.1/" }],
    [{ url: "ftp://example.com/" }],
    [{ url: "https://receiver.example/", audience: "a b" }],
    [{ resourceTypes: ["Nobody"] }],
    [{ mode: "both" }],
  ])("PUSH-08 refuses %j", async (body) => {
    const path = "/tenants/default/event-streams";
    expect((await admin("POST", path, { body })).status).toBe(400);
    expect((await admin("GET", path)).body.items).toEqual([]);
  });

  test("an authorization without a receiver to send it to, or that is none, is refused", async () => {
    const path = "/tenants/default/event-streams";
    for (const body of [
      { authorization: "x" },
      { url: "https://receiver.example/", authorization: "a b" },
    ]) {
      expect((await admin("POST", path, { body })).status).toBe(409);
    }
    expect((await admin("GET", path)).body.items).toEqual([]);
  });
});

test("two streams are told of one change by two ids and one transaction", async () => {
  const { createUser, add } = await newTenant("two");
  const streams = [await add(), await add({ mode: "full" })];
  await createUser("ann");
  const told = [];
  for (const { pollUrl, token, issuer, audience } of streams) {
    const [set = ""] = Object.values((await post(pollUrl, token, now)).body.sets as Polled["sets"]);
    told.push((await verified(set, { issuer, audience })).payload);
  }
  expect(new Set(told.map(({ jti }) => jti)).size).toBe(2);
  expect(new Set(told.map(({ txn }) => txn)).size).toBe(1);
});

test("the key is one for all processes of an instance, and nothing private of it is published", async () => {
  const { keys } = await (await fetch(`${origin}/.well-known/jwks.json`)).json();
  expect(keys).toEqual([
    {
      kty: "EC",
      crv: "P-256",
      x: expect.any(String),
      y: expect.any(String),
      kid: expect.any(String),
      alg: "ES256",
      use: "sig",
    },
  ]);
  expect(await rollcall.setSigner.publicKeys()).toEqual({ keys });
});
