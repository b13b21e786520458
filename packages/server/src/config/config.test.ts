import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import type { Config } from "./config.ts";
import { readConfig, settings } from "./config.ts";

function read(
  flags: Record<string, unknown> = {},
  env: Record<string, string> = {},
  usedBy: "serve" | "all" = "serve",
): Config {
  const reading = readConfig({ flags, env }, usedBy);
  if (reading.kind === "problems") {
    throw new Error(reading.problems.join("\n"));
  }
  return reading.config;
}

test("nothing said: a server for this machine alone", () => {
  expect(read()).toEqual({
    data: resolve("data"),
    host: "127.0.0.1",
    port: 8480,
    publicUrl: undefined,
    trustedProxy: [],
    tlsCert: undefined,
    tlsKey: undefined,
    allowPlainHttp: false,
    openHealth: false,
    failedAuthLimit: 60,
    rateLimit: 1000,
    pepper: undefined,
  });
});

test("a flag wins over the environment, which wins over the default; an empty variable is none", () => {
  expect(read({ port: "1" }, { ROLLCALL_PORT: "2" }).port).toBe(1);
  expect(read({}, { ROLLCALL_PORT: "2" }).port).toBe(2);
  expect(read({}, { ROLLCALL_PORT: "" }).port).toBe(8480);
  expect(read({ allowPlainHttp: true }).allowPlainHttp).toBe(true);
  expect(read({}, { ROLLCALL_ALLOW_PLAIN_HTTP: "Yes" }).allowPlainHttp).toBe(true);
});

test("every setting has a name in each place, once, and a secret has no flag", () => {
  for (const key of ["name", "env", "flag"] as const) {
    const names = settings.map((setting) => setting[key]).filter((name) => name !== undefined);
    expect(new Set(names).size).toBe(names.length);
  }
  for (const setting of settings) {
    expect(setting.env).toMatch(/^ROLLCALL_[A-Z_]+$/);
    expect(setting.flag === undefined).toBe(setting.secret === true);
    // commander makes the name of the option, which must be the name of the setting.
    const words = setting.flag?.split(" ")[0]?.slice(2);
    const option = words?.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    expect(option ?? setting.name).toBe(setting.name);
  }
});

describe("what is wrong is said by name, all of it at once", () => {
  test.each([
    [{ port: "65536" }, "--port (ROLLCALL_PORT)"],
    [{ port: "http" }, "--port"],
    [{ port: "-1" }, "--port"],
    [{ publicUrl: "example.com" }, "--public-url"],
    [{ publicUrl: "ftp://example.com" }, "--public-url"],
    [{ publicUrl: "https://example.com/?x" }, "without query"],
    [{ publicUrl: "https://u:p@example.com" }, "user name"],
    [{ publicUrl: "https://example.com/scim/v2/" }, "leave /scim/v2 out"],
    [{ trustedProxy: "10.0.0.0/8,proxy" }, '"proxy"'],
    [{ trustedProxy: "10.0.0.0/33" }, '"10.0.0.0/33"'],
    [{ trustedProxy: "::ffff:10.0.0.0/8" }, '"::ffff:10.0.0.0/8"'],
    [{ trustedProxy: "fe80::1%eth0" }, '"fe80::1%eth0"'],
    [{ data: "" }, "--data (ROLLCALL_DATA): needs a value"],
    [{ host: "" }, "--host (ROLLCALL_HOST): needs a value"],
    [{ failedAuthLimit: "many" }, "--failed-auth-limit"],
    [{ tlsCert: "cert.pem" }, "belong together"],
    [{ host: "unix:/run/x.sock" }, "--public-url"],
  ])("%o", (flags, words) => {
    const reading = readConfig({ flags, env: {} }, "serve");
    expect(reading.kind === "problems" && reading.problems.join("\n")).toContain(words);
  });

  test("two mistakes are two problems", () => {
    const reading = readConfig({ flags: { port: "x", publicUrl: "x" }, env: {} }, "serve");
    expect(reading.kind === "problems" && reading.problems.length).toBe(2);
  });

  test("a switch is true or false", () => {
    const reading = readConfig({ flags: {}, env: { ROLLCALL_OPEN_HEALTH: "maybe" } }, "all");
    expect(reading.kind).toBe("problems");
  });
});

describe("plain HTTP", () => {
  test.each(["0.0.0.0", "::", "192.0.2.1", "server.example"])("%s is refused", (host) => {
    expect(() => read({ host })).toThrow("--allow-plain-http");
    expect(() => read({ host, trustedProxy: "10.0.0.0/8" })).not.toThrow();
    expect(() => read({ host, allowPlainHttp: true })).not.toThrow();
    expect(() => read({ host, tlsCert: "c", tlsKey: "k" })).not.toThrow();
    // Another command does not listen, so it does not care.
    expect(() => read({ host }, {}, "all")).not.toThrow();
  });

  test.each(["127.0.0.1", "127.1.2.3", "localhost", "::1", "[::1]"])("%s is fine", (host) => {
    expect(() => read({ host })).not.toThrow();
  });
});

test("a public URL loses its trailing slashes and keeps its path", () => {
  expect(read({ publicUrl: "https://id.example.com//" }).publicUrl).toBe("https://id.example.com");
  expect(read({ publicUrl: "https://example.com/rollcall/" }).publicUrl).toBe(
    "https://example.com/rollcall",
  );
});

test("a secret is also read from a file, and never from two places", () => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-config-"));
  const file = join(folder, "pepper");
  writeFileSync(file, "s3cret\n");
  expect(read({}, { ROLLCALL_PEPPER_FILE: file }).pepper).toBe("s3cret");
  expect(() => read({}, { ROLLCALL_PEPPER_FILE: file, ROLLCALL_PEPPER: "x" })).toThrow("not both");
  expect(() => read({}, { ROLLCALL_PEPPER_FILE: `${file}.gone` })).toThrow("ROLLCALL_PEPPER");
  rmSync(folder, { recursive: true });
});
