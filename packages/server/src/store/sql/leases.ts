/** Leases: who does, for a time, what one process at a time does. */
import type { LeaseWish } from "../store.ts";
import type { Script, Verdict } from "./script.ts";
import { changesOf } from "./script.ts";
import { statement } from "./statement.ts";

/** Takes or renews a lease; answers false while another one has it. */
export function* takeLease({ name, holder, nowMs, forMs }: LeaseWish): Script<Verdict<boolean>> {
  const until = new Date(nowMs + forMs).toISOString();
  const renewed = yield* changesOf(
    statement(
      `UPDATE leases SET holder = ?, until = ?,
         fencing = fencing + CASE WHEN holder = ? THEN 0 ELSE 1 END
       WHERE name = ? AND (holder = ? OR until <= ?)`,
      ...[holder, until, holder, name, holder, new Date(nowMs).toISOString()],
    ),
  );
  if (renewed > 0) {
    return { kind: "keep", result: true };
  }
  // Of two that take it for the first time the second waits for the first, and does not get it.
  const taken = yield* changesOf(
    statement(
      `INSERT INTO leases (name, holder, until, fencing) VALUES (?, ?, ?, 1)
       ON CONFLICT (name) DO NOTHING`,
      ...[name, holder, until],
    ),
  );
  return { kind: "keep", result: taken > 0 };
}
