/** Opens the store in a folder: `rollcall.db` and, apart from it, `request-log.db`. */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { InstancePolicy } from "../../domain/tenant-settings.ts";
import type { OnMigrated } from "../sql/migrate.ts";
import { countMissing, migrate, requireMigrated } from "../sql/migrate.ts";
import type { Migration } from "../sql/migrations/migration.ts";
import { migrations } from "../sql/migrations/migrations.ts";
import { requestLogMigrations } from "../sql/migrations/request-log-migrations.ts";
import type { SqlContext } from "../sql/sql-context.ts";
import { createTimeSequence } from "../sql/time-sequence.ts";
import type { Store } from "../store.ts";
import { fileSizesIn } from "./file-sizes.ts";
import type { SqliteDatabase } from "./open-database.ts";
import { openDatabase } from "./open-database.ts";
import { savePlannerStatistics } from "./planner-statistics.ts";
import { readSqliteSnapshot, readSqliteTenant } from "./read-snapshot.ts";
import { createReadingLane } from "./reading-lane.ts";
import { startReadingThread } from "./reading-thread.ts";
import { createRequestLogFile } from "./request-log-file.ts";
import type { ExecuteStatement } from "./run-script.ts";
import { createExecutor, runScript } from "./run-script.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";
import { createSqliteHousekeeping } from "./sqlite-housekeeping.ts";
import { sqliteMigrationSite } from "./sqlite-migration-site.ts";
import { createSqliteReader } from "./sqlite-reader.ts";
import { createSqliteStore } from "./sqlite-store.ts";
import { createSqliteWriter } from "./sqlite-writer.ts";

/** Where the store is and how it is used. */
export interface SqliteStoreOpening {
  readonly folder: string;
  /** A hash that only this instance can make. */
  readonly keyedHash: (text: string) => string;
  readonly newId: () => string;
  /**
   * `server`: never sleeps while another process writes, but tries again for 25 s. `command`: a process with one thing
   * to do, which may wait.
   */
  readonly role: "server" | "command";
  /** Neither migrates nor writes; the files have to be there. */
  readonly readOnly?: boolean;
  /** Milliseconds since 1970; the system's clock unless told otherwise. */
  readonly nowMs?: () => number;
  readonly onMigrated?: OnMigrated;
  /** What the instance says about attaching accounts; the defaults unless told otherwise. */
  readonly instancePolicy?: InstancePolicy;
  /** Told what goes wrong in the background. */
  readonly onTrouble?: (message: string, error: unknown) => void;
}

const busyMsMax = 10_000;
const serverWaitMsMax = 25_000;
const readerBusyMsMax = 1000;

/** How many searches wait at most while one runs. */
export const searchesWaitingMax: number = 16;
/** How many long reads wait at most while one runs. */
const longReadsWaitingMax = 64;
/** How long a search or a long read waits for its turn. */
const readingWaitMsMax = 12_000;
/** How long a search may run; with waiting it stays within the time of a request. */
const searchMsMax = 10_000;
/** How long a long read may run: it is needed, so it is given up only when nobody waits for it any more. */
const longReadMsMax = 25_000;

/** Searches stand back behind everything else, yet not so far that a busy machine lets none of them end. */
const searchNiceness = 3;

