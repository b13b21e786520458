/** Accounts, links, memberships, grants, locks, domains, invitations, mails; the chain of the audit log. */
import { accountTables } from "./account-tables.ts";
import type { Migration } from "./migration.ts";

/** Migration 3. */
export const migration0003: Migration = {
  number: 3,
  title: "accounts",
  breaking: true,
  statements: accountTables({ text: "TEXT", integer: "INTEGER", keyed: " STRICT, WITHOUT ROWID" }),
};
