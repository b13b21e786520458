/** Puts the server together; the only file that knows every part. Used by the command line, by tests and by embedders. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import type { ResourceTypeRegistry } from "@rollcall/scim";
import { createStandardRegistry, createTakeTurn } from "@rollcall/scim";
import type { Config } from "./config/config.ts";
import type { Circumstances } from "./domain/audit-entry.ts";
import type { Connection } from "./domain/connection.ts";
import type { Tenant } from "./domain/tenant.ts";
import { createApp, handlerTimeoutMsDefault } from "./http/app.ts";
import type { Peer } from "./http/client-address.ts";
import { createCredentialCache, tellingStore } from "./http/credential-cache.ts";
import { createFailureLimit } from "./http/failure-limit.ts";
import { fetchWithApp } from "./http/fetch-with-app.ts";
import type { JsonLog } from "./http/json-log.ts";
import { createJsonLog } from "./http/json-log.ts";
import type { Listener } from "./http/listen.ts";
import { listen } from "./http/listen.ts";
import { createNoteUse } from "./http/note-use.ts";
import { createRateLimit } from "./http/rate-limit.ts";
import { scimRoot } from "./http/scim-endpoint.ts";
import type { Site } from "./http/site.ts";
import { siteOf } from "./http/site.ts";
import { claimInstanceKeys } from "./provisioning/claim-instance-keys.ts";
import type { ConnectionWish } from "./provisioning/create-connection.ts";
import { createConnection, createTenant } from "./provisioning/create-connection.ts";
import { folderStateOf, makeFolder, missingIn, needsFolder } from "./provisioning/data-folder.ts";
import type { FirstStart } from "./provisioning/first-start.ts";
import { firstStart } from "./provisioning/first-start.ts";
import type { InstanceKeys } from "./provisioning/instance-key.ts";
import { createKeyedHash, openInstanceKeys } from "./provisioning/instance-key.ts";
import type { CredentialWish, IssuedCredential } from "./provisioning/issue-credential.ts";
import { issueCredential } from "./provisioning/issue-credential.ts";
import type { FolderLock } from "./provisioning/lock-folder.ts";
import { lockFolder, noteServer, runningServer } from "./provisioning/lock-folder.ts";
import { newId } from "./provisioning/new-id.ts";
import { pruneOldRecords } from "./provisioning/prune-old-records.ts";
import type { SecretHash } from "./provisioning/secret-hash.ts";
import { createSecretHash } from "./provisioning/secret-hash.ts";
import { databasePlaceOf } from "./store/postgres/database-place.ts";
import { distributeTables } from "./store/postgres/distribute-tables.ts";
import type { PostgresInspection } from "./store/postgres/inspect-postgres.ts";
import { inspectPostgres } from "./store/postgres/inspect-postgres.ts";
import { openPostgresStore } from "./store/postgres/open-postgres-store.ts";
import type { DatabaseInspection } from "./store/sqlite/inspect-database.ts";
import { inspectDatabase } from "./store/sqlite/inspect-database.ts";
import { openSqliteStore } from "./store/sqlite/open-sqlite-store.ts";
import type { Store } from "./store/store.ts";

const dayMs = 86_400_000;

/** Open data with what an operator does to them. */
export interface Instance {
  /** The data folder; with another database it may not be there. */
  readonly folder: string;
  readonly store: Store;
  readonly registry: ResourceTypeRegistry;
  readonly secretHash: SecretHash;
  /** The SCIM base URL that clients use, as far as it is known. */
  scimUrl(): string;
  /** The circumstances of something an operator does. */
  circumstances(): Circumstances;
  createTenant(wish: { readonly slug: string; readonly name: string | undefined }): Promise<Tenant>;
  createConnection(wish: ConnectionWish): Promise<Connection>;
  /** Makes a token; it is nowhere but in the answer. */
  issueCredential(wish: CredentialWish): Promise<IssuedCredential>;
  close(): Promise<void>;
}

/** The settings that say where the data are. */
type DataSettings = Pick<
  Config,
  "data" | "pepper" | "publicUrl" | "port" | "databaseUrl" | "databasePool"
>;

/** How the data are opened. */
export interface InstanceOptions extends StoreEvents {
  readonly role: "server" | "cli";
  readonly now: () => number;
}

/** What an open store tells on its own. */
interface StoreEvents {
  readonly onTrouble?: (message: string, error: unknown) => void;
  readonly onOutdated?: (refusal: Error) => void;
  readonly onMigrated?: (migration: { readonly number: number; readonly title: string }) => void;
}

