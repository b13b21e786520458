/**
 * What one create writes, read off the database itself: the rows that came with it. The bare prototype inserts the same
 * rows with other ids, whatever the tables are like by then.
 */
import { withUserWriter } from "./fill-directory.ts";
import { generateDirectory } from "./generate-directory.ts";
import type { Row, Site } from "./site.ts";

/** A column of a row to insert: a text, in which some parts are new every time, a number that counts up, or nothing. */
export type TemplateColumn =
  | { readonly kind: "parts"; readonly parts: readonly (string | TemplatePart)[] }
  | { readonly kind: "counter"; readonly from: number }
  | { readonly kind: "constant"; readonly value: string | number | boolean | null };

/** What is new every time: the id of the resource, its number in two forms, an id of its own. */
export type TemplatePart = { readonly part: "id" | "number" | "number36" | "uuid" };

/** One row to insert. */
export interface TemplateRow {
  readonly table: string;
  readonly columns: Readonly<Record<string, TemplateColumn>>;
}

/** The number of the person whose create is looked at; its digits are nowhere else. */
const probeNumber = 987_654_321;

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Creates three people in a database that no server works on, and reads what the last two left. */
export async function templateOf(site: Site): Promise<readonly TemplateRow[]> {
  const { userAt } = generateDirectory(2, { users: 0 });
  const probe = userAt(probeNumber);
  const tables = await tablesOf(site);
  const [before, between, after] = await withUserWriter(site, async (write) => {
    // The first one of a type may leave more than all others.
    await write(userAt(probeNumber + 2));
    const first = await rowsOf(site, tables);
    await write(userAt(probeNumber + 1));
    const second = await rowsOf(site, tables);
    await write(probe);
    return [first, second, await rowsOf(site, tables)] as const;
  });
  return tables.flatMap((table) => {
    const earlier = newRows(table, before, between);
    const later = newRows(table, between, after);
    if (earlier.length !== later.length) {
      throw new Error(`two creates left ${earlier.length} and ${later.length} rows in ${table}`);
    }
    return later.map((row, at) => ({
      table,
      columns: columnsOf(row, earlier[at] ?? {}, probe.id),
    }));
  });
}

type RowsByTable = ReadonlyMap<string, readonly string[]>;

/** Those that resources refer to nothing else by come first. */
async function tablesOf(site: Site): Promise<readonly string[]> {
  const rows = await site.select(
    site.database === "SQLite"
      ? "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
      : "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY 1",
  );
  const names = rows.map(({ name }) => String(name));
  return ["resources", ...names.filter((name) => name !== "resources")];
}

async function rowsOf(site: Site, tables: readonly string[]): Promise<RowsByTable> {
  const rows = new Map<string, readonly string[]>();
  for (const table of tables) {
    rows.set(
      table,
      (await site.select(`SELECT * FROM ${table}`)).map((row) => JSON.stringify(row)),
    );
  }
  return rows;
}

function newRows(table: string, before: RowsByTable, after: RowsByTable): readonly Row[] {
  const old = before.get(table) ?? [];
  const now = after.get(table) ?? [];
  const known = new Set(old);
  const rows = now.filter((row) => !known.has(row));
  const added = now.length - old.length;
  if (added === 0) {
    return [];
  }
  if (added !== rows.length) {
    throw new Error(`a create both added rows to ${table} and changed some`);
  }
  return rows.map((row) => JSON.parse(row));
}

function columnsOf(row: Row, earlier: Row, id: string): TemplateRow["columns"] {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, columnOf(value, earlier[name], id)]),
  );
}

function columnOf(value: unknown, earlier: unknown, id: string): TemplateColumn {
  if (value === null || typeof value === "boolean") {
    return { kind: "constant", value };
  }
  if (typeof value === "number" || (typeof value === "string" && /^\d+$/.test(value))) {
    return value === earlier
      ? { kind: "constant", value: Number(value) }
      : { kind: "counter", from: Number(value) };
  }
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (text !== id && text !== earlier && uuidPattern.test(text)) {
    return { kind: "parts", parts: [{ part: "uuid" }] };
  }
  return { kind: "parts", parts: partsOf(text, id) };
}

function partsOf(text: string, id: string): readonly (string | TemplatePart)[] {
  const marks: ReadonlyMap<string, TemplatePart["part"]> = new Map([
    [id, "id"],
    [String(probeNumber), "number"],
    [probeNumber.toString(36), "number36"],
  ]);
  const pattern = new RegExp(`(${[...marks.keys()].join("|")})`);
  return text.split(pattern).map((piece) => {
    const part = marks.get(piece);
    return part === undefined ? piece : { part };
  });
}

/** The values of a row for the next request: its number, counted from 1, and the id it gives its resource. */
export function valuesOf(
  { columns }: TemplateRow,
  number: number,
  id: string,
  newId: () => string,
): readonly (string | number | boolean | null)[] {
  return Object.values(columns).map((column) => columnText(column, number, id, newId));
}

function columnText(
  column: TemplateColumn,
  number: number,
  id: string,
  newId: () => string,
): string | number | boolean | null {
  switch (column.kind) {
    case "constant":
      return column.value;
    case "counter":
      return column.from + number;
    case "parts":
      return column.parts
        .map((part) => (typeof part === "string" ? part : partText(part, number, id, newId)))
        .join("");
  }
}

function partText({ part }: TemplatePart, number: number, id: string, newId: () => string): string {
  switch (part) {
    case "id":
      return id;
    case "number":
      return String(number);
    case "number36":
      return number.toString(36);
    case "uuid":
      return newId();
  }
}
