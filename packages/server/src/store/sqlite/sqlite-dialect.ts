/** SQLite's way of reading JSON documents and lists. */
import type { SqlDialect } from "../sql/sql-dialect.ts";
import { compose, statement } from "../sql/statement.ts";

/** What SQLite writes in its own way. */
export const sqliteDialect: SqlDialect = {
  writers: "one",
  listTable: "json_each(?)",
  oneOf: (column, values) =>
    compose`${statement(column)} IN (SELECT ids.value FROM json_each(${JSON.stringify(values)}) AS ids)`,
  oneOfThose: (column, query) => compose`${statement(column)} IN (${query})`,
  eachOf: (table, name, _, condition) =>
    compose`CROSS JOIN ${statement(table)} AS ${statement(name)} ON ${condition}`,
  few: (table) => statement(table),
  documentIn: (column) => statement(column),
  textAt: (document, path) => compose`json_extract(${document}, ${jsonPathOf(path)})`,
  // JSON integers above 2^53 would compare as integers, which the numbers of the evaluator are not.
  numberAt: (document, path) =>
    compose`CAST(json_extract(${document}, ${jsonPathOf(path)}) AS REAL)`,
  jsonAt: (document, path) => compose`(${document} -> ${jsonPathOf(path)})`,
  // `json_extract` gives 1 for true and for the number 1 alike.
  isAt: (document, path, value) => compose`(${document} -> ${jsonPathOf(path)}) = ${String(value)}`,
  elementsAt: (document, path, name) =>
    compose`json_each(${document}, ${jsonPathOf(path)}) AS ${statement(name)}`,
  element: {
    document: (name) => statement(`${name}.value`),
    text: (name) => statement(`${name}.value`),
    number: (name) => statement(`CAST(${name}.value AS REAL)`),
    is: (name, value) => compose`${statement(name)}.type = ${String(value)}`,
  },
  folded: (text) => compose`rollcall_fold(${text})`,
  indexed: { value: (text) => text, part: (text) => text },
  uriComponent: (text) => compose`rollcall_uri_component(${text})`,
  text: (value) => compose`${value}`,
  number: (value) => compose`CAST(${value} AS REAL)`,
  contains: (text, literal) => compose`instr(${text}, ${literal}) > 0`,
  beginsWith: (text, literal) => compose`substr(${text}, 1, ${lengthOf(literal)}) = ${literal}`,
  // A start of -0 is the whole text, so the empty literal needs a case of its own.
  endsWith: (text, literal) =>
    literal === ""
      ? compose`${text} IS NOT NULL`
      : compose`substr(${text}, ${-lengthOf(literal)}) = ${literal}`,
};

/** Quotes each name, so that the dots and colons of URNs are no steps. */
function jsonPathOf(path: readonly string[]): string {
  return `$${path.map((name) => `."${name}"`).join("")}`;
}

/** Counts code points, as SQLite does. */
function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) {
    length += 1;
  }
  return length;
}
