/** The store's functions, each one script on the connection it belongs to. */
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
import { answerQuery, answerQuickly, loadPage } from "../sql/query-resources.ts";
import {
  readResource,
  readResourceQuickly,
  readResourcesByKeys,
  resourcesBehind,
} from "../sql/read-resource.ts";
import { previewPrepared, recordPrepared } from "../sql/record-prepared.ts";
import { schemaLevelNow } from "../sql/schema-levels.ts";
import type { SqlContext } from "../sql/sql-context.ts";
import { hasOldTombstones, pruneTombstones } from "../sql/tombstones.ts";
import { createWebhookTables } from "../sql/webhook-tables.ts";
import type { ResourceTable, SnapshotTable, Store } from "../store.ts";
import { storeAwayError } from "../store-away.ts";
import { tooManyResources } from "../too-many-resources.ts";
import type { SqliteFileSizes } from "./file-sizes.ts";
import type { ReadingLane } from "./reading-lane.ts";
import type { RequestLogFile } from "./request-log-file.ts";
import type { SqliteHousekeeping } from "./sqlite-housekeeping.ts";
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
  readonly housekeeping: SqliteHousekeeping;
  /** How large each file is. */
  readonly fileSizes: () => SqliteFileSizes;
  readonly readSnapshot: SnapshotTable["read"];
  readonly readTenant: SnapshotTable["readTenant"];
}

const tooMuchToRead = () => storeAwayError("too much to read");

/** Makes the store of open connections. */
export function createSqliteStore(parts: SqliteParts): Store {
  const { context, writer, reader, searches, longReads, requestLog } = parts;
  const { write } = writer;
  const { read } = reader;
  const dropRequestLog = requestLog.dropTenant;
  return {
    ...createAdministration({ context, write, readOnce: read, dropRequestLog }),
    resources: resourceTable(parts),
    auditLog: createAuditLogTable({
      context,
      write,
      readOnce: read,
      numberNow: () => Promise.resolve(),
    }),
    outbox: {
      list: (tenantId, options) => read(outboxEvents(tenantId, options)),
      positionOf: (tenantId, eventId) => read(outboxPosition(tenantId, eventId)),
      bounds: (tenantId) => read(outboxBounds(tenantId)),
      prune: (tenantId, before) => pruneOutbox(tenantId, before, { readOnce: read, write }),
      erase: (tenantId, ids) => eraseOutboxEvents(tenantId, ids, { readOnce: read, write }),
      count: (tenantId) => read(countOutboxEvents(tenantId)),
    },
    mails: createMailTable({ context, write, readOnce: read }),
    ...createPeopleTables({ context, write, readOnce: read }),
    ...createWebhookTables({ context, write, readOnce: read, numberNow: () => Promise.resolve() }),
    ...createAlertTables({ context, write, readOnce: read }),
    requestLog,
    figures: {
      backlog: () => read(backlogOfAll(context.dialect)),
      endingCredentials: (nowMs) => read(endingCredentials(nowMs)),
      database: () => ({ database: "sqlite", bytes: parts.fileSizes() }),
    },
    snapshots: {
      database: "sqlite",
      schemaLevel: schemaLevelNow,
      read: parts.readSnapshot,
      readTenant: parts.readTenant,
    },
    close: async () => {
      await Promise.all([searches.close(), longReads.close()]);
      const ended = parts.housekeeping.close();
      reader.close();
      // What the housekeeping still waits for is refused.
      writer.close();
      requestLog.close();
      await ended;
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
        return await reader.read(readResource(scope, resourceType, id, relations, dialect));
      }
      const answer = await reader.read(
        readResourceQuickly(scope, resourceType, id, relations, dialect),
      );
      return answer === "long"
        ? await longReads.read(
            ({ run }) => run(readResource(scope, resourceType, id, relations, dialect)),
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
    page: (scope, resourceType, wish) => reader.read(resourcesBehind(scope, resourceType, wish)),
    relationPage: (scope, { resourceType, id, attribute }, wish) => {
      const relation = relationOf(resourceType.name, attribute);
      return reader.read(relationValuesBehind({ scope, resourceId: id, relation }, wish));
    },
    record: (scope, change, options, circumstances) =>
      recordPrepared({ scope, change, options, circumstances, context }, writer.write),
    previewDeletion: (scope, change, circumstances) => {
      const options = {
        expectedRevision: change.before.revision,
        strictReferences: false,
        nowMs: context.nowMs(),
      };
      return previewPrepared({ scope, change, options, circumstances, context }, writer.write);
    },
    // Read first: on most days nothing is due, and nobody has to wait for that.
    pruneTombstones: async (tenantId, ages) =>
      (await reader.read(hasOldTombstones(tenantId, ages)))
        ? writer.write(() => pruneTombstones(tenantId, ages))
        : 0,
  };
}
