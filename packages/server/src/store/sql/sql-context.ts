/** What scripts get from outside: the database's way of writing, ids and keyed hashes; never the time of a change. */
import type { InstancePolicy } from "../../domain/tenant-settings.ts";
import type { SqlDialect } from "./sql-dialect.ts";

/** What scripts get from outside. */
export interface SqlContext {
  readonly dialect: SqlDialect;
  readonly newId: () => string;
  /** A number in the order of time, never given twice by one process. */
  readonly newSequence: () => number;
  /** A hash that only this instance can make, of values of people who are gone. */
  readonly keyedHash: (text: string) => string;
  /** Milliseconds since 1970, for writes whose caller brings no time. */
  readonly nowMs: () => number;
  /** What the instance says about attaching accounts; the defaults when it says nothing. */
  readonly instancePolicy?: InstancePolicy;
}
