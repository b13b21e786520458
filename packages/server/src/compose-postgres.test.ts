import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { configForTests } from "../../../test/compose-for-tests.ts";
import type { TestDatabase } from "../../../test/postgres-for-tests.ts";
import { createTestDatabase } from "../../../test/postgres-for-tests.ts";
import type { Rollcall } from "./compose.ts";
import { compose, inspectData, migrateData, openInstance } from "./compose.ts";
import type { Config } from "./config/config.ts";
import { pruneOldRecords, tombstoneDays } from "./provisioning/prune-old-records.ts";
import { postgresMigrations } from "./store/postgres/migrations/postgres-migrations.ts";

let folder = "";
let database: TestDatabase;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-compose-"));
  database = await createTestDatabase();
});
afterEach(async () => {
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});
const configOf = (name: string, changes: Partial<Config> = {}) =>
  configForTests(join(folder, name), { databaseUrl: database.url, databasePool: 4, ...changes });
const start = (name: string, changes: Partial<Config> = {}): Promise<Rollcall> =>
  compose({ config: configOf(name, changes), writeLog: () => undefined });

async function query(sql: string, url: string = database.url) {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test("the data folder holds the instance key alone, and one in the environment makes even that unnecessary", async () => {
  await (await start("one")).close();
  expect(readdirSync(join(folder, "one"))).toEqual([".pepper"]);
  const other = await createTestDatabase();
  await (await start("two", { databaseUrl: other.url, pepper: "p".repeat(32) })).close();
  expect(existsSync(join(folder, "two"))).toBe(false);
  await other.drop();
});

test("several servers on one folder and on several find the same data, and each its own key", async () => {
  const first = await start("one");
  await first.listen();
  const beside = await start("one");
  expect(beside.first).toBeUndefined();
  await expect(start("two")).rejects.toThrow("is not the one that the tokens of this database");
  expect(readdirSync(join(folder, "two"))).toEqual([]);
  const cli = await openInstance(configOf("one"), { role: "cli", now: Date.now });
  expect(cli.scimUrl()).toBe(first.scimUrl());
  await cli.close();
  await first.close();
  expect(readdirSync(join(folder, "one"))).toEqual([".pepper"]);
  await beside.close();
});

test("starters at the same moment make one tenant and one token, and all of them run", async () => {
  const pepper = "p".repeat(32);
  for (const round of [1, 2, 3]) {
    const fresh = await createTestDatabase();
    const changes = { databaseUrl: fresh.url, pepper };
    const servers = await Promise.all([1, 2, 3, 4].map(() => start(`at-once-${round}`, changes)));
    const made = servers.flatMap(({ first }) => first ?? []);
    expect(made).toHaveLength(1);
    expect(await query("SELECT slug FROM tenants", fresh.url)).toEqual([{ slug: "default" }]);
    expect(await query("SELECT 1 FROM credentials", fresh.url)).toHaveLength(1);
    const headers = { authorization: `Bearer ${made[0]?.token}` };
    for (const server of servers) {
      const request = new Request("http://127.0.0.1/scim/v2/Users", { headers });
      expect((await server.fetch(request)).status).toBe(200);
    }
    await Promise.all(servers.map((server) => server.close()));
    await fresh.drop();
  }
});

test("starters at the same moment in one empty folder agree on a key", async () => {
  const servers = await Promise.all([start("one"), start("one"), start("one")]);
  expect(servers.filter(({ first }) => first !== undefined)).toHaveLength(1);
  await Promise.all(servers.map((server) => server.close()));
});

describe("migrating", () => {
  test("says what it did, makes no key and can be repeated, also by several at once", async () => {
    const migrate = () => migrateData(configOf("none"), Date.now);
    const rounds = await Promise.all([migrate(), migrate(), migrate()]);
    const applied = rounds.flatMap((round) => round.applied.map(({ number }) => number));
    expect(applied.toSorted((one, other) => one - other)).toEqual(
      postgresMigrations.map(({ number }) => number),
    );
    expect((await migrate()).applied).toEqual([]);
    expect(existsSync(join(folder, "none"))).toBe(false);
    const { host, pathname } = new URL(database.url);
    expect(rounds[0]?.place).toBe(`${pathname.slice(1)} at ${host}`);
    const { first, close } = await start("one");
    expect(first?.connection.slug).toBe("default");
    await close();
  });

  test("a newer breaking migration stops a running server and keeps an older one from starting", async () => {
    const server = await start("one");
    const newer = (number: number, breaking: number) =>
      `INSERT INTO applied_migrations VALUES (${number}, 'from the future', '', ${breaking}, '')`;
    await query(newer(998, 0));
    const beside = await start("one");
    await beside.close();
    await query(newer(999, 1));
    expect((await server.outdated).message).toMatch(/newer version of rollcall \(migration 999/);
    await server.close();
    await expect(start("one")).rejects.toThrow("update rollcall");
    await expect(migrateData(configOf("one"), Date.now)).rejects.toThrow("update rollcall");
  });
});

describe("what an operator meets", () => {
  const refusedWith = async (url: string, words: string) => {
    const failure = await start("one", { databaseUrl: url }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ name: "Refusal", message: expect.stringContaining(words) });
    expect(String(failure)).not.toContain("s3cret");
    expect(String(failure)).not.toContain("\n");
    expect(await inspectData({ data: folder, databaseUrl: url }, Date.now)).toMatchObject({
      kind: "problem",
      problem: expect.stringContaining(words),
    });
  };
  const urlWith = (change: (url: URL) => void): string => {
    const url = new URL(database.url);
    change(url);
    return url.href;
  };

  test("a wrong password, none, and a user that nobody knows", async () => {
    await refusedWith(
      urlWith((url) => {
        url.password = "s3cret";
      }),
      "the password in the database URL is wrong or missing",
    );
    await refusedWith(
      urlWith((url) => {
        url.password = "";
      }),
      "the password in the database URL is wrong or missing",
    );
    await refusedWith(
      urlWith((url) => {
        url.username = "nobody-knows";
      }),
      "does not let nobody-knows in",
    );
  });

  test("no such database, and nobody there", async () => {
    await refusedWith(
      urlWith((url) => {
        url.pathname = "/gone";
      }),
      "has no database gone",
    );
    await refusedWith("postgres://u:s3cret@127.0.0.1:1/name", "127.0.0.1:1 cannot be reached");
    await refusedWith("postgres://u:s3cret@no-such-host.invalid/name", "cannot be reached");
    await refusedWith("postgres://u:s3cret@h/name?sslrootcert=/gone", "cannot be used");
  });

  test("TLS that is wanted and not there", async () => {
    await refusedWith(`${database.url}?sslmode=verify-full`, "no TLS connection");
  });

  test("an encoding that cannot hold every name", async () => {
    const name = new URL(database.url).pathname.slice(1);
    await query(`CREATE DATABASE ${name}_latin1 TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'`);
    const url = urlWith((one) => {
      one.pathname += "_latin1";
    });
    await refusedWith(url, "has the encoding LATIN1");
    await query(`DROP DATABASE ${name}_latin1`);
  });

  test("no right to make tables, and no right to write at all", async () => {
    const role = `weak_${Date.now()}`;
    await query(`CREATE ROLE ${role} LOGIN PASSWORD 's3cret'`);
    const url = urlWith((one) => {
      one.username = role;
      one.password = "s3cret";
    });
    await query("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    const failure = start("one", { databaseUrl: url });
    await expect(failure).rejects.toThrow(`${role} lacks a right in the database`);
    await expect(failure).rejects.toMatchObject({ name: "Refusal" });
    await query(`ALTER ROLE ${role} SET default_transaction_read_only = on`);
    await refusedWith(url, "is read-only");
    await query(`DROP ROLE ${role}`);
  });
});

test("several processes drop what is old at the same time, and each is content", async () => {
  const server = await start("one");
  const beside = await start("one");
  const connection = server.first?.connection;
  const user = server.registry.named("User");
  if (connection === undefined || user === undefined) {
    throw new Error("the first start makes a connection, and there are users");
  }
  const headers = {
    authorization: `Bearer ${server.first?.token}`,
    "content-type": "application/scim+json",
  };
  const send = (method: string, path: string, body?: string) =>
    server.fetch(
      new Request(`http://127.0.0.1/scim/v2${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
      }),
    );
  for (let index = 0; index < 30; index += 1) {
    const made = await send("POST", "/Users", `{"userName":"u${index}"}`);
    const { id } = JSON.parse(await made.text());
    expect((await send("DELETE", `/Users/${id}`)).status).toBe(204);
  }
  expect(await query("SELECT 1 FROM tombstones")).toHaveLength(30);
  const later = Date.now() + (tombstoneDays + 1) * 86_400_000;
  await Promise.all(
    [server, beside, server, beside].map(({ store }) => pruneOldRecords(store, later)),
  );
  for (const table of ["tombstones", "tombstone_keys", "request_log"]) {
    expect(await query(`SELECT 1 FROM ${table}`), table).toEqual([]);
  }
  await server.close();
  await beside.close();
});

test("a server without a data folder runs, and makes none to be found in", async () => {
  const server = await start("gone", { pepper: "p".repeat(32) });
  await server.listen();
  expect(existsSync(join(folder, "gone"))).toBe(false);
  await server.close();
});