/** Opens the data, makes folder and database tables where they are missing and brings the tables up to date. */
export async function openInstance(
  config: DataSettings,
  options: InstanceOptions,
): Promise<Instance> {
  const { now } = options;
  const folder = config.data;
  const instanceKeys = openKeys(config);
  const { keys } = instanceKeys;
  const store = await openStore(config, instanceKeys, options);
  await claimInstanceKeys(store, keys).catch(async (error: unknown) => {
    await store.close();
    instanceKeys.forget();
    throw error;
  });
  const secretHash = createSecretHash(keys);
  const circumstances = (): Circumstances => ({
    actor: { kind: "operator", id: "cli" },
    requestId: randomUUID(),
  });
  const occasion = () => ({ ...circumstances(), nowMs: now() });
  const server = config.databaseUrl === undefined ? "locked" : "noted";
  return {
    folder,
    store,
    registry: createStandardRegistry(),
    secretHash,
    scimUrl: () =>
      `${config.publicUrl ?? runningServer(folder, server)?.url ?? `http://127.0.0.1:${config.port}`}${scimRoot}`,
    circumstances,
    createTenant: (wish) => createTenant(store, wish, occasion()),
    createConnection: (wish) => createConnection(store, wish, occasion()),
    issueCredential: (wish) => issueCredential(store, secretHash, wish, occasion()),
    close: () => store.close(),
  };
}

/** A folder is made only for what has to be in it. */
function openKeys(config: DataSettings): InstanceKeys {
  const folder = config.data;
  const { pepper } = config;
  if (needsFolder(config)) {
    makeFolder(folder);
  }
  return openInstanceKeys({
    folder,
    pepper,
    holdsData: pepper === undefined && folderStateOf(folder) === "data",
  });
}

function openStore(
  config: DataSettings,
  { oldest }: InstanceKeys,
  { role, now, ...events }: InstanceOptions,
): Promise<Store> {
  const opening = {
    ...events,
    keyedHash: createKeyedHash(oldest, "tombstone"),
    newId,
    role: role === "server" ? "server" : "command",
    nowMs: now,
  } as const;
  return config.databaseUrl === undefined
    ? openSqliteStore({ ...opening, folder: config.data })
    : openPostgresStore({
        ...opening,
        url: config.databaseUrl,
        ...(role === "server" ? { poolSize: config.databasePool } : {}),
      });
}

/** Why a command that makes nothing cannot work with these settings; undefined when it can. */
export function missingData(config: DataSettings): string | undefined {
  return missingIn(config);
}

/** Tells whether the data folder should have a database in it and has none. */
export function isWithoutDatabase({ data, databaseUrl }: DataSettings): boolean {
  return databaseUrl === undefined && folderStateOf(data) !== "data";
}

/** What bringing the tables up to date came to. */
export interface Migrated {
  /** The database, in words that may be shown. */
  readonly place: string;
  readonly applied: readonly { readonly number: number; readonly title: string }[];
}

/** Brings the tables up to date. On PostgreSQL nothing else is touched, and no instance key is needed. */
export async function migrateData(config: DataSettings, now: () => number): Promise<Migrated> {
  const applied: { number: number; title: string }[] = [];
  const options: InstanceOptions = {
    role: "cli",
    now,
    onMigrated: ({ number, title }) => applied.push({ number, title }),
  };
  const { databaseUrl } = config;
  if (databaseUrl === undefined) {
    const instance = await openInstance(config, options);
    await instance.close();
    return { place: config.data, applied };
  }
  const store = await openPostgresStore({
    ...options,
    url: databaseUrl,
    role: "command",
    nowMs: now,
    newId,
    keyedHash: () => {
      throw new TypeError("migrating hashes nothing");
    },
  });
  await store.close();
  return { place: databaseNameOf(config) ?? config.data, applied };
}

/** Distributes tables that are up to date over a Citus cluster; answers with what it did. */
export async function distributeData({ databaseUrl }: DataSettings): Promise<readonly string[]> {
  return databaseUrl === undefined ? [] : distributeTables(databaseUrl);
}

/** A server that is put together. */
export interface Rollcall extends Instance {
  /** Answers a request; the peer is this machine when nothing is said. */
  fetch(request: Request, peer?: Peer): Promise<Response>;
  /** Starts to listen; answers with the address. */
  listen(): Promise<string>;
  readonly log: JsonLog;
  /** What the first start on an empty database made. */
  readonly first: FirstStart | undefined;
  /** Settles when a newer program has changed the database so that this server has to stop, with what to tell. */
  readonly outdated: Promise<Error>;
}

/** What a server is made of. */
export interface ComposeOptions {
  readonly config: Config;
  /** Takes the lines of the server's own log. */
  readonly writeLog: (line: string) => void;
  readonly now?: () => number;
  readonly handlerTimeoutMs?: number;
}

/**
 * Builds the whole server. A data folder with a database in it no other server may use until this one is closed; a
 * database elsewhere any number of servers may.
 */
