/** What a change of access comes to, as the command line and the admin API tell it: person by person, and in numbers. Pure. */
import type { NamedMove } from "./access-move.ts";
import { movesByKind } from "./access-move.ts";
import type { Account, AccountId } from "./account.ts";
import type { AccessPreview } from "./mapping-change.ts";
import { targetNameOf } from "./team.ts";
import type { TeamId } from "./tenant.ts";

/** Somebody, and where. */
interface PersonAndTarget {
  readonly accountId: string;
  readonly email: string | null;
  /** `tenant`, or `team:` and the name of the team. */
  readonly target: string;
}

/** Somebody gets a role where they have none, or loses the one they have. */
export interface ShownMove extends PersonAndTarget {
  readonly role: string;
}

/** Somebody has another role. */
export interface ShownChange extends PersonAndTarget {
  readonly from: string;
  readonly to: string;
}

/** How many moves there are. */
export interface MoveCounts {
  readonly joins: number;
  readonly losses: number;
  readonly changes: number;
}

/** How many there are, in all and for each target. */
export interface CountsByTarget extends MoveCounts {
  readonly byTarget: Readonly<Record<string, MoveCounts>>;
}

/** What a change would do. */
export interface PreviewSummary {
  readonly token: string;
  readonly joins: readonly ShownMove[];
  readonly losses: readonly ShownMove[];
  readonly changes: readonly ShownChange[];
  /** Who keeps a role, because it must not be lost. */
  readonly retained: readonly { readonly accountId: string; readonly email: string | null }[];
  readonly counts: CountsByTarget;
}

/** Sums a preview up; `accounts` are those that retain something. */
export function previewSummaryOf(
  { token, moves, retained }: AccessPreview,
  teamNames: ReadonlyMap<TeamId, string>,
  accounts: readonly Pick<Account, "accountId" | "email">[],
): PreviewSummary {
  const { joins, losses, changes } = movesByKind(moves);
  const emails = new Map<AccountId, string | undefined>(
    accounts.map(({ accountId, email }) => [accountId, email]),
  );
  const placed = (move: NamedMove): PersonAndTarget => ({
    accountId: move.accountId,
    email: move.email ?? null,
    target: targetOf(move, teamNames),
  });
  return {
    token,
    joins: joins.map((move) => ({ ...placed(move), role: move.to ?? "" })),
    losses: losses.map((move) => ({ ...placed(move), role: move.from ?? "" })),
    changes: changes.map((move) => ({
      ...placed(move),
      from: move.from ?? "",
      to: move.to ?? "",
    })),
    retained: retained.map((accountId) => ({ accountId, email: emails.get(accountId) ?? null })),
    counts: moveCountsOf(moves, teamNames),
  };
}

/** Counts moves, in all and for each target in the order of their names. */
export function moveCountsOf(
  moves: readonly NamedMove[],
  teamNames: ReadonlyMap<TeamId, string>,
): CountsByTarget {
  const byTarget = new Map<string, NamedMove[]>();
  for (const move of moves) {
    const target = targetOf(move, teamNames);
    const others = byTarget.get(target);
    if (others === undefined) {
      byTarget.set(target, [move]);
    } else {
      others.push(move);
    }
  }
  const targets = [...byTarget].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return {
    ...countsOf(moves),
    byTarget: Object.fromEntries(targets.map(([target, own]) => [target, countsOf(own)])),
  };
}

function countsOf(moves: readonly NamedMove[]): MoveCounts {
  const { joins, losses, changes } = movesByKind(moves);
  return { joins: joins.length, losses: losses.length, changes: changes.length };
}

function targetOf(
  { teamId }: Pick<NamedMove, "teamId">,
  teamNames: ReadonlyMap<TeamId, string>,
): string {
  return targetNameOf(teamId === undefined ? undefined : { name: teamNames.get(teamId) ?? teamId });
}
