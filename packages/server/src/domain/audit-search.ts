/** What an operator asks of the audit log. */
import type { Actor, AuditEntry } from "./audit-entry.ts";
import { actorKinds } from "./audit-entry.ts";

/** The most entries that are read at once. */
export const auditPageMax: number = 1000;

/** Which entries: those that fit everything that is given. */
export interface AuditSearch {
  /** The latest so many, up to 1,000; behind an `after` the first so many. */
  readonly limit: number;
  /** The id of a target. */
  readonly targetId?: string | undefined;
  /** The id or the name of a target, as it was called at the time. */
  readonly target?: string | undefined;
  readonly actor?: ActorFilter | undefined;
  /** An action, or what actions begin with: `user.` finds `user.create` and all others of users. */
  readonly action?: string | undefined;
  readonly outcome?: AuditEntry["outcome"] | undefined;
  readonly requestId?: string | undefined;
  /** Not before this time, an xsd:dateTime in UTC. */
  readonly from?: string | undefined;
  /** Before this time. */
  readonly to?: string | undefined;
  /** Entries with a lower number. */
  readonly before?: number | undefined;
  /** Entries with a higher number. */
  readonly after?: number | undefined;
}

/** Who did it: all of a kind, all with an id, or one. */
export interface ActorFilter {
  readonly kind?: Actor["kind"];
  readonly id?: string;
}

/** Reads an actor as an operator writes it: `operator`, `operator:cli`, or an id. */
export function parseActorFilter(text: string): ActorFilter {
  const [head = "", ...rest] = text.split(":");
  const kind = actorKinds.find((one) => one === head);
  if (kind === undefined) {
    return { id: text };
  }
  return rest.length === 0 ? { kind } : { kind, id: rest.join(":") };
}

/** Tells whether a dotted name, such as that of an action or of a type of events, is the wanted one or begins with it. */
export function isNamed(name: string, wanted: string): boolean {
  return wanted.endsWith(".") ? name.startsWith(wanted) : name === wanted;
}

/** A date, or a time with its offset. */
const timePattern = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;

/** Reads a time as an operator writes it, a date being the beginning of that day in UTC; undefined when it is none. */
export function parseSearchTime(text: string): string | undefined {
  const ms = timePattern.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
