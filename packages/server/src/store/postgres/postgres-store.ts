/** The store's functions on PostgreSQL, each one script in a transaction of its own. */
import { createAdministration } from "../sql/administration.ts";
import { createAlertTables } from "../sql/alerts.ts";
import { createAuditLogTable } from "../sql/audit-log-table.ts";
import { backlogOfAll, endingCredentials } from "../sql/backlog-of-all.ts";
import { eraseOutboxEvents } from "../sql/erase-outbox-events.ts";
import { createMailTable } from "../sql/mail-table.ts";
import { relationOf, relationValuesBehind } from "../sql/members.ts";
import { countOutboxEvents, outboxBounds, outboxEvents, outboxPosition } from "../sql/outbox.ts";
import { createPeopleTables } from "../sql/people-tables.ts";
import { pruneOutbox } from "../sql/prune-outbox.ts";
import { answerQuery, answerUnlessScan } from "../sql/query-resources.ts";
import { readResource, readResourcesByKeys, resourcesBehind } from "../sql/read-resource.ts";
import { previewPrepared, recordPrepared } from "../sql/record-prepared.ts";
import { schemaLevelNow } from "../sql/schema-levels.ts";
import type { SqlContext } from "../sql/sql-context.ts";
import { listTenants } from "../sql/tenants.ts";
import { hasOldTombstones, pruneTombstones } from "../sql/tombstones.ts";
import { createWebhookTables } from "../sql/webhook-tables.ts";
import type { ResourceTable, SnapshotTable, Store } from "../store.ts";
import { tooManyResources } from "../too-many-resources.ts";
import type { ConnectionCounts } from "./postgres-connections.ts";
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
  readonly connectionCounts: () => ConnectionCounts;
  readonly readSnapshot: SnapshotTable["read"];
  readonly readTenant: SnapshotTable["readTenant"];
  readonly closeConnections: () => Promise<void>;
}

/** Makes the store of open connections. */
export function createPostgresStore(parts: PostgresParts): Store {
  const { context, transactions, housekeeping, requestLog, scanner } = parts;
  const { write, read, readOnce } = transactions;
  const dropRequestLog = requestLog.dropTenant;
  return {
    ...createAdministration({ context, write, readOnce, dropRequestLog }),
    resources: resourceTable(parts),
    auditLog: createAuditLogTable({ context, write, readOnce, numberNow: housekeeping.numberNow }),
    outbox: {
      list: async (tenantId, options) => {
        await housekeeping.numberNow(tenantId);
        return read(outboxEvents(tenantId, options));
      },
      positionOf: async (tenantId, eventId) => {
        await housekeeping.numberNow(tenantId);
        return readOnce(outboxPosition(tenantId, eventId));
      },
      bounds: async (tenantId) => {
        await housekeeping.numberNow(tenantId);
        return readOnce(outboxBounds(tenantId));
      },
      prune: async (tenantId, before) => {
        await housekeeping.numberNow(tenantId);
        return pruneOutbox(tenantId, before, { readOnce, write });
      },
      erase: async (tenantId, ids) => {
        await housekeeping.numberNow(tenantId);
        await eraseOutboxEvents(tenantId, ids, { readOnce, write });
      },
      count: (tenantId) => readOnce(countOutboxEvents(tenantId)),
    },
    mails: createMailTable({ context, write, readOnce }),
    ...createPeopleTables({ context, write, readOnce }),
    ...createWebhookTables({ context, write, readOnce, numberNow: housekeeping.numberNow }),
    ...createAlertTables({ context, write, readOnce }),
    requestLog,
    figures: {
      backlog: () => readOnce(backlogOfAll(context.dialect)),
      endingCredentials: (nowMs) => readOnce(endingCredentials(nowMs)),
      database: () => ({ database: "postgres", connections: parts.connectionCounts() }),
    },
    snapshots: {
      database: "postgres",
      schemaLevel: schemaLevelNow,
      read: async (take) => {
        for (const { tenantId } of await readOnce(listTenants())) {
          await housekeeping.numberNow(tenantId);
        }
        await parts.readSnapshot(take);
      },
      readTenant: parts.readTenant,
    },
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
      const script = readResource(scope, resourceType, id, relations, dialect);
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
    page: (scope, resourceType, wish) => readOnce(resourcesBehind(scope, resourceType, wish)),
    relationPage: (scope, { resourceType, id, attribute }, wish) => {
      const relation = relationOf(resourceType.name, attribute);
      return readOnce(relationValuesBehind({ scope, resourceId: id, relation }, wish));
    },
    record: async (scope, change, options, circumstances) => {
      const recording = { scope, change, options, circumstances, context };
      const outcome = await recordPrepared(recording, write);
      if (outcome.kind === "committed" && outcome.changed) {
        housekeeping.noteWrite(scope.tenantId);
      }
      return outcome;
    },
    previewDeletion: (scope, change, circumstances) => {
      const options = {
        expectedRevision: change.before.revision,
        strictReferences: false,
        nowMs: context.nowMs(),
      };
      return previewPrepared({ scope, change, options, circumstances, context }, write);
    },
    pruneTombstones: async (tenantId, ages) =>
      (await read(hasOldTombstones(tenantId, ages)))
        ? write(() => pruneTombstones(tenantId, ages))
        : 0,
  };
}
