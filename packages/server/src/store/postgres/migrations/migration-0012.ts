/** Whose token a credential is. */
import type { Migration } from "../../sql/migrations/migration.ts";

/** Migration 12. */
export const migration0012: Migration = {
  number: 12,
  title: "users of tokens",
  breaking: false,
  statements: [`ALTER TABLE credentials ADD COLUMN user_id TEXT COLLATE "C"`],
};
