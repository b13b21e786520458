/**
 * What a backup file is: JSON texts, one a line, compressed with gzip (RFC 1952). First a header, then for each table
 * its columns and its rows, last the counts and a hash of all lines before, so that a part of a file is never taken for
 * all of it.
 */
import type { JsonValue } from "@rollcall/scim";
import { isJsonArray, isJsonObject } from "@rollcall/scim";
import { refusal } from "../domain/refusal.ts";
import type { TableRows } from "../store/store.ts";

/** What a backup tells of an instance key: which one it is, and nothing about it. */
export interface KeyMark {
  readonly version: number;
  readonly fingerprint: string;
}

/** What stands in the first line. */
export interface BackupHeader {
  readonly format: typeof backupFormat;
  readonly formatVersion: number;
  /** The version of the program that made it. */
  readonly program: string;
  readonly database: "sqlite" | "postgres";
  /** The state of the schema that the rows are of. */
  readonly schemaLevel: number;
  /** When it was made, an xsd:dateTime in UTC. */
  readonly time: string;
  /** The keys that tokens and secrets in it were made with. */
  readonly instanceKeys: readonly KeyMark[];
  readonly leftOut: readonly string[];
}

/** What stands in the last line. */
export interface BackupTrailer {
  /** How many rows each table has. */
  readonly counts: Readonly<Record<string, number>>;
  /** SHA-256, in hexadecimal, of every line before with its line feed. */
  readonly sha256: string;
}

/** The name of the format. */
export const backupFormat = "rollcall-backup";

/** The version of the format that is written, and the only one that is read. */
export const backupFormatVersion = 1;

/** Reads the first line; refuses what is no backup, or one of another format. */
export function parseBackupHeader(text: string): BackupHeader {
  const value = parseLine(text);
  if (!isHeader(value)) {
    throw refusal("this is no backup of rollcall");
  }
  if (value.formatVersion !== backupFormatVersion) {
    throw refusal(
      `the backup has format version ${value.formatVersion}, and this version of rollcall reads ${backupFormatVersion}: update rollcall`,
    );
  }
  return value;
}

function isHeader(value: unknown): value is BackupHeader {
  return (
    isJsonObject(value) &&
    value["format"] === backupFormat &&
    typeof value["formatVersion"] === "number" &&
    typeof value["program"] === "string" &&
    typeof value["schemaLevel"] === "number" &&
    typeof value["time"] === "string" &&
    isJsonArray(value["instanceKeys"]) &&
    value["instanceKeys"].every(
      (key) =>
        isJsonObject(key) &&
        typeof key["version"] === "number" &&
        typeof key["fingerprint"] === "string",
    )
  );
}

/** A line behind the header. */
export type BackupLine =
  | { readonly kind: "table"; readonly table: string; readonly columns: readonly string[] }
  | { readonly kind: "row"; readonly row: TableRows["rows"][number] }
  | { readonly kind: "trailer"; readonly trailer: BackupTrailer };

/** Reads a line behind the header. */
export function parseBackupLine(text: string): BackupLine {
  const value = parseLine(text);
  if (isRow(value)) {
    return { kind: "row", row: value };
  }
  if (isTable(value)) {
    return { kind: "table", table: value.table, columns: value.columns };
  }
  if (isTrailer(value)) {
    return { kind: "trailer", trailer: value };
  }
  throw brokenBackup("a line is none of a backup");
}

/** Makes the refusal of a file that is not what was written. */
export function brokenBackup(reason: string): Error {
  return refusal(`the backup is damaged: ${reason}; nothing was restored`);
}

function parseLine(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRow(value: unknown): value is TableRows["rows"][number] {
  return (
    Array.isArray(value) &&
    value.every((one) => one === null || typeof one === "string" || typeof one === "number")
  );
}

function isTable(
  value: unknown,
): value is { readonly table: string; readonly columns: readonly string[] } {
  return (
    isJsonObject(value) &&
    typeof value["table"] === "string" &&
    isJsonArray(value["columns"]) &&
    value["columns"].every((column) => typeof column === "string")
  );
}

function isTrailer(value: unknown): value is BackupTrailer {
  return (
    isJsonObject(value) &&
    typeof value["sha256"] === "string" &&
    isJsonObject(value["counts"]) &&
    Object.values(value["counts"]).every((count) => typeof count === "number")
  );
}
