/** The audit log: append-only, numbered in the order of the tenant. */
import type { Selectable } from "kysely";
import type { LoggedEntry } from "../../domain/audit-chain.ts";
import type { AuditEntry } from "../../domain/audit-entry.ts";
import type { TenantId } from "../../domain/tenant.ts";
import type { AuditEntriesTable } from "./database.ts";
import { jsonColumn } from "./json-column.ts";
import { queries } from "./queries.ts";
import type { Script } from "./script.ts";
import { firstRowOf, rowsOf, rowsOfQuery } from "./script.ts";
import type { Statement } from "./statement.ts";
import { statement } from "./statement.ts";

/** Numbers in the order of a tenant, the last ones given. */
export interface TenantNumbers {
  readonly auditNumber: number;
  readonly outboxPosition: number;
}

/** Takes the next audit number and as many outbox positions as there are events; undefined when the tenant is gone. */
export function* nextTenantNumbers(
  tenantId: TenantId,
  events: number,
): Script<TenantNumbers | undefined> {
  const row = yield* firstRowOf<{ last_audit_number: number; last_outbox_position: number }>(
    statement(
      `UPDATE tenants SET last_audit_number = last_audit_number + 1,
         last_outbox_position = last_outbox_position + ?
       WHERE tenant_id = ?
       RETURNING last_audit_number, last_outbox_position`,
      events,
      tenantId,
    ),
  );
  return row && { auditNumber: row.last_audit_number, outboxPosition: row.last_outbox_position };
}

/** The place of a record in the order of its tenant: a number, and what it is numbered by where that comes after commit. */
export interface Place {
  readonly number?: number;
  readonly revision?: number;
  readonly writtenAs?: number;
}

/** Adds an entry. */
export function insertAuditEntry(
  tenantId: TenantId,
  entry: AuditEntry,
  { number, revision, writtenAs }: Place,
): Statement {
  const columns = { audit_number: number, revision, written_as: writtenAs };
  const placed = Object.entries(columns).filter(([, value]) => value !== undefined);
  return statement(
    `INSERT INTO audit_entries (tenant_id, entry_id, at, actor_kind, actor_id,
       request_id, action, outcome, target_type, target_id, target_name, target_external_id,
       differences, relations, ${placed.map(([column]) => column).join(", ")})
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ${placed.map(() => "?").join(", ")})`,
    tenantId,
    entry.entryId,
    entry.at,
    entry.actor.kind,
    entry.actor.id,
    entry.requestId,
    entry.action,
    entry.outcome,
    entry.target.type,
    entry.target.id,
    entry.target.name ?? null,
    entry.target.externalId ?? null,
    JSON.stringify(entry.differences),
    JSON.stringify(entry.relations),
    ...placed.map(([, value]) => value ?? null),
  );
}

/** Reads entries behind a number, in order. */
export function* loggedEntries(
  tenantId: TenantId,
  { after, limit }: { readonly after: number; readonly limit: number },
): Script<readonly LoggedEntry[]> {
  const rows = yield* rowsOf<Selectable<AuditEntriesTable>>(
    statement(
      `SELECT * FROM audit_entries WHERE tenant_id = ? AND audit_number > ?
       ORDER BY audit_number LIMIT ?`,
      tenantId,
      after,
      limit,
    ),
  );
  return rows.map(loggedEntryOf);
}

/** Reads entries about a target behind a number, in order. */
export function* loggedEntriesOf(
  tenantId: TenantId,
  options: { readonly targetId: string; readonly after: number; readonly limit: number },
): Script<readonly LoggedEntry[]> {
  const rows = yield* rowsOf<Selectable<AuditEntriesTable>>(
    statement(
      `SELECT * FROM audit_entries WHERE tenant_id = ? AND target_id = ? AND audit_number > ?
       ORDER BY audit_number LIMIT ?`,
      tenantId,
      options.targetId,
      options.after,
      options.limit,
    ),
  );
  return rows.map(loggedEntryOf);
}

/** Counts the entries of a tenant. */
export function* countAuditEntries(tenantId: TenantId): Script<number> {
  const rows = yield* rowsOfQuery(
    queries
      .selectFrom("audit_entries")
      .select(({ fn }) => fn.countAll<number>().as("entries"))
      .where("tenant_id", "=", tenantId),
  );
  return rows[0]?.entries ?? 0;
}

/** The entry that a row holds. */
export function entryOf(row: Selectable<AuditEntriesTable>): AuditEntry {
  return {
    entryId: row.entry_id,
    at: row.at,
    actor: { kind: row.actor_kind, id: row.actor_id },
    requestId: row.request_id,
    action: row.action,
    outcome: row.outcome,
    target: {
      type: row.target_type,
      id: row.target_id,
      name: row.target_name ?? undefined,
      externalId: row.target_external_id ?? undefined,
    },
    differences: jsonColumn(row.differences),
    relations: jsonColumn(row.relations),
  };
}

function loggedEntryOf(row: Selectable<AuditEntriesTable>): LoggedEntry {
  return {
    entry: entryOf(row),
    number: row.audit_number,
    chainHash: row.chain_hash ?? undefined,
    salt: row.chain_salt ?? undefined,
    erasedHash: row.erased_hash ?? undefined,
  };
}
