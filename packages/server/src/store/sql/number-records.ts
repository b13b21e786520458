/**
 * Numbers the audit entries and outbox events of a tenant after commit, where many transactions write at once: in the
 * order of time, resource and version, one process at a time. The numbers are consecutive and never change, and readers
 * go by them alone; the time of a resource never goes back, so its records are in order whatever the clocks do.
 */
import { instanceAuditId } from "../../domain/admin-credential.ts";
import type { TenantId } from "../../domain/tenant.ts";
import { unchainedOfInstance } from "./instance-audit-log.ts";
import type { Script, Verdict } from "./script.ts";
import { changesOf, firstRowOf, rowsOf } from "./script.ts";
import { statement } from "./statement.ts";

/** How many records of a kind one transaction numbers, so that it never takes long. */
const numberedAtOnceMax = 5000;

/** What numbering needs to know of a kind of records. */
interface Numbering {
  readonly table: string;
  /** The column that is null until the record is numbered. */
  readonly number: string;
  readonly id: string;
  readonly resource: string;
  /** The column of the tenant that has the last number. */
  readonly last: string;
}

const numberings: readonly Numbering[] = [
  {
    table: "audit_entries",
    number: "audit_number",
    id: "entry_id",
    resource: "target_id",
    last: "last_audit_number",
  },
  {
    table: "outbox_events",
    number: "position",
    id: "event_id",
    resource: "resource_id",
    last: "last_outbox_position",
  },
];

/** What one round of numbering came to. */
export interface NumberingRound {
  /** Another process is numbering. */
  readonly isBusy: boolean;
  /** Whether as many records were numbered as one round takes, so that there may be more. */
  readonly hasMore: boolean;
}

/** Numbers what has been committed; `patient` waits for another process that numbers, and then finds what is left. */
export function* numberRecords(
  tenantId: TenantId,
  { patient }: { readonly patient: boolean },
): Script<Verdict<NumberingRound>> {
  const row = yield* firstRowOf<Readonly<Record<string, number>>>(
    statement(
      `SELECT last_audit_number, last_outbox_position FROM tenants
       WHERE tenant_id = ? FOR NO KEY UPDATE ${patient ? "" : "SKIP LOCKED"}`,
      tenantId,
    ),
  );
  if (row === undefined) {
    return { kind: "undo", result: { isBusy: !patient, hasMore: false } };
  }
  let hasMore = false;
  let changed = 0;
  for (const numbering of numberings) {
    const count = yield* numberRows(tenantId, numbering, row[numbering.last] ?? 0);
    hasMore ||= count === numberedAtOnceMax;
    changed += count;
  }
  return { kind: changed > 0 ? "keep" : "undo", result: { isBusy: false, hasMore } };
}

/** Tells whether a tenant has records without a number. */
export function* hasUnnumbered(tenantId: TenantId): Script<boolean> {
  const parts = numberings.map(
    ({ table, number }) =>
      `EXISTS (SELECT 1 FROM ${table} WHERE tenant_id = ? AND ${number} IS NULL)`,
  );
  const row = yield* firstRowOf<{ found: number }>(
    statement(
      `SELECT CASE WHEN ${parts.join(" OR ")} THEN 1 ELSE 0 END AS found`,
      ...parts.map(() => tenantId),
    ),
  );
  return row?.found === 1;
}

/** Counts the records of a tenant without a number that were made before a time, an xsd:dateTime in UTC. */
export function* countUnnumbered(tenantId: TenantId, before: string): Script<number> {
  const parts = numberings.map(
    ({ table, number }) =>
      `(SELECT count(*) FROM ${table} WHERE tenant_id = ? AND ${number} IS NULL AND at < ?)`,
  );
  const row = yield* firstRowOf<{ count: number }>(
    statement(`SELECT ${parts.join(" + ")} AS count`, ...parts.flatMap(() => [tenantId, before])),
  );
  return row?.count ?? 0;
}

/**
 * Tenants that have records without a number, totals to fold or entries to chain, the instance among them; asks all
 * tenants, so rarely.
 */
export function* tenantsWithBacklog(): Script<readonly TenantId[]> {
  const rows = yield* rowsOf<{ tenant_id: TenantId }>(
    statement(
      `SELECT tenant_id FROM audit_entries WHERE audit_number IS NULL
       UNION SELECT tenant_id FROM outbox_events WHERE position IS NULL
       UNION SELECT tenant_id FROM resource_total_deltas
       UNION SELECT tenant_id FROM tenants WHERE last_chained_number < last_audit_number`,
    ),
  );
  const ofTenants = rows.map(({ tenant_id }) => tenant_id);
  return (yield* unchainedOfInstance()) > 0 ? [...ofTenants, instanceAuditId] : ofTenants;
}

function* numberRows(
  tenantId: TenantId,
  { table, number, id, resource, last }: Numbering,
  before: number,
): Script<number> {
  const count = yield* changesOf(
    statement(
      `UPDATE ${table} AS a SET ${number} = n.number
       FROM (
         SELECT written_as, ${id}, CAST(? AS BIGINT)
           + row_number() OVER (ORDER BY at, ${resource}, revision, written_as) AS number
         FROM ${table} WHERE tenant_id = ? AND ${number} IS NULL
         ORDER BY at, ${resource}, revision, written_as LIMIT ?) AS n
       WHERE a.tenant_id = ? AND a.written_as = n.written_as AND a.${id} = n.${id}`,
      before,
      tenantId,
      numberedAtOnceMax,
      tenantId,
    ),
  );
  if (count > 0) {
    yield* changesOf(
      statement(`UPDATE tenants SET ${last} = ? WHERE tenant_id = ?`, before + count, tenantId),
    );
  }
  return count;
}
