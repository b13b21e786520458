/** Webhooks, their deliveries, leases. */
import type { Migration } from "../../sql/migrations/migration.ts";
import { webhookTables } from "../../sql/migrations/webhook-tables.ts";

/** Migration 6. */
export const migration0006: Migration = {
  number: 6,
  title: "webhooks",
  // An older program would not delete them with their tenant.
  breaking: true,
  statements: [
    ...webhookTables({ text: `TEXT COLLATE "C"`, integer: "BIGINT", keyed: "" }),
    // As in migration 2: plans for the largest tenant.
    ...["webhooks", "webhook_deliveries"].map(
      (table) => `ALTER TABLE ${table} ALTER COLUMN tenant_id SET (n_distinct = 1),
        ALTER COLUMN webhook_id SET (n_distinct = 1)`,
    ),
  ],
};
