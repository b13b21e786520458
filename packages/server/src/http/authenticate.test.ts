/** What another process does to tokens and connections, and when it has effect here. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestRollcall } from "../../../../test/compose-for-tests.ts";
import { composeForTests, configForTests } from "../../../../test/compose-for-tests.ts";
import type { Instance } from "../compose.ts";
import { openInstance } from "../compose.ts";
import type { Connection } from "../domain/connection.ts";
import type { CredentialId, Scope } from "../domain/tenant.ts";
import { credentialLifeMs } from "./credential-cache.ts";

let rollcall: TestRollcall;
let commandLine: Instance;
beforeAll(async () => {
  rollcall = await composeForTests({}, { database: "sqlite" });
  commandLine = await openInstance(configForTests(rollcall.folder), {
    role: "cli",
    now: Date.now,
  });
});
afterAll(async () => {
  await commandLine.close();
  await rollcall.remove();
});

async function send(token: string, method = "GET", body?: object): Promise<Response> {
  return rollcall.fetch(
    new Request("http://127.0.0.1/scim/v2/Users", {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
}
const statusOf = async (token: string) => (await send(token)).status;

/** Uses tokens of a connection until it is noted: in one process SQLite cannot wait for a write that is under way. */
async function use(scope: Scope, ...tokens: readonly string[]): Promise<void> {
  for (const token of tokens) {
    expect(await statusOf(token)).toBe(200);
  }
  await expect
    .poll(async () =>
      (await rollcall.store.credentials.list(scope)).every(({ lastUsed }) => lastUsed),
    )
    .toBe(true);
}

function revoke({ store, circumstances }: Instance, scope: Scope, token: string) {
  const id = token.split("_")[2] as CredentialId;
  return store.credentials.revoke(scope, id, new Date().toISOString(), circumstances());
}

async function save(
  { store, circumstances }: Instance,
  scope: Scope,
  changes: Partial<Connection>,
): Promise<void> {
  const connection = await store.connections.read(scope);
  if (connection === undefined) {
    throw new Error("no connection");
  }
  await store.connections.save({ ...connection, ...changes }, [], circumstances());
}

test("a token that another process revokes is refused after the life of what was read, one revoked here at once", async () => {
  const { scope, token } = await rollcall.newTenant("revoked");
  const second = await rollcall.newToken(scope);
  await use(scope, token, second);
  await revoke(commandLine, scope, token);
  rollcall.clock.aheadMs += credentialLifeMs;
  expect([await statusOf(token), await statusOf(second)]).toEqual([401, 200]);
  await revoke(rollcall, scope, second);
  expect(await statusOf(second)).toBe(401);
});

test("what another process disables, enables and sets has effect after it, what is done here at once", async () => {
  const { scope, token } = await rollcall.newTenant("switched");
  const loose = {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
    userName: "a",
    active: "True",
  };
  await use(scope, token);
  await save(commandLine, scope, { disabled: true });
  rollcall.clock.aheadMs += credentialLifeMs;
  expect(await statusOf(token)).toBe(403);
  await save(commandLine, scope, { disabled: false, settings: { strict: true } });
  rollcall.clock.aheadMs += credentialLifeMs;
  expect((await send(token, "POST", loose)).status).toBe(400);
  await save(rollcall, scope, { settings: { strict: false } });
  expect((await send(token, "POST", loose)).status).toBe(201);
});

test("the tokens of a tenant that another process deletes are refused after it", async () => {
  const { scope, token } = await rollcall.newTenant("deleted");
  await use(scope, token);
  await commandLine.store.tenants.delete(scope.tenantId, commandLine.circumstances());
  rollcall.clock.aheadMs += credentialLifeMs;
  expect(await statusOf(token)).toBe(401);
});

test("a token ends when it ends, however lately it was read", async () => {
  const { scope, token } = await rollcall.newTenant("ending");
  const [credential] = await rollcall.store.credentials.list(scope);
  const aheadMs = Date.parse(credential?.expires ?? "") - Date.now();
  const before = rollcall.clock.aheadMs;
  // Closer than the life of what was read, and long enough for one request.
  rollcall.clock.aheadMs = aheadMs - credentialLifeMs / 2;
  expect(await statusOf(token)).toBe(200);
  rollcall.clock.aheadMs = aheadMs;
  expect(await statusOf(token)).toBe(401);
  rollcall.clock.aheadMs = before;
});

test("a wrong secret is refused while the right one is known, and before", async () => {
  const { token } = await rollcall.newTenant("guessed");
  const { token: other } = await rollcall.newTenant("guessing");
  const [known = "", foreign = ""] = [token, other].map((text) => text.split("_")[3]);
  const forged = token.replace(known, foreign);
  expect(await statusOf(forged)).toBe(401);
  expect(await statusOf(token)).toBe(200);
  expect(await statusOf(forged)).toBe(401);
  expect(await statusOf(token)).toBe(200);
});
