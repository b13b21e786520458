/** A row beside the facts of each tenant, so that who wants them alone gets them under load too. */
import type { Migration } from "../../sql/migrations/migration.ts";

/** Migration 3. */
export const migration0003: Migration = {
  number: 3,
  title: "turns of tenants",
  breaking: false,
  statements: [
    `CREATE TABLE tenant_turns (
      tenant_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
      turn BIGINT NOT NULL
    )`,
    `INSERT INTO tenant_turns (tenant_id, turn) SELECT tenant_id, 0 FROM tenants`,
  ],
};
