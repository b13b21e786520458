/** Tells the planner to plan for the largest tenant: what is fast for that one is fast for all. */
import type { Migration } from "../../sql/migrations/migration.ts";

/**
 * Statements are planned once for all tenants. By itself PostgreSQL then takes the average tenant, of which some
 * hundred others leave one row, and reads that "row" by any index that begins with the tenant: for the one large tenant
 * a look-up goes through everything it has. With one distinct value the share of the most common one is assumed.
 */
const populated = [
  "resources",
  "unique_keys",
  "point_values",
  "relations",
  "members",
  "tombstones",
  "tombstone_keys",
  "resource_total_deltas",
];

const recorded = ["audit_entries", "outbox_events", "request_log"];

/** Migration 2. */
export const migration0002: Migration = {
  number: 2,
  title: "plans for the largest tenant",
  breaking: false,
  statements: [
    ...populated.map(
      (table) => `ALTER TABLE ${table} ALTER COLUMN tenant_id SET (n_distinct = 1),
        ALTER COLUMN connection_id SET (n_distinct = 1)`,
    ),
    ...recorded.map((table) => `ALTER TABLE ${table} ALTER COLUMN tenant_id SET (n_distinct = 1)`),
  ],
};
