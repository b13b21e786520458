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
  /** How many rows one statement inserts; a thousand where nothing is said. */
  readonly atOnceMax?: number;
}

/** SQLite takes 32,766 parameters, PostgreSQL 65,535. */
const rowsAtOnceMax = 1000;

/** Makes the statements: one for so many rows, none where there are no rows. */
export function insertRows(insertion: Insertion): readonly Statement[] {
  const { rows, atOnceMax = rowsAtOnceMax } = insertion;
  const statements: Statement[] = [];
  for (let start = 0; start < rows.length; start += atOnceMax) {
    statements.push(insertPart(insertion, rows.slice(start, start + atOnceMax)));
  }
  return statements;
}

function insertPart({ into, shared, ending = "" }: Insertion, rows: Insertion["rows"]): Statement {
  const places = `(${[...shared, ...(rows[0] ?? [])].map(() => "?").join(", ")})`;
  const sql = `INSERT INTO ${into} VALUES ${rows.map(() => places).join(", ")} ${ending}`;
  return { sql: sql.trimEnd(), parameters: rows.flatMap((row) => [...shared, ...row]) };
}
