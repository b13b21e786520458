/** Where a server under test keeps its data: a data folder and, with PostgreSQL, a database; filled with a directory. */
import type { Directory, DirectorySize } from "./generate-directory.ts";

/** The databases a bench runs on. */
export type DatabaseName = "SQLite" | "PostgreSQL";

/** A row of a database, by column. */
export type Row = Readonly<Record<string, unknown>>;

/** A data folder with its database, of one measurement alone. */
export interface Site {
  readonly database: DatabaseName;
  readonly folder: string;
  readonly databaseUrl: string | undefined;
  /** A token of its one connection. */
  readonly token: string;
  readonly directory: Directory;
  /** Runs one query on the database, beside the server. */
  select(sql: string): Promise<readonly Row[]>;
  /** Drops it. */
  remove(): Promise<void>;
}

/** A database without tables. */
export interface EmptyDatabase {
  readonly databaseUrl: string;
  remove(): Promise<void>;
}

/** One database under the bench. */
export interface BenchDatabase {
  readonly name: DatabaseName;
  /** Such as `SQLite 3.50.2`. */
  readonly version: string;
  /** Makes a site with a directory in it, which nobody has used before. */
  createSite(size: DirectorySize): Promise<Site>;
  /** Makes an empty database for another server than ours; undefined where there is no server to ask. */
  createEmpty(): Promise<EmptyDatabase | undefined>;
  /** Processor seconds that the processes of the database have taken so far; 0 where it runs in the server. */
  cpuSeconds(): number;
  close(): Promise<void>;
}

/** Counts the rows of a table. */
export async function countRows(site: Site, table: string, where = "1 = 1"): Promise<number> {
  const [row] = await site.select(`SELECT COUNT(*) AS n FROM ${table} WHERE ${where}`);
  return Number(row?.["n"]);
}

/** What every write leaves: how many audit entries and events there are, and the sum of all revisions. */
export interface Traces {
  readonly auditEntries: number;
  readonly events: number;
  readonly revisions: number;
}

/** Counts what writes have left so far. */
export async function tracesOf(site: Site): Promise<Traces> {
  const [row] = await site.select("SELECT COALESCE(SUM(revision), 0) AS n FROM resources");
  return {
    auditEntries: await countRows(site, "audit_entries"),
    events: await countRows(site, "outbox_events"),
    revisions: Number(row?.["n"]),
  };
}
