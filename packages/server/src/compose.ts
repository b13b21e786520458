/** Puts the server together; the only file that knows every part. Used by the command line, by tests and by embedders. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { ResourceTypeRegistry } from "@rollcall/scim";
import { createTakeTurn } from "@rollcall/scim";
import type { Restored, RestoreWish } from "./compose-restore.ts";
import { restoreBackup } from "./compose-restore.ts";
import type { Config } from "./config/config.ts";
import { instancePolicyOf } from "./config/config.ts";
import { createAddressResolver, getChecked } from "./delivery/checked-connection.ts";
import { createWebhookDispatcher } from "./delivery/deliver-webhooks.ts";
import type { MailSender, MailSenderParts } from "./delivery/send-mails.ts";
import { createMailSender } from "./delivery/send-mails.ts";
import { createSendSet } from "./delivery/send-set.ts";
import type { SendWebhook } from "./delivery/send-webhook.ts";
import { createSendWebhook, receiverTimeoutMs } from "./delivery/send-webhook.ts";
import { wakingStore } from "./delivery/waking-store.ts";
import { createServerRegistry } from "./domain/access-extension.ts";
import type { AdminCredential } from "./domain/admin-credential.ts";
import type { Circumstances } from "./domain/audit-entry.ts";
import type { Connection } from "./domain/connection.ts";
import type { Tenant } from "./domain/tenant.ts";
import { createFeedCursors } from "./http/admin/feed-cursor.ts";
import { createApp, handlerTimeoutMsDefault } from "./http/app.ts";
import type { Peer } from "./http/client-address.ts";
import {
  createAdminCredentialCache,
  createCredentialCache,
  createOauthClientCache,
  tellingStore,
} from "./http/credential-cache.ts";
import { streamsRoot } from "./http/event-poll.ts";
import { createEventWaiting } from "./http/event-waiting.ts";
import { createFailureLimit } from "./http/failure-limit.ts";
import { createFairShare } from "./http/fair-share.ts";
import { fetchWithApp } from "./http/fetch-with-app.ts";
import type { JsonLog } from "./http/json-log.ts";
import type { Listener } from "./http/listen.ts";
import { listen } from "./http/listen.ts";
import { createNoteUse } from "./http/note-use.ts";
import { tokenPath } from "./http/oauth-token-endpoint.ts";
import type { OperationsParts } from "./http/operations-app.ts";
import { createOperationsApp } from "./http/operations-app.ts";
import { publishedKeysPath } from "./http/published-keys.ts";
import { createRateLimit } from "./http/rate-limit.ts";
import { scimRoot } from "./http/scim-endpoint.ts";
import type { Site } from "./http/site.ts";
import { siteOf } from "./http/site.ts";
import type { Tracing, TracingParts } from "./http/tracing.ts";
import type { MailLinks } from "./mail/mail-links.ts";
import { createMailLinks } from "./mail/mail-links.ts";
import type { AccessAdministration } from "./provisioning/access-administration.ts";
import { createAccessAdministration } from "./provisioning/access-administration.ts";
import type { AccessTokens } from "./provisioning/access-tokens.ts";
import { createAccessTokens } from "./provisioning/access-tokens.ts";
import { claimInstanceKeys, fingerprintOf } from "./provisioning/claim-instance-keys.ts";
import type { ConnectionWish } from "./provisioning/create-connection.ts";
import { createConnection, createTenant } from "./provisioning/create-connection.ts";
import { folderStateOf, makeFolder, missingIn, needsFolder } from "./provisioning/data-folder.ts";
import type { TxtResolver } from "./provisioning/domain-administration.ts";
import { resolveTxt as resolveTxtByDns } from "./provisioning/domain-administration.ts";
import type { EventStreamAdministration } from "./provisioning/event-stream-administration.ts";
import { createEventStreamAdministration } from "./provisioning/event-stream-administration.ts";
import type { ExportedLines, WriteLines } from "./provisioning/export-tenant.ts";
import { exportTenant } from "./provisioning/export-tenant.ts";
import type { FirstStart } from "./provisioning/first-start.ts";
import { firstStart } from "./provisioning/first-start.ts";
import { createGrantAccessToken } from "./provisioning/grant-access-token.ts";
import type { ImportReport, ImportWish } from "./provisioning/import-file.ts";
import { importFile } from "./provisioning/import-file.ts";
import type { InstanceKeys } from "./provisioning/instance-key.ts";
import { createKeyedHash, openInstanceKeys } from "./provisioning/instance-key.ts";
import type {
  AdminCredentialWish,
  CredentialWish,
  IssuedCredential,
  RotationWish,
} from "./provisioning/issue-credential.ts";
import {
  issueAdminCredential,
  issueCredential,
  rotateAdminCredential,
  rotateCredential,
} from "./provisioning/issue-credential.ts";
import type { FolderLock } from "./provisioning/lock-folder.ts";
import { lockFolder, noteServer, runningServer } from "./provisioning/lock-folder.ts";
import type { LoginAdministration, LoginTools } from "./provisioning/login-administration.ts";
import { createLoginAdministration } from "./provisioning/login-administration.ts";
import { createMakeSet } from "./provisioning/make-set.ts";
import { newId } from "./provisioning/new-id.ts";
import type { OauthAdministration } from "./provisioning/oauth-administration.ts";
import { createOauthAdministration } from "./provisioning/oauth-administration.ts";
import type { PeopleAdministration } from "./provisioning/people-administration.ts";
import { createPeopleAdministration } from "./provisioning/people-administration.ts";
import type { FetchDocument, ProviderKeysParts } from "./provisioning/provider-keys.ts";
import { pruneOldRecords } from "./provisioning/prune-old-records.ts";
import { raiseAlerts } from "./provisioning/raise-alerts.ts";
import type { RolloutAdministration } from "./provisioning/rollout-administration.ts";
import { createRolloutAdministration } from "./provisioning/rollout-administration.ts";
import type { SettingsPreview, SettingsWish } from "./provisioning/save-tenant-settings.ts";
import { previewTenantSettings, saveTenantSettings } from "./provisioning/save-tenant-settings.ts";
import type { TextSeal } from "./provisioning/sealed-text.ts";
import { createTextSeal } from "./provisioning/sealed-text.ts";
import type { SecretHash } from "./provisioning/secret-hash.ts";
import { createSecretHash } from "./provisioning/secret-hash.ts";
import type { SetSigner, SetSignerParts } from "./provisioning/sign-sets.ts";
import type { VerifyAssertion } from "./provisioning/verify-assertion.ts";
import type { VerifyIdToken } from "./provisioning/verify-id-token.ts";
import type { WebhookAdministration } from "./provisioning/webhook-administration.ts";
import { createWebhookAdministration } from "./provisioning/webhook-administration.ts";
import type { BackupWish, WrittenBackup } from "./provisioning/write-backup.ts";
import { writeBackup } from "./provisioning/write-backup.ts";
import { writeWholeFile } from "./provisioning/write-file.ts";
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
const hourMs = 3_600_000;

/** Open data with what an operator does to them. */
export interface Instance {
  /** The data folder; with another database it may not be there. */
  readonly folder: string;
  readonly store: Store;
  readonly registry: ResourceTypeRegistry;
  readonly secretHash: SecretHash;
  /** Seals answers that are kept for repeated requests. */
  readonly answerSeal: TextSeal;
  /** Seals the cursors of SCIM queries. */
  readonly cursorSeal: TextSeal;
  /** Seals the secrets of webhooks. */
  readonly webhookSeal: TextSeal;
  /** Sends one event to one webhook, at once and once. */
  readonly sendWebhook: SendWebhook;
  /** Tells requests apart without keeping them. */
  readonly requestHash: (text: string) => string;
  /** The SCIM base URL that clients use, as far as it is known. */
  scimUrl(): string;
  readonly mailLinks: MailLinks;
  /** What the cursors of the event feed are made with. */
  readonly cursorHash: (text: string) => string;
  /** What the links in mails are made with. */
  readonly mailHash: (text: string) => string;
  /** The circumstances of something an operator does. */
  circumstances(): Circumstances;
  createTenant(wish: { readonly slug: string; readonly name: string | undefined }): Promise<Tenant>;
  createConnection(wish: ConnectionWish): Promise<Connection>;
  /** Changes settings of a tenant as a wish says; undefined when it is gone. */
  saveTenantSettings(wish: SettingsWish): Promise<Tenant | undefined>;
  /** Tells what that would do. */
  previewTenantSettings(wish: SettingsWish): Promise<SettingsPreview | undefined>;
  /** Staging, activating and removing connections. */
  readonly rollout: RolloutAdministration;
  /** Makes a token; it is nowhere but in the answer. */
  issueCredential(wish: CredentialWish): Promise<IssuedCredential>;
  /** Makes a token like an old one, which ends soon; undefined when the old one does not work any more. */
  rotateCredential(wish: RotationWish): Promise<IssuedCredential | undefined>;
  /** The same with a token of the admin API. */
  rotateAdminCredential(
    wish: RotationWish<AdminCredential>,
  ): Promise<IssuedCredential<AdminCredential> | undefined>;
  /** Makes a token of the admin API; it is nowhere but in the answer. */
  issueAdminCredential(wish: AdminCredentialWish): Promise<IssuedCredential<AdminCredential>>;
  /** Clients of connections that get access tokens for an hour. */
  readonly oauthClients: OauthAdministration;
  readonly accessTokens: AccessTokens;
  readonly verifyAssertion: VerifyAssertion;
  /** Where OAuth clients get their tokens. */
  readonly tokenUrl: () => string;
  /** Accounts, memberships, domains, and what the links in mails do. */
  readonly people: PeopleAdministration;
  /** Teams, group mappings, manual grants, and who may do what. */
  readonly access: AccessAdministration;
  readonly webhooks: WebhookAdministration;
  readonly eventStreams: EventStreamAdministration;
  /** Where the receiver of a stream finds what it needs. */
  eventSite(streamId: string): {
    readonly issuer: string;
    readonly jwksUrl: string;
    readonly pollUrl: string;
  };
  readonly setSigner: SetSigner;
  /** How people log in, and letting them in. */
  readonly logins: LoginAdministration;
  /** What logins need beside the store. */
  readonly loginTools: LoginTools;
  /** Imports a file, or goes on where an earlier start has come to. */
  importFile(
    wish: Omit<ImportWish, "database"> & { readonly dryRun: boolean },
  ): Promise<ImportReport>;
  /** Writes a tenant as lines that an import reads, as of one moment. */
  exportTenant(tenant: Tenant, write: WriteLines): Promise<ExportedLines>;
  /** The same into a new file. */
  exportTenantToFile(tenant: Tenant, file: string): Promise<ExportedLines>;
  /** Writes everything into a file, as of one moment. */
  backUp(wish: Pick<BackupWish, "file" | "onProgress">): Promise<WrittenBackup>;
  close(): Promise<void>;
}

