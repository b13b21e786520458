/** The request log, a database of its own. */
import type { Selectable } from "kysely";
import type { RequestLogEntry } from "../../domain/request-log-entry.ts";
import type { RequestLogTable } from "./database.ts";
import { insertRows } from "./insert-rows.ts";
import { jsonColumn } from "./json-column.ts";
import { queries } from "./queries.ts";
import type { Script, Verdict } from "./script.ts";
import { changesOfQuery, firstRowOf, rowsOfQuery } from "./script.ts";
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
export interface RequestLogListing {
  readonly tenantId?: string;
  readonly afterSequence?: number;
  readonly limit: number;
}

/** Lists the first entries behind a sequence, or the latest ones; newest last. */
export function* requestLogEntries({
  tenantId,
  afterSequence,
  limit,
}: RequestLogListing): Script<readonly (RequestLogEntry & { readonly sequence: number })[]> {
  const all = queries.selectFrom("request_log").selectAll().limit(limit);
  const some = tenantId === undefined ? all : all.where("tenant_id", "=", tenantId);
  if (afterSequence !== undefined) {
    const rows = yield* rowsOfQuery(some.where("sequence", ">", afterSequence).orderBy("sequence"));
    return rows.map(entryOf);
  }
  return (yield* rowsOfQuery(some.orderBy("sequence", "desc"))).map(entryOf).reverse();
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
