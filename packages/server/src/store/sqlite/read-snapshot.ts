/** Reads everything from an SQLite file as of one moment, on a connection of its own; who writes goes on. */
import type { TenantId } from "../../domain/tenant.ts";
import type { ReadRows } from "../sql/read-tenant.ts";
import { readTenant } from "../sql/read-tenant.ts";
import {
  charactersAtOnceMax,
  lengthOfRow,
  rowsAtOnceMax,
  snapshotTables,
} from "../sql/snapshot-tables.ts";
import type { SqlValue, Statement } from "../sql/statement.ts";
import { statement } from "../sql/statement.ts";
import type { TableRows, TakeRows } from "../store.ts";
import type { SqliteDatabase } from "./open-database.ts";
import { openDatabase } from "./open-database.ts";
import { asStoreFailure } from "./store-away.ts";

/** Gives all rows of a file. */
export async function readSqliteSnapshot(path: string, take: TakeRows): Promise<void> {
  await inSnapshot(path, async (read) => {
    for (const table of snapshotTables) {
      await read(table, statement(`SELECT * FROM ${table}`), take);
    }
  });
}

/** Gives what of a tenant goes into another instance. */
export async function readSqliteTenant(
  path: string,
  tenantId: TenantId,
  take: TakeRows,
): Promise<void> {
  await inSnapshot(path, (read) => readTenant(tenantId, read, take));
}

async function inSnapshot(path: string, work: (read: ReadRows) => Promise<void>): Promise<void> {
  try {
    const database = openDatabase(path, {
      readOnly: true,
      synchronous: "FULL",
      busyTimeoutMs: 10_000,
      cacheKiB: 8 * 1024,
    });
    try {
      // The snapshot is that of the first statement behind it.
      database.prepare("BEGIN").run();
      await work((table, select, take) => readRows(database, { table, select, take }));
    } finally {
      database.close();
    }
  } catch (error) {
    throw asStoreFailure(error);
  }
}

type Row = TableRows["rows"][number];

interface Reading {
  readonly table: string;
  readonly select: Statement;
  readonly take: TakeRows;
}

async function readRows(database: SqliteDatabase, { table, select, take }: Reading): Promise<void> {
  const reading = database.prepare<SqlValue[], Row>(select.sql);
  const columns = reading.columns().map(({ name }) => name);
  let rows: Row[] = [];
  let characters = 0;
  for (const row of reading.raw().iterate(...select.parameters)) {
    rows.push(row);
    characters += lengthOfRow(row);
    if (rows.length >= rowsAtOnceMax || characters >= charactersAtOnceMax) {
      await take({ table, columns, rows });
      rows = [];
      characters = 0;
    }
  }
  await take({ table, columns, rows });
}
