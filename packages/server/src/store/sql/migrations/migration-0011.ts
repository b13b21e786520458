/** Whose token a credential is. */
import type { Migration } from "./migration.ts";

/** Migration 11. */
export const migration0011: Migration = {
  number: 11,
  title: "users of tokens",
  breaking: false,
  statements: ["ALTER TABLE credentials ADD COLUMN user_id TEXT"],
};
