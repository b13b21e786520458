/** Opens the store in a PostgreSQL database, bringing its schema up to date first. */
import { isRefusal, refusal } from "../../domain/refusal.ts";
import type { InstancePolicy } from "../../domain/tenant-settings.ts";
import type { MigrationSite, OnMigrated } from "../sql/migrate.ts";
import { countMissing, migrate, requireMigrated } from "../sql/migrate.ts";
import type { Script } from "../sql/script.ts";
import { firstRowOf } from "../sql/script.ts";
import type { SqlContext } from "../sql/sql-context.ts";
import { statement } from "../sql/statement.ts";
import { createTimeSequence } from "../sql/time-sequence.ts";
import type { Store } from "../store.ts";
import type { DatabasePlace } from "./database-place.ts";
import { databasePlaceOf } from "./database-place.ts";
import { migrationLock } from "./migration-lock.ts";
import { postgresMigrations } from "./migrations/postgres-migrations.ts";
import type { DatabaseTraits } from "./opening-refusal.ts";
import { asOpeningRefusal, unfitness } from "./opening-refusal.ts";
import type { PostgresConnecting, PostgresConnections } from "./postgres-connections.ts";
import { createPostgresConnections } from "./postgres-connections.ts";
import { postgresDialect } from "./postgres-dialect.ts";
import { createPostgresHousekeeping } from "./postgres-housekeeping.ts";
import { createPostgresRequestLog } from "./postgres-request-log.ts";
import { createPostgresScanner } from "./postgres-scanner.ts";
import { createPostgresStore } from "./postgres-store.ts";
import type { PostgresTransactions } from "./postgres-transactions.ts";
import { createPostgresTransactions } from "./postgres-transactions.ts";
import { readPostgresSnapshot, readPostgresTenant } from "./read-snapshot.ts";

/** Where the store is and how it is used. */
export interface PostgresStoreOpening {
  readonly url: string;
  /** A hash that only this instance can make. */
  readonly keyedHash: (text: string) => string;
  readonly newId: () => string;
  /** `server`: numbers and folds in the background. `command`: one thing to do, which may take its time. */
  readonly role: "server" | "command";
  /** How many connections to open at most; 16 for a server and 2 for a command unless told otherwise. */
  readonly poolSize?: number;
  /** Told what goes wrong in the background, such as a lost connection. */
  readonly onTrouble?: (message: string, error: unknown) => void;
  /** Told once, within seconds, that a newer program has changed the database so that this one must not go on. */
  readonly onOutdated?: (refusal: Error) => void;
  readonly onMigrated?: OnMigrated;
  /** What the instance says about attaching accounts; the defaults unless told otherwise. */
  readonly instancePolicy?: InstancePolicy;
  /** Neither migrates nor writes; the tables have to be there. */
  readonly readOnly?: boolean;
  /** Milliseconds since 1970; the system's clock unless told otherwise. */
  readonly nowMs?: () => number;
}

const poolSizes = { server: 16, command: 2 } as const;

/** How often the history of the schema is looked at. */
const outdatedCheckMs = 3_000;

/** Opens the store. */
export async function openPostgresStore(opening: PostgresStoreOpening): Promise<Store> {
  const { url, role, nowMs = Date.now, onTrouble = () => undefined, onOutdated } = opening;
  const { connections, transactions } = await connect(opening, {
    url,
    poolSize: opening.poolSize ?? poolSizes[role],
    patience: role === "server" ? "request" : "operator",
    onTrouble,
  });
  const context: SqlContext = {
    dialect: postgresDialect,
    newId: opening.newId,
    newSequence: createTimeSequence(nowMs),
    keyedHash: opening.keyedHash,
    ...(opening.instancePolicy === undefined ? {} : { instancePolicy: opening.instancePolicy }),
    nowMs,
  };
  const stopWatching =
    onOutdated === undefined ? () => undefined : watchHistory(transactions, onOutdated);
  return createPostgresStore({
    context,
    transactions,
    scanner: createPostgresScanner(transactions),
    housekeeping: createPostgresHousekeeping(transactions, {
      context,
      background: role === "server",
      onTrouble,
    }),
    requestLog: createPostgresRequestLog(transactions),
    readSnapshot: (take) => readPostgresSnapshot(connections, take),
    readTenant: (tenantId, take) => readPostgresTenant(connections, tenantId, take),
    connectionCounts: connections.counts,
    closeConnections: () => {
      stopWatching();
      return connections.close();
    },
  });
}

interface Connected {
  readonly connections: PostgresConnections;
  readonly transactions: PostgresTransactions;
}

