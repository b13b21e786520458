/** Webhooks, their deliveries, and leases for what one process at a time does; written once for both databases. */
import type { ColumnTypes } from "./account-tables.ts";

/** The statements that make the tables. */
export function webhookTables({ text, integer, keyed }: ColumnTypes): readonly string[] {
  return [
    // types, secrets: JSON. filled_to: the last position that was queued for it.
    `CREATE TABLE webhooks (
      tenant_id ${text} NOT NULL,
      webhook_id ${text} NOT NULL,
      url ${text} NOT NULL,
      types ${text} NOT NULL,
      secrets ${text} NOT NULL,
      disabled_at ${text},
      disabled_reason ${text},
      created_at ${text} NOT NULL,
      filled_to ${integer} NOT NULL,
      PRIMARY KEY (tenant_id, webhook_id)
    )${keyed}`,
    // One for each event and webhook. due_at: null while an earlier one of the resource waits, and once it is settled;
    // of one that is claimed the end of the claim. claim: grows with every claim. The data stays with the event.
    `CREATE TABLE webhook_deliveries (
      tenant_id ${text} NOT NULL,
      webhook_id ${text} NOT NULL,
      position ${integer} NOT NULL,
      event_id ${text} NOT NULL,
      type ${text} NOT NULL,
      event_at ${text} NOT NULL,
      resource_type ${text} NOT NULL,
      resource_id ${text} NOT NULL,
      state ${text} NOT NULL,
      attempts ${integer} NOT NULL,
      due_at ${text},
      claim ${integer} NOT NULL,
      is_claimed ${integer} NOT NULL,
      settled_at ${text},
      last_status ${integer},
      last_error ${text},
      last_duration_ms ${integer},
      PRIMARY KEY (tenant_id, webhook_id, position)
    )${keyed}`,
    `CREATE INDEX webhook_deliveries_due ON webhook_deliveries (tenant_id, webhook_id, due_at)
      WHERE due_at IS NOT NULL`,
    `CREATE INDEX webhook_deliveries_claimed ON webhook_deliveries (tenant_id, webhook_id, due_at)
      WHERE is_claimed = 1`,
    `CREATE INDEX webhook_deliveries_resource
      ON webhook_deliveries (tenant_id, webhook_id, resource_id, position) WHERE state = 'waiting'`,
    `CREATE INDEX webhook_deliveries_state
      ON webhook_deliveries (tenant_id, webhook_id, state, position)`,
    `CREATE INDEX webhook_deliveries_settled ON webhook_deliveries (tenant_id, state, settled_at)
      WHERE settled_at IS NOT NULL`,
    // One event is asked for by its id: to begin behind it, and to deliver it again.
    `CREATE INDEX outbox_events_event ON outbox_events (tenant_id, event_id)`,
    // Of the whole instance: who does what only one process may do at a time. fencing: grows with every holder.
    `CREATE TABLE leases (
      name ${text} NOT NULL PRIMARY KEY,
      holder ${text} NOT NULL,
      until ${text} NOT NULL,
      fencing ${integer} NOT NULL
    )${keyed}`,
  ];
}
