/**
 * The row of a tenant that orders its facts where many transactions write at once. A change of one resource takes it
 * shared; what concerns all resources of the tenant (keys and indexes of a connection, the end of the tenant) takes it
 * alone, and computes in the next statement. Two such changes at READ COMMITTED would otherwise miss each other.
 */
import type { TenantId } from "../../domain/tenant.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import type { Statement } from "./statement.ts";
import { statement } from "./statement.ts";

/** Takes the row; nothing where only one transaction writes at a time. */
export function lockTenantFacts(
  tenantId: TenantId,
  strength: "shared" | "alone",
  { writers }: SqlDialect,
): readonly Statement[] {
  const clause = strength === "shared" ? "FOR SHARE" : "FOR UPDATE";
  return writers === "one"
    ? []
    : [statement(`SELECT tenant_id FROM tenant_facts WHERE tenant_id = ? ${clause}`, tenantId)];
}
