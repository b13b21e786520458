/** The store's functions, each one script on the connection it belongs to. */
import type { ResolvedFilter, ResourceQuery } from "@rollcall/scim";
import { formatResolvedPath, ScimError } from "@rollcall/scim";
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
import { countOutboxEvents, outboxEvents } from "../sql/outbox.ts";
import { ping } from "../sql/ping.ts";
import { answerQuery, answerUnlessScan } from "../sql/query-resources.ts";
import { readResource, readResourcesByKeys } from "../sql/read-resource.ts";
import { recordResourceChange } from "../sql/record-resource-change.ts";
import type { SqlContext } from "../sql/sql-context.ts";
import { createTenant, deleteTenant, listTenants, tenantBySlug } from "../sql/tenants.ts";
import { hasOldTombstones, pruneTombstones } from "../sql/tombstones.ts";
import type { ResourceTable, Store } from "../store.ts";
import type { RequestLogFile } from "./request-log-file.ts";
import type { SqliteReader } from "./sqlite-reader.ts";
import type { SqliteScanner } from "./sqlite-scanner.ts";
import type { SqliteWriter } from "./sqlite-writer.ts";

/** What an open store works with. */
export interface SqliteParts {
  readonly context: SqlContext;
  readonly writer: SqliteWriter;
  readonly reader: SqliteReader;
  readonly scanner: SqliteScanner;
  readonly requestLog: RequestLogFile;
}

/** A credential's time of use is noted once a minute. */
const touchIntervalMs = 60_000;

/** Makes the store of open connections. */
export function createSqliteStore(parts: SqliteParts): Store {
  const { context, writer, reader, scanner, requestLog } = parts;
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
    ping: () => reader.readOnce(ping()),
    close: async () => {
      await scanner.close();
      reader.close();
      writer.close();
      requestLog.close();
    },
  };
}

function resourceTable({ context, writer, reader, scanner }: SqliteParts): ResourceTable {
  const { dialect } = context;
  return {
    read: (scope, resourceType, id, relations) => {
      const script = readResource(scope, resourceType, id, relations);
      return relations.length === 0 ? reader.readOnce(script) : reader.read(script);
    },
    readByKeys: (scope, resourceType, keys) =>
      reader.read(readResourcesByKeys(scope, resourceType, keys)),
    query: async (scope, query) =>
      (await reader.read(answerUnlessScan(scope, query, dialect))) ??
      (await scanner.scan(
        () => answerQuery(scope, query, dialect),
        () => tooManyResources(query),
      )),
    record: (scope, change, options, circumstances) =>
      writer.write(() => recordResourceChange({ scope, change, options, circumstances, context })),
    // Read first: on most days nothing is due, and nobody has to wait for that.
    pruneTombstones: async (tenantId, ages) =>
      (await reader.read(hasOldTombstones(tenantId, ages)))
        ? writer.write(() => pruneTombstones(tenantId, ages))
        : 0,
  };
}

/** Says which attribute made the server read everything, and what it finds at once. */
function tooManyResources({ resourceType, filter, sort }: ResourceQuery): ScimError {
  const paths = filter === undefined ? [] : pathsOf(filter);
  const read = [...new Set(sort === undefined ? paths : [...paths, formatResolvedPath(sort.path)])];
  return new ScimError(
    "tooMany",
    `Answering by ${read.join(", ")} means to read every ${resourceType.name}, and there are too many; ` +
      `filter with eq on ${resourceType.pointPaths.join(", ")} or id.`,
    { reason: `scan: no index for ${read.join(", ")}` },
  );
}

function pathsOf(filter: ResolvedFilter): readonly string[] {
  switch (filter.kind) {
    case "and":
    case "or":
      return filter.operands.flatMap(pathsOf);
    case "not":
      return pathsOf(filter.operand);
    default:
      return [formatResolvedPath(filter.path)];
  }
}