export async function compose(options: ComposeOptions): Promise<Rollcall> {
  const { config, now = Date.now, writeLog } = options;
  const lock = presenceIn(config);
  try {
    const log = createJsonLog(writeLog, now);
    const events = watchStore(log);
    const instance = await openInstance(config, { role: "server", now, ...events });
    const site = { ...options, now, log, lock, outdated: events.outdated };
    return await composeOn(instance, site).catch(async (error: unknown) => {
      await instance.close();
      throw error;
    });
  } catch (error) {
    lock.release();
    throw error;
  }
}

function presenceIn(config: Config): FolderLock {
  if (needsFolder(config)) {
    makeFolder(config.data);
  }
  return config.databaseUrl === undefined ? lockFolder(config.data) : noteServer(config.data);
}

/** Puts into the log what the store tells on its own. */
function watchStore(log: JsonLog): StoreEvents & { readonly outdated: Promise<Error> } {
  const settle: { outdated?: (refusal: Error) => void } = {};
  const outdated = new Promise<Error>((resolve) => {
    settle.outdated = resolve;
  });
  return {
    outdated,
    onTrouble: (message, error) => log.error(message, error),
    onMigrated: ({ number, title }) => log.info("migrated", { number, title }),
    onOutdated: (refusal) => settle.outdated?.(refusal),
  };
}

interface ComposeSite extends ComposeOptions {
  readonly now: () => number;
  readonly log: JsonLog;
  readonly lock: FolderLock;
  readonly outdated: Promise<Error>;
}

async function composeOn(
  instance: Instance,
  { config, now, handlerTimeoutMs, log, lock, outdated }: ComposeSite,
): Promise<Rollcall> {
  const { secretHash, registry } = instance;
  const credentialCache = createCredentialCache(instance.store);
  const store = tellingStore(instance.store, credentialCache.forget);
  const listening: { listener?: Listener; site: Site } = {
    site: siteOf(config.publicUrl ?? `http://127.0.0.1:${config.port}`),
  };
  const first = await firstStart(store, secretHash, {
    actor: { kind: "system", id: "first-start" },
    requestId: randomUUID(),
    nowMs: now(),
  });
  const stopPruning = pruneDaily(store, log, now);
  const noteUse = createNoteUse(store.credentials, (error) =>
    log.error("use of a token could not be noted", error),
  );
  const app = createApp({
    ...config,
    store,
    credentialCache,
    secretHash,
    registry,
    log,
    now,
    noteUse,
    takeTurn: createTakeTurn(),
    site: () => listening.site,
    failureLimit: createFailureLimit(config.failedAuthLimit),
    rateLimit: createRateLimit(config.rateLimit),
    handlerTimeoutMs: handlerTimeoutMs ?? handlerTimeoutMsDefault,
  });
  return {
    ...instance,
    store,
    log,
    first,
    outdated,
    scimUrl: () => `${listening.site.url}${scimRoot}`,
    fetch: (request, peer = { address: "127.0.0.1", encrypted: false }) =>
      fetchWithApp(app, request, peer),
    async listen() {
      const listener = await listen(app, config, log);
      listening.listener = listener;
      listening.site = siteOf(config.publicUrl ?? reachableUrl(listener.address));
      lock.announce(listening.site.url);
      log.info("listening", { address: listener.address, publicUrl: listening.site.url });
      return listener.address;
    },
    async close() {
      stopPruning();
      await listening.listener?.stop();
      await instance.close();
      lock.release();
    },
  };
}

/** The address for all interfaces is no address to go to. */
function reachableUrl(address: string): string {
  return address.replace(/\/\/(0\.0\.0\.0|\[::\]):/, "//localhost:");
}

/** Drops what is kept for a time only, now and every day; answers with what ends that. */
function pruneDaily(store: Store, log: JsonLog, now: () => number): () => void {
  const prune = (): void => {
    pruneOldRecords(store, now()).catch((error: unknown) => {
      log.error("old records could not be dropped", error);
    });
  };
  prune();
  const timer = setInterval(prune, dayMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** What was found in a database. */
export type DataInspection =
  | ({ readonly database: "sqlite" } & DatabaseInspection)
  | ({ readonly database: "postgres" } & PostgresInspection);

/** Looks at the database without changing anything. */
export async function inspectData(
  { data, databaseUrl }: Pick<Config, "data" | "databaseUrl">,
  now: () => number,
): Promise<DataInspection> {
  return databaseUrl === undefined
    ? { database: "sqlite", ...inspectDatabase(data) }
    : { database: "postgres", ...(await inspectPostgres(databaseUrl, now)) };
}

/** The database of these settings in words that may be shown; undefined for SQLite in the data folder. */
export function databaseNameOf({ databaseUrl }: Pick<Config, "databaseUrl">): string | undefined {
  if (databaseUrl === undefined) {
    return undefined;
  }
  const { server, database } = databasePlaceOf(databaseUrl);
  return `${database} at ${server}`;
}

/** The version of the package. */
export function rollcallVersion(): string {
  return JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version;
}