/** The settings that say where the data are. */
type DataSettings = Pick<
  Config,
  | "attachPolicy"
  | "attachPolicyMax"
  | "data"
  | "pepper"
  | "publicUrl"
  | "port"
  | "databaseUrl"
  | "databasePool"
  | "webhookAllow"
>;

/** How the data are opened. */
export interface InstanceOptions extends StoreEvents {
  readonly role: "server" | "cli";
  readonly now: () => number;
  /** Asks for TXT records; the DNS of the machine by default. */
  readonly resolveTxt?: TxtResolver;
  /** Called after everything that events come from. */
  readonly onWrite?: () => void;
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
  const { now, resolveTxt = resolveTxtByDns, onWrite = () => undefined } = options;
  const folder = config.data;
  const instanceKeys = openKeys(config);
  const { keys } = instanceKeys;
  const store = wakingStore(await openStore(config, instanceKeys, options), onWrite);
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
  // Under the oldest key, so that the links in mails that were sent outlive a new one.
  const mailHash = createKeyedHash(instanceKeys.oldest, "mail-link");
  const server = config.databaseUrl === undefined ? "locked" : "noted";
  const publicUrl = (): string =>
    config.publicUrl ?? runningServer(folder, server)?.url ?? `http://127.0.0.1:${config.port}`;
  const registry = createServerRegistry();
  const mailLinks = createMailLinks(mailHash, publicUrl);
  const webhookSeal = createTextSeal(keys, "webhook");
  const sendWebhook = createSendWebhook({
    allowed: config.webhookAllow,
    resolve: createAddressResolver(),
    timeoutMs: receiverTimeoutMs,
    openSecret: webhookSeal.open,
    now,
    version: rollcallVersion(),
  });
  const setSigner = signingOnDemand({ store, keys, seal: createTextSeal(keys, "set-key") });
  const setSite = () => ({ issuer: publicUrl(), baseUrl: `${publicUrl()}${scimRoot}` });
  const sendSet = createSendSet({
    allowed: config.webhookAllow,
    resolve: createAddressResolver(),
    timeoutMs: receiverTimeoutMs,
    openSecret: webhookSeal.open,
    makeSet: createMakeSet({ signer: setSigner, registry, site: setSite }),
    now,
    version: rollcallVersion(),
  });
  const sendEither: SendWebhook = (message, control) =>
    message.webhook.stream === undefined
      ? sendWebhook(message, control)
      : sendSet(message, control);
  const documents = { fetchDocument: fetchDocumentAs(config), now };
  const loginTools = {
    allowed: config.webhookAllow,
    seal: createTextSeal(keys, "oidc"),
    verifyIdToken: verifyingOnDemand(documents),
  };
  const people = { store, registry, mailLinks, resolveTxt, now, circumstances };
  return {
    folder,
    store,
    registry,
    secretHash,
    answerSeal: createTextSeal(keys, "idempotency"),
    cursorSeal: createTextSeal(keys, "scim-cursor"),
    webhookSeal,
    sendWebhook: sendEither,
    requestHash: createKeyedHash(instanceKeys.oldest, "idempotency"),
    cursorHash: createKeyedHash(instanceKeys.oldest, "cursor"),
    scimUrl: () => `${publicUrl()}${scimRoot}`,
    tokenUrl: () => `${publicUrl()}${tokenPath}`,
    mailLinks,
    mailHash,
    circumstances,
    createTenant: (wish) => createTenant(store, wish, occasion()),
    createConnection: (wish) => createConnection(store, wish, occasion()),
    saveTenantSettings: (wish) =>
      saveTenantSettings({ store, registry, circumstances: circumstances() }, wish),
    previewTenantSettings: (wish) =>
      previewTenantSettings({ store, registry, circumstances: circumstances() }, wish),
    rollout: createRolloutAdministration({ store, registry, circumstances }),
    issueCredential: (wish) => issueCredential(store, secretHash, wish, occasion()),
    issueAdminCredential: (wish) => issueAdminCredential(store, secretHash, wish, occasion()),
    rotateCredential: (wish) => rotateCredential(store, secretHash, wish, occasion()),
    rotateAdminCredential: (wish) => rotateAdminCredential(store, secretHash, wish, occasion()),
    oauthClients: createOauthAdministration({
      store,
      secretHash,
      allowed: config.webhookAllow,
      now,
      circumstances,
    }),
    accessTokens: createAccessTokens(keys),
    verifyAssertion: assertingOnDemand(documents),
    people: createPeopleAdministration(people),
    access: createAccessAdministration({ store, registry, now, circumstances }),
    webhooks: createWebhookAdministration({
      store,
      allowed: config.webhookAllow,
      seal: webhookSeal,
      send: sendWebhook,
      now,
      circumstances,
    }),
    eventStreams: createEventStreamAdministration({
      store,
      registry,
      secretHash,
      seal: webhookSeal,
      allowed: config.webhookAllow,
      publicUrl,
      now,
      circumstances,
    }),
    eventSite: (streamId) => ({
      issuer: publicUrl(),
      jwksUrl: `${publicUrl()}${publishedKeysPath}`,
      pollUrl: `${publicUrl()}${streamsRoot}/${streamId}/poll`,
    }),
    setSigner,
    logins: createLoginAdministration({ ...loginTools, store, now, circumstances }),
    loginTools,
    importFile: ({ dryRun, ...wish }) =>
      importFile(
        { ...wish, database: databaseNameOf(config) ?? resolve(folder) },
        {
          store,
          registry,
          baseUrl: `${publicUrl()}${scimRoot}`,
          now,
          circumstances: circumstances(),
          takeTurn: createTakeTurn(),
          dryRun,
        },
      ),
    exportTenant: (tenant, write) => exportTenant(store, tenant, write),
    exportTenantToFile: (tenant, file) =>
      writeWholeFile(file, (write) => exportTenant(store, tenant, write)),
    backUp: (wish) =>
      writeBackup({
        ...wish,
        snapshots: store.snapshots,
        instanceKeys: keys.map((key) => ({
          version: key.version,
          fingerprint: fingerprintOf(key),
        })),
        program: rollcallVersion(),
        nowMs: now(),
      }),
    close: () => store.close(),
  };
}

