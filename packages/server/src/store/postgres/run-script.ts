/** Runs scripts on a connection: the statements of one step are sent together, the next step follows their results. */
import type { ClientBase, QueryConfig } from "pg";
import type { Script, StatementResult } from "../sql/script.ts";
import { runSteps } from "../sql/script.ts";
import type { Statement } from "../sql/statement.ts";

/** Turns a statement into a query of the driver. */
export type PrepareQuery = (statement: Statement) => QueryConfig;

/** The most statement texts that are prepared; those that filters make are seldom the same twice. */
const preparedMax = 300;

/** The most texts whose placeholders are kept in PostgreSQL's form. */
const textsMax = 2000;

/** From how many uses on a text is prepared by name. */
const usesBeforePrepared = 3;

/** Makes the function that gives queries their placeholders and, to the ones used again and again, a name. */
export function createPrepareQuery(): PrepareQuery {
  const texts = new Map<string, { readonly text: string; uses: number; name?: string }>();
  let names = 0;
  return ({ sql, parameters }) => {
    let known = texts.get(sql);
    if (known === undefined) {
      if (texts.size >= textsMax) {
        dropUnnamed(texts);
      }
      known = { text: withNumberedPlaceholders(sql), uses: 0 };
      texts.set(sql, known);
    }
    known.uses += 1;
    if (known.name === undefined && known.uses >= usesBeforePrepared && names < preparedMax) {
      names += 1;
      known.name = `rollcall_${names}`;
    }
    const { text, name } = known;
    return { text, values: [...parameters], ...(name === undefined ? {} : { name }) };
  };
}

function dropUnnamed(texts: Map<string, { readonly name?: string }>): void {
  for (const [sql, { name }] of texts) {
    if (name === undefined) {
      texts.delete(sql);
    }
  }
}

/** No statement has a question mark that is no placeholder. */
function withNumberedPlaceholders(sql: string): string {
  let count = 0;
  return sql.replace(/\?/g, () => {
    count += 1;
    return `$${count}`;
  });
}

/** Runs a script step by step; `setUp` gives what is sent before the statements of each. */
export function runScript<Result>(
  script: Script<Result>,
  client: Pick<ClientBase, "query">,
  prepare: PrepareQuery,
  setUp: () => readonly string[] = () => [],
): Promise<Result> {
  return runSteps(script, async (statements) => {
    const before = setUp().map((text) => client.query(text));
    const results = statements.map(async (statement): Promise<StatementResult> => {
      const { rows, rowCount } = await client.query(prepare(statement));
      return { rows, changes: rowCount ?? 0 };
    });
    const [done] = await Promise.all([Promise.all(results), ...before]);
    return done;
  });
}
