/** Teams, mappings of groups, grants for teams, logins, staged connections. */
import { accessTables } from "../../sql/migrations/access-tables.ts";
import type { Migration } from "../../sql/migrations/migration.ts";

const ofTenants = ["teams", "group_mappings", "login_groups"];

const ofConnections = ["mapped_groups", "group_grants"];

/** Migration 8. */
export const migration0008: Migration = {
  number: 8,
  title: "teams, mappings of groups, logins",
  // An older program would not keep grants in step with groups.
  breaking: true,
  statements: [
    `ALTER TABLE grants ADD COLUMN team_id TEXT COLLATE "C" NOT NULL DEFAULT ''`,
    `ALTER TABLE grants ALTER COLUMN team_id DROP DEFAULT`,
    `ALTER TABLE grants DROP CONSTRAINT grants_pkey`,
    `ALTER TABLE grants ADD PRIMARY KEY (tenant_id, account_id, team_id, source, source_id)`,
    // The roles that a tenant has when it names none are others from now on: those that there are keep theirs.
    `UPDATE tenants SET settings =
        jsonb_set(CAST(settings AS jsonb), '{roles}', '["owner","admin","member","viewer"]')::text
      WHERE CAST(settings AS jsonb) -> 'roles' IS NULL`,
    ...accessTables({ text: `TEXT COLLATE "C"`, integer: "BIGINT", keyed: "" }),
    // As in migration 2: plans for the largest tenant.
    ...ofTenants.map((table) => `ALTER TABLE ${table} ALTER COLUMN tenant_id SET (n_distinct = 1)`),
    ...ofConnections.map(
      (table) => `ALTER TABLE ${table} ALTER COLUMN tenant_id SET (n_distinct = 1),
        ALTER COLUMN connection_id SET (n_distinct = 1)`,
    ),
  ],
};
