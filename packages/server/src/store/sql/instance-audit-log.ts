/** What is noted of the audit log of the instance, which has no tenant whose row could have it: the last number, and its chain. */
import type { ChainEnd, ChainFacts } from "../../domain/audit-chain.ts";
import type { Script } from "./script.ts";
import { changesOf, firstRowOf } from "./script.ts";
import type { Statement } from "./statement.ts";
import { statement } from "./statement.ts";

/** The name of the log. */
const log = "instance";

/** Takes the next number, and has whoever takes one at the same time wait. */
export function* nextInstanceNumber(): Script<number> {
  yield* changesOf(
    statement(
      `INSERT INTO instance_audit_logs (log, last_audit_number, last_chained_number, last_chain_hash)
       VALUES (?, 0, 0, '') ON CONFLICT (log) DO NOTHING`,
      log,
    ),
  );
  const row = yield* firstRowOf<{ last_audit_number: number }>(
    statement(
      `UPDATE instance_audit_logs SET last_audit_number = last_audit_number + 1 WHERE log = ?
       RETURNING last_audit_number`,
      log,
    ),
  );
  if (row === undefined) {
    throw new TypeError("the row is there or was just made");
  }
  return row.last_audit_number;
}

interface FactsRow {
  readonly last_audit_number: number;
  readonly last_chained_number: number;
  readonly last_chain_hash: string;
}

/** No entry of the instance ever goes. */
const nothingPruned: ChainEnd = { number: 0, hash: "" };

/** Reads what is noted; `lock` as the database writes it. Undefined before the first entry. */
export function* instanceChainFacts(lock: string): Script<ChainFacts | undefined> {
  const row = yield* firstRowOf<FactsRow>(
    statement(
      `SELECT last_audit_number, last_chained_number, last_chain_hash
       FROM instance_audit_logs WHERE log = ? ${lock}`,
      log,
    ),
  );
  return (
    row && {
      pruned: nothingPruned,
      chained: { number: row.last_chained_number, hash: row.last_chain_hash },
      lastNumber: row.last_audit_number,
    }
  );
}

/** Notes up to where the log is chained, and with what. */
export function saveInstanceChain({ number, hash }: ChainEnd): Statement {
  return statement(
    `UPDATE instance_audit_logs SET last_chained_number = ?, last_chain_hash = ? WHERE log = ?`,
    number,
    hash,
    log,
  );
}

/** How many entries of the instance are not chained yet. */
export function* unchainedOfInstance(): Script<number> {
  const facts = yield* instanceChainFacts("");
  return facts === undefined ? 0 : facts.lastNumber - facts.chained.number;
}
