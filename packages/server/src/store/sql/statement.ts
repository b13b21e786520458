/** SQL statements as values: text with `?` placeholders and its parameters, put together without ever quoting a value. */

/** What a parameter or a column can hold. */
export type SqlValue = string | number | null;

/** A statement, or a part of one, with the parameters of its placeholders in order. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
}

/** Makes a statement from its finished text. */
export function statement(sql: string, ...parameters: readonly SqlValue[]): Statement {
  return { sql, parameters };
}

/** Composes a statement: parts are spliced in, everything else becomes a parameter. */
export function compose(
  texts: TemplateStringsArray,
  ...parts: readonly (Statement | SqlValue)[]
): Statement {
  let sql = texts[0] ?? "";
  const parameters: SqlValue[] = [];
  for (const [index, part] of parts.entries()) {
    if (typeof part === "object" && part !== null) {
      sql += part.sql;
      parameters.push(...part.parameters);
    } else {
      sql += "?";
      parameters.push(part);
    }
    sql += texts[index + 1] ?? "";
  }
  return { sql, parameters };
}

/** Joins statements with a word between them. */
export function joined(parts: readonly Statement[], separator: string): Statement {
  return {
    sql: parts.map(({ sql }) => sql).join(separator),
    parameters: parts.flatMap(({ parameters }) => parameters),
  };
}
