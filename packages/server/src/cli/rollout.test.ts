/** Staging, activating and removing connections, and previews of settings and groups, at the command line. */
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { StartedProvider } from "../../../../conformance/start-provider.ts";
import { startProvider } from "../../../../conformance/start-provider.ts";
import type { TestDatabase } from "../../../../test/postgres-for-tests.ts";
import { createTestDatabase } from "../../../../test/postgres-for-tests.ts";
import { main } from "./main.ts";

const wanted = inject("database") ?? "sqlite";
let database: TestDatabase | undefined;
let server: StartedProvider;
beforeAll(async () => {
  database = wanted === "sqlite" ? undefined : await createTestDatabase(wanted);
  server = await startProvider([], database?.url);
}, 60_000);
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  await database?.drop();
});

async function run(...args: readonly string[]) {
  const written = { out: "", err: "" };
  const code = await main(args, {
    program: "rollcall",
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
    env: { ROLLCALL_DATA: server.dataFolder, ROLLCALL_DATABASE_URL: database?.url ?? "" },
    now: Date.now,
    stopSignal: () => new AbortController().signal,
  });
  return { code, ...written };
}
async function ok(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await run(...args);
  expect(code, err).toBe(0);
  return out;
}
const json = async (...args: readonly string[]) => JSON.parse(await ok(...args, "--json"));
async function refused(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await run(...args);
  expect([code, out]).toEqual([1, ""]);
  expect(err).toMatch(/^rollcall: .*\n$/);
  return err;
}

async function clientOf(connection: string) {
  const { token } = await json("token", "create", connection);
  const post = async (path: string, body: object): Promise<string> => {
    const response = await fetch(`${server.baseUrl}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(201);
    return (await response.json()).id;
  };
  const core = "urn:ietf:params:scim:schemas:core:2.0";
  return {
    user: (userName: string) => post("/Users", { schemas: [`${core}:User`], userName }),
    group: (displayName: string, member: string) =>
      post("/Groups", { schemas: [`${core}:Group`], displayName, members: [{ value: member }] }),
  };
}

test("a staged connection is looked at, activated, and removed as was shown", async () => {
  await ok("tenant", "create", "acme");
  const made = await json("connection", "create", "acme", "--slug", "idp", "--staged");
  expect(made.staged).toBe(true);
  expect(await ok("connection", "list", "acme")).toMatch(/acme\/idp .* enabled, staged/);
  const { user, group } = await clientOf("acme/idp");
  const ann = await user("ann@acme.example");
  const designers = await group("designers", ann);
  await ok("team", "create", "acme", "Design");
  const target = ["--team", "Design", "--role", "editor"];
  await ok("mapping", "add", "acme", "--group", "designers", ...target);
  expect(await json("access", "acme")).toEqual([]);
  const preview = await ok("connection", "activate", "acme/idp", "--preview");
  expect(preview).toMatch(/joins +ann@acme\.example +team:Design +editor/);
  expect(preview).toContain("1 attached, 0 invited, 0 refused, 0 mails.");
  expect(await json("access", "acme")).toEqual([]);
  expect(await json("connection", "activate", "acme/idp")).toEqual({
    attached: 1,
    pending: 0,
    refused: 0,
    left: 0,
  });
  expect(await json("access", "acme")).toMatchObject([{ target: "team:Design", role: "editor" }]);
  expect(await refused("connection", "stage", "acme/idp")).toContain("is live");
  const end = await json("group", "preview-removal", "acme/idp", designers);
  expect(end.losses).toMatchObject([{ email: "ann@acme.example", target: "team:Design" }]);
  expect(end.joins).toMatchObject([{ target: "tenant", role: "user" }]);
  expect(await ok("group", "preview-removal", "acme/idp", "designers")).toMatch(/loses +ann/);
  expect(await refused("group", "preview-removal", "acme/idp", "nobody")).toContain("no group");
  expect(await refused("connection", "remove", "acme/idp")).toContain("--yes");
  const { token, removed } = await json("connection", "remove", "acme/idp", "--preview");
  await user("bea@acme.example");
  const stale = await refused("connection", "remove", "acme/idp", "--preview-token", token);
  expect(stale).toContain("moved");
  expect(removed.resources).toEqual({ Group: 1, User: 1 });
  expect(await ok("connection", "remove", "acme/idp", "--yes")).toContain("is removed");
  expect(await json("access", "acme")).toEqual([]);
  expect(await json("connection", "list", "acme")).toEqual([]);
});

test("settings are asked about first", async () => {
  await ok("tenant", "create", "later");
  await ok("connection", "create", "later", "--slug", "idp");
  await (await clientOf("later/idp")).user("ann@later.example");
  const set = ["tenant", "set", "later", "defaultRole=viewer"];
  const preview = await json(...set, "--preview");
  expect(preview.changes).toMatchObject([{ from: "user", to: "viewer" }]);
  expect((await json("tenant", "show", "later")).settings.defaultRole).toBe("user");
  expect(await ok(...set, "--preview")).toMatch(
    /changes +ann@later\.example +tenant +user → viewer/,
  );
  const other = ["tenant", "set", "later", "defaultRole=admin"];
  expect(await refused(...other, "--preview-token", preview.token)).toContain("moved");
  const saved = await json(...set, "--preview-token", preview.token);
  expect(saved.settings.defaultRole).toBe("viewer");
});
