/** PostgreSQL's way of reading JSON documents and lists. */
import { createHash } from "node:crypto";
import type { SqlDialect } from "../sql/sql-dialect.ts";
import type { Statement } from "../sql/statement.ts";
import { compose, statement } from "../sql/statement.ts";

/** An index row holds 2,704 bytes; the ids and the path beside the value need the rest. */
const indexedBytesMax = 1000;

/** Makes the form of a long value longer than any short one is, so that no value passes for the hash of another. */
const hashedEnding = "~".repeat(indexedBytesMax);

/** What PostgreSQL writes in its own way. */
export const postgresDialect: SqlDialect = {
  writers: "many",
  // In the collation of the columns: a recursive table that begins with these values goes on with those.
  listTable:
    '(SELECT l.ordinality - 1 AS key, l.value COLLATE "C" AS value FROM jsonb_array_elements_text(CAST(? AS jsonb)) WITH ORDINALITY AS l (value, ordinality))',
  // As an array: of a subquery the planner expects more rows than there are, and reads all to compare.
  oneOf: (column, values) =>
    compose`${statement(column)} = ANY (ARRAY(SELECT l.value FROM jsonb_array_elements_text(CAST(${JSON.stringify(values)} AS jsonb)) AS l (value)))`,
  oneOfThose: (column, query) => compose`${statement(column)} = ANY (ARRAY(${query}))`,
  // Behind OFFSET a table is no longer joined in whatever way the planner likes.
  eachOf: (table, name, columns, condition) =>
    compose`CROSS JOIN LATERAL (SELECT ${statement(columns.map((column) => `${name}.${column}`).join(", "))} FROM ${statement(table)} AS ${statement(name)} WHERE ${condition} OFFSET 0) AS ${statement(name)}`,
  // A limit that never holds: PostgreSQL expects fewer rows behind one, and looks each up instead of reading all.
  few: (table) =>
    compose`(SELECT resource_id FROM ${statement(table)} LIMIT ${Number.MAX_SAFE_INTEGER})`,
  documentIn: (column) => statement(`CAST(${column} AS jsonb)`),
  textAt: (document, path) => binary(compose`${document} #>> ${pathOf(path)}`),
  numberAt: (document, path) => numberOf(compose`(${document} #> ${pathOf(path)})`),
  jsonAt: (document, path) => compose`CAST(${document} #> ${pathOf(path)} AS text)`,
  isAt: (document, path, value) =>
    compose`(${document} #> ${pathOf(path)}) = CAST(${String(value)} AS jsonb)`,
  elementsAt: (document, path, name) => {
    const array = compose`(${document} #> ${pathOf(path)})`;
    return compose`jsonb_array_elements(CASE WHEN jsonb_typeof(${array}) = 'array' THEN ${array} END) AS ${statement(name)} (value)`;
  },
  element: {
    document: (name) => statement(`${name}.value`),
    text: (name) => binary(statement(`${name}.value #>> '{}'`)),
    number: (name) => numberOf(statement(`${name}.value`)),
    is: (name, value) => compose`${statement(name)}.value = CAST(${String(value)} AS jsonb)`,
  },
  // Of ASCII alone: the collation C knows no other letters.
  folded: (text) => compose`lower(${binary(text)})`,
  indexed: {
    value: (text) =>
      Buffer.byteLength(text) <= indexedBytesMax
        ? text
        : createHash("sha256").update(text).digest("hex") + hashedEnding,
    part: (text) =>
      compose`CASE WHEN octet_length(${text}) <= ${statement(String(indexedBytesMax))} THEN ${text} ELSE encode(sha256(convert_to(${text}, 'UTF8')), 'hex') || ${hashedEnding} END`,
  },
  uriComponent: (text) => {
    const bytes = compose`convert_to(${text}, 'UTF8')`;
    return compose`(SELECT string_agg(CASE WHEN position(chr(c.code) in ${uriUnreserved}) > 0 THEN chr(c.code) ELSE '%' || upper(lpad(to_hex(c.code), 2, '0')) END, '' ORDER BY c.place) FROM (SELECT b.place, get_byte(${bytes}, b.place) AS code FROM generate_series(0, octet_length(${bytes}) - 1) AS b (place)) AS c)`;
  },
  text: (value) => binary(compose`CAST(${value} AS text)`),
  number: (value) => compose`CAST(${value} AS double precision)`,
  contains: (text, literal) => compose`strpos(${text}, ${literal}) > 0`,
  beginsWith: (text, literal) => compose`starts_with(${text}, ${literal})`,
  endsWith: (text, literal) =>
    literal === ""
      ? compose`${text} IS NOT NULL`
      : compose`right(${text}, ${statement(String([...literal].length))}) = ${literal}`,
};

/** What `encodeURIComponent` leaves as it is. */
const uriUnreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()";

function binary(text: Statement): Statement {
  return compose`((${text}) COLLATE "C")`;
}

function numberOf(json: Statement): Statement {
  return compose`CASE WHEN jsonb_typeof(${json}) = 'number' THEN CAST(${json} AS double precision) END`;
}

/** A path as the text of an array, each name quoted. */
function pathOf(path: readonly string[]): Statement {
  const names = path.map((name) => `"${name.replace(/["\\]/g, "\\$&")}"`);
  return compose`CAST(${`{${names.join(",")}}`} AS text[])`;
}
