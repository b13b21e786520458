/**
 * What SQLite's planner should know of the tables. Without it the planner takes tenant and connection alone for as good
 * a key as a whole one, and reads a population to find one row, in foreign key checks too. Figures that ANALYZE would
 * take from real rows would differ from one instance to the next, and so would the plans.
 */
import type { SqliteDatabase } from "./open-database.ts";

/** Rows of the table, then rows that share the first column of the index, the first two, and so on. */
const statistics: readonly (readonly [table: string, index: string, figures: string])[] = [
  ["tenants", "sqlite_autoindex_tenants_1", "1000 1"],
  ["tenant_slugs", "sqlite_autoindex_tenant_slugs_1", "1000 1"],
  ["connections", "sqlite_autoindex_connections_1", "2000 2 1"],
  ["connections", "sqlite_autoindex_connections_2", "2000 2 1"],
  ["credential_ids", "sqlite_autoindex_credential_ids_1", "4000 1"],
  ["credentials", "sqlite_autoindex_credentials_1", "4000 4 1"],
  ["credentials", "credentials_connection", "4000 4 2 1"],
  ["credentials", "credentials_live_name", "2000 2 1 1"],
  ["oauth_clients", "oauth_clients", "2000 2 1"],
  ["oauth_clients", "oauth_clients_connection", "2000 2 2 1"],
  ["oauth_clients", "oauth_clients_name", "2000 2 1 1"],
  ["oauth_assertions", "oauth_assertions", "10000 100 50 1"],
  ["oauth_assertions", "oauth_assertions_ends", "10000 100 2"],
  ["instance_facts", "sqlite_autoindex_instance_facts_1", "10 1"],
  ["resource_totals", "resource_totals", "4000 4 2 1"],
  ["resources", "sqlite_autoindex_resources_1", "1000000 100000 50000 1"],
  ["resources", "sqlite_autoindex_resources_2", "1000000 100000 50000 25000 1"],
  ["unique_keys", "unique_keys", "2000000 200000 100000 50000 25000 1"],
  ["unique_keys", "unique_keys_holder", "2000000 200000 100000 2"],
  ["point_values", "point_values", "4000000 400000 200000 100000 25000 2 1"],
  ["relations", "relations", "20000 2000 1000 1 1"],
  ["members", "members", "2000000 200000 100000 100 100 1"],
  ["members", "sqlite_autoindex_members_2", "2000000 200000 100000 4 4 1"],
  ["tombstones", "sqlite_autoindex_tombstones_1", "100000 10000 5000 1"],
  ["tombstones", "tombstones_deleted", "100000 10000 2"],
  ["tombstones", "tombstones_restorable", "10000 1000 2"],
  ["tombstone_keys", "tombstone_keys", "300000 30000 15000 7500 2500 2 1"],
  ["tombstone_keys", "tombstone_keys_holder", "300000 30000 15000 3"],
  ["audit_entries", "sqlite_autoindex_audit_entries_1", "1000000 100000 1"],
  ["audit_entries", "audit_entries_target", "1000000 100000 4 1"],
  ["audit_entries", "audit_entries_name", "1000000 100000 4 1"],
  ["audit_entries", "audit_entries_at", "1000000 100000 2 1"],
  ["audit_entries", "audit_entries_refused", "100 10 2"],
  ["outbox_events", "sqlite_autoindex_outbox_events_1", "1000000 100000 1"],
  ["outbox_events", "outbox_events_event", "1000000 100000 1"],
  ["accounts", "accounts", "1000000 1"],
  ["account_emails", "account_emails", "1000000 1"],
  ["account_refs", "account_refs", "100000 1"],
  ["account_tenants", "account_tenants", "1100000 2 1"],
  ["account_tenants", "account_tenants_tenant", "1100000 100000 1"],
  ["domain_claims", "domain_claims", "1000 2 1"],
  ["domain_claims", "domain_claims_tenant", "1000 2 1"],
  ["admin_credentials", "admin_credentials", "100 1"],
  ["admin_credentials", "admin_credentials_live_name_of_tenant", "100 2 1"],
  ["admin_credentials", "admin_credentials_live_name_of_instance", "20 1"],
  ["idempotency_keys", "idempotency_keys", "1000 100 1"],
  ["idempotency_keys", "idempotency_keys_age", "1000 2"],
  ["links", "links", "1000000 100000 50000 1"],
  ["links", "sqlite_autoindex_links_2", "1000000 100000 2 1"],
  ["links", "links_role", "100000 10000 2000"],
  ["links", "links_waiting", "20000 2000 1000 500 1"],
  ["memberships", "memberships", "1000000 100000 1"],
  ["grants", "grants", "100000 10000 2 2 2 1"],
  ["grants", "grants_role", "100000 10000 2000"],
  ["grants", "grants_team", "50000 5000 50"],
  ["grants", "grants_source", "100000 10000 5000 500"],
  ["grants", "grants_retained", "10 2 1"],
  ["teams", "teams", "2000 200 1"],
  ["teams", "teams_live_name", "2000 200 1"],
  ["teams", "teams_group", "1000 100 50 1"],
  ["group_mappings", "group_mappings", "1000 100 1"],
  ["group_mappings", "group_mappings_once", "1000 100 50 25 2 2 1"],
  ["group_mappings", "group_mappings_by_hand", "500 50 1"],
  ["group_mappings", "group_mappings_team", "1000 100 2"],
  ["mapped_groups", "mapped_groups", "10000 1000 500 2 1"],
  ["mapped_groups", "mapped_groups_mapping", "10000 1000 10"],
  ["group_grants", "group_grants", "1000000 100000 50000 2 2 1"],
  ["group_grants", "group_grants_group", "1000000 100000 50000 1000 1000 1"],
  ["login_groups", "login_groups", "100000 10000 5 1"],
  ["login_groups", "login_groups_name", "100000 10000 100 1"],
  ["oidc_connections", "oidc_connections", "1000 1"],
  ["locks", "locks", "10000 1000 2 1 1"],
  ["declines", "declines", "1000 100 1"],
  ["login_identities", "login_identities", "100000 10000 1"],
  ["login_identities", "login_identities_account", "100000 10000 1"],
  ["domains", "domains", "2000 2 1"],
  ["invitations", "invitations", "10000 1000 1"],
  ["invitations", "invitations_account", "10000 1000 2"],
  ["invitations", "invitations_created", "10000 1000 2"],
  ["invitations", "invitations_resource", "10000 1000 500 2"],
  ["tombstones", "tombstones_account", "100000 10000 2"],
  ["mails", "mails", "100000 10000 1"],
  ["mails", "sqlite_autoindex_mails_2", "100000 10000 1"],
  ["mails", "mails_account", "100000 10000 3 1"],
  ["mails", "mails_due", "1000 100 1"],
  ["mails", "mails_sent", "100000 10000 2"],
  ["instance_audit_logs", "instance_audit_logs", "1 1"],
  ["webhooks", "webhooks", "1000 2 1"],
  ["webhook_deliveries", "webhook_deliveries", "1000000 100000 50000 1"],
  ["webhook_deliveries", "webhook_deliveries_due", "10000 1000 500 2"],
  ["webhook_deliveries", "webhook_deliveries_claimed", "100 20 10 2"],
  ["webhook_deliveries", "webhook_deliveries_resource", "10000 1000 500 2 1"],
  ["webhook_deliveries", "webhook_deliveries_state", "1000000 100000 50000 20000 1"],
  ["webhook_deliveries", "webhook_deliveries_settled", "1000000 100000 40000 2"],
  ["leases", "leases", "10 1"],
];

/** Tells the planner, unless it knows; connections that are opened later know it too. */
export function savePlannerStatistics(database: SqliteDatabase): void {
  if (isSaved(database)) {
    return;
  }
  database
    .transaction(() => {
      // This makes the table of figures.
      database.exec("ANALYZE tenant_slugs");
      database.exec("DELETE FROM sqlite_stat1; DELETE FROM sqlite_stat4");
      const insert = database.prepare("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)");
      for (const row of statistics) {
        insert.run(...row);
      }
    })
    .immediate();
  database.exec("ANALYZE sqlite_schema");
}

function isSaved(database: SqliteDatabase): boolean {
  const table = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'").get();
  if (table === undefined) {
    return false;
  }
  const saved = database
    .prepare("SELECT tbl, idx, stat FROM sqlite_stat1 ORDER BY rowid")
    .raw()
    .all();
  return JSON.stringify(saved) === JSON.stringify(statistics);
}