/** Connects and prepares the database; what is in the way is said as an operator has to hear it. */
async function connect(
  opening: PostgresStoreOpening,
  connecting: PostgresConnecting,
): Promise<Connected> {
  const place = readablePlaceOf(opening.url);
  const opened: PostgresConnections[] = [];
  const open = (patience: PostgresConnecting["patience"]): Connected => {
    const connections = createPostgresConnections({ ...connecting, patience });
    opened.push(connections);
    return { connections, transactions: createPostgresTransactions(connections) };
  };
  try {
    const connected = open(connecting.patience);
    await prepare(connected.transactions, () => open("operator").transactions, opening, place);
    await Promise.all(opened.slice(1).map((connections) => connections.close()));
    return connected;
  } catch (error) {
    await Promise.all(opened.map((connections) => connections.close()));
    throw asOpeningRefusal(error, place);
  }
}

/** The driver reads the URL its own way, and files that it names. */
function readablePlaceOf(url: string): DatabasePlace {
  try {
    return databasePlaceOf(url);
  } catch (error) {
    throw refusal(
      `the database URL cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Looks whether the database will do, and brings its schema up to date, which may take longer than a request may. */
async function prepare(
  { readOnce }: PostgresTransactions,
  patiently: () => PostgresTransactions,
  { readOnly = false, nowMs = Date.now, onMigrated }: PostgresStoreOpening,
  place: DatabasePlace,
): Promise<void> {
  const { hasHistory, ...traits } = await readOnce(databaseTraits());
  const unfit = unfitness({ ...traits, isReadOnly: !readOnly && traits.isReadOnly }, place);
  if (unfit !== undefined) {
    throw unfit;
  }
  if (readOnly) {
    if (!hasHistory) {
      throw refusal("the database has no tables of rollcall");
    }
    await readOnce(requireMigrated(postgresMigrations));
  } else if (!hasHistory || (await readOnce(countMissing(postgresMigrations))) > 0) {
    await migrate(migrationSite(patiently(), nowMs), postgresMigrations, onMigrated);
  }
}

/** Where migrations run on PostgreSQL: a row that is locked keeps others away. */
export function migrationSite({ write }: PostgresTransactions, nowMs: () => number): MigrationSite {
  return {
    // Two starters that make the same table at once collide in the catalogue, and one of them runs again.
    runStep: write,
    history: [
      `CREATE TABLE IF NOT EXISTS applied_migrations (
        number BIGINT NOT NULL PRIMARY KEY,
        title TEXT NOT NULL,
        checksum TEXT NOT NULL,
        breaking BIGINT NOT NULL,
        applied_at TEXT NOT NULL
      )`,
      `CREATE TABLE IF NOT EXISTS migration_lock (name TEXT NOT NULL PRIMARY KEY)`,
      `INSERT INTO migration_lock (name) VALUES ('migrate') ON CONFLICT (name) DO NOTHING`,
    ],
    lock: migrationLock,
    nowMs,
  };
}

/** What there is to know before anything of ours is read. */
export function* databaseTraits(): Script<DatabaseTraits & { readonly hasHistory: boolean }> {
  const row = yield* firstRowOf<
    Readonly<Record<"version" | "encoding" | "frozen" | "history", string>>
  >(
    statement(
      `SELECT current_setting('server_version_num') AS version,
         current_setting('server_encoding') AS encoding,
         current_setting('transaction_read_only') AS frozen,
         CASE WHEN to_regclass('applied_migrations') IS NULL THEN 'no' ELSE 'yes' END AS history`,
    ),
  );
  if (row === undefined) {
    throw new TypeError("a database tells of itself in one row");
  }
  return {
    version: Number(row.version),
    encoding: row.encoding,
    isReadOnly: row.frozen === "on",
    hasHistory: row.history === "yes",
  };
}

/** Looks again and again whether this program still understands the schema; answers with what ends that. */
function watchHistory(
  { readOnce }: PostgresTransactions,
  onOutdated: (refusal: Error) => void,
): () => void {
  let isLooking = false;
  const look = async (): Promise<void> => {
    if (isLooking) {
      return;
    }
    isLooking = true;
    try {
      await readOnce(countMissing(postgresMigrations));
    } catch (error) {
      // A database that is away is noticed by everybody else; the schema is the same when it comes back.
      if (isRefusal(error)) {
        clearInterval(timer);
        onOutdated(error);
      }
    } finally {
      isLooking = false;
    }
  };
  const timer = setInterval(() => void look(), outdatedCheckMs).unref();
  return () => clearInterval(timer);
}
