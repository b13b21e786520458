/**
 * Tables that have grown so much since PostgreSQL last looked at them that its plans are for another size. Autovacuum
 * sees to that too, but a minute later, in which a first synchronisation has read its own growing population for each
 * row it looks up.
 */
import type { Script } from "../sql/script.ts";
import { changesOf, rowsOf } from "../sql/script.ts";
import { statement } from "../sql/statement.ts";
import { tablesOfTenants } from "./table-places.ts";

/** Beyond that many pages of 8 KiB a table changes its size slowly enough for autovacuum. */
const pagesMax = 20_000;

/** Lists the tables that are twice as large as PostgreSQL knows. */
export function* grownTables(): Script<readonly string[]> {
  const names = tablesOfTenants.map(() => "?").join(", ");
  const rows = yield* rowsOf<{ name: string }>(
    statement(
      `SELECT c.relname AS name FROM pg_class AS c
       CROSS JOIN LATERAL (SELECT pg_relation_size(c.oid) / 8192 AS pages) AS now
       WHERE c.oid IN (SELECT to_regclass(one.name) FROM unnest(ARRAY[${names}]) AS one (name))
         AND now.pages BETWEEN 1 AND ${pagesMax}
         AND (c.reltuples < 0 OR now.pages >= 2 * c.relpages + 8)`,
      ...tablesOfTenants,
    ),
  );
  return rows.map(({ name }) => name);
}

/** Lets PostgreSQL look at a table, unless somebody else is at it; plans are made anew after that. */
export function* planAnew(table: string): Script<void> {
  if (!tablesOfTenants.includes(table)) {
    throw new TypeError(`${table} is no table of tenants`);
  }
  yield* changesOf(statement(`ANALYZE (SKIP_LOCKED) ${table}`));
}
