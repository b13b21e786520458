import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { configForTests } from "../../../test/compose-for-tests.ts";
import { compose, openInstance } from "./compose.ts";
import { scopeOf } from "./domain/connection.ts";
import { SqliteDriver } from "./store/sqlite/sqlite-driver.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-compose-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const start = (changes = {}) =>
  compose({ config: configForTests(folder, changes), writeLog: () => undefined });

describe("the first start", () => {
  test("makes one tenant, one connection and one token, and the second start none", async () => {
    const first = await start();
    const [tenant, ...others] = await first.store.tenants.list();
    expect(others).toEqual([]);
    expect(tenant?.slug).toBe("default");
    const connection = first.first?.connection;
    expect(connection).toMatchObject({ slug: "default", profile: "generic" });
    expect(first.first?.credential.creator).toBe("first-start");
    await first.close();
    const second = await start();
    expect(second.first).toBeUndefined();
    expect(await second.store.tenants.list()).toHaveLength(1);
    await second.close();
  });

  test("the token is nowhere on the disk, and neither is its secret", async () => {
    const rollcall = await start();
    const token = rollcall.first?.token ?? "";
    const [, , , secret = "no"] = token.split("_");
    const headers = { authorization: `Bearer ${token}` };
    const request = new Request("http://127.0.0.1/scim/v2/Users", { headers });
    expect((await rollcall.fetch(request)).status).toBe(200);
    await rollcall.close();
    for (const name of readdirSync(folder)) {
      const bytes = readFileSync(join(folder, name)).toString("latin1");
      expect(bytes.includes(secret), name).toBe(false);
    }
  });

  test("makes the folder and the key for their owner alone", async () => {
    folder = join(folder, "deep", "data");
    const rollcall = await start();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, ".pepper")).mode & 0o777).toBe(0o600);
    await rollcall.close();
  });
});

describe("one server per data folder", () => {
  test("a second one is refused, and the first one lives on", async () => {
    const first = await start();
    await expect(start()).rejects.toThrow(`another rollcall (process ${process.pid}) serves`);
    expect((await first.fetch(new Request("http://127.0.0.1/healthz"))).status).toBe(200);
    await first.close();
    await (await start()).close();
  });

  test("a start that fails leaves no lock behind", async () => {
    await expect(start({ pepper: "short" })).rejects.toThrow("32 characters");
    await (await start()).close();
  });

  test("the command line works on the folder while the server runs", async () => {
    const rollcall = await start();
    // Behind what a server writes when it starts: in one process neither could wait for the other.
    await rollcall.createTenant({ slug: "other", name: undefined });
    const cli = await openInstance(configForTests(folder), { role: "cli", now: Date.now });
    const tenant = await cli.createTenant({ slug: "acme", name: undefined });
    const wish = { tenant, profile: "okta", slug: undefined, name: undefined } as const;
    const connection = await cli.createConnection(wish);
    const { token } = await cli.issueCredential({
      scope: scopeOf(connection),
      name: "",
      lifetime: { kind: "never" },
      scopes: ["scim:read"],
      cidrs: [],
      creator: "cli",
    });
    const headers = { authorization: `Bearer ${token}` };
    const request = new Request("http://127.0.0.1/scim/v2/Users", { headers });
    expect((await rollcall.fetch(request)).status).toBe(200);
    await cli.close();
    await rollcall.close();
  });
});

test("a folder with data and without its key does not start", async () => {
  await (await start()).close();
  rmSync(join(folder, ".pepper"));
  await expect(start()).rejects.toThrow("put the file back");
});

describe("the instance key", () => {
  const a = "a".repeat(32);
  const b = "b".repeat(32);

  test("another one is refused, and a second one is let in beside it", async () => {
    const first = await start({ pepper: a });
    const headers = { authorization: `Bearer ${first.first?.token}` };
    await first.close();
    await expect(start({ pepper: b })).rejects.toThrow("is not the one that the tokens");
    const rotated = await start({ pepper: `1:${a}\n2:${b}` });
    const request = new Request("http://127.0.0.1/scim/v2/Users", { headers });
    expect((await rotated.fetch(request)).status).toBe(200);
    await rotated.close();
    await expect(start({ pepper: `2:${a}` })).rejects.toThrow("version 2");
  });

  test("lost, it is given up by a version that was never used", async () => {
    await (await start()).close();
    writeFileSync(join(folder, ".pepper"), `1:${a}\n`, { mode: 0o600 });
    await expect(start()).rejects.toThrow("is not the one that the tokens");
    expect(readFileSync(join(folder, ".pepper"), "utf8")).toBe(`1:${a}\n`);
    writeFileSync(join(folder, ".pepper"), `2:${a}\n`, { mode: 0o600 });
    await (await start()).close();
  });

  test("a folder from before keys were noted notes its own at the next start", async () => {
    await (await start()).close();
    const database = new SqliteDriver(join(folder, "rollcall.db"));
    database.exec("DELETE FROM instance_facts");
    database.close();
    await (await start()).close();
    await expect(start({ pepper: b })).rejects.toThrow("is not the one that the tokens");
  });
});

describe("as a process", () => {
  const command = ["--import", "tsx", "--conditions=source", "packages/server/src/cli/main.ts"];
  const serve = async () => {
    const args = [...command, "serve", "--data", folder, "--port", "0"];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    const exited = once(child, "exit");
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => {
      said += String(chunk);
    });
    let complained = "";
    child.stderr.on("data", (chunk: Buffer) => {
      complained += String(chunk);
    });
    await expect
      .poll(() => said, { timeout: 20_000 })
      .toMatch(/^rollcall listening on http:\/\/127\.0\.0\.1:\d+$/m);
    const [token = ""] = /rollcall_scim_\w+/.exec(said) ?? [];
    const [, url = ""] = /listening on (\S+)/.exec(said) ?? [];
    return { child, exited, token, url, said: () => said, complained: () => complained };
  };

  test("SIGTERM: the request under way is answered, the exit code is 0, the lock is gone", async () => {
    const { child, exited, token, url } = await serve();
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/scim+json" };
    const gate: { open?: () => void } = {};
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        const bytes = new TextEncoder();
        controller.enqueue(
          bytes.encode('{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],'),
        );
        await new Promise<void>((resolve) => {
          gate.open = resolve;
        });
        controller.enqueue(bytes.encode('"userName":"late"}'));
        controller.close();
      },
    });
    const options = { method: "POST", headers, body, duplex: "half" };
    const answer = fetch(`${url}/scim/v2/Users`, options as RequestInit);
    await new Promise((resolve) => setTimeout(resolve, 300));
    child.kill("SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 300));
    await expect(fetch(`${url}/scim/v2/Users`, { headers })).rejects.toThrow();
    gate.open?.();
    expect((await answer).status).toBe(201);
    expect(await exited).toEqual([0, null]);
    expect(existsSync(join(folder, ".serve.lock"))).toBe(false);
  });

  test("kill -9 leaves a lock that the next server takes over; its token works, and is not shown again", async () => {
    const first = await serve();
    first.child.kill("SIGKILL");
    await first.exited;
    expect(existsSync(join(folder, ".serve.lock"))).toBe(true);
    const second = await serve();
    const headers = { authorization: `Bearer ${first.token}` };
    expect((await fetch(`${second.url}/scim/v2/Users`, { headers })).status).toBe(200);
    expect(second.said()).not.toContain("rollcall_scim_");
    expect(second.said()).toContain("rollcall token create");
    expect(second.complained()).not.toContain(first.token);
    second.child.kill("SIGINT");
    expect(await second.exited).toEqual([0, null]);
  });
});
