/** One INSERT for several rows of a table. */
import type { SqlValue, Statement } from "./statement.ts";

/** Rows to insert. */
export interface Insertion {
  /** Table and columns. */
  readonly into: string;
  /** The values of the first columns, the same in every row. */
  readonly shared: readonly SqlValue[];
  /** The values of the other columns. */
  readonly rows: readonly (readonly SqlValue[])[];
  /** What comes behind the rows, such as ON CONFLICT. */
  readonly ending?: string;
}

/** How many rows one statement inserts: SQLite takes 32,766 parameters, PostgreSQL 65,535. */
const rowsAtOnceMax = 1000;

/** Makes the statements: one for up to a thousand rows, none where there are no rows. */
export function insertRows(insertion: Insertion): readonly Statement[] {
  const statements: Statement[] = [];
  for (let start = 0; start < insertion.rows.length; start += rowsAtOnceMax) {
    statements.push(insertPart(insertion, insertion.rows.slice(start, start + rowsAtOnceMax)));
  }
  return statements;
}

function insertPart({ into, shared, ending = "" }: Insertion, rows: Insertion["rows"]): Statement {
  const places = `(${[...shared, ...(rows[0] ?? [])].map(() => "?").join(", ")})`;
  const sql = `INSERT INTO ${into} VALUES ${rows.map(() => places).join(", ")} ${ending}`;
  return { sql: sql.trimEnd(), parameters: rows.flatMap((row) => [...shared, ...row]) };
}
