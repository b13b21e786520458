/** The audit log as the store's port has it, the same on every database. */
import type { TenantId } from "../../domain/tenant.ts";
import type { AuditLogTable } from "../store.ts";
import { countAuditEntries } from "./audit-log.ts";
import { searchAuditEntries } from "./audit-search.ts";
import { chainAuditEntries, chainFacts, unchainedEntries } from "./chain-audit-entries.ts";
import { eraseAuditEntries } from "./erase-audit-entries.ts";
import { hasOldAuditEntries, pruneAuditEntries } from "./prune-audit-entries.ts";
import type { RunWrite } from "./record-prepared.ts";
import type { ReadScript } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import { verifyAuditChain } from "./verify-audit-chain.ts";

/** What the table needs of the database it is in. */
export interface AuditLogParts {
  readonly context: SqlContext;
  readonly write: RunWrite;
  readonly readOnce: ReadScript;
  /** Numbers everything that a tenant has committed by now. */
  readonly numberNow: (tenantId: TenantId) => Promise<void>;
}

/** Makes the table. */
export function createAuditLogTable({
  context,
  write,
  readOnce,
  numberNow,
}: AuditLogParts): AuditLogTable {
  const { dialect } = context;
  const chain = async (tenantId: TenantId): Promise<void> => {
    await numberNow(tenantId);
    const facts = await readOnce(chainFacts(tenantId));
    // Read first: mostly everything is chained, and nobody has to wait for that.
    if (facts !== undefined && facts.chained.number < facts.lastNumber) {
      await chainRounds(tenantId, { patient: true }, { context, write });
    }
  };
  return {
    list: async (tenantId, search) => {
      await numberNow(tenantId);
      return await searchAuditEntries(readOnce, tenantId, search);
    },
    count: (tenantId) => readOnce(countAuditEntries(tenantId)),
    chain,
    verify: async (tenantId) => {
      await chain(tenantId);
      return await verifyAuditChain(readOnce, tenantId);
    },
    countUnchained: async () => {
      const counts = await readOnce(unchainedEntries());
      return counts.reduce((sum, { count }) => sum + count, 0);
    },
    prune: async (tenantId, before) =>
      (await readOnce(hasOldAuditEntries(tenantId, before)))
        ? await write(() => pruneAuditEntries(tenantId, before, dialect))
        : 0,
    erase: async (tenantId, targetId) => {
      await numberNow(tenantId);
      let after: number | undefined = 0;
      while (after !== undefined) {
        const from: number = after;
        after = await write(() => eraseAuditEntries(tenantId, { targetId, after: from }, dialect));
      }
    },
  };
}

/** Chains all there is of a tenant, a transaction for each round, so that other writes get in between. */
export async function chainRounds(
  tenantId: TenantId,
  mood: { readonly patient: boolean },
  { context, write }: Pick<AuditLogParts, "context" | "write">,
): Promise<void> {
  let hasMore = true;
  while (hasMore) {
    ({ hasMore } = await write(() => chainAuditEntries(tenantId, mood, context)));
  }
}
