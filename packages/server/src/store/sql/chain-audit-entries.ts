/**
 * Chains the audit entries of a tenant after commit, in the order of their numbers: no write waits for a hash, and
 * where many processes write one at a time goes on with the chain. Each entry gets a salt of its own.
 */
import { hash } from "node:crypto";
import { instanceAuditId } from "../../domain/admin-credential.ts";
import type { ChainEnd, ChainFacts, LoggedEntry } from "../../domain/audit-chain.ts";
import { chainHashOf, personalHashOf } from "../../domain/audit-chain.ts";
import type { TenantId } from "../../domain/tenant.ts";
import { loggedEntries } from "./audit-log.ts";
import {
  instanceChainFacts,
  saveInstanceChain,
  unchainedOfInstance,
} from "./instance-audit-log.ts";
import type { Script, Verdict } from "./script.ts";
import { changesOf, firstRowOf, rowsOf } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { statement } from "./statement.ts";

/** How many entries one transaction chains; where one writes at a time, the others wait for it. */
const chainedAtOnceMax: Readonly<Record<SqlDialect["writers"], number>> = { one: 100, many: 500 };

/** What one round of chaining came to. */
export interface ChainingRound {
  /** Whether as many entries were chained as one round takes, so that there may be more. */
  readonly hasMore: boolean;
}

/** The hash of the chain. */
export function sha256Of(text: string): string {
  return hash("sha256", text, "hex");
}

/** Chains what is numbered; `patient` waits for another process at the log of the tenant, and then finds what is left. */
export function* chainAuditEntries(
  tenantId: TenantId,
  { patient }: { readonly patient: boolean },
  { dialect, newId }: SqlContext,
): Script<Verdict<ChainingRound>> {
  const facts = yield* lockedChainFacts(tenantId, dialect, patient);
  if (facts === undefined) {
    return { kind: "undo", result: { hasMore: false } };
  }
  const limit = chainedAtOnceMax[dialect.writers];
  const read = yield* loggedEntries(tenantId, { after: facts.chained.number, limit });
  const entries = consecutive(read);
  const [first] = entries;
  if (first === undefined) {
    return { kind: "undo", result: { hasMore: false } };
  }
  let end: ChainEnd = facts.chained;
  const links: string[] = [];
  for (const { entry, number } of entries) {
    // An id is made of the time and of chance; the chance in it is what nobody guesses.
    const salt = newId();
    const personalHash = personalHashOf(entry, salt, sha256Of);
    end = { number, hash: chainHashOf({ number, entry, personalHash }, end, sha256Of) };
    links.push(end.hash + salt);
  }
  yield* changesOf(
    statement(
      `UPDATE audit_entries SET chain_hash = substr(ids.value, 1, 64),
         chain_salt = substr(ids.value, 65)
       FROM ${dialect.listTable} AS ids
       WHERE tenant_id = ? AND audit_number = ids.key + CAST(? AS BIGINT)`,
      JSON.stringify(links),
      tenantId,
      first.number,
    ),
  );
  yield* changesOf(saveChain(tenantId, end));
  return {
    kind: "keep",
    result: { hasMore: read.length === limit || entries.length < read.length },
  };
}

function saveChain(tenantId: TenantId, end: ChainEnd): Statement {
  return tenantId === instanceAuditId
    ? saveInstanceChain(end)
    : statement(
        `UPDATE tenants SET last_chained_number = ?, last_chain_hash = ? WHERE tenant_id = ?`,
        end.number,
        end.hash,
        tenantId,
      );
}

/** Those before the first gap; somebody has removed what is missing there, and looking through the log will tell. */
function consecutive(entries: readonly LoggedEntry[]): readonly LoggedEntry[] {
  const gap = entries.findIndex(
    ({ number }, index) => index > 0 && number !== (entries[index - 1]?.number ?? 0) + 1,
  );
  return gap < 0 ? entries : entries.slice(0, gap);
}

interface FactsRow {
  readonly last_audit_number: number;
  readonly last_chained_number: number;
  readonly last_chain_hash: string;
  readonly pruned_number: number;
  readonly pruned_hash: string;
}

/** Reads what a tenant has noted of its log. */
export function chainFacts(tenantId: TenantId): Script<ChainFacts | undefined> {
  return factsFrom(tenantId, "");
}

/**
 * The same, and keeps others away from the log until the transaction ends; undefined also when another process is at it
 * and this one is not `patient`.
 */
export function lockedChainFacts(
  tenantId: TenantId,
  { writers }: SqlDialect,
  patient: boolean,
): Script<ChainFacts | undefined> {
  const lock = writers === "one" ? "" : `FOR NO KEY UPDATE ${patient ? "" : "SKIP LOCKED"}`;
  return factsFrom(tenantId, lock);
}

function* factsFrom(tenantId: TenantId, lock: string): Script<ChainFacts | undefined> {
  if (tenantId === instanceAuditId) {
    return yield* instanceChainFacts(lock);
  }
  const row = yield* firstRowOf<FactsRow>(
    statement(
      `SELECT last_audit_number, last_chained_number, last_chain_hash, pruned_number, pruned_hash
       FROM tenants WHERE tenant_id = ? ${lock}`,
      tenantId,
    ),
  );
  return (
    row && {
      pruned: { number: row.pruned_number, hash: row.pruned_hash },
      chained: { number: row.last_chained_number, hash: row.last_chain_hash },
      lastNumber: row.last_audit_number,
    }
  );
}

/** Tenants with entries that are numbered and not chained, and how many; the instance among them. */
export function* unchainedEntries(): Script<
  readonly { readonly tenantId: TenantId; readonly count: number }[]
> {
  const rows = yield* rowsOf<{ tenant_id: TenantId; count: number }>(
    statement(
      `SELECT tenant_id, last_audit_number - last_chained_number AS count FROM tenants
       WHERE last_chained_number < last_audit_number`,
    ),
  );
  const ofTenants = rows.map(({ tenant_id, count }) => ({ tenantId: tenant_id, count }));
  const count = yield* unchainedOfInstance();
  return count === 0 ? ofTenants : [...ofTenants, { tenantId: instanceAuditId, count }];
}
