/** Users that wait for an account and are tried again: what that comes to, one by one and summed up. Pure. */
import type { NamedMove } from "./access-move.ts";
import type { AccountId } from "./account.ts";
import type { UnattachedReason } from "./attach-policy.ts";
import type { ConnectionId } from "./tenant.ts";

/** Why Users wait that are tried again together. */
export type WaitingReason = Extract<UnattachedReason, "staged" | "policy">;

/** What became of a User that was tried. */
export interface TriedUser {
  readonly connectionId: ConnectionId;
  readonly resourceId: string;
  readonly userName: string | undefined;
  /** `dormant`: it is inactive by now, or the tenant attaches nobody. */
  readonly outcome: "attached" | "pending" | "refused" | "dormant";
  /** Why it is refused. */
  readonly reason: "policy" | "taken" | "declined" | undefined;
  /** Undefined where it is tied to nobody. */
  readonly account: { readonly accountId: AccountId; readonly isNew: boolean } | undefined;
  /** By what the person of a new account is found from now on; undefined where nothing does. */
  readonly emailKey: string | undefined;
  readonly moves: readonly NamedMove[];
  /** How many mails it causes. */
  readonly mails: number;
}

/** How many came to what. */
export interface TriedCounts {
  readonly attached: number;
  readonly pending: number;
  readonly refused: number;
}

/** Counts no Users. */
export const noTriedUsers: TriedCounts = { attached: 0, pending: 0, refused: 0 };

/** Counts Users together with those counted before. */
export function countTried(
  { attached, pending, refused }: TriedCounts,
  users: readonly TriedUser[],
): TriedCounts {
  const count = (wanted: TriedUser["outcome"]) =>
    users.filter(({ outcome }) => outcome === wanted).length;
  return {
    attached: attached + count("attached"),
    pending: pending + count("pending"),
    refused: refused + count("refused"),
  };
}

/**
 * Corrects what was tried part by part, each taken back before the next: of two Users of a connection that come to one
 * account only the first gets it (semantics §2, row 5).
 */
export function triedOnce(users: readonly TriedUser[]): readonly TriedUser[] {
  const seen = new Set<string>();
  return users.map((user) => {
    const keys = keysOf(user);
    if (keys.some((key) => seen.has(`${user.connectionId} ${key}`))) {
      return {
        ...user,
        outcome: "refused",
        reason: "taken",
        account: undefined,
        emailKey: undefined,
        moves: [],
        mails: 0,
      };
    }
    // By way of another connection they are in already.
    const isIn = keys.some((key) => seen.has(key));
    for (const key of keys) {
      seen.add(key).add(`${user.connectionId} ${key}`);
    }
    return isIn ? { ...user, moves: [] } : user;
  });
}

function keysOf({ account, emailKey }: TriedUser): readonly string[] {
  if (account === undefined) {
    return [];
  }
  const key = account.isNew ? emailKey && `email ${emailKey}` : `account ${account.accountId}`;
  return key === undefined ? [] : [key];
}

/** What a preview of them is good for: a new account has another id each time. */
export function triedText(users: readonly TriedUser[]): string {
  return JSON.stringify(
    users.map(({ connectionId, resourceId, outcome, reason, account, moves, mails }) => [
      ...[connectionId, resourceId, outcome, reason ?? null, mails],
      account?.isNew === false ? account.accountId : null,
      moves.map(({ teamId, from, to }) => [teamId ?? null, from ?? null, to ?? null]),
    ]),
  );
}
