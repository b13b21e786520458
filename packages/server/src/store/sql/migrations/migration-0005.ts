/** Webhooks, their deliveries, leases. */
import type { Migration } from "./migration.ts";
import { webhookTables } from "./webhook-tables.ts";

/** Migration 5. */
export const migration0005: Migration = {
  number: 5,
  title: "webhooks",
  // An older program would not delete them with their tenant.
  breaking: true,
  statements: webhookTables({ text: "TEXT", integer: "INTEGER", keyed: " STRICT, WITHOUT ROWID" }),
};
