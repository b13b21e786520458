/** What locks the memberships that Users are linked to. */
import type { LockSource } from "../../domain/account.ts";
import type { Scope } from "../../domain/tenant.ts";
import type { Script } from "./script.ts";
import { rowsOf } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import { statement } from "./statement.ts";

/** Reads the sources by the ids of the Users; whoever is not linked, or not locked, is not among them. */
export function* lockSources(
  { tenantId, connectionId }: Scope,
  resourceIds: readonly string[],
  { listTable }: SqlDialect,
): Script<ReadonlyMap<string, readonly LockSource[]>> {
  const rows = yield* rowsOf<{ resource_id: string; source: LockSource }>(
    statement(
      `SELECT links.resource_id, locks.source FROM links
       JOIN locks ON locks.tenant_id = links.tenant_id AND locks.account_id = links.account_id
       WHERE links.tenant_id = ? AND links.connection_id = ?
         AND links.resource_id IN (SELECT ids.value FROM ${listTable} AS ids)
         AND links.state = 'linked'`,
      tenantId,
      connectionId,
      JSON.stringify(resourceIds),
    ),
  );
  const sources = new Map<string, LockSource[]>();
  for (const { resource_id, source } of rows) {
    sources.set(resource_id, [...(sources.get(resource_id) ?? []), source]);
  }
  return sources;
}
