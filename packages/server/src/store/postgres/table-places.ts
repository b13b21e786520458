/** Where each table lives once the database is distributed by tenant: with the tenant, on every node, or where migrations run. */

/** Tables of tenants, distributed by `tenant_id`; a table that others refer to comes before them. */
export const tablesOfTenants: readonly string[] = [
  "tenants",
  "tenant_facts",
  "tenant_turns",
  "connections",
  "credentials",
  "oauth_clients",
  "oauth_assertions",
  "resource_totals",
  "resource_total_deltas",
  "resources",
  "unique_keys",
  "point_values",
  "relations",
  "members",
  "tombstones",
  "tombstone_keys",
  "audit_entries",
  "outbox_events",
  "request_log",
  "teams",
  "group_mappings",
  "mapped_groups",
  "group_grants",
  "oidc_connections",
  "links",
  "memberships",
  "grants",
  "locks",
  "declines",
  "login_identities",
  "login_groups",
  "domains",
  "invitations",
  "mails",
  "webhooks",
  "webhook_deliveries",
];

/** Tables of the whole instance: small, found by something else than the tenant, the same on every node. */
export const tablesOnEveryNode: readonly string[] = [
  "tenant_slugs",
  "credential_ids",
  "instance_facts",
  "instance_counters",
  "accounts",
  "account_emails",
  "account_refs",
  "account_tenants",
  "domain_claims",
  "admin_credentials",
  "instance_audit_logs",
  "idempotency_keys",
  "leases",
];

/** Tables of the migrations, which run on the coordinator; a lock is a row in one place. */
export const tablesOfCoordinator: readonly string[] = ["applied_migrations", "migration_lock"];

/** A foreign key between tables of tenants. */
export interface ForeignKey {
  readonly name: string;
  readonly table: string;
  /** As PostgreSQL writes it. */
  readonly definition: string;
}

/** Every foreign key: they go before tables are distributed and come back when all of them are. */
export const foreignKeys: readonly ForeignKey[] = [
  {
    name: "connections_tenant",
    table: "connections",
    definition: "FOREIGN KEY (tenant_id) REFERENCES tenants(tenant_id)",
  },
  {
    name: "credentials_of_connection",
    table: "credentials",
    definition:
      "FOREIGN KEY (tenant_id, connection_id) REFERENCES connections(tenant_id, connection_id)",
  },
  {
    name: "members_of_holder",
    table: "members",
    definition:
      "FOREIGN KEY (tenant_id, connection_id, resource_id) REFERENCES resources(tenant_id, connection_id, resource_id)",
  },
  {
    name: "members_are_live",
    table: "members",
    definition:
      "FOREIGN KEY (tenant_id, connection_id, value) REFERENCES resources(tenant_id, connection_id, resource_id)",
  },
];
