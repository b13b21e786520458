/** Opens an SQLite file as every connection to it must be: WAL, durable commits, foreign keys, our functions. */
import { closeSync, openSync } from "node:fs";
import { fold } from "@rollcall/scim";
import type Driver from "better-sqlite3";
import { SqliteDriver } from "./sqlite-driver.ts";

/** A connection. */
export type SqliteDatabase = Driver.Database;

/** How to open it. */
export interface DatabaseOpening {
  readonly readOnly: boolean;
  /** FULL survives a power cut, NORMAL may lose what was committed last. */
  readonly synchronous: "FULL" | "NORMAL";
  /** How long SQLite itself waits for another process; it sleeps in the event loop. */
  readonly busyTimeoutMs: number;
  readonly cacheKiB: number;
}

const synchronousLevels = { NORMAL: 1, FULL: 2 } as const;
const walSizeMax = 64 * 1024 * 1024;
/** 32 MiB; a checkpoint for every 4 MiB, as SQLite has it, made creates 1.5 times as expensive. */
const checkpointPages = 8192;

/** Opens a file, which a connection that may write makes when it is missing, readable by its owner alone. */
export function openDatabase(path: string, opening: DatabaseOpening): SqliteDatabase {
  if (!opening.readOnly) {
    closeSync(openSync(path, "a", 0o600));
  }
  const database = new SqliteDriver(path, {
    readonly: opening.readOnly,
    fileMustExist: true,
    timeout: opening.busyTimeoutMs,
  });
  try {
    configure(database, opening);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

function configure(database: SqliteDatabase, opening: DatabaseOpening): void {
  if (!opening.readOnly) {
    requirePragma(database, "journal_mode", "wal");
    requirePragma(database, "synchronous", synchronousLevels[opening.synchronous]);
    requirePragma(database, "journal_size_limit", walSizeMax);
    requirePragma(database, "wal_autocheckpoint", checkpointPages);
  }
  requirePragma(database, "foreign_keys", 1);
  database.pragma(`cache_size = ${-opening.cacheKiB}`);
  database.function("rollcall_fold", { deterministic: true }, (text: unknown) =>
    typeof text === "string" ? fold(text) : null,
  );
  database.function("rollcall_uri_component", { deterministic: true }, (text: unknown) =>
    typeof text === "string" ? encodeURIComponent(text) : null,
  );
}

/** A file system that cannot do it makes SQLite keep another value without a word. */
function requirePragma(database: SqliteDatabase, name: string, value: string | number): void {
  database.pragma(`${name} = ${value}`);
  const actual: unknown = database.pragma(name, { simple: true });
  if (actual !== value) {
    throw new Error(`SQLite refused ${name} = ${value} and keeps ${String(actual)}`);
  }
}
