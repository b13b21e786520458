/** Looks through the chain of an audit log, page by page, while others write. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ChainFacts, ChainVerification } from "../../domain/audit-chain.ts";
import { beginChainCheck, continueChainCheck, endChainCheck } from "../../domain/audit-chain.ts";
import type { TenantId } from "../../domain/tenant.ts";
import { loggedEntries } from "./audit-log.ts";
import { chainFacts, sha256Of } from "./chain-audit-entries.ts";
import type { ReadScript } from "./script.ts";

/** How many entries are read at once. */
const pageLength = 500;

/** Looks through all that a tenant has noted when it begins. */
export async function verifyAuditChain(
  readOnce: ReadScript,
  tenantId: TenantId,
): Promise<ChainVerification> {
  for (;;) {
    const facts = await readOnce(chainFacts(tenantId));
    if (facts === undefined) {
      return { ok: true, entries: 0, chained: 0 };
    }
    const verification = await verify(readOnce, tenantId, facts);
    const now = await readOnce(chainFacts(tenantId));
    // Entries whose time was over may have been dropped while they were looked at.
    if (verification.ok || now === undefined || now.pruned.number === facts.pruned.number) {
      return verification;
    }
  }
}

async function verify(
  readOnce: ReadScript,
  tenantId: TenantId,
  facts: ChainFacts,
): Promise<ChainVerification> {
  let check = beginChainCheck(facts);
  let after = facts.pruned.number;
  while (check.fault === undefined && after < facts.lastNumber) {
    const page = await readOnce(loggedEntries(tenantId, { after, limit: pageLength }));
    const [last] = page.slice(-1);
    if (last === undefined) {
      break;
    }
    const known = page.filter(({ number }) => number <= facts.lastNumber);
    check = continueChainCheck(check, known, facts, sha256Of);
    after = last.number;
    await nextTurn();
  }
  return endChainCheck(check, facts);
}
