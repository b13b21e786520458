/** Puts the server together; the only file that knows every part. Used by the command line, by tests and by embedders. */
import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import type { ResourceTypeRegistry } from "@rollcall/scim";
import { createStandardRegistry, createTakeTurn } from "@rollcall/scim";
import type { Config } from "./config/config.ts";
import type { Circumstances } from "./domain/audit-entry.ts";
import type { Connection } from "./domain/connection.ts";
import { refusal } from "./domain/refusal.ts";
import type { Tenant } from "./domain/tenant.ts";
import { createApp, handlerTimeoutMsDefault } from "./http/app.ts";
import type { Peer } from "./http/client-address.ts";
import { createFailureLimit } from "./http/failure-limit.ts";
import type { JsonLog } from "./http/json-log.ts";
import { createJsonLog } from "./http/json-log.ts";
import type { Listener } from "./http/listen.ts";
import { listen } from "./http/listen.ts";
import { createNoteUse } from "./http/note-use.ts";
import { createRateLimit } from "./http/rate-limit.ts";
import { scimRoot } from "./http/scim-endpoint.ts";
import type { Site } from "./http/site.ts";
import { siteOf } from "./http/site.ts";
import type { ConnectionWish } from "./provisioning/create-connection.ts";
import { createConnection, createTenant } from "./provisioning/create-connection.ts";
import type { FirstStart } from "./provisioning/first-start.ts";
import { firstStart } from "./provisioning/first-start.ts";
import { createKeyedHash, openInstanceKeys } from "./provisioning/instance-key.ts";
import type { CredentialWish, IssuedCredential } from "./provisioning/issue-credential.ts";
import { issueCredential } from "./provisioning/issue-credential.ts";
import { lockFolder, runningServer } from "./provisioning/lock-folder.ts";
import { pruneOldRecords } from "./provisioning/prune-old-records.ts";
import type { SecretHash } from "./provisioning/secret-hash.ts";
import { createSecretHash } from "./provisioning/secret-hash.ts";
import { openPostgresStore } from "./store/postgres/open-postgres-store.ts";
import type { DatabaseInspection } from "./store/sqlite/inspect-database.ts";
import { inspectDatabase } from "./store/sqlite/inspect-database.ts";
import { openSqliteStore } from "./store/sqlite/open-sqlite-store.ts";
import type { Store } from "./store/store.ts";

const dayMs = 86_400_000;

/** An open data folder with what an operator does to it. */
export interface Instance {
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

/** How a data folder is opened. */
export interface InstanceOptions {
  readonly role: "server" | "cli";
  readonly now: () => number;
}

/** Opens a data folder, makes it where it is missing and brings its tables up to date. */
export async function openInstance(
  config: Pick<Config, "data" | "pepper" | "publicUrl" | "port" | "databaseUrl" | "databasePool">,
  { role, now }: InstanceOptions,
): Promise<Instance> {
  const folder = config.data;
  makeFolder(folder);
  const keys = openInstanceKeys({
    folder,
    pepper: config.pepper,
    holdsData: folderStateOf(folder) === "data",
  });
  const [oldest] = keys;
  if (oldest === undefined) {
    throw new TypeError("an instance has at least one key");
  }
  const keyedHash = createKeyedHash(oldest, "tombstone");
  const opening = {
    keyedHash,
    newId: randomUUID,
    role: role === "server" ? "server" : "command",
    nowMs: now,
  } as const;
  const store =
    config.databaseUrl === undefined
      ? await openSqliteStore({ ...opening, folder })
      : await openPostgresStore({
          ...opening,
          url: config.databaseUrl,
          ...(role === "server" ? { poolSize: config.databasePool } : {}),
        });
  const secretHash = createSecretHash(keys);
  const circumstances = (): Circumstances => ({
    actor: { kind: "operator", id: "cli" },
    requestId: randomUUID(),
  });
  const occasion = () => ({ ...circumstances(), nowMs: now() });
  return {
    folder,
    store,
    registry: createStandardRegistry(),
    secretHash,
    scimUrl: () =>
      `${config.publicUrl ?? runningServer(folder)?.url ?? `http://127.0.0.1:${config.port}`}${scimRoot}`,
    circumstances,
    createTenant: (wish) => createTenant(store, wish, occasion()),
    createConnection: (wish) => createConnection(store, wish, occasion()),
    issueCredential: (wish) => issueCredential(store, secretHash, wish, occasion()),
    close: () => store.close(),
  };
}

/** A server that is put together. */
export interface Rollcall extends Instance {
  /** Answers a request; the peer is this machine when nothing is said. */
  fetch(request: Request, peer?: Peer): Promise<Response>;
  /** Starts to listen; answers with the address. */
  listen(): Promise<string>;
  readonly log: JsonLog;
  /** What the first start in an empty data folder made. */
  readonly first: FirstStart | undefined;
}

/** What a server is made of. */
export interface ComposeOptions {
  readonly config: Config;
  /** Takes the lines of the server's own log. */
  readonly writeLog: (line: string) => void;
  readonly now?: () => number;
  readonly handlerTimeoutMs?: number;
}

/** Builds the whole server on a data folder, which no other server may use until this one is closed. */
export async function compose(options: ComposeOptions): Promise<Rollcall> {
  const { config, now = Date.now } = options;
  makeFolder(config.data);
  const lock = lockFolder(config.data);
  try {
    const instance = await openInstance(config, { role: "server", now });
    return await composeOn(instance, lock, { ...options, now }).catch(async (error: unknown) => {
      await instance.close();
      throw error;
    });
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function composeOn(
  instance: Instance,
  lock: ReturnType<typeof lockFolder>,
  { config, writeLog, now, handlerTimeoutMs }: ComposeOptions & { readonly now: () => number },
): Promise<Rollcall> {
  const { store, secretHash, registry } = instance;
  const log = createJsonLog(writeLog, now);
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
    log,
    first,
    scimUrl: () => `${listening.site.url}${scimRoot}`,
    fetch: (request, peer = { address: "127.0.0.1", encrypted: false }) => app(request, peer),
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

/** What there is at the path of a data folder: nothing, something else, a folder without a database, or one with. */
export type FolderState = "nothing" | "no folder" | "no data" | "data";

/** Looks what there is at the path of a data folder. */
export function folderStateOf(folder: string): FolderState {
  try {
    const stats = statSync(folder, { throwIfNoEntry: false });
    if (stats === undefined) {
      return "nothing";
    }
    if (!stats.isDirectory()) {
      return "no folder";
    }
    return readdirSync(folder).some((name) => /\.(db|sqlite)$/.test(name)) ? "data" : "no data";
  } catch (error) {
    throw unusableFolder(folder, error);
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unusableFolder(folder, error);
  }
}

/** What is in the way is the operator's to see to: a missing right, a file in the path, a read-only disk. */
function unusableFolder(folder: string, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  return refusal(`${folder} cannot be the data folder: ${reason}`);
}

/** Looks at the database of a data folder without changing anything. */
export function inspectData({ data }: Pick<Config, "data">): DatabaseInspection {
  return inspectDatabase(data);
}

/** The version of the package. */
export function rollcallVersion(): string {
  return JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version;
}
