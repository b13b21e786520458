/** The store's functions on PostgreSQL, each one script in a transaction of its own. */
import { createAdministration } from "../sql/administration.ts";
import { createAuditLogTable } from "../sql/audit-log-table.ts";
import { createMailTable } from "../sql/mail-table.ts";
import { countOutboxEvents, outboxEvents, outboxPosition } from "../sql/outbox.ts";
import { createPeopleTables } from "../sql/people-tables.ts";
import { answerQuery, answerUnlessScan } from "../sql/query-resources.ts";
import { readResource, readResourcesByKeys } from "../sql/read-resource.ts";
import { recordPrepared } from "../sql/record-prepared.ts";
import type { SqlContext } from "../sql/sql-context.ts";
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
      count: (tenantId) => readOnce(countOutboxEvents(tenantId)),
    },
    mails: createMailTable({ context, write, readOnce }),
    ...createPeopleTables({ context, write, readOnce }),
    requestLog,
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
