/** Accounts, links, memberships, grants, locks, domains, invitations, mails; the chain of the audit log. */
import { accountTables } from "../../sql/migrations/account-tables.ts";
import type { Migration } from "../../sql/migrations/migration.ts";

const ofTenants = ["memberships", "grants", "declines", "login_identities", "domains", "mails"];

const ofConnections = ["links", "locks", "invitations"];

/** Migration 4. */
export const migration0004: Migration = {
  number: 4,
  title: "accounts",
  breaking: true,
  statements: [
    ...accountTables({ text: `TEXT COLLATE "C"`, integer: "BIGINT", keyed: "" }),
    // As in migration 2: plans for the largest tenant.
    ...ofTenants.map((table) => `ALTER TABLE ${table} ALTER COLUMN tenant_id SET (n_distinct = 1)`),
    ...ofConnections.map(
      (table) => `ALTER TABLE ${table} ALTER COLUMN tenant_id SET (n_distinct = 1),
        ALTER COLUMN connection_id SET (n_distinct = 1)`,
    ),
  ],
};
