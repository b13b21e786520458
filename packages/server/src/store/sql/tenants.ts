/** Tenants. */
import type { Selectable } from "kysely";
import type { Circumstances } from "../../domain/audit-entry.ts";
import type { Tenant, TenantId } from "../../domain/tenant.ts";
import { insertAuditEntry, nextTenantNumbers } from "./audit-log.ts";
import type { TenantsTable } from "./database.ts";
import { queries } from "./queries.ts";
import { adminAuditEntry, recordAdminAction } from "./record-consequences.ts";
import type { Script, Verdict } from "./script.ts";
import { changesOf, changesOfQuery, rowsOfQuery } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import { statement } from "./statement.ts";

/** Makes a tenant, unless its name is taken. */
export function* createTenant(
  { tenantId, slug, name, created }: Tenant,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<"created" | "taken">> {
  const claimed = yield* changesOf(
    statement(
      `INSERT INTO tenant_slugs (slug, tenant_id) VALUES (?, ?) ON CONFLICT (slug) DO NOTHING`,
      slug,
      tenantId,
    ),
  );
  if (claimed === 0) {
    return { kind: "undo", result: "taken" };
  }
  yield* changesOfQuery(
    queries.insertInto("tenants").values({ tenant_id: tenantId, slug, name, created_at: created }),
  );
  const differences = [
    { path: "slug", after: slug },
    { path: "name", after: name },
  ];
  const target = { type: "tenant", id: tenantId, name: slug };
  const action = { action: "tenant.create", target, differences };
  yield* recordAdminAction(tenantId, action, circumstances, context);
  return { kind: "keep", result: "created" };
}

/** Lists all tenants by name. */
export function* listTenants(): Script<readonly Tenant[]> {
  return (yield* rowsOfQuery(queries.selectFrom("tenants").selectAll().orderBy("slug"))).map(
    tenantOf,
  );
}

/** Finds a tenant by its name. */
export function* tenantBySlug(slug: string): Script<Tenant | undefined> {
  const [row] = yield* rowsOfQuery(
    queries
      .selectFrom("tenants")
      .innerJoin("tenant_slugs", "tenant_slugs.tenant_id", "tenants.tenant_id")
      .selectAll("tenants")
      .where("tenant_slugs.slug", "=", slug),
  );
  return row && tenantOf(row);
}

/** What belongs to a tenant, in the order in which it can go. */
const tablesOfTenant = [
  "outbox_events",
  "audit_entries",
  "tombstone_keys",
  "tombstones",
  "members",
  "relations",
  "unique_keys",
  "point_values",
  "resources",
  "resource_totals",
  "credentials",
  "connections",
  "tenants",
] as const;

/** Removes a tenant with all that belongs to it; the audit entry of the removal stays. */
export function* deleteTenant(
  tenantId: TenantId,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<void>> {
  const [row] = yield* rowsOfQuery(
    queries.selectFrom("tenants").selectAll().where("tenant_id", "=", tenantId),
  );
  const numbers = yield* nextTenantNumbers(tenantId, 0);
  if (row === undefined || numbers === undefined) {
    return { kind: "undo", result: undefined };
  }
  for (const table of tablesOfTenant) {
    yield* changesOf(statement(`DELETE FROM ${table} WHERE tenant_id = ?`, tenantId));
  }
  yield* changesOf(statement(`DELETE FROM tenant_slugs WHERE slug = ?`, row.slug));
  const target = { type: "tenant", id: tenantId, name: row.slug };
  const action = { action: "tenant.delete", target, differences: [] };
  const entry = adminAuditEntry(action, circumstances, context);
  yield* insertAuditEntry(tenantId, numbers.auditNumber, entry);
  return { kind: "keep", result: undefined };
}

function tenantOf(row: Selectable<TenantsTable>): Tenant {
  return { tenantId: row.tenant_id, slug: row.slug, name: row.name, created: row.created_at };
}
