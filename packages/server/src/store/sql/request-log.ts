/** The request log, a database of its own. */
import type { Selectable, SelectQueryBuilder } from "kysely";
import type { RefusalCount } from "../../domain/alert.ts";
import type { RequestLogEntry } from "../../domain/request-log-entry.ts";
import type { ConnectionId, TenantId } from "../../domain/tenant.ts";
import type { RequestLogTable as RequestLogPort } from "../store.ts";
import type { Database, RequestLogTable } from "./database.ts";
import { insertRows } from "./insert-rows.ts";
import { jsonColumn } from "./json-column.ts";
import { queries } from "./queries.ts";
import type { Script, Verdict } from "./script.ts";
import { changesOfQuery, firstRowOf, rowsOf, rowsOfQuery } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { SqlValue } from "./statement.ts";
import { statement } from "./statement.ts";

/** Writes entries in order; the table numbers them, or where many processes write, the counter of the instance. */
export function* insertRequestLogEntries(
  entries: readonly RequestLogEntry[],
  writers: SqlDialect["writers"],
): Script<Verdict<void>> {
  const isNumbered = writers === "many";
  // The row of the counter stays locked until commit, so that the order of the numbers is that of appearance.
  const last = isNumbered ? yield* takeSequences(entries.length) : 0;
  yield insertRows({
    into: `request_log (${isNumbered ? "sequence, " : ""}tenant_id, connection_id, credential_id,
      request_id, at, client, method, path_template, status, scim_type, reason, warnings, duration_ms)`,
    shared: [],
    rows: entries.map((entry, index) => [
      ...(isNumbered ? [last - entries.length + 1 + index] : []),
      ...valuesOf(entry),
    ]),
  });
  return { kind: "keep", result: undefined };
}

function* takeSequences(count: number): Script<number> {
  const row = yield* firstRowOf<{ last_number: number }>(
    statement(
      `UPDATE instance_counters SET last_number = last_number + ?
       WHERE name = 'request_log' RETURNING last_number`,
      count,
    ),
  );
  if (row === undefined) {
    throw new TypeError("the request log has no counter");
  }
  return row.last_number;
}

/** Which entries to list. */
export type RequestLogListing = Parameters<RequestLogPort["list"]>[0];

/** Lists the first entries behind a sequence, or the latest ones; newest last. */
export function* requestLogEntries(
  listing: RequestLogListing,
): Script<readonly (RequestLogEntry & { readonly sequence: number })[]> {
  const { tenantId, afterSequence, beforeSequence, limit } = listing;
  const all = queries.selectFrom("request_log").selectAll().limit(limit);
  if (afterSequence !== undefined) {
    const behind = tenantId === undefined ? all : all.where("tenant_id", "=", tenantId);
    const some = behind.where("sequence", ">", afterSequence);
    return (yield* rowsOfQuery(filtered(some, listing).orderBy("sequence"))).map(entryOf);
  }
  const before = beforeSequence ?? Number.MAX_SAFE_INTEGER;
  const latest =
    tenantId === undefined
      ? all.where("sequence", "<", before)
      : all
          .where("tenant_id", "=", tenantId)
          // As a pair, or PostgreSQL walks back through the entries of all tenants until it has enough of this one.
          .where(({ eb, refTuple, tuple }) =>
            eb(refTuple("tenant_id", "sequence"), "<", tuple(tenantId, before)),
          );
  const rows = yield* rowsOfQuery(filtered(latest, listing).orderBy("sequence", "desc"));
  return rows.map(entryOf).reverse();
}

type RequestLogQuery = SelectQueryBuilder<Database, "request_log", Selectable<RequestLogTable>>;

function filtered(
  all: RequestLogQuery,
  { connectionId, statusFrom }: RequestLogListing,
): RequestLogQuery {
  const some = connectionId === undefined ? all : all.where("connection_id", "=", connectionId);
  return statusFrom === undefined ? some : some.where("status", ">=", statusFrom);
}

/** Counts requests of connections that were answered 4xx since a time, of all tenants. */
export function* refusalsSince(since: string): Script<readonly RefusalCount[]> {
  const rows = yield* rowsOf<RefusalRow>(
    statement(
      `SELECT tenant_id, connection_id, status, scim_type, count(*) AS refusals FROM request_log
       WHERE at >= ? AND status >= 400 AND status < 500 AND connection_id IS NOT NULL
       GROUP BY tenant_id, connection_id, status, scim_type
       ORDER BY tenant_id, connection_id, status, scim_type`,
      since,
    ),
  );
  return rows.map((row) => ({
    tenantId: row.tenant_id,
    connectionId: row.connection_id,
    status: row.status,
    scimType: row.scim_type ?? undefined,
    count: row.refusals,
  }));
}

interface RefusalRow {
  readonly tenant_id: TenantId;
  readonly connection_id: ConnectionId;
  readonly status: number;
  readonly scim_type: string | null;
  readonly refusals: number;
}

/** Drops entries older than a time. */
export function* pruneRequestLog(before: string): Script<Verdict<void>> {
  yield* changesOfQuery(queries.deleteFrom("request_log").where("at", "<", before));
  return { kind: "keep", result: undefined };
}

/** Drops the entries of a tenant. */
export function* dropRequestLogOfTenant(tenantId: string): Script<Verdict<void>> {
  yield* changesOfQuery(queries.deleteFrom("request_log").where("tenant_id", "=", tenantId));
  return { kind: "keep", result: undefined };
}

function entryOf(
  row: Selectable<RequestLogTable>,
): RequestLogEntry & { readonly sequence: number } {
  return {
    sequence: row.sequence,
    requestId: row.request_id,
    at: row.at,
    tenantId: row.tenant_id || undefined,
    connectionId: row.connection_id ?? undefined,
    credentialId: row.credential_id ?? undefined,
    client: row.client,
    method: row.method,
    pathTemplate: row.path_template,
    status: row.status,
    scimType: row.scim_type ?? undefined,
    reason: row.reason ?? undefined,
    warnings: jsonColumn(row.warnings),
    durationMs: row.duration_ms,
  };
}

function valuesOf(entry: RequestLogEntry): readonly SqlValue[] {
  return [
    // Part of the key where the database is distributed, and therefore never null.
    entry.tenantId ?? "",
    entry.connectionId ?? null,
    entry.credentialId ?? null,
    entry.requestId,
    entry.at,
    entry.client,
    entry.method,
    entry.pathTemplate,
    entry.status,
    entry.scimType ?? null,
    entry.reason ?? null,
    JSON.stringify(entry.warnings),
    entry.durationMs,
  ];
}
