/** PostgreSQL under the bench: a cluster of its own with everything durable, or the server of a URL. */
import { randomBytes } from "node:crypto";
import { cpSync, readFileSync, rmSync } from "node:fs";
import pg from "pg";
import { startPostgresCluster } from "../test/postgres-cluster.ts";
import type { FillPlace } from "./filled-cache.ts";
import { benchDirectory, createFilledCache, newFolder } from "./filled-cache.ts";
import { childrenOf, cpuSecondsOf } from "./process-figures.ts";
import type { BenchDatabase, Row } from "./site.ts";

const prefix = "rollcall_bench";

/** Starts a cluster, or takes the server of the URL, on which the user may create databases. */
export async function openPostgresDatabase(
  databaseUrl: string | undefined,
): Promise<BenchDatabase> {
  const cluster = databaseUrl === undefined ? await startPostgresCluster("durability") : undefined;
  const adminUrl = databaseUrl ?? cluster?.adminUrl ?? "";
  const version = await versionOf(adminUrl);
  const postmaster = await postmasterOf(adminUrl);
  const place = placeOn(adminUrl);
  const filledWith = createFilledCache(prefix, place);
  return {
    name: "PostgreSQL",
    version,
    async createSite(size) {
      const filled = await filledWith(size);
      const folder = newFolder();
      cpSync(filled.folder, folder, { recursive: true });
      const name = newName();
      await execute(adminUrl, `CREATE DATABASE ${name} TEMPLATE ${filled.name} STRATEGY file_copy`);
      const url = urlOf(adminUrl, name);
      return {
        database: "PostgreSQL",
        folder,
        databaseUrl: url,
        token: filled.token,
        directory: benchDirectory(size),
        select: (sql) => execute(url, sql),
        remove: async () => {
          await place.drop(name);
          rmSync(folder, { recursive: true, force: true });
        },
      };
    },
    async createEmpty() {
      const name = newName();
      await execute(adminUrl, `CREATE DATABASE ${name} TEMPLATE template0`);
      return { databaseUrl: urlOf(adminUrl, name), remove: () => place.drop(name) };
    },
    cpuSeconds: () =>
      postmaster === undefined
        ? Number.NaN
        : [postmaster, ...childrenOf(postmaster)].reduce((sum, pid) => sum + cpuSecondsOf(pid), 0),
    close: async () => cluster?.remove(),
  };
}

function placeOn(adminUrl: string): FillPlace {
  return {
    async create(name, folder) {
      await execute(
        adminUrl,
        `CREATE DATABASE ${name} TEMPLATE template0 LOCALE 'C' ENCODING 'UTF8'`,
      );
      // The filling alone may lose its last moments; copies of the database do not inherit this.
      await execute(adminUrl, `ALTER DATABASE ${name} SET synchronous_commit = off`);
      return { folder, databaseUrl: urlOf(adminUrl, name) };
    },
    async exists(name) {
      const rows = await execute(adminUrl, `SELECT 1 FROM pg_database WHERE datname = '${name}'`);
      return rows.length > 0;
    },
    dump: async ({ databaseUrl }) => dumpOf(databaseUrl ?? ""),
    async finish({ databaseUrl }) {
      await execute(databaseUrl ?? "", "VACUUM (ANALYZE)");
      await execute(databaseUrl ?? "", "CHECKPOINT");
    },
    drop: async (name) => {
      await execute(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
    together: 64,
  };
}

function newName(): string {
  return `${prefix}_site_${randomBytes(5).toString("hex")}`;
}

function urlOf(adminUrl: string, name: string): string {
  return Object.assign(new URL(adminUrl), { pathname: name }).href;
}

async function execute(url: string, sql: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** A figure from a database that may lose what it has acknowledged is another figure. */
async function versionOf(url: string): Promise<string> {
  const [row] = await execute(
    url,
    `SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync,
       current_setting('synchronous_commit') AS commit`,
  );
  if (row?.["fsync"] !== "on" || row["commit"] !== "on") {
    throw new Error("the bench needs a PostgreSQL server with fsync and synchronous_commit on");
  }
  return `PostgreSQL ${String(row["version"]).split(" ")[0]}`;
}

/** The process that all others of the server come from, when it runs on this machine. */
async function postmasterOf(url: string): Promise<number | undefined> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    // The process of this connection is there for as long as the connection.
    const { rows } = await client.query("SELECT pg_backend_pid() AS pid");
    const status = readFileSync(`/proc/${rows[0]?.["pid"]}/status`, "utf8");
    return /^Name:\s+postgres/.test(status)
      ? Number(/^PPid:\s+(\d+)/m.exec(status)?.[1])
      : undefined;
  } catch {
    return undefined;
  } finally {
    await client.end();
  }
}

async function dumpOf(url: string): Promise<string> {
  const columns = await execute(
    url,
    `SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
     WHERE table_schema = 'public' ORDER BY table_name, ordinal_position`,
  );
  const indexes = await execute(
    url,
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname",
  );
  const tables = [...new Set(columns.map((column) => String(column["table_name"])))];
  const rows: unknown[] = [];
  for (const table of tables) {
    rows.push(...(await execute(url, `SELECT * FROM ${table}`)).map((row) => JSON.stringify(row)));
  }
  return JSON.stringify([columns, indexes, rows.sort()]);
}
