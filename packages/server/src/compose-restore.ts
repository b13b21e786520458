/** Restores a backup into a place that has no data yet, on either database. */
import type { Config } from "./config/config.ts";
import { refusal } from "./domain/refusal.ts";
import type { BackupHeader } from "./provisioning/backup-file.ts";
import { fingerprintOf } from "./provisioning/claim-instance-keys.ts";
import { makeFolder, missingKeyIn, needsFolder } from "./provisioning/data-folder.ts";
import type { InstanceKey } from "./provisioning/instance-key.ts";
import { openInstanceKeys } from "./provisioning/instance-key.ts";
import { lockFolder } from "./provisioning/lock-folder.ts";
import type { OpenBackup } from "./provisioning/read-backup.ts";
import { openBackup } from "./provisioning/read-backup.ts";
import { restorePostgres } from "./store/postgres/restore-postgres.ts";
import type { SchemaLevel } from "./store/sql/schema-levels.ts";
import { schemaLevelNumbered } from "./store/sql/schema-levels.ts";
import { restoreSqlite } from "./store/sqlite/restore-sqlite.ts";
import type { TakeRows } from "./store/store.ts";

/** What is to be restored. */
export interface RestoreWish {
  readonly file: string;
  readonly now: () => number;
  /** Told how many rows are in so far. */
  readonly onProgress: (rows: number) => void;
}

/** What was restored. */
export interface Restored {
  readonly header: BackupHeader;
  readonly rows: number;
}

/** Restores everything, or nothing and says why. */
export async function restoreBackup(
  config: Pick<Config, "data" | "databaseUrl" | "pepper">,
  { file, now, onProgress }: RestoreWish,
): Promise<Restored> {
  const backup = await openBackup(file);
  try {
    const { header } = backup;
    const schemaLevel = knownLevel(header);
    checkKeys(header, config);
    const restored = { rows: 0 };
    const fill = (put: TakeRows) =>
      putAll(backup, async (part) => {
        await put(part);
        restored.rows += part.rows.length;
        onProgress(restored.rows);
      });
    const restoring = { schemaLevel, fill, nowMs: now };
    if (config.databaseUrl === undefined) {
      await restoreIntoFolder(config.data, restoring);
    } else {
      await restorePostgres({ ...restoring, url: config.databaseUrl });
    }
    return { header, rows: restored.rows };
  } finally {
    await backup.close();
  }
}

async function putAll(backup: OpenBackup, put: TakeRows): Promise<void> {
  for await (const part of backup.rows()) {
    await put(part);
  }
}

/** No server may start there meanwhile. */
async function restoreIntoFolder(
  folder: string,
  restoring: Omit<Parameters<typeof restoreSqlite>[0], "folder">,
): Promise<void> {
  makeFolder(folder);
  const lock = lockFolder(folder);
  try {
    await restoreSqlite({ ...restoring, folder });
  } finally {
    lock.release();
  }
}

function knownLevel({ schemaLevel, program }: BackupHeader): SchemaLevel {
  const known = schemaLevelNumbered(schemaLevel);
  if (known === undefined) {
    throw refusal(
      `the backup was made by rollcall ${program}, whose tables this version does not know: update rollcall`,
    );
  }
  return known;
}

/** Every key that the instance worked with when the backup was made has to be there: never make one, never take another. */
function checkKeys(
  { instanceKeys }: BackupHeader,
  config: Pick<Config, "data" | "databaseUrl" | "pepper">,
): void {
  const missing = needsFolder(config) ? missingKeyIn(config) : undefined;
  if (missing !== undefined) {
    throw refusal(
      `${missing}: the backup does not have it, and nothing in it is of use without; put the file .pepper of the old data folder there, or set ROLLCALL_PEPPER`,
    );
  }
  const { data: folder, pepper } = config;
  const { keys } = openInstanceKeys({ folder, pepper, holdsData: true });
  for (const { version, fingerprint } of instanceKeys) {
    if (!keys.some((key) => isKey(key, version, fingerprint))) {
      throw refusal(
        `the instance key (version ${version}) of the backup is not the one that is given: give the ROLLCALL_PEPPER or the file .pepper of the instance that it was made of`,
      );
    }
  }
}

function isKey(key: InstanceKey, version: number, fingerprint: string): boolean {
  return key.version === version && fingerprintOf(key) === fingerprint;
}
