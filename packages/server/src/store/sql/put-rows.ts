/** Puts rows of a backup into tables: what only the other database has is left out, what only this one has is added. */
import { refusal } from "../../domain/refusal.ts";
import type { TableRows } from "../store.ts";
import { insertRows } from "./insert-rows.ts";
import { snapshotTables } from "./snapshot-tables.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { SqlValue, Statement } from "./statement.ts";

const known: ReadonlySet<string> = new Set(snapshotTables);

/** Makes the statements; refuses what cannot be the name of a table or a column of ours. */
export function putRows(rows: TableRows, writers: SqlDialect["writers"]): readonly Statement[] {
  if (!known.has(rows.table) || !rows.columns.every((column) => /^[a-z][a-z_]*$/.test(column))) {
    throw refusal("the backup has a table or a column that this version of rollcall does not know");
  }
  return writers === "one"
    ? insertAll(withoutColumn(rows, "revision", "audit_entries"))
    : forMany(rows);
}

/** Rows are numbered already; what they would have been numbered by has to be there, and different. */
const numberOf: Readonly<Record<string, string>> = {
  audit_entries: "audit_number",
  outbox_events: "position",
};

function forMany(rows: TableRows): readonly Statement[] {
  const number = numberOf[rows.table];
  if (number !== undefined) {
    const numbered = withColumn(rows, "written_as", (row) => row[rows.columns.indexOf(number)]);
    // One from a database where it is not kept: it is for numbering, and they have numbers.
    return insertAll(
      rows.columns.includes("revision") ? numbered : withColumn(numbered, "revision", () => 0),
    );
  }
  if (rows.table === "tenants") {
    const tenantAt = rows.columns.indexOf("tenant_id");
    const ids = rows.rows.map((row) => [row[tenantAt] ?? null]);
    return [
      ...insertAll(rows),
      ...insertAll({ table: "tenant_facts", columns: ["tenant_id"], rows: ids }),
      ...insertAll({
        table: "tenant_turns",
        columns: ["tenant_id", "turn"],
        rows: ids.map(([id = null]) => [id, 0]),
      }),
    ];
  }
  return insertAll(rows);
}

function insertAll({ table, columns, rows }: TableRows): readonly Statement[] {
  return insertRows({ into: `${table} (${columns.join(", ")})`, shared: [], rows });
}

function withColumn(
  { table, columns, rows }: TableRows,
  name: string,
  valueIn: (row: readonly SqlValue[]) => SqlValue | undefined,
): TableRows {
  return {
    table,
    columns: [...columns, name],
    rows: rows.map((row) => [...row, valueIn(row) ?? null]),
  };
}

function withoutColumn(rows: TableRows, name: string, table: string): TableRows {
  const dropped = rows.table === table ? rows.columns.indexOf(name) : -1;
  const kept = <Value>(values: readonly Value[]) => values.filter((_, index) => index !== dropped);
  return dropped < 0
    ? rows
    : { table, columns: kept(rows.columns), rows: rows.rows.map((row) => kept(row)) };
}
