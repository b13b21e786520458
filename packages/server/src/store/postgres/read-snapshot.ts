/**
 * Reads everything from a PostgreSQL database as of one moment, through cursors. What is numbered and added up after
 * commit is so in what comes out, whether the database has got round to it or not.
 */
import type { ClientBase } from "pg";
import type { TenantId } from "../../domain/tenant.ts";
import { readTenant } from "../sql/read-tenant.ts";
import {
  charactersAtOnceMax,
  lengthOfRow,
  rowsAtOnceMax,
  snapshotTables,
} from "../sql/snapshot-tables.ts";
import type { Statement } from "../sql/statement.ts";
import { statement } from "../sql/statement.ts";
import type { TableRows, TakeRows } from "../store.ts";
import type { PostgresConnections } from "./postgres-connections.ts";
import { asStoreFailure } from "./postgres-failure.ts";
import { createPrepareQuery } from "./run-script.ts";

/** A table whose rows are numbered after commit. */
interface Numbered {
  readonly number: string;
  /** The order in which rows without number get theirs. */
  readonly order: string;
  /** The column of tenants that has the last number. */
  readonly last: string;
}

const numberedTables: Readonly<Record<string, Numbered>> = {
  audit_entries: {
    number: "audit_number",
    order: "tenant_id, at, target_id, revision, written_as",
    last: "last_audit_number",
  },
  outbox_events: {
    number: "position",
    order: "tenant_id, at, resource_id, revision, written_as",
    last: "last_outbox_position",
  },
};

/** With the rows that wait to be added, and the last place in the order of creation, which SQLite counts on from. */
const wholeTotals = `SELECT t.tenant_id, t.connection_id, t.resource_type,
    t.live + CAST(COALESCE(d.live, 0) AS BIGINT) AS live,
    GREATEST(t.last_sequence, COALESCE(r.last_sequence, 0)) AS last_sequence,
    t.endpoint, t.point_paths
  FROM resource_totals AS t
  LEFT JOIN (SELECT tenant_id, connection_id, resource_type, sum(live) AS live
    FROM resource_total_deltas GROUP BY tenant_id, connection_id, resource_type) AS d
    ON d.tenant_id = t.tenant_id AND d.connection_id = t.connection_id
      AND d.resource_type = t.resource_type
  LEFT JOIN (SELECT tenant_id, connection_id, resource_type, max(sequence) AS last_sequence
    FROM resources GROUP BY tenant_id, connection_id, resource_type) AS r
    ON r.tenant_id = t.tenant_id AND r.connection_id = t.connection_id
      AND r.resource_type = t.resource_type`;

/** Gives all rows of a database. */
export async function readPostgresSnapshot(
  connections: PostgresConnections,
  take: TakeRows,
): Promise<void> {
  await inSnapshot(connections, async (client) => {
    const lasts = new Map<string, LastNumbers>();
    for (const [table, numbered] of Object.entries(numberedTables)) {
      lasts.set(table, await lastNumbers(client, table, numbered));
    }
    for (const table of snapshotTables) {
      await readTable(client, { table, lasts, take });
    }
  });
}

/** Gives what of a tenant goes into another instance. */
export async function readPostgresTenant(
  connections: PostgresConnections,
  tenantId: TenantId,
  take: TakeRows,
): Promise<void> {
  await inSnapshot(connections, (client) =>
    readTenant(
      tenantId,
      (table, select, takeRows) =>
        readAll(client, select, (found) => takeRows({ table, ...found })),
      take,
    ),
  );
}

async function inSnapshot(
  connections: PostgresConnections,
  work: (client: ClientBase) => Promise<void>,
): Promise<void> {
  try {
    await connections.withClient("scans", (client) => inTransaction(client, work));
  } catch (error) {
    throw asStoreFailure(error);
  }
}

