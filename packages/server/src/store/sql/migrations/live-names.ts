/** What was added so that of the tokens that work no two have one name: of a connection, and of what admin tokens are good for. */
import type { ColumnTypes } from "./account-tables.ts";

/** The statements that add it. */
export function liveNames({ text }: Pick<ColumnTypes, "text">): readonly string[] {
  return [
    // The name while the token holds it; null for one without a name, that was revoked, or that another one has replaced.
    `ALTER TABLE credentials ADD COLUMN live_name ${text}`,
    `ALTER TABLE admin_credentials ADD COLUMN live_name ${text}`,
    // Of several with one name, which nothing has prevented so far, the newest holds it; all of them go on working.
    `UPDATE credentials SET live_name = name
      WHERE name <> '' AND revoked_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM credentials AS newer
        WHERE newer.tenant_id = credentials.tenant_id
          AND newer.connection_id = credentials.connection_id
          AND newer.name = credentials.name AND newer.revoked_at IS NULL
          AND (newer.created_at > credentials.created_at
            OR newer.created_at = credentials.created_at
              AND newer.credential_id > credentials.credential_id))`,
    `UPDATE admin_credentials SET live_name = name
      WHERE name <> '' AND revoked_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM admin_credentials AS newer
        WHERE coalesce(newer.tenant_id, '') = coalesce(admin_credentials.tenant_id, '')
          AND newer.name = admin_credentials.name AND newer.revoked_at IS NULL
          AND (newer.created_at > admin_credentials.created_at
            OR newer.created_at = admin_credentials.created_at
              AND newer.credential_id > admin_credentials.credential_id))`,
    `CREATE UNIQUE INDEX credentials_live_name
      ON credentials (tenant_id, connection_id, live_name) WHERE live_name IS NOT NULL`,
    `CREATE UNIQUE INDEX admin_credentials_live_name_of_tenant
      ON admin_credentials (tenant_id, live_name) WHERE live_name IS NOT NULL`,
    // Two that have no tenant do not count as equal there.
    `CREATE UNIQUE INDEX admin_credentials_live_name_of_instance
      ON admin_credentials (live_name) WHERE tenant_id IS NULL AND live_name IS NOT NULL`,
  ];
}
