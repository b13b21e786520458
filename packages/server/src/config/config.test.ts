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
    attachPolicy: "attach",
    attachPolicyMax: "attach",
    allowPlainHttp: false,
    openHealth: false,
    failedAuthLimit: 60,
    rateLimit: 1000,
    tenantConcurrency: 64,
    adminPort: undefined,
    adminHost: "127.0.0.1",
    logLevel: "info",
    otlpUrl: undefined,
    pepper: undefined,
    databaseUrl: undefined,
    databasePool: 16,
    smtpUrl: undefined,
    mailFrom: undefined,
    alertTo: [],
    alertLanguage: "en",
    webhookAllow: [],
  });
});

test("alerts go to addresses, in one text or in several, each once", () => {
  const addresses = ["ops@example.com", "ann@example.com"];
  expect(
    read({}, { ROLLCALL_ALERT_TO: "ops@example.com, ann@example.com,ops@example.com" }).alertTo,
  ).toEqual(addresses);
  expect(read({ alertTo: addresses, alertLanguage: "de" })).toMatchObject({
    alertTo: addresses,
    alertLanguage: "de",
  });
  expect(() => read({ alertTo: ["ops"] })).toThrow("--alert-to");
  expect(() => read({ alertLanguage: "fr" })).toThrow("--alert-language");
});

test("what webhooks may reach is blocks, in one text or in several", () => {
  const blocks = ["127.0.0.0/8", "fd00::/8", "10.0.0.1"];
  expect(
    read({}, { ROLLCALL_WEBHOOK_ALLOW: "127.0.0.0/8, fd00::/8,10.0.0.1" }).webhookAllow,
  ).toEqual(blocks);
  expect(read({ webhookAllow: ["127.0.0.0/8,fd00::/8", "10.0.0.1"] }).webhookAllow).toEqual(blocks);
  for (const wrong of [
    "localhost",
    "10.0.0.0/33",
    "10.0.0",
    "unix",
    "*",
    "127.1",
    "10.0.0.0/8/8",
  ]) {
    expect(() => read({ webhookAllow: wrong })).toThrow(`--webhook-allow`);
  }
  expect(() => read({ webhookAllow: ["10.0.0.0/8", ""] })).toThrow("needs a value");
});

test("a flag wins over the environment, which wins over the default; an empty variable is none", () => {
  expect(read({ port: "1" }, { ROLLCALL_PORT: "2" }).port).toBe(1);
  expect(read({}, { ROLLCALL_PORT: "2" }).port).toBe(2);
  expect(read({}, { ROLLCALL_PORT: "" }).port).toBe(8480);
  expect(read({ allowPlainHttp: true }).allowPlainHttp).toBe(true);
  expect(read({}, { ROLLCALL_ALLOW_PLAIN_HTTP: "Yes" }).allowPlainHttp).toBe(true);
});

test("every setting has a name in each place, once; what is nothing but a secret has no flag", () => {
  for (const key of ["name", "env", "flag"] as const) {
    const names = settings.map((setting) => setting[key]).filter((name) => name !== undefined);
    expect(new Set(names).size).toBe(names.length);
  }
  for (const setting of settings) {
    expect(setting.env).toMatch(/^ROLLCALL_[A-Z_]+$/);
    // A URL need not have a password in it.
    expect(setting.flag === undefined).toBe(setting.name === "pepper");
    expect(setting.secret === true).toBe(
      ["pepper", "databaseUrl", "smtpUrl"].includes(setting.name),
    );
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
    [{ logLevel: "loud" }, "expected one of error, warn, info, debug"],
    [{ otlpUrl: "collector:4318" }, "--otlp-url"],
    [{ adminPort: "70000" }, "--admin-port"],
    [{ adminPort: "9464", port: "9464" }, "a port of its own"],
    [{ tenantConcurrency: "-1" }, "--tenant-concurrency"],
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
    [{ databasePool: "1" }, "a whole number from 2 to 1000"],
    [{ databaseUrl: "mysql://host/name" }, "--database-url (ROLLCALL_DATABASE_URL)"],
    [{ databaseUrl: "" }, "--database-url (ROLLCALL_DATABASE_URL): needs a value"],
    [{ tlsCert: "cert.pem" }, "belong together"],
    [{ smtpUrl: "mail.example.com:25" }, "--smtp-url (ROLLCALL_SMTP_URL)"],
    [{ smtpUrl: "https://mail.example.com" }, "expected a URL such as smtp://"],
    [{ smtpUrl: "smtp://mail.example.com" }, "needs --mail-from"],
    [{ mailFrom: "nobody" }, "--mail-from (ROLLCALL_MAIL_FROM)"],
    [{ mailFrom: "a@example.com, b@example.com" }, "expected an address"],
    [{ mailFrom: "Rollcall\r\n<a@example.com>" }, "expected an address"],
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

test("a database URL is taken as it is, and never repeated when it is none", () => {
  const url = "postgresql://u:p%40ss@[::1]:5433/name?sslmode=require";
  expect(read({ databaseUrl: url }).databaseUrl).toBe(url);
  expect(read({}, { ROLLCALL_DATABASE_URL: url }, "all").databaseUrl).toBe(url);
  for (const text of ["postgres://u:s3cret#x@host/name", "u:s3cret@host", "http://u:s3cret@host"]) {
    const reading = readConfig({ flags: { databaseUrl: text }, env: {} }, "all");
    expect(reading).toMatchObject({ kind: "problems" });
    expect(JSON.stringify(reading)).not.toContain("s3cret");
  }
});

test("an SMTP URL is taken as it is, and never repeated when it is none", () => {
  const smtpUrl = "smtps://u:s3cret%40@mail.example.com:465";
  for (const mailFrom of ["a@example.com", "Roll Call <a@example.com>"]) {
    expect(read({ smtpUrl, mailFrom })).toMatchObject({ smtpUrl, mailFrom });
  }
  const reading = readConfig({ flags: { smtpUrl: "http://u:s3cret@host" }, env: {} }, "serve");
  expect(reading).toMatchObject({ kind: "problems" });
  expect(JSON.stringify(reading)).not.toContain("s3cret");
});

test("a secret is also read from a file, and never from two places", () => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-config-"));
  const file = join(folder, "pepper");
  writeFileSync(file, "s3cret\n");
  expect(read({}, { ROLLCALL_PEPPER_FILE: file }).pepper).toBe("s3cret");
  expect(() => read({}, { ROLLCALL_PEPPER_FILE: file, ROLLCALL_PEPPER: "x" })).toThrow("not both");
  expect(read({}, { ROLLCALL_PEPPER_FILE: "", ROLLCALL_PEPPER: "x" }).pepper).toBe("x");
  expect(read({}, { ROLLCALL_PEPPER_FILE: "" }).pepper).toBeUndefined();
  expect(() => read({}, { ROLLCALL_PEPPER_FILE: `${file}.gone` })).toThrow("ROLLCALL_PEPPER");
  writeFileSync(file, "postgres://u:s3cret@host/name\n");
  expect(read({}, { ROLLCALL_DATABASE_URL_FILE: file }).databaseUrl).toBe(
    "postgres://u:s3cret@host/name",
  );
  rmSync(folder, { recursive: true });
});