async function inTransaction(
  client: ClientBase,
  work: (client: ClientBase) => Promise<void>,
): Promise<void> {
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  try {
    // Whoever takes the rows may have a slow disk, and all of a table is read.
    await client.query(
      "SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL enable_seqscan = on",
    );
    await work(client);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

/** By tenant, the last number that was given, and how many rows wait for one. */
type LastNumbers = Map<string, { last: number; readonly waiting: number }>;

async function lastNumbers(
  client: ClientBase,
  table: string,
  { number, last }: Numbered,
): Promise<LastNumbers> {
  const { rows } = await client.query<{ tenant_id: string; last: number; waiting: number }>(
    `SELECT t.tenant_id, t.${last} AS last, w.waiting FROM tenants AS t
     JOIN (SELECT tenant_id, count(*) AS waiting FROM ${table} WHERE ${number} IS NULL
       GROUP BY tenant_id) AS w ON w.tenant_id = t.tenant_id`,
  );
  return new Map(rows.map((row) => [row.tenant_id, { last: row.last, waiting: row.waiting }]));
}

interface Reading {
  readonly table: string;
  readonly lasts: ReadonlyMap<string, LastNumbers>;
  readonly take: TakeRows;
}

async function readTable(client: ClientBase, { table, lasts, take }: Reading): Promise<void> {
  const numbered = numberedTables[table];
  if (numbered !== undefined) {
    const { number, order } = numbered;
    const giveNumbers = numbering(lasts.get(table) ?? new Map(), number);
    for (const text of [
      `SELECT * FROM ${table} WHERE ${number} IS NOT NULL`,
      `SELECT * FROM ${table} WHERE ${number} IS NULL ORDER BY ${order}`,
    ]) {
      await readAll(client, statement(text), (found) => take(giveNumbers({ table, ...found })));
    }
  } else if (table === "resource_totals") {
    await readAll(client, statement(wholeTotals), (found) => take({ table, ...found }));
  } else if (table === "tenants") {
    await readAll(client, statement(`SELECT * FROM ${table}`), (found) =>
      take(withLastNumbers({ table, ...found }, lasts)),
    );
  } else {
    await readAll(client, statement(`SELECT * FROM ${table}`), (found) =>
      take({ table, ...found }),
    );
  }
}

type Found = Omit<TableRows, "table">;

async function readAll(
  client: ClientBase,
  select: Statement,
  take: (found: Found) => Promise<void>,
): Promise<void> {
  const { text, values } = createPrepareQuery()(select);
  await client.query(`DECLARE snapshot NO SCROLL CURSOR FOR ${text}`, values);
  let rowsAtOnce = rowsAtOnceMax;
  for (;;) {
    const { rows, fields } = await client.query<(string | number | null)[]>({
      text: `FETCH ${rowsAtOnce} FROM snapshot`,
      rowMode: "array",
    });
    await take({ columns: fields.map(({ name }) => name), rows });
    if (rows.length < rowsAtOnce) {
      break;
    }
    rowsAtOnce = fittingCount(rows);
  }
  await client.query("CLOSE snapshot");
}

/** As many rows as the last ones were come to about what is given at once. */
function fittingCount(rows: Found["rows"]): number {
  const characters = rows.reduce((sum, row) => sum + lengthOfRow(row), 0);
  const fitting = Math.floor((charactersAtOnceMax * rows.length) / Math.max(1, characters));
  return Math.min(rowsAtOnceMax, Math.max(10, fitting));
}

/** Numbers what waits for it, and leaves out what it is numbered by. */
function numbering(lasts: LastNumbers, number: string): (rows: TableRows) => TableRows {
  return ({ table, columns, rows }) => {
    const kept = columns.filter((column) => column !== "written_as");
    const indexes = kept.map((column) => columns.indexOf(column));
    const numberAt = kept.indexOf(number);
    const tenantAt = columns.indexOf("tenant_id");
    return {
      table,
      columns: kept,
      rows: rows.map((row) => {
        const values = indexes.map((index) => row[index] ?? null);
        if (values[numberAt] === null) {
          values[numberAt] = nextNumber(lasts, String(row[tenantAt]));
        }
        return values;
      }),
    };
  };
}

function nextNumber(lasts: LastNumbers, tenantId: string): number {
  const known = lasts.get(tenantId);
  if (known === undefined) {
    throw new TypeError("a row without number is one of a tenant");
  }
  known.last += 1;
  return known.last;
}

function withLastNumbers(
  { table, columns, rows }: TableRows,
  lasts: ReadonlyMap<string, LastNumbers>,
): TableRows {
  const waiting = new Map(
    Object.entries(numberedTables).map(([name, { last }]) => [last, lasts.get(name)]),
  );
  const tenantAt = columns.indexOf("tenant_id");
  return {
    table,
    columns,
    rows: rows.map((row) =>
      row.map((value, index) => {
        const more = waiting.get(columns[index] ?? "")?.get(String(row[tenantAt]))?.waiting ?? 0;
        return typeof value === "number" ? value + more : value;
      }),
    ),
  };
}