/** Opens the store, making files and bringing the schema up to date first. */
export async function openSqliteStore(opening: SqliteStoreOpening): Promise<Store> {
  const { folder, role, readOnly = false, nowMs = Date.now, onTrouble = () => undefined } = opening;
  if (readOnly) {
    requireFiles(folder);
  } else {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  const open: SqliteDatabase[] = [];
  const opened = (
    name: string,
    options: { cacheKiB: number; readOnly: boolean; log?: boolean },
  ) => {
    const database = openDatabase(join(folder, name), {
      readOnly: options.readOnly,
      synchronous: options.log === true ? "NORMAL" : "FULL",
      busyTimeoutMs: busyMsMax,
      cacheKiB: options.cacheKiB,
    });
    open.push(database);
    return database;
  };
  try {
    const main = opened("rollcall.db", { cacheKiB: 24 * 1024, readOnly });
    const requestLog = opened("request-log.db", { cacheKiB: 4 * 1024, readOnly, log: true });
    await prepare(main, migrations, opening);
    await prepare(requestLog, requestLogMigrations, opening);
    if (!readOnly) {
      savePlannerStatistics(main);
    }
    const reading = opened("rollcall.db", { cacheKiB: 24 * 1024, readOnly: true });
    setBusyTimeout(reading, readerBusyMsMax);
    const reader = createSqliteReader(reading);
    const startThread = (niceness: number, cacheKiB: number) => () =>
      startReadingThread({
        niceness,
        path: join(folder, "rollcall.db"),
        opening: {
          readOnly: true,
          synchronous: "FULL",
          busyTimeoutMs: busyMsMax,
          cacheKiB,
        },
      });
    if (role === "server") {
      // SQLite waits by sleeping in the event loop, where every request would wait with it.
      setBusyTimeout(main, 0);
      setBusyTimeout(requestLog, 0);
    }
    const context: SqlContext = {
      dialect: sqliteDialect,
      newId: opening.newId,
      newSequence: createTimeSequence(nowMs),
      keyedHash: opening.keyedHash,
      ...(opening.instancePolicy === undefined ? {} : { instancePolicy: opening.instancePolicy }),
      nowMs,
    };
    const writer = createSqliteWriter(main, {
      waitMsMax: role === "server" ? serverWaitMsMax : 0,
      beforeCommit: reader.renew,
    });
    const housekeeping = createSqliteHousekeeping({
      context,
      write: writer.write,
      read: reader.read,
      background: role === "server" && !readOnly,
      onTrouble,
    });
    return createSqliteStore({
      context,
      writer: {
        ...writer,
        write: (script) => {
          housekeeping.noteWrite();
          return writer.write(script);
        },
      },
      housekeeping,
      reader,
      searches: createReadingLane(startThread(searchNiceness, 4 * 1024), {
        waitingMax: searchesWaitingMax,
        waitMsMax: readingWaitMsMax,
        readMsMax: searchMsMax,
      }),
      longReads: createReadingLane(startThread(0, 12 * 1024), {
        waitingMax: longReadsWaitingMax,
        waitMsMax: readingWaitMsMax,
        readMsMax: longReadMsMax,
      }),
      requestLog: createRequestLogFile(requestLog),
      fileSizes: () => fileSizesIn(folder),
      readSnapshot: (take) => readSqliteSnapshot(join(folder, "rollcall.db"), take),
      readTenant: (tenantId, take) => readSqliteTenant(join(folder, "rollcall.db"), tenantId, take),
    });
  } catch (error) {
    for (const database of open) {
      database.close();
    }
    throw error;
  }
}

function requireFiles(folder: string): void {
  if (!existsSync(join(folder, "rollcall.db"))) {
    throw new Error(`there is no rollcall.db in ${folder}`);
  }
}

async function prepare(
  database: SqliteDatabase,
  known: readonly Migration[],
  { readOnly = false, nowMs = Date.now, onMigrated }: SqliteStoreOpening,
): Promise<void> {
  const execute = createExecutor(database);
  if (readOnly) {
    runScript(requireMigrated(known), execute);
  } else if (!isUpToDate(database, execute, known)) {
    await migrate(sqliteMigrationSite(database, execute, nowMs), known, onMigrated);
  }
}

/** Looks without the lock for writing, so that a command need not wait for a server that writes. */
function isUpToDate(
  database: SqliteDatabase,
  execute: ExecuteStatement,
  known: readonly Migration[],
): boolean {
  const history = "SELECT 1 FROM sqlite_schema WHERE name = 'applied_migrations'";
  return (
    database.prepare(history).get() !== undefined && runScript(countMissing(known), execute) === 0
  );
}

function setBusyTimeout(database: SqliteDatabase, ms: number): void {
  database.pragma(`busy_timeout = ${ms}`);
}
