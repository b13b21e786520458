/** Teams, mappings of groups, what they give, and logins; written once for both databases. */
import type { ColumnTypes } from "./account-tables.ts";

/** The statements that make the tables; those of `grants` differ between the databases. */
export function accessTables({ text, integer, keyed }: ColumnTypes): readonly string[] {
  return [
    // live_name: the folded name while the team is not archived. connection_id, group_id: the group it was made for.
    `CREATE TABLE teams (
      tenant_id ${text} NOT NULL,
      team_id ${text} NOT NULL,
      name ${text} NOT NULL,
      live_name ${text},
      connection_id ${text},
      group_id ${text},
      created_at ${text} NOT NULL,
      archived_at ${text},
      PRIMARY KEY (tenant_id, team_id)
    )${keyed}`,
    `CREATE UNIQUE INDEX teams_live_name ON teams (tenant_id, live_name) WHERE live_name IS NOT NULL`,
    `CREATE UNIQUE INDEX teams_group ON teams (tenant_id, connection_id, group_id)
      WHERE group_id IS NOT NULL`,
    // connection_id: empty for the groups of all. team_id: empty for the tenant itself.
    `CREATE TABLE group_mappings (
      tenant_id ${text} NOT NULL,
      mapping_id ${text} NOT NULL,
      connection_id ${text} NOT NULL,
      pattern_kind ${text} NOT NULL,
      pattern ${text} NOT NULL,
      team_id ${text} NOT NULL,
      role ${text} NOT NULL,
      version ${integer} NOT NULL,
      created_at ${text} NOT NULL,
      PRIMARY KEY (tenant_id, mapping_id)
    )${keyed}`,
    `CREATE UNIQUE INDEX group_mappings_once ON group_mappings
      (tenant_id, connection_id, pattern_kind, pattern, team_id, role)`,
    // Which groups a mapping speaks of: patterns are no matter for SQL.
    `CREATE TABLE mapped_groups (
      tenant_id ${text} NOT NULL,
      connection_id ${text} NOT NULL,
      group_id ${text} NOT NULL,
      mapping_id ${text} NOT NULL,
      PRIMARY KEY (tenant_id, connection_id, group_id, mapping_id)
    )${keyed}`,
    `CREATE INDEX mapped_groups_mapping ON mapped_groups (tenant_id, mapping_id)`,
    // What a User gets as a member, direct or not, of a mapped group; group_id is the mapped one.
    `CREATE TABLE group_grants (
      tenant_id ${text} NOT NULL,
      connection_id ${text} NOT NULL,
      resource_id ${text} NOT NULL,
      group_id ${text} NOT NULL,
      mapping_id ${text} NOT NULL,
      at ${text} NOT NULL,
      request_id ${text},
      PRIMARY KEY (tenant_id, connection_id, resource_id, group_id, mapping_id)
    )${keyed}`,
    `CREATE INDEX group_grants_group
      ON group_grants (tenant_id, connection_id, group_id, mapping_id, resource_id)`,
    // The groups that the last login of a person brought, as the token names them.
    `CREATE TABLE login_groups (
      tenant_id ${text} NOT NULL,
      account_id ${text} NOT NULL,
      name ${text} NOT NULL,
      at ${text} NOT NULL,
      request_id ${text},
      PRIMARY KEY (tenant_id, account_id, name)
    )${keyed}`,
    `CREATE INDEX login_groups_name ON login_groups (tenant_id, name, account_id)`,
    // client_secret: sealed under the instance key. settings: JSON, where it differs from the defaults.
    `CREATE TABLE oidc_connections (
      tenant_id ${text} NOT NULL PRIMARY KEY,
      issuer ${text} NOT NULL,
      client_id ${text} NOT NULL,
      client_secret ${text},
      settings ${text} NOT NULL,
      updated_at ${text} NOT NULL
    )${keyed}`,
    // Since when somebody is a member, and by which request.
    `ALTER TABLE members ADD COLUMN added_at ${text}`,
    `ALTER TABLE members ADD COLUMN request_id ${text}`,
    // 1: a login has made the person a member.
    `ALTER TABLE memberships ADD COLUMN by_login ${integer} NOT NULL DEFAULT 0`,
    // Grows with every change of the member's access that the application is told of.
    `ALTER TABLE memberships ADD COLUMN access_revision ${integer} NOT NULL DEFAULT 0`,
    // 1: what the client sends is stored, and gives nobody anything yet.
    `ALTER TABLE connections ADD COLUMN staged ${integer} NOT NULL DEFAULT 0`,
    // 0: the account is noted for the person's own sake; whoever comes back does not get it by the tombstone.
    `ALTER TABLE tombstones ADD COLUMN leads_back ${integer} NOT NULL DEFAULT 1`,
    // Users without an account, by why: what waits is tried again together.
    `CREATE INDEX links_waiting ON links (tenant_id, reason, connection_id, resource_id)
      WHERE state = 'none'`,
    `CREATE INDEX grants_team ON grants (tenant_id, team_id) WHERE team_id <> ''`,
    `CREATE INDEX grants_source ON grants (tenant_id, source, source_id)`,
    // What operators are told of: few rows of all tenants, looked for every hour.
    `CREATE INDEX grants_retained ON grants (tenant_id, at) WHERE source = 'retained'`,
    `CREATE INDEX audit_entries_refused ON audit_entries (tenant_id, at)
      WHERE outcome = 'refused'`,
  ];
}
