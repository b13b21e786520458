/** Names of tokens that no two have at the same time. */
import { liveNames } from "../../sql/migrations/live-names.ts";
import type { Migration } from "../../sql/migrations/migration.ts";

/** Migration 7. */
export const migration0007: Migration = {
  number: 7,
  title: "live names of tokens",
  breaking: false,
  statements: liveNames({ text: `TEXT COLLATE "C"` }),
};
