/** Writes everything that is kept into one file while everybody else goes on. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  closeSync,
  createWriteStream,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
} from "node:fs";
import { finished } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { refusal } from "../domain/refusal.ts";
import type { SnapshotTable, TableRows } from "../store/store.ts";
import type { BackupHeader, KeyMark } from "./backup-file.ts";
import { backupFormat, backupFormatVersion } from "./backup-file.ts";

/** What a backup is made of. */
export interface BackupWish {
  readonly snapshots: SnapshotTable;
  /** A file that is not there yet. */
  readonly file: string;
  readonly instanceKeys: readonly KeyMark[];
  readonly program: string;
  readonly nowMs: number;
  /** Told how many rows were written so far. */
  readonly onProgress: (rows: number) => void;
}

/** What was written. */
export interface WrittenBackup {
  readonly header: BackupHeader;
  readonly counts: Readonly<Record<string, number>>;
  readonly rows: number;
}

/** Writes it; the file appears once it is whole, readable by its owner alone. */
export async function writeBackup(wish: BackupWish): Promise<WrittenBackup> {
  const { file } = wish;
  if (existsSync(file)) {
    throw refusal(`${file} is there already: give the name of a new file`);
  }
  const draft = `${file}.${process.pid}.part`;
  try {
    const written = await writeWhole(draft, wish);
    renameSync(draft, file);
    return written;
  } catch (error) {
    rmSync(draft, { force: true });
    throw isOfFile(error) ? refusal(`${file} cannot be written: ${error.message}`) : error;
  }
}

function isOfFile(error: unknown): error is Error {
  return error instanceof Error && "path" in error && "code" in error;
}

async function writeWhole(
  draft: string,
  { snapshots, instanceKeys, program, nowMs, onProgress }: BackupWish,
): Promise<WrittenBackup> {
  const output = openOutput(draft);
  const header: BackupHeader = {
    format: backupFormat,
    formatVersion: backupFormatVersion,
    program,
    database: snapshots.database,
    schemaLevel: snapshots.schemaLevel,
    time: new Date(nowMs).toISOString(),
    instanceKeys,
    leftOut: ["request_log"],
  };
  const counts: Record<string, number> = {};
  let rows = 0;
  try {
    await output.write(`${JSON.stringify(header)}\n`);
    await snapshots.read(async (part) => {
      const isNew = counts[part.table] === undefined;
      counts[part.table] = (counts[part.table] ?? 0) + part.rows.length;
      rows += part.rows.length;
      await output.write(linesOfPart(part, isNew));
      onProgress(rows);
    });
    await output.end((sha256) => `${JSON.stringify({ counts, sha256 })}\n`);
  } catch (error) {
    output.destroy();
    throw error;
  }
  return { header, counts, rows };
}

/** The columns are written again for rows that have others: those of one table need not be alike. */
function linesOfPart({ table, columns, rows }: TableRows, isNew: boolean): string {
  const heading = isNew || rows.length > 0 ? `${JSON.stringify({ table, columns })}\n` : "";
  return heading + rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

interface Output {
  write(text: string): Promise<void>;
  /** Writes what is made of the hash of all before, and settles when everything is on disk. */
  end(last: (sha256: string) => string): Promise<void>;
  destroy(): void;
}

function openOutput(file: string): Output {
  const hash = createHash("sha256");
  const gzip = createGzip();
  const target = createWriteStream(file, { flags: "w", mode: 0o600 });
  const failure: { error?: Error } = {};
  // A full disk shows at the target, and whoever waits for the gzip has to hear of it.
  target.on("error", (error) => gzip.destroy(error));
  gzip.on("error", (error) => {
    failure.error = error;
  });
  gzip.pipe(target);
  return {
    write: async (text) => {
      hash.update(text);
      if (failure.error !== undefined) {
        throw failure.error;
      }
      if (!gzip.write(text)) {
        await once(gzip, "drain");
      }
    },
    end: async (last) => {
      gzip.end(last(hash.digest("hex")));
      await finished(target);
      const opened = openSync(file, "r+");
      fsyncSync(opened);
      closeSync(opened);
    },
    destroy: () => {
      gzip.destroy();
      target.destroy();
    },
  };
}
