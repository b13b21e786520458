/** Reads a backup file, and says at its end whether it was all that had been written. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { isRefusal, refusal } from "../domain/refusal.ts";
import type { TableRows } from "../store/store.ts";
import type { BackupHeader, BackupTrailer } from "./backup-file.ts";
import { brokenBackup, parseBackupHeader, parseBackupLine } from "./backup-file.ts";
import type { Line } from "./lines.ts";
import { linesOf } from "./lines.ts";

/** A backup that is being read. */
export interface OpenBackup {
  readonly header: BackupHeader;
  /** All rows; throws at the end unless the file is whole and unchanged. */
  rows(): AsyncGenerator<TableRows>;
  close(): Promise<void>;
}

/** Opens a backup file and reads its header. */
export async function openBackup(file: string): Promise<OpenBackup> {
  const lines = linesInFile(file);
  const first = await lines.next();
  const header = await parsedHeader(first.done === true ? "" : first.value.bytes.toString()).catch(
    async (error: unknown) => {
      await lines.return(undefined);
      throw error;
    },
  );
  return {
    header,
    rows: () => rowsIn(lines, first.done === true ? [] : [first.value]),
    close: async () => void (await lines.return(undefined)),
  };
}

async function parsedHeader(text: string): Promise<BackupHeader> {
  return parseBackupHeader(text);
}

async function* linesInFile(file: string): AsyncGenerator<Line, undefined> {
  const source = createReadStream(file);
  const gunzip = createGunzip();
  source.on("error", (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  try {
    for await (const lines of linesOf(gunzip)) {
      yield* lines;
    }
  } catch (error) {
    throw asRefusal(error, file);
  } finally {
    source.destroy();
    gunzip.destroy();
  }
  return undefined;
}

/** What the file system says is the operator's to see to, what the format says is damage. */
function asRefusal(error: unknown, file: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (isRefusal(error)) {
    return error;
  }
  if (code === "Z_DATA_ERROR" && error instanceof Error && /header/.test(error.message)) {
    return refusal(`${file} is no backup of rollcall`);
  }
  if (code.startsWith("Z_")) {
    return brokenBackup("it ends too early or was changed");
  }
  return code.startsWith("E") ? refusal(`${file} cannot be read: ${code}`) : error;
}

const rowsAtOnceMax = 500;

interface Reading {
  part: { table: string; columns: readonly string[]; rows: TableRows["rows"][number][] };
  readonly counts: Map<string, number>;
  trailer: BackupTrailer | undefined;
}

async function* rowsIn(
  lines: AsyncGenerator<Line, undefined>,
  before: readonly Line[],
): AsyncGenerator<TableRows> {
  const hash = createHash("sha256");
  const note = ({ bytes }: Line) => hash.update(bytes).update("\n");
  before.forEach(note);
  const reading: Reading = {
    part: { table: "", columns: [], rows: [] },
    counts: new Map(),
    trailer: undefined,
  };
  for await (const line of lines) {
    if (reading.trailer !== undefined) {
      throw brokenBackup("something stands behind its end");
    }
    const whole = takeLine(line, reading);
    if (whole !== undefined) {
      yield whole;
    }
    if (reading.trailer === undefined) {
      note(line);
    }
  }
  checkWhole(reading, hash.digest("hex"));
}

/** Takes one line; answers with the rows that are complete with it. */
function takeLine({ bytes }: Line, reading: Reading): TableRows | undefined {
  const line = parseBackupLine(bytes.toString());
  const { part, counts } = reading;
  switch (line.kind) {
    case "row": {
      if (line.row.length !== part.columns.length) {
        throw brokenBackup("a row does not fit its table");
      }
      part.rows.push(line.row);
      counts.set(part.table, (counts.get(part.table) ?? 0) + 1);
      if (part.rows.length < rowsAtOnceMax) {
        return undefined;
      }
      reading.part = { ...part, rows: [] };
      return part;
    }
    case "table":
      counts.set(line.table, counts.get(line.table) ?? 0);
      reading.part = { table: line.table, columns: line.columns, rows: [] };
      break;
    case "trailer":
      reading.trailer = line.trailer;
      reading.part = { table: "", columns: [], rows: [] };
      break;
  }
  return part.rows.length > 0 ? part : undefined;
}

function checkWhole({ trailer, counts }: Reading, sha256: string): void {
  if (trailer === undefined) {
    throw brokenBackup("it ends too early");
  }
  const isCounted =
    Object.keys(trailer.counts).length === counts.size &&
    Object.entries(trailer.counts).every(([table, count]) => counts.get(table) === count);
  if (trailer.sha256 !== sha256 || !isCounted) {
    throw brokenBackup("it is not what was written");
  }
}
