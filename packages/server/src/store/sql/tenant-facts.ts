/**
 * The row of a tenant that orders its facts where many transactions write at once. A change of one resource takes it
 * shared; what concerns all resources of the tenant (keys and indexes of a connection, the end of the tenant) takes it
 * alone, and computes in the next statement. Two such changes at READ COMMITTED would otherwise miss each other.
 */
import type { TenantId } from "../../domain/tenant.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { statement } from "./statement.ts";

/**
 * Takes the row; nothing where only one transaction writes at a time. Whoever comes while others hold a row shared may
 * share it at once, so that who wants it alone might wait as long as there is any load. Therefore all pass a second row
 * first: who wants to be alone changes it, and an insert beside that change waits for its end, but takes no lock itself.
 */
export function lockTenantFacts(
  tenantId: TenantId,
  strength: "shared" | "alone",
  { writers }: SqlDialect,
): readonly Statement[] {
  if (writers === "one") {
    return [];
  }
  return strength === "shared"
    ? [
        statement(
          `INSERT INTO tenant_turns (tenant_id, turn) VALUES (?, 0) ON CONFLICT (tenant_id) DO NOTHING`,
          tenantId,
        ),
        statement(`SELECT tenant_id FROM tenant_facts WHERE tenant_id = ? FOR SHARE`, tenantId),
      ]
    : [
        statement(`UPDATE tenant_turns SET turn = turn + 1 WHERE tenant_id = ?`, tenantId),
        statement(`SELECT tenant_id FROM tenant_facts WHERE tenant_id = ? FOR UPDATE`, tenantId),
      ];
}
