/** What activating a connection would do, as the command line and the admin API tell it. Pure. */
import type { NamedMove } from "./access-move.ts";
import type { CountsByTarget, ShownChange, ShownMove } from "./preview-summary.ts";
import { previewSummaryOf } from "./preview-summary.ts";
import type { TeamId } from "./tenant.ts";
import type { TriedCounts, TriedUser } from "./tried-user.ts";
import { countTried, noTriedUsers, triedOnce } from "./tried-user.ts";

/** A User of the connection that gets no access yet. */
export interface ShownUser {
  readonly id: string;
  readonly userName: string | null;
}

/** One that gets none, and why. */
export interface RefusedUser extends ShownUser {
  /** The attach policy, another User with the same account, or the person who has declined. */
  readonly reason: NonNullable<TriedUser["reason"]>;
}

/** A move of somebody who may have no account before. */
type OfAnybody<Move> = Omit<Move, "accountId"> & { readonly accountId: string | null };

/** What activating a connection would do. */
export interface ActivationSummary {
  readonly attached: number;
  /** How many mails it causes. */
  readonly mails: number;
  readonly joins: readonly OfAnybody<ShownMove>[];
  readonly losses: readonly OfAnybody<ShownMove>[];
  readonly changes: readonly OfAnybody<ShownChange>[];
  readonly counts: CountsByTarget;
  /** Who is invited. */
  readonly pending: readonly ShownUser[];
  readonly refused: readonly RefusedUser[];
  /** How many were not looked at, because there was no time. */
  readonly left: number;
}

/** Sums up Users that were tried part by part, beside the moves of others. */
export function activationSummaryOf(
  tried: readonly TriedUser[],
  teamNames: ReadonlyMap<TeamId, string>,
  {
    left = 0,
    moves: others = [],
  }: { readonly left?: number; readonly moves?: readonly NamedMove[] },
): ActivationSummary {
  const users = triedOnce(tried);
  const moves: readonly NamedMove[] = [...others, ...users.flatMap((user) => user.moves)];
  const made = new Set<string>(
    users.flatMap(({ account }) => (account?.isNew === true ? [account.accountId] : [])),
  );
  const summary = previewSummaryOf({ token: "", moves, retained: [] }, teamNames, []);
  const shown = <Move extends { readonly accountId: string }>(move: Move): OfAnybody<Move> => ({
    ...move,
    accountId: made.has(move.accountId) ? null : move.accountId,
  });
  return {
    attached: countTried(noTriedUsers, users).attached,
    mails: users.reduce((sum, { mails }) => sum + mails, 0),
    joins: summary.joins.map(shown),
    losses: summary.losses.map(shown),
    changes: summary.changes.map(shown),
    counts: summary.counts,
    pending: users.filter(({ outcome }) => outcome === "pending").map(userOf),
    refused: users.flatMap((user) =>
      user.reason === undefined ? [] : [{ ...userOf(user), reason: user.reason }],
    ),
    left,
  };
}

/** What activating has come to. */
export interface Activation extends TriedCounts {
  /** How many still wait, because there was no time; the same again goes on with them. */
  readonly left: number;
}

function userOf({ resourceId, userName }: TriedUser): ShownUser {
  return { id: resourceId, userName: userName ?? null };
}
