/** Which tables a backup has, and which it leaves out and why. */

/** Tables of a backup, in an order in which their rows can be put in: what is referred to comes first. */
export const snapshotTables: readonly string[] = [
  "tenants",
  "tenant_slugs",
  "connections",
  "credential_ids",
  "credentials",
  "oauth_clients",
  "oauth_assertions",
  "admin_credentials",
  "idempotency_keys",
  "instance_facts",
  "instance_audit_logs",
  "accounts",
  "account_emails",
  "account_refs",
  "account_tenants",
  "domain_claims",
  "domains",
  "resource_totals",
  "resources",
  "unique_keys",
  "point_values",
  "relations",
  "members",
  "tombstones",
  "tombstone_keys",
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
  "invitations",
  "mails",
  "audit_entries",
  "outbox_events",
  "webhooks",
  "webhook_deliveries",
];

/** Every other table, with the reason why a backup has no rows of it. */
export const tablesLeftOut: Readonly<Record<string, string>> = {
  request_log: "what is kept for some days and written apart from everything else",
  leases: "who does something at the moment",
  tenant_facts: "a row for each tenant, to be locked",
  tenant_turns: "a row for each tenant, to be locked",
  resource_total_deltas: "added up in resource_totals",
  instance_counters: "counts the request log",
  applied_migrations: "the database has its own",
  migration_lock: "the database has its own",
};

/** How many rows are given at once at most. */
export const rowsAtOnceMax = 500;

/** How many characters of values are given at once, about. */
export const charactersAtOnceMax = 1_000_000;

/** About how many characters a row has. */
export function lengthOfRow(row: readonly unknown[]): number {
  return row.reduce<number>(
    (length, value) => length + (typeof value === "string" ? value.length : 8),
    0,
  );
}
