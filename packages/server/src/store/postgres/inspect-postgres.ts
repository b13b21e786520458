/** Looks at a PostgreSQL database as `doctor` wants to know it, without changing anything. */
import { isRefusal } from "../../domain/refusal.ts";
import { countMissing } from "../sql/migrate.ts";
import { countUnnumbered, tenantsWithBacklog } from "../sql/number-records.ts";
import type { Script } from "../sql/script.ts";
import { firstRowOf } from "../sql/script.ts";
import { statement } from "../sql/statement.ts";
import type { DatabasePlace } from "./database-place.ts";
import { databasePlaceOf } from "./database-place.ts";
import { postgresMigrations } from "./migrations/postgres-migrations.ts";
import { databaseTraits } from "./open-postgres-store.ts";
import { asOpeningRefusal, unfitness } from "./opening-refusal.ts";
import { createPostgresConnections, scansAtOnceMax } from "./postgres-connections.ts";
import type { PostgresTransactions } from "./postgres-transactions.ts";
import { createPostgresTransactions } from "./postgres-transactions.ts";

/** What was found. */
export type PostgresInspection =
  | {
      readonly kind: "problem";
      /** Why the database cannot be used at all. */
      readonly problem: string;
    }
  | {
      readonly kind: "found";
      readonly problem?: undefined;
      readonly place: DatabasePlace;
      /** Such as 15.4. */
      readonly version: string;
      /** Undefined where there are no tables yet. */
      readonly missingMigrations: number | undefined;
      /** Settings that decide whether an acknowledged write outlives a crash. */
      readonly durability: readonly { readonly name: string; readonly value: string }[];
      readonly connections: {
        /** How many this user may open to this database. */
        readonly allowed: number;
        readonly used: number;
        /** What one server opens beside its pool. */
        readonly besidePool: number;
      };
      /** How far the clock of the database is ahead of this process, and how wrong that may be. */
      readonly clock: { readonly aheadMs: number; readonly uncertainMs: number };
      /** Records that have waited for their number longer than a running server would let them. */
      readonly unnumbered: number;
    };

/** A server numbers records within a second; those that are older than this wait for one. */
const unnumberedAgeMs = 60_000;

/** Inspects a database. */
export async function inspectPostgres(url: string, now: () => number): Promise<PostgresInspection> {
  const place = placeOf(url);
  if (place instanceof Error) {
    return { kind: "problem", problem: `the database URL cannot be used: ${place.message}` };
  }
  const connections = createPostgresConnections({
    url,
    poolSize: 1,
    patience: "operator",
    onTrouble: () => undefined,
  });
  try {
    return await inspect(createPostgresTransactions(connections), place, now);
  } catch (error) {
    const said = asOpeningRefusal(error, place);
    if (isRefusal(said)) {
      return { kind: "problem", problem: said.message };
    }
    throw said;
  } finally {
    await connections.close();
  }
}

function placeOf(url: string): DatabasePlace | Error {
  try {
    return databasePlaceOf(url);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function inspect(
  { readOnce }: PostgresTransactions,
  place: DatabasePlace,
  now: () => number,
): Promise<PostgresInspection> {
  const { hasHistory, ...traits } = await readOnce(databaseTraits());
  const unfit = unfitness(traits, place);
  if (unfit !== undefined) {
    throw unfit;
  }
  const missingMigrations = hasHistory
    ? await readOnce(countMissing(postgresMigrations))
    : undefined;
  const askedMs = now();
  const { database_ms, ...row } = await readOnce(settingsRow());
  const answeredMs = now();
  return {
    kind: "found",
    place,
    version: row.server_version,
    missingMigrations,
    durability: [
      { name: "fsync", value: row.fsync },
      { name: "full_page_writes", value: row.full_page_writes },
      { name: "synchronous_commit", value: row.synchronous_commit },
    ],
    connections: { allowed: row.allowed, used: row.used, besidePool: scansAtOnceMax },
    clock: {
      aheadMs: database_ms - (askedMs + answeredMs) / 2,
      uncertainMs: (answeredMs - askedMs) / 2,
    },
    unnumbered: missingMigrations === 0 ? await countBacklog(readOnce, answeredMs) : 0,
  };
}

interface SettingsRow {
  readonly server_version: string;
  readonly fsync: string;
  readonly full_page_writes: string;
  readonly synchronous_commit: string;
  readonly allowed: number;
  readonly used: number;
  readonly database_ms: number;
}

/** A limit of -1 is none; some connections are kept for superusers. */
function* settingsRow(): Script<SettingsRow> {
  const row = yield* firstRowOf<SettingsRow>(
    statement(
      `SELECT current_setting('server_version') AS server_version,
         current_setting('fsync') AS fsync,
         current_setting('full_page_writes') AS full_page_writes,
         current_setting('synchronous_commit') AS synchronous_commit,
         CAST(LEAST(
           CAST(current_setting('max_connections') AS integer)
             - CAST(current_setting('superuser_reserved_connections') AS integer)
             - CAST(COALESCE(current_setting('reserved_connections', true), '0') AS integer),
           (SELECT NULLIF(d.datconnlimit, -1) FROM pg_database AS d WHERE d.datname = current_database()),
           (SELECT NULLIF(r.rolconnlimit, -1) FROM pg_roles AS r WHERE r.rolname = current_user)
         ) AS integer) AS allowed,
         (SELECT CAST(count(*) AS integer) FROM pg_stat_activity AS a
          WHERE a.backend_type = 'client backend') AS used,
         CAST(extract(epoch FROM clock_timestamp()) * 1000 AS double precision) AS database_ms`,
    ),
  );
  if (row === undefined) {
    throw new TypeError("the settings are one row");
  }
  return row;
}

async function countBacklog(
  readOnce: PostgresTransactions["readOnce"],
  nowMs: number,
): Promise<number> {
  const before = new Date(nowMs - unnumberedAgeMs).toISOString();
  let count = 0;
  for (const tenantId of await readOnce(tenantsWithBacklog())) {
    count += await readOnce(countUnnumbered(tenantId, before));
  }
  return count;
}
