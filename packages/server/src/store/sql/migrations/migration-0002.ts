/** Credentials keyed by tenant, with their ids in a table of their own; facts of the instance; indexes that an operator names. */
import type { Migration } from "./migration.ts";

/** Migration 2. */
export const migration0002: Migration = {
  number: 2,
  title: "credentials by tenant, facts of the instance, index paths",
  breaking: true,
  statements: [
    // Unique in the instance: a token has nothing but the id, which leads to the tenant.
    `CREATE TABLE credential_ids (
      credential_id TEXT NOT NULL PRIMARY KEY,
      tenant_id TEXT NOT NULL
    ) STRICT`,
    `INSERT INTO credential_ids (credential_id, tenant_id)
      SELECT credential_id, tenant_id FROM credentials`,
    `CREATE TABLE credentials_by_tenant (
      tenant_id TEXT NOT NULL,
      credential_id TEXT NOT NULL,
      connection_id TEXT NOT NULL,
      name TEXT NOT NULL,
      secret_hash TEXT NOT NULL,
      pepper_version INTEGER NOT NULL,
      last_four TEXT NOT NULL,
      scopes TEXT NOT NULL,
      cidrs TEXT NOT NULL,
      created_at TEXT NOT NULL,
      creator TEXT NOT NULL,
      expires_at TEXT,
      revoked_at TEXT,
      last_used_at TEXT,
      PRIMARY KEY (tenant_id, credential_id),
      FOREIGN KEY (tenant_id, connection_id) REFERENCES connections (tenant_id, connection_id)
    ) STRICT`,
    `INSERT INTO credentials_by_tenant (tenant_id, credential_id, connection_id, name, secret_hash,
        pepper_version, last_four, scopes, cidrs, created_at, creator, expires_at, revoked_at,
        last_used_at)
      SELECT tenant_id, credential_id, connection_id, name, secret_hash,
        pepper_version, last_four, scopes, cidrs, created_at, creator, expires_at, revoked_at,
        last_used_at
      FROM credentials`,
    `DROP TABLE credentials`,
    `ALTER TABLE credentials_by_tenant RENAME TO credentials`,
    `CREATE INDEX credentials_connection ON credentials (tenant_id, connection_id, created_at)`,
    // Such as which instance key the hashes were made with.
    `CREATE TABLE instance_facts (
      name TEXT NOT NULL PRIMARY KEY,
      value TEXT NOT NULL
    ) STRICT`,
    // JSON, by resource type; null where nobody has named any.
    `ALTER TABLE connections ADD COLUMN index_paths TEXT`,
  ],
};
