/** Alerts: what operators are told of by mail, each once, and when tokens end so soon that somebody has to be told. */
import type { AccountId } from "./account.ts";
import type { ConnectionId, TenantId } from "./tenant.ts";

/** What an alert tells: copies of what was true when it was raised. No alert names a person. */
export type Alert =
  | {
      readonly kind: "credential-expiring";
      /** The name of the connection, and what the token is called; may be empty. */
      readonly connection: string;
      readonly name: string;
      /** xsd:dateTime in UTC. */
      readonly expires: string;
      readonly daysLeft: number;
    }
  | {
      readonly kind: "webhook-disabled";
      readonly webhookId: string;
      /** Where it leads, without path and query, which may be secret. */
      readonly host: string;
      readonly reason: string;
    }
  | {
      readonly kind: "webhook-dead-letters";
      readonly webhookId: string;
      readonly host: string;
      readonly count: number;
    }
  | {
      readonly kind: "connection-refused";
      readonly connection: string;
      readonly count: number;
      /** The most frequent first. */
      readonly reasons: readonly { readonly reason: RefusalReason; readonly count: number }[];
    }
  | {
      readonly kind: "member-kept";
      /** A write that would take the access away was refused, or a role was kept that nothing gives any more. */
      readonly cause: KeepingCause;
      /** The id of an account, which tells nobody outside who that is. */
      readonly account: string;
    };

/** How a tenant keeps somebody whom it cannot be without, or who is protected. */
export type KeepingCause = "refused" | "retained";

/** A member whom a tenant has kept. */
export interface KeptMember {
  readonly tenantId: TenantId;
  /** The id of the account; of the User, where nobody is linked to it any more. */
  readonly account: string;
  readonly cause: KeepingCause;
  /** xsd:dateTime in UTC. */
  readonly at: string;
}

/**
 * The key of the alert about a member who was kept: refusals come with every sync, and are told of once a day; each role
 * that was kept is told of.
 */
export function keptMemberKey({ account, cause, at }: KeptMember): string {
  return `member-kept:${cause}:${account}:${cause === "refused" ? at.slice(0, 10) : at}`;
}

/** The kinds of alerts. */
export type AlertKind = Alert["kind"];

/** What an alert has instead of an account: it goes to an address, whoever that belongs to. */
export const noAccount: AccountId = "" as AccountId;

/** Days before the end of a token at each of which is told of it. */
const marks: readonly number[] = [1, 7, 14, 30];

/** The most days before its end that anybody is told of a token. */
export const firstMarkDays: number = Math.max(...marks);

const dayMs = 86_400_000;

/**
 * The mark that a token has passed last: so many days before its end or fewer. Undefined before the first mark, after the
 * end, and for a mark that the token was made behind: whoever made it for a week knows that.
 */
export function markPassed(
  { created, expires }: { readonly created: string; readonly expires: string | undefined },
  nowMs: number,
): number | undefined {
  const leftMs = expires === undefined ? 0 : Date.parse(expires) - nowMs;
  const mark = leftMs <= 0 ? undefined : marks.find((days) => leftMs <= days * dayMs);
  return mark === undefined || Date.parse(created) >= nowMs + leftMs - mark * dayMs
    ? undefined
    : mark;
}

/** Requests of a connection that were refused for one reason. */
export interface RefusalCount {
  readonly tenantId: TenantId;
  readonly connectionId: ConnectionId;
  readonly status: number;
  readonly scimType: string | undefined;
  readonly count: number;
}

const refusalReasons = [
  "invalidFilter",
  "tooMany",
  "mutability",
  "invalidSyntax",
  "invalidPath",
  "noTarget",
  "invalidValue",
  "invalidVers",
  "sensitive",
  "forbidden",
  "tooLarge",
  "mediaType",
  "method",
] as const;

/** Why requests are refused, as far as an alert tells; the texts have the words. */
export type RefusalReason = (typeof refusalReasons)[number] | "other";

/**
 * Answers that are part of a normal sync and tell of nothing to mend: a client that looks whether there is something
 * (404), finds that it is there (409) or has changed (412), or was too fast (408, 429).
 */
const normalStatuses: readonly number[] = [404, 408, 409, 412, 429];

/** How many refused requests of a connection within an hour are told of. */
const refusalsMin = 20;
/** How many reasons an alert tells. */
const reasonsMax = 3;

const reasonOfStatus: Readonly<Record<number, RefusalReason>> = {
  403: "forbidden",
  405: "method",
  413: "tooLarge",
  415: "mediaType",
};

/** What there is to tell about the refused requests of one connection; undefined when they are few. */
export function refusalsToTell(
  counts: readonly RefusalCount[],
): Pick<Extract<Alert, { kind: "connection-refused" }>, "count" | "reasons"> | undefined {
  const byReason = new Map<RefusalReason, number>();
  for (const { status, scimType, count } of counts) {
    if (!normalStatuses.includes(status)) {
      const reason = reasonOf(status, scimType);
      byReason.set(reason, (byReason.get(reason) ?? 0) + count);
    }
  }
  const count = [...byReason.values()].reduce((sum, one) => sum + one, 0);
  const reasons = [...byReason]
    .map(([reason, times]) => ({ reason, count: times }))
    .sort((one, other) => other.count - one.count)
    .slice(0, reasonsMax);
  return count < refusalsMin ? undefined : { count, reasons };
}

function reasonOf(status: number, scimType: string | undefined): RefusalReason {
  return refusalReasons.find((reason) => reason === scimType) ?? reasonOfStatus[status] ?? "other";
}

/** The keys under which the mails of an alert that comes once a day are, today and the day before. */
export function dailyKeysOf(key: string, nowMs: number): readonly [string, string] {
  const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  return [`${key}:${dayOf(nowMs)}`, `${key}:${dayOf(nowMs - dayMs)}`];
}

/** The key of the mail to the first, second and so on of those who get an alert. */
export function alertMailKey(key: string, index: number): string {
  return `${key}#${index}`;
}
