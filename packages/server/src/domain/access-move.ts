/** How the access of a person differs before and after, place by place: what previews and answers list. Pure. */
import type { AccountId } from "./account.ts";
import type { EffectiveAccess } from "./effective-access.ts";
import type { TeamId } from "./tenant.ts";

/** A person gets in somewhere, loses it, or has another role there. */
export interface AccessMove {
  readonly accountId: AccountId;
  /** Undefined for the tenant itself. */
  readonly teamId: TeamId | undefined;
  /** Undefined where there was no role. */
  readonly from: string | undefined;
  /** Undefined where there is none any more. */
  readonly to: string | undefined;
}

/** A move, and whose it is. */
export interface NamedMove extends AccessMove {
  readonly email: string | undefined;
}

/** Moves by what they are. */
export interface MovesByKind<Move> {
  readonly joins: readonly Move[];
  readonly losses: readonly Move[];
  readonly changes: readonly Move[];
}

/** Lists the moves of one person: in the tenant first, then in teams in the order of their ids. */
export function movesBetween(
  accountId: AccountId,
  before: EffectiveAccess,
  after: EffectiveAccess,
): readonly AccessMove[] {
  const were = rolesByTeam(before);
  const are = rolesByTeam(after);
  const places = [...new Set([...were.keys(), ...are.keys()])].sort(
    (one, other) => Number((one ?? "") > (other ?? "")) || -1,
  );
  return places.flatMap((teamId) => {
    const [from, to] = [were.get(teamId), are.get(teamId)];
    return from === to ? [] : [{ accountId, teamId, from, to }];
  });
}

/** Sorts moves by what they are, in their order. */
export function movesByKind<Move extends Pick<AccessMove, "from" | "to">>(
  moves: readonly Move[],
): MovesByKind<Move> {
  return {
    joins: moves.filter(({ from }) => from === undefined),
    losses: moves.filter(({ to }) => to === undefined),
    changes: moves.filter(({ from, to }) => from !== undefined && to !== undefined),
  };
}

function rolesByTeam({ role, teams }: EffectiveAccess): ReadonlyMap<TeamId | undefined, string> {
  return new Map<TeamId | undefined, string>([
    ...(role === undefined ? [] : [[undefined, role] as const]),
    ...teams.map(({ teamId, role: held }) => [teamId, held] as const),
  ]);
}
