/** Teams, mappings of groups, grants for teams, logins, staged connections. */
import { accessTables } from "./access-tables.ts";
import type { Migration } from "./migration.ts";

/** Migration 7. */
export const migration0007: Migration = {
  number: 7,
  title: "teams, mappings of groups, logins",
  // An older program would not keep grants in step with groups.
  breaking: true,
  statements: [
    // The key of a table cannot be changed: the rows move. team_id: empty for the tenant itself.
    `CREATE TABLE grants_for_teams (
      tenant_id TEXT NOT NULL,
      account_id TEXT NOT NULL,
      team_id TEXT NOT NULL,
      source TEXT NOT NULL,
      source_id TEXT NOT NULL,
      role TEXT NOT NULL,
      at TEXT NOT NULL,
      PRIMARY KEY (tenant_id, account_id, team_id, source, source_id)
    ) STRICT, WITHOUT ROWID`,
    `INSERT INTO grants_for_teams (tenant_id, account_id, team_id, source, source_id, role, at)
      SELECT tenant_id, account_id, '', source, source_id, role, at FROM grants`,
    `DROP TABLE grants`,
    `ALTER TABLE grants_for_teams RENAME TO grants`,
    `CREATE INDEX grants_role ON grants (tenant_id, role)`,
    // The roles that a tenant has when it names none are others from now on: those that there are keep theirs.
    `UPDATE tenants SET settings = json_set(settings, '$.roles', json('["owner","admin","member","viewer"]'))
      WHERE json_extract(settings, '$.roles') IS NULL`,
    ...accessTables({ text: "TEXT", integer: "INTEGER", keyed: " STRICT, WITHOUT ROWID" }),
  ],
};
