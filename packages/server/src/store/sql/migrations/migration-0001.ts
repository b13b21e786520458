/** The first tables: tenants, connections, credentials, resources with members and keys, audit log, outbox. */
import type { Migration } from "./migration.ts";

/** Migration 1. */
export const migration0001: Migration = {
  number: 1,
  title: "first tables",
  breaking: true,
  statements: [
    // The counters give audit entries and outbox events their order in the tenant.
    `CREATE TABLE tenants (
      tenant_id TEXT NOT NULL PRIMARY KEY,
      slug TEXT NOT NULL,
      name TEXT NOT NULL,
      created_at TEXT NOT NULL,
      last_audit_number INTEGER NOT NULL DEFAULT 0,
      last_outbox_position INTEGER NOT NULL DEFAULT 0
    ) STRICT`,
    // Unique in the instance, and therefore a table of its own, without tenant_id in front.
    `CREATE TABLE tenant_slugs (
      slug TEXT NOT NULL PRIMARY KEY,
      tenant_id TEXT NOT NULL
    ) STRICT`,
    // unique_key_paths: JSON, by resource type; null until the connection was saved for the first time.
    `CREATE TABLE connections (
      tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id),
      connection_id TEXT NOT NULL,
      slug TEXT NOT NULL,
      name TEXT NOT NULL,
      profile TEXT NOT NULL,
      settings TEXT NOT NULL,
      disabled INTEGER NOT NULL,
      created_at TEXT NOT NULL,
      unique_key_paths TEXT,
      PRIMARY KEY (tenant_id, connection_id),
      CONSTRAINT connections_slug UNIQUE (tenant_id, slug)
    ) STRICT`,
    // Found by id alone: the id leads to the tenant.
    `CREATE TABLE credentials (
      credential_id TEXT NOT NULL PRIMARY KEY,
      tenant_id TEXT NOT NULL,
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
      FOREIGN KEY (tenant_id, connection_id) REFERENCES connections (tenant_id, connection_id)
    ) STRICT`,
    `CREATE INDEX credentials_connection ON credentials (tenant_id, connection_id, created_at)`,
    // What holds for all resources of one type of a population; point_paths: the paths that point_values has.
    `CREATE TABLE resource_totals (
      tenant_id TEXT NOT NULL,
      connection_id TEXT NOT NULL,
      resource_type TEXT NOT NULL,
      live INTEGER NOT NULL,
      last_sequence INTEGER NOT NULL,
      endpoint TEXT NOT NULL,
      point_paths TEXT NOT NULL,
      PRIMARY KEY (tenant_id, connection_id, resource_type)
    ) STRICT, WITHOUT ROWID`,
    // The long columns come last, so that reading the short ones never follows a chain of overflow pages.
    `CREATE TABLE resources (
      tenant_id TEXT NOT NULL,
      connection_id TEXT NOT NULL,
      resource_id TEXT NOT NULL,
      resource_type TEXT NOT NULL,
      sequence INTEGER NOT NULL,
      revision INTEGER NOT NULL,
      created_at TEXT NOT NULL,
      last_modified TEXT NOT NULL,
      display TEXT,
      folded_display TEXT,
      folded TEXT NOT NULL,
      attributes TEXT NOT NULL,
      PRIMARY KEY (tenant_id, connection_id, resource_id),
      CONSTRAINT resources_sequence UNIQUE (tenant_id, connection_id, resource_type, sequence),
      FOREIGN KEY (tenant_id, connection_id) REFERENCES connections (tenant_id, connection_id)
    ) STRICT`,
    // Has rows only while a rule is on, so that a setting can turn it on and off.
    `CREATE TABLE unique_keys (
      tenant_id TEXT NOT NULL,
      connection_id TEXT NOT NULL,
      resource_type TEXT NOT NULL,
      path TEXT NOT NULL,
      key TEXT NOT NULL,
      resource_id TEXT NOT NULL,
      PRIMARY KEY (tenant_id, connection_id, resource_type, path, key),
      FOREIGN KEY (tenant_id, connection_id, resource_id)
        REFERENCES resources (tenant_id, connection_id, resource_id)
    ) STRICT, WITHOUT ROWID`,
    `CREATE INDEX unique_keys_holder ON unique_keys (tenant_id, connection_id, resource_id)`,
    // Without an index by holder and therefore without foreign key: a write knows the values from the resource itself.
    `CREATE TABLE point_values (
      tenant_id TEXT NOT NULL,
      connection_id TEXT NOT NULL,
      resource_type TEXT NOT NULL,
      path TEXT NOT NULL,
      value TEXT NOT NULL,
      resource_id TEXT NOT NULL,
      PRIMARY KEY (tenant_id, connection_id, resource_type, path, value, resource_id)
    ) STRICT, WITHOUT ROWID`,
    // relation: type and attribute of the holder, such as Group.members.
    `CREATE TABLE relations (
      tenant_id TEXT NOT NULL,
      connection_id TEXT NOT NULL,
      resource_id TEXT NOT NULL,
      relation TEXT NOT NULL,
      value_count INTEGER NOT NULL,
      last_position INTEGER NOT NULL,
      PRIMARY KEY (tenant_id, connection_id, resource_id, relation),
      FOREIGN KEY (tenant_id, connection_id, resource_id)
        REFERENCES resources (tenant_id, connection_id, resource_id)
    ) STRICT, WITHOUT ROWID`,
    // The key keeps them in order of insertion, the other index makes them unique and finds the holders of a value.
    `CREATE TABLE members (
      tenant_id TEXT NOT NULL,
      connection_id TEXT NOT NULL,
      resource_id TEXT NOT NULL,
      relation TEXT NOT NULL,
      position INTEGER NOT NULL,
      value TEXT NOT NULL,
      PRIMARY KEY (tenant_id, connection_id, resource_id, relation, position),
      CONSTRAINT members_value UNIQUE (tenant_id, connection_id, value, relation, resource_id),
      FOREIGN KEY (tenant_id, connection_id, resource_id)
        REFERENCES resources (tenant_id, connection_id, resource_id),
      FOREIGN KEY (tenant_id, connection_id, value)
        REFERENCES resources (tenant_id, connection_id, resource_id)
    ) STRICT, WITHOUT ROWID`,
    // account_id: who the resource stood for, once there are accounts.
    `CREATE TABLE tombstones (
      tenant_id TEXT NOT NULL,
      connection_id TEXT NOT NULL,
      resource_id TEXT NOT NULL,
      resource_type TEXT NOT NULL,
      deleted_at TEXT NOT NULL,
      revision INTEGER NOT NULL,
      account_id TEXT,
      attributes TEXT,
      PRIMARY KEY (tenant_id, connection_id, resource_id),
      FOREIGN KEY (tenant_id, connection_id) REFERENCES connections (tenant_id, connection_id)
    ) STRICT`,
    // Both in the order of their end, so that a daily look finds what is due and nothing else.
    `CREATE INDEX tombstones_deleted ON tombstones (tenant_id, deleted_at)`,
    `CREATE INDEX tombstones_restorable ON tombstones (tenant_id, deleted_at)
      WHERE attributes IS NOT NULL`,
    `CREATE TABLE tombstone_keys (
      tenant_id TEXT NOT NULL,
      connection_id TEXT NOT NULL,
      resource_type TEXT NOT NULL,
      path TEXT NOT NULL,
      key_hash TEXT NOT NULL,
      resource_id TEXT NOT NULL,
      PRIMARY KEY (tenant_id, connection_id, resource_type, path, key_hash, resource_id)
    ) STRICT, WITHOUT ROWID`,
    `CREATE INDEX tombstone_keys_holder
      ON tombstone_keys (tenant_id, connection_id, resource_id)`,
    // Copies, no references: an entry outlives everything it speaks of, its tenant included.
    `CREATE TABLE audit_entries (
      tenant_id TEXT NOT NULL,
      audit_number INTEGER NOT NULL,
      entry_id TEXT NOT NULL,
      at TEXT NOT NULL,
      actor_kind TEXT NOT NULL,
      actor_id TEXT NOT NULL,
      request_id TEXT NOT NULL,
      action TEXT NOT NULL,
      outcome TEXT NOT NULL,
      target_type TEXT NOT NULL,
      target_id TEXT NOT NULL,
      target_name TEXT,
      target_external_id TEXT,
      differences TEXT NOT NULL,
      relations TEXT NOT NULL,
      PRIMARY KEY (tenant_id, audit_number)
    ) STRICT`,
    `CREATE INDEX audit_entries_target ON audit_entries (tenant_id, target_id, audit_number)`,
    `CREATE TABLE outbox_events (
      tenant_id TEXT NOT NULL,
      position INTEGER NOT NULL,
      event_id TEXT NOT NULL,
      type TEXT NOT NULL,
      at TEXT NOT NULL,
      resource_type TEXT NOT NULL,
      resource_id TEXT NOT NULL,
      revision INTEGER NOT NULL,
      data TEXT NOT NULL,
      PRIMARY KEY (tenant_id, position)
    ) STRICT`,
  ],
};
