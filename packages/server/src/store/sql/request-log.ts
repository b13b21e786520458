/** The request log, a database of its own. */
import type { Insertable, Selectable } from "kysely";
import type { RequestLogEntry } from "../../domain/request-log-entry.ts";
import type { RequestLogTable } from "./database.ts";
import { jsonColumn } from "./json-column.ts";
import { queries } from "./queries.ts";
import type { Script, Verdict } from "./script.ts";
import { changesOf, changesOfQuery, rowsOfQuery } from "./script.ts";
import { statement } from "./statement.ts";

/** Writes entries in order. */
export function* insertRequestLogEntries(
  entries: readonly RequestLogEntry[],
): Script<Verdict<void>> {
  for (const entry of entries) {
    const row = rowOf(entry);
    yield* changesOf(
      statement(
        `INSERT INTO request_log (tenant_id, connection_id, credential_id, request_id, at, client,
           method, path_template, status, scim_type, reason, warnings, duration_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        row.tenant_id,
        row.connection_id,
        row.credential_id,
        row.request_id,
        row.at,
        row.client,
        row.method,
        row.path_template,
        row.status,
        row.scim_type,
        row.reason,
        row.warnings,
        row.duration_ms,
      ),
    );
  }
  return { kind: "keep", result: undefined };
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
    tenantId: row.tenant_id ?? undefined,
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

function rowOf(entry: RequestLogEntry): Required<Omit<Insertable<RequestLogTable>, "sequence">> {
  return {
    request_id: entry.requestId,
    at: entry.at,
    tenant_id: entry.tenantId ?? null,
    connection_id: entry.connectionId ?? null,
    credential_id: entry.credentialId ?? null,
    client: entry.client,
    method: entry.method,
    path_template: entry.pathTemplate,
    status: entry.status,
    scim_type: entry.scimType ?? null,
    reason: entry.reason ?? null,
    warnings: JSON.stringify(entry.warnings),
    duration_ms: entry.durationMs,
  };
}
