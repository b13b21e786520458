/** Proofs of links, mails by when they were sent, the chain of the instance's own audit log. */
import type { Migration } from "./migration.ts";
import { proofTables } from "./proof-tables.ts";

/** Migration 4. */
export const migration0004: Migration = {
  number: 4,
  title: "proofs of links, the chain of the instance",
  // An older program would number the entries of the instance by itself.
  breaking: true,
  statements: proofTables({ text: "TEXT", integer: "INTEGER", keyed: " STRICT, WITHOUT ROWID" }),
};
