/** The store's functions on PostgreSQL, each one script in a transaction of its own. */
import { auditEntries, countAuditEntries } from "../sql/audit-log.ts";
import {
  connectionById,
  connectionBySlug,
  createConnection,
  listConnections,
  saveConnection,
} from "../sql/connections.ts";
import {
  createCredential,
  credentialById,
  listCredentials,
  revokeCredential,
  touchCredential,
} from "../sql/credentials.ts";
import { claimInstanceFact, instanceFact } from "../sql/instance-facts.ts";
import { countOutboxEvents, outboxEvents } from "../sql/outbox.ts";
import { ping } from "../sql/ping.ts";
import { answerQuery, answerUnlessScan } from "../sql/query-resources.ts";
import { readResource, readResourcesByKeys } from "../sql/read-resource.ts";
import { recordPrepared } from "../sql/record-prepared.ts";
import type { SqlContext } from "../sql/sql-context.ts";
import { createTenant, deleteTenant, listTenants, tenantBySlug } from "../sql/tenants.ts";
import { hasOldTombstones, pruneTombstones } from "../sql/tombstones.ts";
import type { ResourceTable, Store } from "../store.ts";
import { tooManyResources } from "../too-many-resources.ts";
import type { PostgresHousekeeping } from "./postgres-housekeeping.ts";
import type { PostgresRequestLog } from "./postgres-request-log.ts";
import type { PostgresScanner } from "./postgres-scanner.ts";
import type { PostgresTransactions } from "./postgres-transactions.ts";

/** What an open store works with. */
export interface PostgresParts {
  readonly context: SqlContext;
  readonly transactions: PostgresTransactions;
  readonly scanner: PostgresScanner;
  readonly housekeeping: PostgresHousekeeping;
  readonly requestLog: PostgresRequestLog;
  readonly closeConnections: () => Promise<void>;
}

/** A credential's time of use is noted once a minute. */
const touchIntervalMs = 60_000;

/** Makes the store of open connections. */
export function createPostgresStore(parts: PostgresParts): Store {
  const { context, transactions, housekeeping, requestLog, scanner } = parts;
  const { write, read, readOnce } = transactions;
  return {
    resources: resourceTable(parts),
    tenants: {
      create: (tenant, circumstances) => write(() => createTenant(tenant, circumstances, context)),
      list: () => readOnce(listTenants()),
      bySlug: (slug) => readOnce(tenantBySlug(slug)),
      delete: async (tenantId, circumstances) => {
        await write(() => deleteTenant(tenantId, circumstances, context));
        await requestLog.dropTenant(tenantId);
      },
    },
    connections: {
      create: (connection, circumstances) =>
        write(() => createConnection(connection, circumstances, context)),
      list: (tenantId) => readOnce(listConnections(tenantId)),
      bySlug: (tenantId, slug) => readOnce(connectionBySlug(tenantId, slug)),
      read: (scope) => readOnce(connectionById(scope)),
      save: (connection, rules, circumstances) =>
        write(() => saveConnection(connection, rules, circumstances, context)),
    },
    credentials: {
      create: (credential, circumstances) =>
        write(() => createCredential(credential, circumstances, context)),
      byId: (credentialId) => readOnce(credentialById(credentialId)),
      list: (scope) => readOnce(listCredentials(scope)),
      revoke: (scope, credentialId, at, circumstances) =>
        write(() => revokeCredential(scope, credentialId, at, circumstances, context)),
      touch: (credentialId, at) => {
        const notedSince = new Date(Date.parse(at) - touchIntervalMs).toISOString();
        return write(() => touchCredential(credentialId, at, notedSince));
      },
    },
    auditLog: {
      list: async (tenantId, options) => {
        await housekeeping.numberNow(tenantId);
        return read(auditEntries(tenantId, options));
      },
      count: (tenantId) => readOnce(countAuditEntries(tenantId)),
    },
    outbox: {
      list: async (tenantId, options) => {
        await housekeeping.numberNow(tenantId);
        return read(outboxEvents(tenantId, options));
      },
      count: (tenantId) => readOnce(countOutboxEvents(tenantId)),
    },
    requestLog,
    claimInstanceFact: async (name, value) =>
      (await readOnce(instanceFact(name))) ?? write(() => claimInstanceFact(name, value)),
    ping: () => readOnce(ping()),
    close: async () => {
      scanner.close();
      await housekeeping.close();
      await requestLog.close();
      await parts.closeConnections();
    },
  };
}

function resourceTable({
  context,
  transactions: { write, read, readOnce },
  scanner,
  housekeeping,
}: PostgresParts): ResourceTable {
  const { dialect } = context;
  return {
    read: (scope, resourceType, id, relations) => {
      const script = readResource(scope, resourceType, id, relations);
      return relations.length === 0 ? readOnce(script) : read(script);
    },
    readByKeys: (scope, resourceType, keys) =>
      readOnce(readResourcesByKeys(scope, resourceType, keys, dialect)),
    query: async (scope, query) =>
      (await read(answerUnlessScan(scope, query, dialect))) ??
      (await scanner.scan(
        () => answerQuery(scope, query, dialect),
        () => tooManyResources(query),
      )),
    record: async (scope, change, options, circumstances) => {
      const recording = { scope, change, options, circumstances, context };
      const outcome = await recordPrepared(recording, write);
      if (outcome.kind === "committed" && outcome.changed) {
        housekeeping.noteWrite(scope.tenantId);
      }
      return outcome;
    },
    pruneTombstones: async (tenantId, ages) =>
      (await read(hasOldTombstones(tenantId, ages)))
        ? write(() => pruneTombstones(tenantId, ages))
        : 0,
  };
}
