/** Stages connections, so that nobody gets anything by them, and makes them active. */
import type { Circumstances } from "../../domain/audit-entry.ts";
import type { StagingOutcome } from "../../domain/connection.ts";
import type { Scope } from "../../domain/tenant.ts";
import type { ConnectionAction } from "./connections.ts";
import { connectionById, recordConnection } from "./connections.ts";
import type { Script, Verdict } from "./script.ts";
import { rowsOf } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import { statement } from "./statement.ts";
import { lockTenantFacts } from "./tenant-facts.ts";

/** Stages a connection, or makes it active; one that is so already stays as it is. */
export function* stageConnection(
  { scope, isStaged }: { readonly scope: Scope; readonly isStaged: boolean },
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<StagingOutcome>> {
  const { tenantId, connectionId } = scope;
  yield lockTenantFacts(tenantId, "alone", context.dialect);
  const connection = yield* connectionById(scope);
  if (connection === undefined) {
    return { kind: "undo", result: "gone" };
  }
  if (connection.staged === isStaged) {
    return { kind: "undo", result: "done" };
  }
  if (isStaged && (yield* isLive(scope))) {
    return { kind: "undo", result: "live" };
  }
  yield [
    statement(
      `UPDATE connections SET staged = ? WHERE tenant_id = ? AND connection_id = ?`,
      isStaged ? 1 : 0,
      tenantId,
      connectionId,
    ),
  ];
  const action: ConnectionAction = {
    action: isStaged ? "connection.stage" : "connection.activate",
    target: { type: "connection", id: connectionId, name: connection.slug },
    differences: [{ path: "staged", before: connection.staged, after: isStaged }],
  };
  yield* recordConnection({ ...connection, staged: isStaged }, action, circumstances, context);
  return { kind: "keep", result: "done" };
}

function* isLive({ tenantId, connectionId }: Scope): Script<boolean> {
  const rows = yield* rowsOf(
    statement(
      `SELECT resource_id FROM links
       WHERE tenant_id = ? AND connection_id = ? AND resource_id > ''
         AND state IN ('linked', 'pending')
       LIMIT 1`,
      tenantId,
      connectionId,
    ),
  );
  return rows.length > 0;
}
