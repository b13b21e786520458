/** The access extension over HTTP: what it tells, what it never tells (I4), and that ordinary answers know nothing of it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestRollcall } from "../../../../test/compose-for-tests.ts";
import { composeForTests } from "../../../../test/compose-for-tests.ts";
import type { OperatorWish } from "../provisioning/membership-administration.ts";
import { saveTestSettings } from "../store/contract-population.ts";

const userUri = "urn:ietf:params:scim:schemas:core:2.0:User";
const enterpriseUri = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const uri = "urn:rollcall:params:scim:schemas:extension:access:2.0:User";

let rollcall: TestRollcall;
beforeAll(async () => {
  rollcall = await composeForTests();
});
afterAll(() => rollcall.remove());

interface Sending {
  readonly body?: object;
  readonly token: string;
}

async function send(method: string, path: string, { body, token }: Sending) {
  const response = await rollcall.fetch(
    new Request(`http://localhost/scim/v2${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/scim+json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: text === "" ? {} : JSON.parse(text),
  };
}

const named = (userName: string, attributes: object = {}) => ({
  schemas: [userUri],
  userName,
  ...attributes,
});

/** A tenant with a connection; its functions answer with the extension of a User. */
async function newTenant(slug: string, settings: object = {}) {
  const { token, scope } = await rollcall.newTenant(slug);
  const circumstances = rollcall.circumstances();
  const saved = await saveTestSettings(
    rollcall.store,
    scope.tenantId,
    { ...settings },
    { circumstances },
  );
  expect(saved).toBe("saved");
  const tenant = await rollcall.store.tenants.bySlug(slug);
  if (tenant === undefined) {
    throw new TypeError("the tenant was made above");
  }
  const push = async (userName: string, attributes: object = {}, by = token): Promise<string> => {
    const answer = await send("POST", "/Users", { body: named(userName, attributes), token: by });
    expect(answer.status, answer.text).toBe(201);
    return answer.body.id;
  };
  const accessOf = async (id: string, by = token) => {
    const answer = await send("GET", `/Users/${id}?attributes=${uri}`, { token: by });
    expect(answer.status).toBe(200);
    return answer.body[uri];
  };
  const wish = async (email: string, wanted: OperatorWish) => {
    const account = await rollcall.people.findAccount(email);
    if (account === undefined) {
      throw new TypeError(`${email} has an account`);
    }
    await rollcall.people.changeMembership({ tenant, account }, wanted);
  };
  return { token, tenant, push, accessOf, wish };
}

const lock = (source: "admin" | "security"): OperatorWish => ({
  kind: "lock",
  source,
  reason: "for a reason that is nobody's business",
});

test("it tells what was asserted, and which sources lock", async () => {
  const { token, push, accessOf, wish } = await newTenant("locking");
  const ann = "ann@locking.example";
  const id = await push(ann);
  const put = (active: boolean) =>
    send("PUT", `/Users/${id}?attributes=${uri}`, { body: named(ann, { active }), token });
  expect(await accessOf(id)).toEqual({ assertedActive: true });
  await wish(ann, lock("security"));
  await wish(ann, lock("admin"));
  expect(await accessOf(id)).toEqual({
    assertedActive: true,
    locks: [{ source: "admin" }, { source: "security" }],
  });
  const all = { locks: [{ source: "scim" }, { source: "admin" }, { source: "security" }] };
  expect((await put(false)).body[uri]).toEqual({ assertedActive: false, ...all });
  expect(await accessOf(id)).toEqual({ assertedActive: false, ...all });
  await wish(ann, { kind: "unlock", source: "admin" });
  expect((await put(true)).body[uri]).toEqual({
    assertedActive: true,
    locks: [{ source: "security" }],
  });
  const list = await send("GET", `/Users?attributes=${uri}:locks`, { token });
  expect(list.body.Resources).toEqual([
    { schemas: [userUri, uri], id, [uri]: { locks: [{ source: "security" }] } },
  ]);
});

test("what another connection or another tenant says is not told", async () => {
  const { push, accessOf, tenant } = await newTenant("two-clients");
  const wish = { tenant, profile: "entra", slug: "entra", name: undefined } as const;
  const { connectionId } = await rollcall.createConnection(wish);
  const other = await rollcall.newToken({ tenantId: tenant.tenantId, connectionId });
  const foreign = await newTenant("third");
  const ann = "ann@two-clients.example";
  const [mine, theirs] = [await push(ann), await push(ann, {}, other)];
  await foreign.push(ann);
  await foreign.wish(ann, lock("security"));
  const body = named(ann, { active: false });
  expect((await send("PUT", `/Users/${theirs}`, { body, token: other })).status).toBe(200);
  expect(await accessOf(mine)).toEqual({ assertedActive: true });
  expect(await accessOf(theirs, other)).toEqual({
    assertedActive: false,
    locks: [{ source: "scim" }],
  });
});

