/** The history of the request log's schema, which has a file of its own. */
import type { Migration } from "./migration.ts";

/** All migrations of the request log. */
export const requestLogMigrations: readonly Migration[] = [
  {
    number: 1,
    title: "request log",
    breaking: true,
    statements: [
      // AUTOINCREMENT: a reader that follows the log must never see a sequence twice.
      `CREATE TABLE request_log (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        tenant_id TEXT,
        connection_id TEXT,
        credential_id TEXT,
        request_id TEXT NOT NULL,
        at TEXT NOT NULL,
        client TEXT NOT NULL,
        method TEXT NOT NULL,
        path_template TEXT NOT NULL,
        status INTEGER NOT NULL,
        scim_type TEXT,
        reason TEXT,
        warnings TEXT NOT NULL,
        duration_ms REAL NOT NULL
      ) STRICT`,
      `CREATE INDEX request_log_tenant ON request_log (tenant_id, sequence)`,
      `CREATE INDEX request_log_at ON request_log (at)`,
    ],
  },
];
