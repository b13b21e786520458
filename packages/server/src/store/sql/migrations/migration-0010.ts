/** Event streams: receivers of Security Event Tokens in the queue of webhooks. */
import type { Migration } from "./migration.ts";

/** Migration 10. */
export const migration0010: Migration = {
  number: 10,
  title: "event streams",
  // An older program would send the receivers of a stream what webhooks are sent.
  breaking: true,
  // JSON; null for a webhook. The url of a stream whose receiver polls is empty.
  statements: [`ALTER TABLE webhooks ADD COLUMN stream TEXT`],
};
