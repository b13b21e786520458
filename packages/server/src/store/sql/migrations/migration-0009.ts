/** OAuth clients of connections. */
import type { Migration } from "./migration.ts";
import { oauthTables } from "./oauth-tables.ts";

/** Migration 9. */
export const migration0009: Migration = {
  number: 9,
  title: "OAuth clients",
  // An older program would leave them behind with a connection that it removes.
  breaking: true,
  statements: [
    ...oauthTables({ text: "TEXT", integer: "INTEGER", keyed: " STRICT, WITHOUT ROWID" }),
  ],
};
