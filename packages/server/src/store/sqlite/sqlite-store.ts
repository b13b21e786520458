/** The store's functions, each one script on the connection it belongs to. */
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
import { answerQuery, answerQuickly, loadPage } from "../sql/query-resources.ts";
import { readResource, readResourceQuickly, readResourcesByKeys } from "../sql/read-resource.ts";
import { recordPrepared } from "../sql/record-prepared.ts";
import type { SqlContext } from "../sql/sql-context.ts";
import { createTenant, deleteTenant, listTenants, tenantBySlug } from "../sql/tenants.ts";
import { hasOldTombstones, pruneTombstones } from "../sql/tombstones.ts";
import type { ResourceTable, Store } from "../store.ts";
import { storeAwayError } from "../store-away.ts";
import { tooManyResources } from "../too-many-resources.ts";
import type { ReadingLane } from "./reading-lane.ts";
import type { RequestLogFile } from "./request-log-file.ts";
import type { SqliteReader } from "./sqlite-reader.ts";
import type { SqliteWriter } from "./sqlite-writer.ts";

/** What an open store works with. */
export interface SqliteParts {
  readonly context: SqlContext;
  readonly writer: SqliteWriter;
  readonly reader: SqliteReader;
  /** Searches for which no index helps. */
  readonly searches: ReadingLane;
  /** Reads of much that is found at once, which need not wait for searches. */
  readonly longReads: ReadingLane;
  readonly requestLog: RequestLogFile;
}

const tooMuchToRead = () => storeAwayError("too much to read");

/** A credential's time of use is noted once a minute. */
const touchIntervalMs = 60_000;

/** Makes the store of open connections. */
export function createSqliteStore(parts: SqliteParts): Store {
  const { context, writer, reader, searches, longReads, requestLog } = parts;
  return {
    resources: resourceTable(parts),
    tenants: {
      create: (tenant, circumstances) =>
        writer.write(() => createTenant(tenant, circumstances, context)),
      list: () => reader.readOnce(listTenants()),
      bySlug: (slug) => reader.readOnce(tenantBySlug(slug)),
      delete: async (tenantId, circumstances) => {
        await writer.write(() => deleteTenant(tenantId, circumstances, context));
        await requestLog.dropTenant(tenantId);
      },
    },
    connections: {
      create: (connection, circumstances) =>
        writer.write(() => createConnection(connection, circumstances, context)),
      list: (tenantId) => reader.readOnce(listConnections(tenantId)),
      bySlug: (tenantId, slug) => reader.readOnce(connectionBySlug(tenantId, slug)),
      read: (scope) => reader.readOnce(connectionById(scope)),
      save: (connection, rules, circumstances) =>
        writer.write(() => saveConnection(connection, rules, circumstances, context)),
    },
    credentials: {
      create: (credential, circumstances) =>
        writer.write(() => createCredential(credential, circumstances, context)),
      byId: (credentialId) => reader.readOnce(credentialById(credentialId)),
      list: (scope) => reader.readOnce(listCredentials(scope)),
      revoke: (scope, credentialId, at, circumstances) =>
        writer.write(() => revokeCredential(scope, credentialId, at, circumstances, context)),
      touch: async (credentialId, at) => {
        const notedSince = new Date(Date.parse(at) - touchIntervalMs).toISOString();
        // Read first: requests that only read must not queue for the writer.
        const credential = await reader.readOnce(credentialById(credentialId));
        const { lastUsed } = credential ?? {};
        if (credential !== undefined && (lastUsed === undefined || lastUsed <= notedSince)) {
          await writer.write(() => touchCredential(credentialId, at, notedSince));
        }
      },
    },
    auditLog: {
      list: (tenantId, options) => reader.readOnce(auditEntries(tenantId, options)),
      count: (tenantId) => reader.readOnce(countAuditEntries(tenantId)),
    },
    outbox: {
      list: (tenantId, options) => reader.readOnce(outboxEvents(tenantId, options)),
      count: (tenantId) => reader.readOnce(countOutboxEvents(tenantId)),
    },
    requestLog,
    // Read first: what is noted is asked for at every opening, beside a server that writes.
    claimInstanceFact: async (name, value) =>
      (await reader.readOnce(instanceFact(name))) ??
      writer.write(() => claimInstanceFact(name, value)),
    ping: () => reader.readOnce(ping()),
    close: async () => {
      await Promise.all([searches.close(), longReads.close()]);
      reader.close();
      writer.close();
      requestLog.close();
    },
  };
}

function resourceTable({
  context,
  writer,
  reader,
  searches,
  longReads,
}: SqliteParts): ResourceTable {
  const { dialect } = context;
  return {
    read: async (scope, resourceType, id, relations) => {
      if (relations.length === 0) {
        return await reader.readOnce(readResource(scope, resourceType, id, relations));
      }
      const answer = await reader.read(
        readResourceQuickly(scope, resourceType, id, relations, dialect),
      );
      return answer === "long"
        ? await longReads.read(
            ({ run }) => run(readResource(scope, resourceType, id, relations)),
            tooMuchToRead,
          )
        : answer.stored;
    },
    readByKeys: (scope, resourceType, keys) =>
      reader.read(readResourcesByKeys(scope, resourceType, keys, dialect)),
    query: async (scope, query) => {
      const answer = await reader.read(answerQuickly(scope, query, dialect));
      switch (answer.kind) {
        case "page":
          return answer.page;
        case "read":
          return await longReads.read(
            ({ run }) => run(answerQuery(scope, query, dialect)),
            tooMuchToRead,
          );
        case "search":
          return await searches.read(
            async ({ find, run }) => run(loadPage(scope, query, await find(scope, query), dialect)),
            () => tooManyResources(query),
          );
      }
    },
    record: (scope, change, options, circumstances) =>
      recordPrepared({ scope, change, options, circumstances, context }, writer.write),
    // Read first: on most days nothing is due, and nobody has to wait for that.
    pruneTombstones: async (tenantId, ages) =>
      (await reader.read(hasOldTombstones(tenantId, ages)))
        ? writer.write(() => pruneTombstones(tenantId, ages))
        : 0,
  };
}