/** Tokens are verified by a library that most commands do without. */
function verifyingOnDemand(parts: ProviderKeysParts): VerifyIdToken {
  let loading: Promise<VerifyIdToken> | undefined;
  return async (token) => {
    loading ??= import("./provisioning/verify-id-token.ts").then(({ createVerifyIdToken }) =>
      createVerifyIdToken(parts),
    );
    return (await loading)(token);
  };
}

/** And for Security Event Tokens, which most instances send nobody. */
function signingOnDemand(parts: SetSignerParts): SetSigner {
  let loading: Promise<SetSigner> | undefined;
  const signer = (): Promise<SetSigner> => {
    loading ??= import("./provisioning/sign-sets.ts").then(({ createSetSigner }) =>
      createSetSigner(parts),
    );
    return loading;
  };
  return {
    sign: async (claims) => (await signer()).sign(claims),
    publicKeys: async () => (await signer()).publicKeys(),
  };
}

/** The same for assertions of OAuth clients. */
function assertingOnDemand(parts: ProviderKeysParts): VerifyAssertion {
  let loading: Promise<VerifyAssertion> | undefined;
  return async (presented) => {
    loading ??= import("./provisioning/verify-assertion.ts").then(({ createVerifyAssertion }) =>
      createVerifyAssertion(parts),
    );
    return (await loading)(presented);
  };
}

