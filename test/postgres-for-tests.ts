/** PostgreSQL for tests: databases of their own on the cluster that the test run has started. */
import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import pg from "pg";
import { startPostgresCluster } from "./postgres-cluster.ts";

/** A database for one test. */
export interface TestDatabase {
  readonly url: string;
  /** Drops it, whoever is still connected. */
  drop(): Promise<void>;
}

/** How a database sorts text by default: bytes (`C`), or a language by ICU. */
export type TestLocale = "C" | "icu";

/** The environment variable with the socket at which the run tells where its cluster is. */
export const postgresSocketVariable = "ROLLCALL_TEST_POSTGRES";

/** Sorts a9 before a10, ä as ae and small letters before capitals: as little like bytes as can be. */
const icuLocale = "de-u-co-phonebk-kn-true";

/** Makes an empty database on the cluster of the test run. */
export async function createTestDatabase(locale: TestLocale = "C"): Promise<TestDatabase> {
  return createDatabaseOn(await clusterOfRun(), locale);
}

/** A cluster that a test may stop and start: fsync is on, nothing else uses it. */
export interface TestCluster {
  /** The URL of an empty database on it. */
  readonly url: string;
  /** `fast` ends connections and writes a checkpoint, `immediate` is a crash. */
  stop(mode: "fast" | "immediate"): Promise<void>;
  start(): Promise<void>;
  /** Stops it and drops its files. */
  remove(): Promise<void>;
}

/** Makes a cluster of its own. */
export async function startTestCluster(): Promise<TestCluster> {
  const { adminUrl, ...cluster } = await startPostgresCluster("durability");
  const { url } = await createDatabaseOn(adminUrl, "C");
  return { ...cluster, url };
}

async function createDatabaseOn(adminUrl: string, locale: TestLocale): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  const order = locale === "C" ? "" : `LOCALE_PROVIDER icu ICU_LOCALE '${icuLocale}'`;
  await execute(adminUrl, `CREATE DATABASE ${name} TEMPLATE template0 LOCALE 'C' ${order}`);
  return {
    url: Object.assign(new URL(adminUrl), { pathname: name }).href,
    drop: () => execute(adminUrl, `DROP DATABASE ${name} WITH (FORCE)`),
  };
}

let asked: Promise<string> | undefined;

/** Where the cluster of the run is; starts it when nobody has asked before. */
function clusterOfRun(): Promise<string> {
  asked ??= askForCluster();
  return asked;
}

async function askForCluster(): Promise<string> {
  const socket = process.env[postgresSocketVariable];
  if (socket === undefined) {
    throw new TypeError("there is a cluster while vitest runs only");
  }
  const { url, problem } = JSON.parse(await text(connect(socket)));
  if (typeof url !== "string") {
    throw new Error(String(problem));
  }
  return url;
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
