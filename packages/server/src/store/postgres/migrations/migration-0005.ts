/** Proofs of links, mails by when they were sent, the chain of the instance's own audit log. */
import type { Migration } from "../../sql/migrations/migration.ts";
import { proofTables } from "../../sql/migrations/proof-tables.ts";

/** Migration 5. */
export const migration0005: Migration = {
  number: 5,
  title: "proofs of links, the chain of the instance",
  // An older program would number the entries of the instance by itself.
  breaking: true,
  statements: proofTables({ text: `TEXT COLLATE "C"`, integer: "BIGINT", keyed: "" }),
};
