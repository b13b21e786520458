/** How many live resources of a type a population has: kept, never counted, and nobody's bottleneck. */
import type { ConnectionId, Scope, TenantId } from "../../domain/tenant.ts";
import type { Script } from "./script.ts";
import { changesOf, firstRowOf, rowsOf } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import type { Statement } from "./statement.ts";
import { statement } from "./statement.ts";

/** The place of a new resource in the order of creation, and what counts it in when it is written. */
export interface CountedIn {
  readonly sequence: number;
  readonly statements: readonly Statement[];
}

/** Gives a new resource its place. With many writers the total is a row of its own, which the fold adds up later. */
export function* countIn(
  scope: Scope,
  resourceType: string,
  { dialect, newSequence }: SqlContext,
): Script<CountedIn> {
  if (dialect.writers === "many") {
    const sequence = newSequence();
    return { sequence, statements: [insertDelta(scope, resourceType, sequence, 1)] };
  }
  const row = yield* firstRowOf<{ last_sequence: number }>(
    statement(
      `UPDATE resource_totals SET live = live + 1, last_sequence = last_sequence + 1
       WHERE tenant_id = ? AND connection_id = ? AND resource_type = ?
       RETURNING last_sequence`,
      scope.tenantId,
      scope.connectionId,
      resourceType,
    ),
  );
  if (row === undefined) {
    throw new TypeError("the population has no totals");
  }
  return { sequence: row.last_sequence, statements: [] };
}

/** What counts a deleted resource out. */
export function countOutStatement(
  scope: Scope,
  resourceType: string,
  { dialect, newSequence }: SqlContext,
): Statement {
  return dialect.writers === "many"
    ? insertDelta(scope, resourceType, newSequence(), -1)
    : addToTotal(scope, resourceType, -1);
}

/** A total with rows that wait to be added to it. */
export interface UnfoldedTotal {
  readonly connection_id: ConnectionId;
  readonly resource_type: string;
}

/** The totals of a tenant that have such rows. */
export function* unfoldedTotals(tenantId: TenantId): Script<readonly UnfoldedTotal[]> {
  return yield* rowsOf<UnfoldedTotal>(
    statement(
      `SELECT DISTINCT connection_id, resource_type FROM resource_total_deltas WHERE tenant_id = ?`,
      tenantId,
    ),
  );
}

/** Adds up the rows of one total. Readers see the rows or their sum, and either way the same total. */
export function* foldTotal(scope: Scope, resourceType: string): Script<void> {
  const values = [scope.tenantId, scope.connectionId, resourceType];
  const where = "tenant_id = ? AND connection_id = ? AND resource_type = ?";
  yield* rowsOf(
    statement(`SELECT live FROM resource_totals WHERE ${where} FOR NO KEY UPDATE`, ...values),
  );
  const deltas = yield* rowsOf<{ live: number }>(
    statement(`DELETE FROM resource_total_deltas WHERE ${where} RETURNING live`, ...values),
  );
  const sum = deltas.reduce((total, { live }) => total + live, 0);
  if (sum !== 0) {
    yield* changesOf(addToTotal(scope, resourceType, sum));
  }
}

function addToTotal(
  { tenantId, connectionId }: Scope,
  resourceType: string,
  live: number,
): Statement {
  return statement(
    `UPDATE resource_totals SET live = live + ?
     WHERE tenant_id = ? AND connection_id = ? AND resource_type = ?`,
    live,
    tenantId,
    connectionId,
    resourceType,
  );
}

function insertDelta(
  { tenantId, connectionId }: Scope,
  resourceType: string,
  sequence: number,
  live: number,
): Statement {
  return statement(
    `INSERT INTO resource_total_deltas (tenant_id, connection_id, resource_type, sequence, live)
     VALUES (?, ?, ?, ?, ?)`,
    tenantId,
    connectionId,
    resourceType,
    sequence,
    live,
  );
}
