/** Which accounts Users are linked to. */
import type { AccountId, Link, LinkState } from "../../domain/account.ts";
import type { Scope } from "../../domain/tenant.ts";
import type { Script } from "./script.ts";
import { rowsOf } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import { statement } from "./statement.ts";

/** Reads the links by the ids of the Users; whoever never had one is not among them. */
export function* linksOfUsers(
  { tenantId, connectionId }: Scope,
  resourceIds: readonly string[],
  { listTable }: SqlDialect,
): Script<ReadonlyMap<string, Pick<Link, "accountId" | "state">>> {
  const rows = yield* rowsOf<{
    resource_id: string;
    account_id: AccountId | null;
    state: LinkState;
  }>(
    statement(
      `SELECT resource_id, account_id, state FROM links
       WHERE tenant_id = ? AND connection_id = ?
         AND resource_id IN (SELECT ids.value FROM ${listTable} AS ids)`,
      tenantId,
      connectionId,
      JSON.stringify(resourceIds),
    ),
  );
  return new Map(
    rows.map(({ resource_id, account_id, state }) => [
      resource_id,
      { accountId: account_id ?? undefined, state },
    ]),
  );
}
