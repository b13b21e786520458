/** Keys by which a client repeats a request without repeating what it did: who has claimed them, and what was answered. */
import type { IdempotencyClaim, IdempotencyVerdict, KeptAnswer } from "../store.ts";
import type { Script, Verdict } from "./script.ts";
import { changesOf, firstRowOf } from "./script.ts";
import { statement } from "./statement.ts";

interface KeyRow {
  readonly request_hash: string;
  readonly status: number | null;
  readonly body: string | null;
  readonly created_at: string;
}

/** Claims a key for a request, or tells what became of the one that has it. */
export function* claimIdempotencyKey(
  claim: IdempotencyClaim,
  ages: { readonly rememberedSince: string; readonly underWaySince: string },
): Script<Verdict<IdempotencyVerdict>> {
  const { credentialId, key, requestHash, at } = claim;
  const claimed = yield* changesOf(
    statement(
      `INSERT INTO idempotency_keys (credential_id, idempotency_key, request_hash, created_at)
       VALUES (?, ?, ?, ?) ON CONFLICT (credential_id, idempotency_key) DO NOTHING`,
      credentialId,
      key,
      requestHash,
      at,
    ),
  );
  if (claimed > 0) {
    return { kind: "keep", result: { kind: "claimed" } };
  }
  const row = yield* firstRowOf<KeyRow>(
    statement(
      `SELECT request_hash, status, body, created_at FROM idempotency_keys
       WHERE credential_id = ? AND idempotency_key = ?`,
      credentialId,
      key,
    ),
  );
  if (row !== undefined && isFree(row, ages)) {
    return yield* takeOver(claim, row.created_at);
  }
  return { kind: "undo", result: verdictOn(row, requestHash) };
}

function isFree(
  { status, created_at }: KeyRow,
  ages: { readonly rememberedSince: string; readonly underWaySince: string },
): boolean {
  return created_at < (status === null ? ages.underWaySince : ages.rememberedSince);
}

function verdictOn(row: KeyRow | undefined, requestHash: string): IdempotencyVerdict {
  if (row === undefined) {
    return { kind: "under-way" };
  }
  if (row.request_hash !== requestHash) {
    return { kind: "other-request" };
  }
  return row.status === null
    ? { kind: "under-way" }
    : { kind: "answered", answer: { status: row.status, body: row.body ?? "" } };
}

/** Whoever changes the time first has it. */
function* takeOver(
  { credentialId, key, requestHash, at }: IdempotencyClaim,
  before: string,
): Script<Verdict<IdempotencyVerdict>> {
  const taken = yield* changesOf(
    statement(
      `UPDATE idempotency_keys SET request_hash = ?, status = NULL, body = NULL, created_at = ?
       WHERE credential_id = ? AND idempotency_key = ? AND created_at = ?`,
      requestHash,
      at,
      credentialId,
      key,
      before,
    ),
  );
  return taken > 0
    ? { kind: "keep", result: { kind: "claimed" } }
    : { kind: "undo", result: { kind: "under-way" } };
}

/** Keeps the answer, unless somebody else has taken the key over. */
export function* settleIdempotencyKey(
  { credentialId, key, at }: IdempotencyClaim,
  { status, body }: KeptAnswer,
): Script<Verdict<void>> {
  yield* changesOf(
    statement(
      `UPDATE idempotency_keys SET status = ?, body = ?
       WHERE credential_id = ? AND idempotency_key = ? AND created_at = ? AND status IS NULL`,
      status,
      body,
      credentialId,
      key,
      at,
    ),
  );
  return { kind: "keep", result: undefined };
}

/** Gives a key back whose request came to nothing. */
export function* releaseIdempotencyKey({
  credentialId,
  key,
  at,
}: IdempotencyClaim): Script<Verdict<void>> {
  yield* changesOf(
    statement(
      `DELETE FROM idempotency_keys
       WHERE credential_id = ? AND idempotency_key = ? AND created_at = ? AND status IS NULL`,
      credentialId,
      key,
      at,
    ),
  );
  return { kind: "keep", result: undefined };
}

/** Tells whether any key was claimed before a time. */
export function* hasOldIdempotencyKeys(before: string): Script<boolean> {
  const row = yield* firstRowOf<{ created_at: string }>(
    statement(
      `SELECT created_at FROM idempotency_keys WHERE created_at < ? ORDER BY created_at LIMIT 1`,
      before,
    ),
  );
  return row !== undefined;
}

/** Drops keys that were claimed before a time. */
export function* pruneIdempotencyKeys(before: string): Script<Verdict<void>> {
  yield* changesOf(statement(`DELETE FROM idempotency_keys WHERE created_at < ?`, before));
  return { kind: "keep", result: undefined };
}
