/** Drops the oldest audit entries of a tenant, and notes where the chain of the others begins. */
import type { ChainEnd } from "../../domain/audit-chain.ts";
import type { TenantId } from "../../domain/tenant.ts";
import { lockedChainFacts } from "./chain-audit-entries.ts";
import type { Script, Verdict } from "./script.ts";
import { firstRowOf, rowsOf } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import { statement } from "./statement.ts";

/** How many entries one transaction drops, so that no other write waits long. */
const prunedAtOnceMax = 500;

/** Tells whether the oldest entry of a tenant is from before a time. */
export function* hasOldAuditEntries(tenantId: TenantId, before: string): Script<boolean> {
  const oldest = yield* firstRowOf<{ at: string }>(
    statement(
      `SELECT at FROM audit_entries WHERE tenant_id = ? AND audit_number > 0
       ORDER BY audit_number LIMIT 1`,
      tenantId,
    ),
  );
  return oldest !== undefined && oldest.at < before;
}

/**
 * Drops some of the oldest entries, up to the first that is not from before the time or not chained; answers how many,
 * 0 when nothing is left to do.
 */
export function* pruneAuditEntries(
  tenantId: TenantId,
  before: string,
  dialect: SqlDialect,
): Script<Verdict<number>> {
  const facts = yield* lockedChainFacts(tenantId, dialect, true);
  if (facts === undefined) {
    return { kind: "undo", result: 0 };
  }
  const { pruned, chained } = facts;
  const oldest = yield* rowsOf<{ audit_number: number; at: string; chain_hash: string | null }>(
    statement(
      `SELECT audit_number, at, chain_hash FROM audit_entries
       WHERE tenant_id = ? AND audit_number > ? ORDER BY audit_number LIMIT ?`,
      tenantId,
      pruned.number,
      prunedAtOnceMax,
    ),
  );
  const kept = oldest.findIndex(
    ({ audit_number, at }) => at >= before || audit_number > chained.number,
  );
  const dropped = kept < 0 ? oldest : oldest.slice(0, kept);
  const [last] = dropped.slice(-1);
  if (last === undefined) {
    return { kind: "undo", result: 0 };
  }
  yield* dropUpTo(tenantId, pruned, { number: last.audit_number, hash: last.chain_hash ?? "" });
  return { kind: "keep", result: dropped.length };
}

function* dropUpTo(tenantId: TenantId, pruned: ChainEnd, last: ChainEnd): Script<void> {
  yield [
    statement(
      `DELETE FROM audit_entries WHERE tenant_id = ? AND audit_number > ? AND audit_number <= ?`,
      tenantId,
      pruned.number,
      last.number,
    ),
    statement(
      `UPDATE tenants SET pruned_number = ?, pruned_hash = ? WHERE tenant_id = ?`,
      last.number,
      last.hash,
      tenantId,
    ),
  ];
}