/** How long an identity provider may take for one document. */
const providerTimeoutMs = 10_000;

/** Reads documents of identity providers, from addresses that were checked. */
function fetchDocumentAs({ webhookAllow }: Pick<DataSettings, "webhookAllow">): FetchDocument {
  const headers = { accept: "application/json", "user-agent": `rollcall/${rollcallVersion()}` };
  const parts = {
    allowed: webhookAllow,
    resolve: createAddressResolver(),
    timeoutMs: providerTimeoutMs,
  };
  return (url, lengthMax) => getChecked({ url, headers, lengthMax }, parts);
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
  { role, now, resolveTxt: _, ...events }: InstanceOptions,
): Promise<Store> {
  const opening = {
    ...events,
    keyedHash: createKeyedHash(oldest, "tombstone"),
    newId,
    role: role === "server" ? "server" : "command",
    nowMs: now,
    instancePolicy: instancePolicyOf(config),
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

/** Restores a backup into a place without data; everything, or nothing and says why. */
export function restoreData(config: DataSettings, wish: RestoreWish): Promise<Restored> {
  return restoreBackup(config, wish);
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
  /** Asks for the TXT records of domains that are to be verified; the DNS of the machine by default. */
  readonly resolveTxt?: TxtResolver;
}

/**
 * Builds the whole server. A data folder with a database in it no other server may use until this one is closed; a
 * database elsewhere any number of servers may.
 */
export async function compose(options: ComposeOptions): Promise<Rollcall> {
  const { config, now = Date.now, writeLog, resolveTxt = resolveTxtByDns } = options;
  const lock = presenceIn(config);
  try {
    // Loaded by a server alone: commands of the command line start faster without.
    const { createJsonLog } = await import("./http/json-log.ts");
    const log = createJsonLog(writeLog, now, config.logLevel);
    const events = watchStore(log);
    const written: { tell?: () => void } = {};
    const onWrite = () => written.tell?.();
    const opening = { role: "server", now, resolveTxt, onWrite, ...events } as const;
    const instance = await openInstance(config, opening);
    const site = { ...options, now, log, lock, outdated: events.outdated, resolveTxt, written };
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
  readonly resolveTxt: TxtResolver;
  /** Whom to tell of writes. */
  readonly written: { tell?: () => void };
}

async function composeOn(
  instance: Instance,
  { config, now, handlerTimeoutMs, log, lock, outdated, resolveTxt, written }: ComposeSite,
): Promise<Rollcall> {
  const { secretHash, registry } = instance;
  const credentialCache = createCredentialCache(instance.store);
  const oauthClientCache = createOauthClientCache(instance.store);
  const adminCredentialCache = createAdminCredentialCache(instance.store);
  const version = rollcallVersion();
  const tracing = await tracingFor(config, { version, log });
  const telling = tellingStore(instance.store, () => {
    credentialCache.forget();
    oauthClientCache.forget();
    adminCredentialCache.forget();
  });
  const store = tracing?.tracedStore(telling) ?? telling;
  const listening: { listener?: Listener; operations?: Listener | undefined; site: Site } = {
    site: siteOf(config.publicUrl ?? `http://127.0.0.1:${config.port}`),
  };
  const first = await firstStart(store, secretHash, {
    actor: { kind: "system", id: "first-start" },
    requestId: randomUUID(),
    nowMs: now(),
  });
  const stopPruning = pruneDaily(store, log, now);
  const stopAlerting = alertHourly(instance.store, config, { log, now });
  const mailLinks = createMailLinks(instance.mailHash, () => listening.site.url);
  const sending = sendingOnDemand(config, { queue: store.mails, links: mailLinks, now, log });
  // Otherwise nobody knows yet where the links lead.
  if (config.publicUrl !== undefined) {
    sending.start();
  }
  const fairShare = createFairShare({ ofTenant: config.tenantConcurrency });
  const { createMetrics } = await import("./http/metrics.ts");
  const metrics = createMetrics({ store, fairShare, now, version });
  const dispatcher = createWebhookDispatcher({
    queue: metrics.countingQueue(store.webhookQueue),
    tenants: store.tenants,
    send: tracing === undefined ? instance.sendWebhook : tracedSend(instance.sendWebhook, tracing),
    now,
    chance: Math.random,
    log,
  });
  written.tell = dispatcher.wake;
  const onNoteError = (error: unknown) => log.error("use of a token could not be noted", error);
  const eventWaiting = createEventWaiting(store.outbox);
  const app = createApp({
    ...config,
    fairShare,
    metrics,
    tracing,
    hasAdminPort: config.adminPort !== undefined,
    store,
    credentialCache,
    oauthClientCache,
    secretHash,
    accessTokens: instance.accessTokens,
    setSigner: instance.setSigner,
    makeSet: createMakeSet({
      signer: instance.setSigner,
      registry,
      site: () => ({ issuer: listening.site.url, baseUrl: `${listening.site.url}${scimRoot}` }),
    }),
    grantAccessToken: createGrantAccessToken({ ...instance, store }),
    registry,
    log,
    now,
    adminCredentialCache,
    mailLinks,
    resolveTxt,
    personActions: instance.people.personActions,
    noteUse: createNoteUse(store.credentials, onNoteError),
    noteAdminUse: createNoteUse(store.adminCredentials, onNoteError),
    answerSeal: instance.answerSeal,
    cursorSeal: instance.cursorSeal,
    requestHash: instance.requestHash,
    webhookTools: {
      allowed: config.webhookAllow,
      seal: instance.webhookSeal,
      send: instance.sendWebhook,
    },
    loginTools: instance.loginTools,
    feedCursors: createFeedCursors(instance.cursorHash),
    eventWaiting,
    instancePolicy: instancePolicyOf(config),
    version,
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
    mailLinks,
    fetch: (request, peer = { address: "127.0.0.1", encrypted: false }) =>
      fetchWithApp(app, request, peer),
    async listen() {
      const listener = await listen(app, config, log);
      listening.listener = listener;
      listening.operations = await listenToOperators(config, { store, metrics, log });
      listening.site = siteOf(config.publicUrl ?? reachableUrl(listener.address));
      lock.announce(listening.site.url);
      sending.start();
      log.info("listening", { address: listener.address, publicUrl: listening.site.url });
      return listener.address;
    },
    async close() {
      stopPruning();
      eventWaiting.stop();
      await listening.listener?.stop();
      await listening.operations?.stop();
      metrics.close();
      await Promise.all([sending.stop(), dispatcher.stop(), stopAlerting()]);
      await tracing?.close();
      await instance.close();
      lock.release();
    },
  };
}

/** Traces, with all that is loaded for them, only where they are wanted. */
async function tracingFor(
  { otlpUrl }: Config,
  parts: Omit<TracingParts, "url">,
): Promise<Tracing | undefined> {
  if (otlpUrl === undefined) {
    return undefined;
  }
  const { startTracing } = await import("./http/tracing.ts");
  return startTracing({ ...parts, url: otlpUrl });
}

function tracedSend(send: SendWebhook, { traced }: Tracing): SendWebhook {
  return traced("webhook deliver", send, ({ webhook, event }) => ({ status }) => ({
    "rollcall.tenant_id": webhook.tenantId,
    "rollcall.webhook_id": webhook.webhookId,
    "rollcall.event_type": event.type,
    ...(status === undefined ? {} : { "http.response.status_code": status }),
  }));
}

/** The port for whoever watches the server; most have none. */
async function listenToOperators(
  { adminPort, adminHost }: Config,
  parts: OperationsParts,
): Promise<Listener | undefined> {
  if (adminPort === undefined) {
    return undefined;
  }
  const place = { host: adminHost, port: adminPort, tlsCert: undefined, tlsKey: undefined };
  const listener = await listen(createOperationsApp(parts), place, parts.log);
  parts.log.info("listening to operators", { address: listener.address });
  return listener;
}

/** A sender that is started once it is known where the links in mails lead. */
function sendingOnDemand(
  { smtpUrl, mailFrom }: Config,
  parts: Omit<MailSenderParts, "transport">,
): { readonly start: () => void; readonly stop: () => Promise<void> } {
  const transport =
    smtpUrl === undefined || mailFrom === undefined ? undefined : { url: smtpUrl, from: mailFrom };
  let sender: MailSender | undefined;
  return {
    start: () => {
      sender ??= createMailSender({ ...parts, transport });
    },
    stop: async () => sender?.stop(),
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

/** Raises alerts now and every hour, of several processes one; answers with what ends that. */
function alertHourly(
  store: Store,
  { alertTo, alertLanguage }: Config,
  { log, now }: { readonly log: JsonLog; readonly now: () => number },
): () => Promise<void> {
  const readers = { addresses: alertTo, language: alertLanguage };
  const holder = randomUUID();
  let running: Promise<void> = Promise.resolve();
  const raise = (): void => {
    const onTrouble = (error: unknown): void => log.error("an alert could not be raised", error);
    running = raiseAlerts(store, readers, { holder, nowMs: now(), onTrouble }).then(
      () => undefined,
      (error: unknown) => log.error("alerts could not be raised", error),
    );
  };
  raise();
  const timer = setInterval(raise, hourMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
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
