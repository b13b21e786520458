/** The commands about tokens of the admin API and settings of tenants, beside a server on the same data. */

import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { StartedProvider } from "../../../../conformance/start-provider.ts";
import { startProvider } from "../../../../conformance/start-provider.ts";
import { createAdminClient } from "../../../../test/admin-client.ts";
import { runCommand } from "../../../../test/command-line.ts";
import type { TestDatabase } from "../../../../test/postgres-for-tests.ts";
import { createTestDatabase } from "../../../../test/postgres-for-tests.ts";
import { tokenPattern } from "../domain/credential.ts";

const wanted = inject("database") ?? "sqlite";
let database: TestDatabase | undefined;
let server: StartedProvider;
let origin = "";
beforeAll(async () => {
  database = wanted === "sqlite" ? undefined : await createTestDatabase(wanted);
  server = await startProvider([], database?.url);
  origin = new URL(server.baseUrl).origin;
  await json("tenant", "create", "acme");
  await json("connection", "create", "acme");
}, 60_000);
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  await database?.drop();
});

function run(...args: readonly string[]) {
  return runCommand(args, {
    env: { ROLLCALL_DATA: server.dataFolder, ROLLCALL_DATABASE_URL: database?.url ?? "" },
  });
}
async function json(...args: readonly string[]) {
  const { code, out, err } = await run(...args, "--json");
  expect(code, err).toBe(0);
  return JSON.parse(out);
}
const instanceToken = async () => (await json("admin-token", "create")).token;
const statusOf = async (token: string, path: string) =>
  (await createAdminClient(origin, token)("GET", path)).status;

test("create prints the token alone; it opens the admin API, all of it or one tenant", async () => {
  const { code, out, err } = await run("admin-token", "create", "--name", "ops");
  expect(code).toBe(0);
  expect(out).toMatch(new RegExp(`^${tokenPattern.source}\n$`));
  expect(out).toMatch(/^rollcall_admin_/);
  expect(err).toContain("this once");
  expect(err).not.toContain(out.trim());
  expect(await statusOf(out.trim(), "/tenants/default")).toBe(200);
  const ofTenant = await json("admin-token", "create", "--tenant", "acme", "--expires", "30d");
  expect(ofTenant).toMatchObject({ scope: "tenant", tenant: "acme", state: "active" });
  expect(await statusOf(ofTenant.token, "/tenants/acme")).toBe(200);
  expect(await statusOf(ofTenant.token, "/tenants/default")).toBe(404);
  for (const wrong of [
    ["--name", "ops"],
    ["--tenant", "nobody"],
    ["--expires", "1d"],
  ]) {
    const refused = await run("admin-token", "create", ...wrong);
    expect([refused.code, refused.out]).toEqual([1, ""]);
  }
});

test("list knows everything but the token; revoke works in time and once", async () => {
  const { token, credentialId } = await json("admin-token", "create", "--name", "short-lived");
  expect(await statusOf(token, "/tenants")).toBe(200);
  const list = await run("admin-token", "list");
  expect(list.out).toContain(credentialId);
  expect(list.out).toContain("the instance");
  const listed = await json("admin-token", "list");
  expect(JSON.stringify([list.out, listed])).not.toMatch(/secretHash|rollcall_admin/);
  expect(await json("admin-token", "revoke", credentialId)).toMatchObject({ state: "revoked" });
  await expect.poll(() => statusOf(token, "/tenants"), { timeout: 5_000 }).toBe(401);
  expect((await run("admin-token", "revoke", credentialId)).err).toContain("before");
  expect((await run("admin-token", "revoke", "000000000000")).err).toContain("no token");
});

test("rotate makes another like it, and the old one ends in time", async () => {
  for (const [make, rotate, where] of [
    [["admin-token", "create", "--tenant", "acme"], ["admin-token", "rotate"], "/tenants/acme"],
    [["token", "create", "acme/generic"], ["token", "rotate", "acme/generic"], undefined],
  ] as const) {
    const old = await json(...make, "--name", "turning");
    const { code, out, err } = await run(...rotate, old.credentialId, "--overlap", "1");
    expect(code, err).toBe(0);
    expect(out).toMatch(new RegExp(`^${tokenPattern.source}\n$`));
    expect(err).toContain(`takes the place of ${old.credentialId}`);
    expect(err).not.toContain(out.trim());
    if (where !== undefined) {
      expect(await statusOf(out.trim(), where)).toBe(200);
      expect(await statusOf(old.token, where)).toBe(200);
    }
    const list = [...make.slice(0, 1), "list", ...make.slice(2, 3).filter((one) => one[0] !== "-")];
    const listed: readonly { name: string; credentialId: string; expires: string }[] = await json(
      ...list,
    );
    const turning = listed.filter(({ name }) => name === "turning");
    expect(turning).toHaveLength(2);
    const ending = turning.find(({ credentialId }) => credentialId === old.credentialId);
    expect(Date.parse(ending?.expires ?? "")).toBeLessThan(Date.now() + 3_700_000);
    await json(...rotate.slice(0, 1), "revoke", ...rotate.slice(2), old.credentialId);
    const refused = await run(...rotate, old.credentialId);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("does not work")]);
  }
});

test("tenant set and tenant show say what the admin API says", async () => {
  const client = createAdminClient(origin, await instanceToken());
  const set = await json("tenant", "set", "acme", "attachPolicy=invite", "auditRetentionDays=90");
  expect(set).toMatchObject({
    slug: "acme",
    changedSettings: { attachPolicy: "invite", auditRetentionDays: 90 },
  });
  expect(await json("tenant", "show", "acme")).toEqual(set);
  const { body: tenant } = await client("GET", "/tenants/acme");
  const { body: settings } = await client("GET", "/tenants/acme/settings");
  expect({ ...tenant, ...settings }).toEqual(set);
  const back = await json("tenant", "set", "acme", "attachPolicy=");
  expect(back.changedSettings).toEqual({ auditRetentionDays: 90 });
  expect((await run("tenant", "show", "acme")).out).toMatch(/auditRetentionDays +90 +set here/);
  for (const wrong of [[], ["nope=1"], ["attachPolicy"], ["attachPolicy=whoever"]]) {
    const refused = await run("tenant", "set", "acme", ...wrong);
    expect([refused.code, refused.out]).toEqual([1, ""]);
    expect(refused.err).toMatch(/^rollcall: .*\n$/);
  }
});

test("connections and tokens look the same in both", async () => {
  const client = createAdminClient(origin, await instanceToken());
  const path = "/tenants/acme/connections/generic";
  expect((await client("GET", path)).body).toEqual(
    await json("connection", "show", "acme/generic"),
  );
  await json("token", "create", "acme/generic", "--name", "same");
  const { body } = await client("GET", `${path}/credentials`);
  expect(body.items).toEqual(await json("token", "list", "acme/generic"));
  const { body: admin } = await client("GET", "/admin-credentials?limit=1000");
  const listed: readonly object[] = await json("admin-token", "list");
  // The use of the token that asked may be noted meanwhile.
  const shown = (items: readonly object[]) => items.map((item) => ({ ...item, lastUsed: null }));
  expect(shown(admin.items)).toEqual(shown(listed));
});
