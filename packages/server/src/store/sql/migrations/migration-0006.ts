/** Names of tokens that no two have at the same time. */
import { liveNames } from "./live-names.ts";
import type { Migration } from "./migration.ts";

/** Migration 6. */
export const migration0006: Migration = {
  number: 6,
  title: "live names of tokens",
  breaking: false,
  statements: liveNames({ text: "TEXT" }),
};
