/** The tables on PostgreSQL: as on SQLite, and rows in place of counters wherever all writers of a tenant would meet. */
import type { Migration } from "../../sql/migrations/migration.ts";

/** Binary order on every database, whatever its locale: what the evaluator compares by. */
const text = `TEXT COLLATE "C"`;

/** Migration 1. */
export const migration0001: Migration = {
  number: 1,
  title: "first tables",
  breaking: true,
  statements: [
    // last_…: what the numbering after commit has given last.
    `CREATE TABLE tenants (
      tenant_id ${text} NOT NULL PRIMARY KEY,
      slug ${text} NOT NULL,
      name ${text} NOT NULL,
      created_at ${text} NOT NULL,
      last_audit_number BIGINT NOT NULL DEFAULT 0,
      last_outbox_position BIGINT NOT NULL DEFAULT 0
    )`,
    // The order of facts in a tenant; a table of its own, so that it has nothing to do with the numbers.
    `CREATE TABLE tenant_facts (
      tenant_id ${text} NOT NULL PRIMARY KEY
    )`,
    // Unique in the instance.
    `CREATE TABLE tenant_slugs (
      slug ${text} NOT NULL PRIMARY KEY,
      tenant_id ${text} NOT NULL
    )`,
    `CREATE TABLE connections (
      tenant_id ${text} NOT NULL,
      connection_id ${text} NOT NULL,
      slug ${text} NOT NULL,
      name ${text} NOT NULL,
      profile ${text} NOT NULL,
      settings ${text} NOT NULL,
      disabled BIGINT NOT NULL,
      created_at ${text} NOT NULL,
      unique_key_paths ${text},
      index_paths ${text},
      PRIMARY KEY (tenant_id, connection_id),
      CONSTRAINT connections_slug UNIQUE (tenant_id, slug),
      CONSTRAINT connections_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
    )`,
    // Unique in the instance: a token has nothing but the id, which leads to the tenant.
    `CREATE TABLE credential_ids (
      credential_id ${text} NOT NULL PRIMARY KEY,
      tenant_id ${text} NOT NULL
    )`,
    `CREATE TABLE credentials (
      tenant_id ${text} NOT NULL,
      credential_id ${text} NOT NULL,
      connection_id ${text} NOT NULL,
      name ${text} NOT NULL,
      secret_hash ${text} NOT NULL,
      pepper_version BIGINT NOT NULL,
      last_four ${text} NOT NULL,
      scopes ${text} NOT NULL,
      cidrs ${text} NOT NULL,
      created_at ${text} NOT NULL,
      creator ${text} NOT NULL,
      expires_at ${text},
      revoked_at ${text},
      last_used_at ${text},
      PRIMARY KEY (tenant_id, credential_id),
      CONSTRAINT credentials_of_connection FOREIGN KEY (tenant_id, connection_id)
        REFERENCES connections (tenant_id, connection_id)
    )`,
    `CREATE INDEX credentials_connection ON credentials (tenant_id, connection_id, created_at)`,
    // live: the total up to the last fold; what has come since is in resource_total_deltas.
    `CREATE TABLE resource_totals (
      tenant_id ${text} NOT NULL,
      connection_id ${text} NOT NULL,
      resource_type ${text} NOT NULL,
      live BIGINT NOT NULL,
      last_sequence BIGINT NOT NULL,
      endpoint ${text} NOT NULL,
      point_paths ${text} NOT NULL,
      PRIMARY KEY (tenant_id, connection_id, resource_type)
    )`,
    `CREATE TABLE resource_total_deltas (
      tenant_id ${text} NOT NULL,
      connection_id ${text} NOT NULL,
      resource_type ${text} NOT NULL,
      sequence BIGINT NOT NULL,
      live BIGINT NOT NULL,
      PRIMARY KEY (tenant_id, connection_id, resource_type, sequence)
    )`,
    // No foreign key to the connection: a write holds the facts of the tenant, without which nothing of it goes away.
    `CREATE TABLE resources (
      tenant_id ${text} NOT NULL,
      connection_id ${text} NOT NULL,
      resource_id ${text} NOT NULL,
      resource_type ${text} NOT NULL,
      sequence BIGINT NOT NULL,
      revision BIGINT NOT NULL,
      created_at ${text} NOT NULL,
      last_modified ${text} NOT NULL,
      display ${text},
      folded_display ${text},
      folded JSONB NOT NULL,
      attributes ${text} NOT NULL,
      PRIMARY KEY (tenant_id, connection_id, resource_id),
      CONSTRAINT resources_sequence UNIQUE (tenant_id, connection_id, resource_type, sequence)
    )`,
    `CREATE TABLE unique_keys (
      tenant_id ${text} NOT NULL,
      connection_id ${text} NOT NULL,
      resource_type ${text} NOT NULL,
      path ${text} NOT NULL,
      key ${text} NOT NULL,
      resource_id ${text} NOT NULL,
      PRIMARY KEY (tenant_id, connection_id, resource_type, path, key)
    )`,
    `CREATE INDEX unique_keys_holder ON unique_keys (tenant_id, connection_id, resource_id)`,
    `CREATE TABLE point_values (
      tenant_id ${text} NOT NULL,
      connection_id ${text} NOT NULL,
      resource_type ${text} NOT NULL,
      path ${text} NOT NULL,
      value ${text} NOT NULL,
      resource_id ${text} NOT NULL,
      PRIMARY KEY (tenant_id, connection_id, resource_type, path, value, resource_id)
    )`,
    `CREATE TABLE relations (
      tenant_id ${text} NOT NULL,
      connection_id ${text} NOT NULL,
      resource_id ${text} NOT NULL,
      relation ${text} NOT NULL,
      value_count BIGINT NOT NULL,
      last_position BIGINT NOT NULL,
      PRIMARY KEY (tenant_id, connection_id, resource_id, relation)
    )`,
    // The foreign keys are the judges between adding a member and deleting who is added.
    `CREATE TABLE members (
      tenant_id ${text} NOT NULL,
      connection_id ${text} NOT NULL,
      resource_id ${text} NOT NULL,
      relation ${text} NOT NULL,
      position BIGINT NOT NULL,
      value ${text} NOT NULL,
      PRIMARY KEY (tenant_id, connection_id, resource_id, relation, position),
      CONSTRAINT members_value UNIQUE (tenant_id, connection_id, value, relation, resource_id),
      CONSTRAINT members_of_holder FOREIGN KEY (tenant_id, connection_id, resource_id)
        REFERENCES resources (tenant_id, connection_id, resource_id),
      CONSTRAINT members_are_live FOREIGN KEY (tenant_id, connection_id, value)
        REFERENCES resources (tenant_id, connection_id, resource_id)
    )`,
    `CREATE TABLE tombstones (
      tenant_id ${text} NOT NULL,
      connection_id ${text} NOT NULL,
      resource_id ${text} NOT NULL,
      resource_type ${text} NOT NULL,
      deleted_at ${text} NOT NULL,
      revision BIGINT NOT NULL,
      account_id ${text},
      attributes ${text},
      PRIMARY KEY (tenant_id, connection_id, resource_id)
    )`,
    `CREATE INDEX tombstones_deleted ON tombstones (tenant_id, deleted_at)`,
    `CREATE INDEX tombstones_restorable ON tombstones (tenant_id, deleted_at)
      WHERE attributes IS NOT NULL`,
    `CREATE TABLE tombstone_keys (
      tenant_id ${text} NOT NULL,
      connection_id ${text} NOT NULL,
      resource_type ${text} NOT NULL,
      path ${text} NOT NULL,
      key_hash ${text} NOT NULL,
      resource_id ${text} NOT NULL,
      PRIMARY KEY (tenant_id, connection_id, resource_type, path, key_hash, resource_id)
    )`,
    `CREATE INDEX tombstone_keys_holder
      ON tombstone_keys (tenant_id, connection_id, resource_id)`,
    // audit_number: null until it is numbered after commit, by time, target, revision and written_as.
    `CREATE TABLE audit_entries (
      tenant_id ${text} NOT NULL,
      entry_id ${text} NOT NULL,
      audit_number BIGINT,
      revision BIGINT NOT NULL,
      written_as BIGINT NOT NULL,
      at ${text} NOT NULL,
      actor_kind ${text} NOT NULL,
      actor_id ${text} NOT NULL,
      request_id ${text} NOT NULL,
      action ${text} NOT NULL,
      outcome ${text} NOT NULL,
      target_type ${text} NOT NULL,
      target_id ${text} NOT NULL,
      target_name ${text},
      target_external_id ${text},
      differences ${text} NOT NULL,
      relations ${text} NOT NULL,
      PRIMARY KEY (tenant_id, written_as, entry_id),
      CONSTRAINT audit_entries_number UNIQUE (tenant_id, audit_number)
    )`,
    `CREATE INDEX audit_entries_target ON audit_entries (tenant_id, target_id, audit_number)`,
    `CREATE INDEX audit_entries_unnumbered ON audit_entries (tenant_id, at)
      WHERE audit_number IS NULL`,
    // position: likewise.
    `CREATE TABLE outbox_events (
      tenant_id ${text} NOT NULL,
      event_id ${text} NOT NULL,
      position BIGINT,
      written_as BIGINT NOT NULL,
      type ${text} NOT NULL,
      at ${text} NOT NULL,
      resource_type ${text} NOT NULL,
      resource_id ${text} NOT NULL,
      revision BIGINT NOT NULL,
      data ${text} NOT NULL,
      PRIMARY KEY (tenant_id, written_as, event_id),
      CONSTRAINT outbox_events_position UNIQUE (tenant_id, position)
    )`,
    `CREATE INDEX outbox_events_unnumbered ON outbox_events (tenant_id, at)
      WHERE position IS NULL`,
    `CREATE TABLE instance_facts (
      name ${text} NOT NULL PRIMARY KEY,
      value ${text} NOT NULL
    )`,
    // One row for each sequence of the instance that has to be in the order of commit.
    `CREATE TABLE instance_counters (
      name ${text} NOT NULL PRIMARY KEY,
      last_number BIGINT NOT NULL
    )`,
    `INSERT INTO instance_counters (name, last_number) VALUES ('request_log', 0)`,
    // tenant_id: empty where nobody knows whose request it was.
    `CREATE TABLE request_log (
      tenant_id ${text} NOT NULL,
      sequence BIGINT NOT NULL,
      connection_id ${text},
      credential_id ${text},
      request_id ${text} NOT NULL,
      at ${text} NOT NULL,
      client ${text} NOT NULL,
      method ${text} NOT NULL,
      path_template ${text} NOT NULL,
      status BIGINT NOT NULL,
      scim_type ${text},
      reason ${text},
      warnings ${text} NOT NULL,
      duration_ms DOUBLE PRECISION NOT NULL,
      PRIMARY KEY (tenant_id, sequence)
    )`,
    `CREATE INDEX request_log_sequence ON request_log (sequence)`,
    `CREATE INDEX request_log_at ON request_log (at)`,
  ],
};
