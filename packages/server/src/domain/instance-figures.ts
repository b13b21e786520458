/** Figures about the whole instance, for whoever watches it: how many, how old, never whose. */

/** What waits, and what there is of it in all tenants together. */
export interface Backlog {
  readonly tenants: number;
  /** Events that were ever put in an outbox and numbered. */
  readonly events: number;
  /** Events that wait for their number, which readers go by, and when the oldest of them happened. */
  readonly unnumberedEvents: number;
  readonly oldestUnnumbered: string | undefined;
  readonly mails: { readonly waiting: number; readonly givenUp: number };
  readonly webhooks: {
    readonly enabled: number;
    readonly disabled: number;
    /** Deliveries that wait, dead letters, and when the oldest event happened that waits. */
    readonly waiting: number;
    readonly dead: number;
    readonly oldest: string | undefined;
  };
  /** Locks by their source. */
  readonly locks: Readonly<Record<string, number>>;
}

/** Up to how many of a kind are counted; what waits beyond that makes no difference to whoever watches. */
export const countedMax: number = 20_000;

/** How soon credentials end that are counted, in days. */
export const endingDays: readonly number[] = [1, 7, 14, 30];

/** How many live credentials end within each of `endingDays`. */
export interface EndingCredentials {
  readonly scim: readonly number[];
  readonly admin: readonly number[];
}

/** What the database takes up: its files, or its connections. */
export type DatabaseFigures =
  | {
      readonly database: "sqlite";
      readonly bytes: Readonly<Record<"database" | "log" | "requestLog", number>>;
    }
  | {
      readonly database: "postgres";
      readonly connections: {
        readonly max: number;
        readonly open: number;
        readonly idle: number;
        /** Requests that wait for a connection. */
        readonly waiting: number;
      };
    };