test("no answer tells whether an account exists elsewhere, linked or not", async () => {
  const attachPolicy = "verified-or-invite";
  const { token, push, wish, tenant } = await newTenant("curious", { attachPolicy });
  const foreign = await newTenant("elsewhere");
  await foreign.push("real@elsewhere.example");
  const ids = [await push("real@elsewhere.example"), await push("none@elsewhere.example")];
  const link = await rollcall.store.memberships.linkOf(
    { tenantId: tenant.tenantId, connectionId: await connectionOf(tenant.tenantId) },
    ids[0] ?? "",
  );
  expect(link?.state).toBe("pending");
  const alike = async (...query: readonly string[]) => {
    const answers = await Promise.all(
      ids.map((id) => send("GET", `/Users/${id}?attributes=${[uri, ...query]}`, { token })),
    );
    const [one, another] = answers.map(({ status, headers, body }) => {
      const { id: _, ...shown } = body;
      return [status, shown, headers.get("Content-Length"), headers.get("ETag")];
    });
    expect(one).toEqual(another);
    return answers[0]?.body[uri];
  };
  const put = async (active: boolean) => {
    for (const [index, userName] of ["real", "none"].entries()) {
      const body = named(`${userName}@elsewhere.example`, { active });
      const path = `/Users/${ids[index]}?attributes=${uri}`;
      expect((await send("PUT", path, { body, token })).status).toBe(200);
    }
  };
  expect(await alike()).toEqual({ assertedActive: true });
  await put(false);
  expect(await alike("active")).toEqual({ assertedActive: false, locks: [{ source: "scim" }] });
  await put(true);
  expect(await alike("active")).toEqual({ assertedActive: true });
  // A lock of an account that the User is not linked to is not the User's.
  await wish("real@elsewhere.example", lock("admin"));
  expect(await alike()).toEqual({ assertedActive: true });
});

test("ordinary answers have nothing of it, and bodies with it change nothing", async () => {
  const { token, push } = await newTenant("ordinary");
  const ann = "ann@ordinary.example";
  const schemas = [userUri, uri];
  const id = await push(ann, { schemas, [uri]: { assertedActive: false, locks: [] } });
  for (const [method, path] of [
    ["GET", `/Users/${id}`],
    ["GET", "/Users"],
    ["GET", `/Users/${id}?excludedAttributes=emails`],
    ["PUT", `/Users/${id}`],
  ] as const) {
    const body = { ...named(ann), schemas, [uri]: "whatever" };
    const answer = await send(method, path, { token, ...(method === "PUT" ? { body } : {}) });
    expect([answer.status, answer.text.includes("rollcall:params")]).toEqual([200, false]);
  }
  for (const operation of [
    { op: "replace", path: `${uri}:assertedActive`, value: false },
    { op: "remove", path: `${uri}:locks[source eq "admin"]` },
    { op: "add", path: uri, value: { locks: [] } },
  ]) {
    const body = {
      schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
      Operations: [operation],
    };
    const answer = await send("PATCH", `/Users/${id}`, { body, token });
    expect([answer.status, answer.body.scimType]).toEqual([400, "mutability"]);
  }
  const filter = encodeURIComponent(`${uri}:locks.source eq "admin"`);
  const filtered = await send("GET", `/Users?filter=${filter}`, { token });
  expect([filtered.status, filtered.body.scimType]).toEqual([400, "invalidFilter"]);
});

test("it is published", async () => {
  const { token } = await newTenant("published");
  const { body: schema } = await send("GET", `/Schemas/${uri}`, { token });
  expect(schema.attributes).toMatchObject([
    { name: "assertedActive", type: "boolean", mutability: "readOnly", returned: "request" },
    {
      ...{ name: "locks", multiValued: true, mutability: "readOnly", returned: "request" },
      subAttributes: [{ name: "source", mutability: "readOnly", returned: "default" }],
    },
  ]);
  const { body: type } = await send("GET", "/ResourceTypes/User", { token });
  expect(type.schemaExtensions).toEqual([
    { schema: enterpriseUri, required: false },
    { schema: uri, required: false },
  ]);
  const { body: list } = await send("GET", "/Schemas", { token });
  expect(list.Resources).toContainEqual(schema);
});

async function connectionOf(tenantId: Parameters<typeof rollcall.store.connections.list>[0]) {
  const [connection] = await rollcall.store.connections.list(tenantId);
  if (connection === undefined) {
    throw new TypeError("the tenant was made with a connection");
  }
  return connection.connectionId;
}
