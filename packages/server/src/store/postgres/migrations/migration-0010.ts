/** OAuth clients of connections. */
import type { Migration } from "../../sql/migrations/migration.ts";
import { oauthTables } from "../../sql/migrations/oauth-tables.ts";

/** Migration 10. */
export const migration0010: Migration = {
  number: 10,
  title: "OAuth clients",
  // An older program would leave them behind with a connection that it removes.
  breaking: true,
  statements: [
    ...oauthTables({ text: `TEXT COLLATE "C"`, integer: "BIGINT", keyed: "" }),
    // As in migration 2: plans for the largest tenant.
    `ALTER TABLE oauth_assertions ALTER COLUMN tenant_id SET (n_distinct = 1)`,
  ],
};
