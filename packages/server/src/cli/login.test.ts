/** Tests of `rollcall oidc` and `rollcall login`, with ID tokens of a real provider. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommand } from "../../../../test/command-line.ts";
import { configForTests } from "../../../../test/compose-for-tests.ts";
import type { IdentityProvider } from "../../../../test/identity-provider.ts";
import { startIdentityProvider } from "../../../../test/identity-provider.ts";
import { openInstance } from "../compose.ts";

let folder = "";
let provider: IdentityProvider;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-login-"));
  provider = await startIdentityProvider();
  const opened = await openInstance(configForTests(folder), { role: "cli", now: Date.now });
  await opened.createTenant({ slug: "acme", name: "Acme" });
  await opened.close();
});
afterAll(async () => {
  await provider.close();
  rmSync(folder, { recursive: true });
});

function run(args: readonly string[], stdin = "") {
  return runCommand([...args, "--data", folder], {
    readAll: async () => stdin,
    env: { ROLLCALL_WEBHOOK_ALLOW: "127.0.0.0/8" },
  });
}

test("oidc set, show and remove; what is left out stays, and the secret comes from stdin", async () => {
  const missing = await run(["oidc", "set", "acme", "--client-id", "client-RS256"]);
  expect([missing.code, missing.err]).toEqual([1, expect.stringMatching(/--issuer/)]);
  const set = ["oidc", "set", "acme"];
  const wish = ["--issuer", provider.issuer, "--client-id", "client-RS256", "--client-secret", "-"];
  const made = await run([...set, ...wish, "--json"], "very secret\n");
  expect(made.code, made.err).toBe(0);
  expect(JSON.parse(made.out)).toMatchObject({ hasClientSecret: true, mode: "scim", jit: "off" });
  const changed = await run([...set, "--mode", "login", "--jit", "any"]);
  expect(changed.code, changed.err).toBe(0);
  const { out } = await run(["oidc", "show", "acme", "--json"]);
  expect(JSON.parse(out)).toMatchObject({
    issuer: provider.issuer,
    hasClientSecret: true,
    mode: "login",
    jit: "any",
  });
  for (const [wrong, why] of [
    [["--client-secret", "on the command line"], /stdin/],
    [["--mode", "both"], /scim, login/],
    [["--mode", "scim"], /jit/],
    [["--issuer", "https://10.0.0.1"], /issuer/],
  ] as const) {
    const refused = await run([...set, ...wrong]);
    expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(why)]);
  }
  const bare = await run([...set, "--client-secret", "none"]);
  expect(bare.out).toMatch(/Secret +none/);
});

test("login answers as the admin API does, and fails for whoever may not come in", async () => {
  const idToken = await provider.signIn(
    "ann",
    { email: "ann@acme.example", email_verified: true, name: "Ann" },
    { nonce: "n-1" },
  );
  const login = ["login", "acme", "--id-token"];
  const { code, out, err } = await run([...login, idToken, "--nonce", "n-1", "--json"]);
  expect(code, err).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    allowed: true,
    tenant: "acme",
    account: { email: "ann@acme.example", name: "Ann", ref: null, isNew: true },
    joined: true,
    access: { state: "active", role: "user" },
    whyNot: null,
  });
  const shown = await run([...login, "-"], idToken);
  expect(shown.out).toMatch(/Account +ann@acme.example[\s\S]*Access +active/);
  const wrong = await run([...login, idToken, "--nonce", "n-2", "--json"]);
  expect([wrong.code, JSON.parse(wrong.out)]).toEqual([
    1,
    expect.objectContaining({
      allowed: false,
      account: null,
      access: null,
      whyNot: "invalid-token",
    }),
  ]);
  await run(["lock", "add", "acme", "ann@acme.example", "--source", "admin"]);
  const locked = await run([...login, idToken]);
  expect(locked.code).toBe(1);
  expect((await run(login.slice(0, 2))).err).toMatch(/--id-token/);
});

test("oidc remove takes no more tokens", async () => {
  const idToken = await provider.signIn("ann");
  expect((await run(["oidc", "remove", "acme"])).code).toBe(0);
  const { code, err } = await run(["login", "acme", "--id-token", idToken]);
  expect([code, err]).toEqual([1, expect.stringMatching(/no OIDC connection/)]);
  expect((await run(["oidc", "show", "acme"])).code).toBe(1);
  expect((await run(["oidc", "remove", "acme"])).code).toBe(1);
});
