/** How far an import has come, in a file beside the one that is imported: who starts it again goes on there. */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { isJsonObject } from "@rollcall/scim";
import { refusal } from "../domain/refusal.ts";
import type { ImportCounts } from "./import-counts.ts";
import { parseCounts } from "./import-counts.ts";

/** How far an import has come. */
export interface Checkpoint {
  /** Which file: one that was changed is imported from its beginning. */
  readonly sha256: string;
  /** Where it is imported to, in the words of the operator and by the ids of tenant and connection. */
  readonly target: string;
  /** The tenant that lines are about, once it is known. */
  readonly tenantId: string | undefined;
  /** The number of the last line that is done, as are all before it. */
  readonly lines: number;
  readonly counts: ImportCounts;
  /** How much of the file of refused lines is about those lines, in bytes. */
  readonly refusedBytes: number;
}

/** The name of the file. */
export function checkpointFileOf(file: string): string {
  return `${file}.checkpoint.json`;
}

/** Reads where an import has come to; undefined when there is none of this file into this place. */
export function readCheckpoint(
  file: string,
  { sha256, target }: Pick<Checkpoint, "sha256" | "target">,
): Checkpoint | undefined {
  const text = readIfThere(checkpointFileOf(file));
  if (text === undefined) {
    return undefined;
  }
  const found = parsed(text);
  return found?.sha256 === sha256 && found.target === target ? found : undefined;
}

/** Notes where it has come to. What a power cut takes away is imported again, which changes nothing. */
export function writeCheckpoint(file: string, checkpoint: Checkpoint): void {
  const path = checkpointFileOf(file);
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, JSON.stringify(checkpoint), { mode: 0o600 });
    renameSync(draft, path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw refusal(`the checkpoint cannot be written beside the file: ${reason}`);
  }
}

/** Forgets it: everything is done. */
export function dropCheckpoint(file: string): void {
  rmSync(checkpointFileOf(file), { force: true });
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}

function parsed(text: string): Checkpoint | undefined {
  const value: unknown = parsedJson(text);
  if (!isJsonObject(value)) {
    return undefined;
  }
  const { sha256, target, tenantId, lines, counts, refusedBytes } = value;
  if (
    typeof sha256 !== "string" ||
    typeof target !== "string" ||
    typeof lines !== "number" ||
    typeof refusedBytes !== "number" ||
    !isJsonObject(counts)
  ) {
    return undefined;
  }
  return {
    sha256,
    target,
    tenantId: typeof tenantId === "string" ? tenantId : undefined,
    lines,
    refusedBytes,
    counts: parseCounts(counts),
  };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
