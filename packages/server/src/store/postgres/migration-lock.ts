/** The lock of whatever changes the tables: one row, held until the transaction is over. */
import type { Statement } from "../sql/statement.ts";
import { statement } from "../sql/statement.ts";

/** Makes others who change tables wait. */
export const migrationLock: readonly Statement[] = [
  statement(`SELECT name FROM migration_lock WHERE name = 'migrate' FOR UPDATE`),
];
