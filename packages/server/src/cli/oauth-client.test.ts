/** Tests of `rollcall oauth-client`: what it makes, shows and refuses. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommand } from "../../../../test/command-line.ts";
import { configForTests } from "../../../../test/compose-for-tests.ts";
import { openInstance } from "../compose.ts";

let folder = "";
let file = "";
const key = { kty: "EC", crv: "P-256", x: "x", y: "y", kid: "one" };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-oauth-client-"));
  file = join(folder, "keys.json");
  writeFileSync(file, JSON.stringify({ keys: [key] }));
  const opened = await openInstance(configForTests(folder), { role: "cli", now: Date.now });
  const tenant = await opened.createTenant({ slug: "acme", name: "Acme" });
  await opened.createConnection({
    tenant,
    profile: "entra",
    slug: "entra",
    name: undefined,
    staged: false,
  });
  await opened.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: readonly string[]) =>
  runCommand(["oauth-client", ...args, "--data", folder], { env: {} });

test("add prints the secret alone and this once, and what has to be set up at the client", async () => {
  const { code, out, err } = await run("add", "acme/entra", "--name", "sync", "--read-only");
  expect(code, err).toBe(0);
  expect(out).toMatch(/^rollcall_client_\w+\n$/);
  expect(err).toMatch(/OAuth client \w{12} of acme\/entra; its secret is shown this once/);
  expect(err).toContain("/oauth/token");
  const listed = await run("list", "acme/entra", "--json");
  expect(listed.out).not.toContain(out.trim());
  expect(JSON.parse(listed.out)).toEqual([
    expect.objectContaining({ name: "sync", method: "client_secret_basic", scopes: ["scim:read"] }),
  ]);
  const again = await run("add", "acme/entra", "--name", "sync");
  expect([again.code, again.out]).toEqual([1, ""]);
});

test("how a client proves itself follows from what is given", async () => {
  const added = async (...options: readonly string[]) => {
    const { code, out, err } = await run("add", "acme/entra", ...options, "--json");
    expect(code, err).toBe(0);
    return JSON.parse(out);
  };
  expect(await added("--jwks", file)).toMatchObject({
    method: "private_key_jwt",
    clientSecret: null,
    keyIds: ["one"],
  });
  const url = "https://keys.example/jwks";
  expect(await added("--jwks-url", url)).toMatchObject({
    method: "private_key_jwt",
    jwksUrl: url,
  });
  const claims = ["--issuer", "https://login.example", "--subject", "s", "--audience", "a"];
  expect(await added(...claims)).toMatchObject({
    method: "federated",
    issuer: "https://login.example",
  });
  for (const bad of [
    ["--issuer", "https://login.example"],
    ["--jwks", file, "--jwks-url", url],
    ["--jwks-url", "http://10.0.0.1/"],
  ]) {
    expect((await run("add", "acme/entra", ...bad)).code).toBe(1);
  }
});

test("rotate gives a new secret, remove ends the client", async () => {
  const made = JSON.parse((await run("add", "acme/entra", "--json")).out);
  const rotated = JSON.parse((await run("rotate", "acme/entra", made.clientId, "--json")).out);
  expect(rotated.clientSecret).not.toBe(made.clientSecret);
  expect(rotated.secrets).toHaveLength(2);
  const cut = ["rotate", "acme/entra", made.clientId, "--overlap", "0", "--json"];
  expect(JSON.parse((await run(...cut)).out).secrets).toHaveLength(1);
  const removed = await run("remove", "acme/entra", made.clientId);
  expect(removed.out).toContain("is removed");
  expect((await run("remove", "acme/entra", made.clientId)).code).toBe(1);
  expect((await run("rotate", "acme/entra", made.clientId)).code).toBe(1);
});
