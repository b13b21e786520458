/** Previews: a change runs to its end and is taken back, so that what is shown is what it does. */
import type { NamedMove } from "../../domain/access-move.ts";
import type { AccountId } from "../../domain/account.ts";
import type { AccessPreview, ChangeMode, PreviewedOutcome } from "../../domain/mapping-change.ts";
import { previewTextOf } from "../../domain/mapping-change.ts";
import type { TenantId } from "../../domain/tenant.ts";
import type { Verdict } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import type { ToldAccess } from "./tell-access.ts";

/** A change that has run. */
export interface RunChange {
  readonly tenantId: TenantId;
  /** What was wanted, as JSON has it. */
  readonly change: unknown;
  readonly mode: ChangeMode;
  readonly told: ToldAccess;
}

/** Decides whether what has run is kept: not where it was only asked about, nor where it does not do what was shown. */
export function concluded<Done extends object>(
  { tenantId, change, mode, told }: RunChange,
  done: Done,
  context: SqlContext,
): Verdict<PreviewedOutcome<Done>> {
  const preview = previewOf(tenantId, change, told, context);
  if (mode.kind === "preview") {
    return { kind: "undo", result: { kind: "preview", preview } };
  }
  if (mode.token !== undefined && mode.token !== preview.token) {
    return { kind: "undo", result: { kind: "moved", preview } };
  }
  return { kind: "keep", result: { kind: "done", preview, ...done } };
}

function previewOf(
  tenantId: TenantId,
  change: unknown,
  told: ToldAccess,
  { keyedHash }: SqlContext,
): AccessPreview {
  const moves = told.moves.toSorted(inOrder);
  const retained: readonly AccountId[] = [...told.retained].sort();
  return {
    moves,
    retained,
    token: keyedHash(previewTextOf(tenantId, change, { moves, retained })),
  };
}

function inOrder(one: NamedMove, other: NamedMove): number {
  const [left, right] = [keyOf(one), keyOf(other)];
  return left < right ? -1 : Number(left > right);
}

function keyOf({ accountId, teamId }: NamedMove): string {
  return `${accountId}/${teamId ?? ""}`;
}
