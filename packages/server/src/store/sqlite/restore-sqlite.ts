/**
 * Makes the database of a data folder from the rows of a backup. It is made beside its place and moved there once it is
 * whole: what a process that died has left behind is no database, and the next one removes it.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { refusal } from "../../domain/refusal.ts";
import { migrate } from "../sql/migrate.ts";
import { migrations } from "../sql/migrations/migrations.ts";
import { putRows } from "../sql/put-rows.ts";
import type { SchemaLevel } from "../sql/schema-levels.ts";
import type { TakeRows } from "../store.ts";
import type { SqliteDatabase } from "./open-database.ts";
import { openDatabase } from "./open-database.ts";
import { createExecutor } from "./run-script.ts";
import { sqliteMigrationSite } from "./sqlite-migration-site.ts";

const fileName = "rollcall.db";
const draftName = `${fileName}.restoring`;

/** What is to be restored, and where. */
export interface SqliteRestoring {
  readonly folder: string;
  /** The state of the schema that the rows are of. */
  readonly schemaLevel: SchemaLevel;
  /** Puts all rows in; what it throws undoes everything. */
  readonly fill: (put: TakeRows) => Promise<void>;
  readonly nowMs: () => number;
}

/** Restores into a folder without database. */
export async function restoreSqlite(restoring: SqliteRestoring): Promise<void> {
  const { folder } = restoring;
  const file = join(folder, fileName);
  if (existsSync(file)) {
    throw refusal(
      `there is a database in ${folder} already: a backup is restored into a new folder`,
    );
  }
  removeDraft(folder);
  // Nothing is worth a wait for the disk before all of it is there.
  const database = openDatabase(join(folder, draftName), {
    readOnly: false,
    synchronous: "NORMAL",
    busyTimeoutMs: 0,
    cacheKiB: 64 * 1024,
  });
  try {
    await fillDatabase(database, restoring);
    database.pragma("wal_checkpoint(TRUNCATE)");
  } catch (error) {
    database.close();
    removeDraft(folder);
    throw error;
  }
  database.close();
  renameSync(join(folder, draftName), file);
  syncFolder(folder);
}

async function fillDatabase(
  database: SqliteDatabase,
  { schemaLevel, fill, nowMs }: SqliteRestoring,
): Promise<void> {
  const execute = createExecutor(database);
  const site = sqliteMigrationSite(database, execute, nowMs);
  await migrate(
    site,
    migrations.filter(({ number }) => number <= schemaLevel.sqlite),
  );
  await fill(async (rows) => {
    database.transaction(() => putRows(rows, "one").forEach(execute)).immediate();
  });
  await migrate(site, migrations);
}

function removeDraft(folder: string): void {
  for (const name of readdirSync(folder).filter((one) => one.startsWith(draftName))) {
    rmSync(join(folder, name));
  }
}

/** Windows cannot, and needs not. */
function syncFolder(folder: string): void {
  if (process.platform === "win32") {
    return;
  }
  const opened = openSync(folder, "r");
  fsyncSync(opened);
  closeSync(opened);
}
