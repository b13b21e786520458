/** OAuth clients of connections, and the assertions that were used; written once for both databases. */
import type { ColumnTypes } from "./account-tables.ts";

/** The statements that make the tables. */
export function oauthTables({ text, keyed }: ColumnTypes): readonly string[] {
  return [
    // proof, secrets, scopes, cidrs: JSON. Found by id alone, as credentials are: credential_ids leads to the tenant.
    `CREATE TABLE oauth_clients (
      tenant_id ${text} NOT NULL,
      client_id ${text} NOT NULL,
      connection_id ${text} NOT NULL,
      name ${text} NOT NULL,
      proof ${text} NOT NULL,
      secrets ${text} NOT NULL,
      scopes ${text} NOT NULL,
      cidrs ${text} NOT NULL,
      created_at ${text} NOT NULL,
      creator ${text} NOT NULL,
      tokens_since ${text},
      last_used_at ${text},
      PRIMARY KEY (tenant_id, client_id)
    )${keyed}`,
    `CREATE INDEX oauth_clients_connection ON oauth_clients (tenant_id, connection_id, created_at)`,
    `CREATE UNIQUE INDEX oauth_clients_name ON oauth_clients (tenant_id, connection_id, name)
      WHERE name <> ''`,
    // assertion_id: a hash. ends_at: when it is refused for its own sake.
    `CREATE TABLE oauth_assertions (
      tenant_id ${text} NOT NULL,
      client_id ${text} NOT NULL,
      assertion_id ${text} NOT NULL,
      ends_at ${text} NOT NULL,
      PRIMARY KEY (tenant_id, client_id, assertion_id)
    )${keyed}`,
    `CREATE INDEX oauth_assertions_ends ON oauth_assertions (tenant_id, ends_at)`,
  ];
}
