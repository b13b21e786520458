/** SQLite under the bench: a file in the data folder; filled folders are kept and copied. */
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { SqliteDriver } from "../packages/server/src/store/sqlite/sqlite-driver.ts";
import type { FillPlace } from "./filled-cache.ts";
import { benchDirectory, createFilledCache, newFolder } from "./filled-cache.ts";
import type { BenchDatabase, Row } from "./site.ts";

/** Opens it; nothing has to be started. */
export function openSqliteDatabase(): BenchDatabase {
  const filledWith = createFilledCache("sqlite", place);
  return {
    name: "SQLite",
    version: `SQLite ${selectFrom(":memory:", "SELECT sqlite_version() AS v")[0]?.["v"]}`,
    async createSite(size) {
      const filled = await filledWith(size);
      const folder = newFolder();
      cpSync(filled.folder, folder, { recursive: true });
      return {
        database: "SQLite",
        folder,
        databaseUrl: undefined,
        token: filled.token,
        directory: benchDirectory(size),
        select: async (sql) => selectFrom(fileIn(folder), sql),
        remove: async () => rmSync(folder, { recursive: true, force: true }),
      };
    },
    createEmpty: async () => undefined,
    cpuSeconds: () => 0,
    close: async () => undefined,
  };
}

const place: FillPlace = {
  create: async (_, folder) => ({ folder, databaseUrl: undefined }),
  exists: async () => true,
  dump: async ({ folder }) => dumpOf(fileIn(folder)),
  finish: async () => undefined,
  drop: async () => undefined,
  // All of them share one commit.
  together: 500,
};

function fileIn(folder: string): string {
  return join(folder, "rollcall.db");
}

function selectFrom(file: string, sql: string): readonly Row[] {
  const database = new SqliteDriver(file, { readonly: file !== ":memory:" });
  try {
    return database.prepare<[], Record<string, unknown>>(sql).all();
  } finally {
    database.close();
  }
}

function dumpOf(file: string): string {
  const schema = selectFrom(file, "SELECT name, type, sql FROM sqlite_schema ORDER BY name");
  const tables = schema.filter(({ type, name }) => type === "table" && name !== "sqlite_stat1");
  const rows = tables.flatMap(({ name }) => selectFrom(file, `SELECT * FROM ${name}`));
  return JSON.stringify([schema, rows]);
}
