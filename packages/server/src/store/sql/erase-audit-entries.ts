/** Erases what the audit entries about one target say of a person; the entries stay, and so does their chain. */
import type { LoggedEntry } from "../../domain/audit-chain.ts";
import { erasedEntry, personalHashOf } from "../../domain/audit-chain.ts";
import type { TenantId } from "../../domain/tenant.ts";
import { loggedEntriesOf } from "./audit-log.ts";
import { lockedChainFacts, sha256Of } from "./chain-audit-entries.ts";
import type { Script, Verdict } from "./script.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { statement } from "./statement.ts";

/** How many entries one transaction erases. */
const erasedAtOnceMax = 200;

/** Erases some of the entries behind a number; answers with the last of them, undefined when there are no more. */
export function* eraseAuditEntries(
  tenantId: TenantId,
  { targetId, after }: { readonly targetId: string; readonly after: number },
  dialect: SqlDialect,
): Script<Verdict<number | undefined>> {
  // Nobody may chain an entry while it changes.
  yield* lockedChainFacts(tenantId, dialect, true);
  const entries = yield* loggedEntriesOf(tenantId, { targetId, after, limit: erasedAtOnceMax });
  yield entries.map((logged) => erase(tenantId, logged));
  return { kind: entries.length > 0 ? "keep" : "undo", result: entries.at(-1)?.number };
}

function erase(
  tenantId: TenantId,
  { entry, number, chainHash, salt, erasedHash }: LoggedEntry,
): Statement {
  const hash = salt === undefined ? erasedHash : personalHashOf(entry, salt, sha256Of);
  return statement(
    `UPDATE audit_entries SET target_name = NULL, target_external_id = NULL, differences = ?,
       chain_salt = NULL, erased_hash = ?
     WHERE tenant_id = ? AND audit_number = ?`,
    JSON.stringify(erasedEntry(entry).differences),
    chainHash === undefined ? null : (hash ?? null),
    tenantId,
    number,
  );
}
