/** Tenants. */
import type { JsonObject } from "@rollcall/scim";
import { memberOf, sameJson } from "@rollcall/scim";
import type { Selectable } from "kysely";
import type { AttributeDifference, Circumstances } from "../../domain/audit-entry.ts";
import type { CredentialId, Tenant, TenantId } from "../../domain/tenant.ts";
import { dropAdminCredentialsOf } from "./admin-credentials.ts";
import { insertAuditEntry, nextTenantNumbers } from "./audit-log.ts";
import type { TenantsTable } from "./database.ts";
import { streamsOfTenant } from "./event-streams.ts";
import { jsonColumn } from "./json-column.ts";
import { queries } from "./queries.ts";
import { adminAuditEntry, recordAdminAction } from "./record-consequences.ts";
import type { Script, Verdict } from "./script.ts";
import { changesOf, changesOfQuery, rowsOf, rowsOfQuery } from "./script.ts";
import type { SqlContext } from "./sql-context.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import { statement } from "./statement.ts";
import { lockTenantFacts } from "./tenant-facts.ts";

/** Makes a tenant, unless its name is taken. */
export function* createTenant(
  { tenantId, slug, name, settings, created }: Tenant,
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
    queries.insertInto("tenants").values({
      tenant_id: tenantId,
      slug,
      name,
      settings: JSON.stringify(settings),
      created_at: created,
    }),
  );
  if (context.dialect.writers === "many") {
    yield [
      statement(`INSERT INTO tenant_facts (tenant_id) VALUES (?)`, tenantId),
      statement(`INSERT INTO tenant_turns (tenant_id, turn) VALUES (?, 0)`, tenantId),
    ];
  }
  const differences = [
    { path: "slug", after: slug },
    { path: "name", after: name },
    ...settingDifferences({}, settings),
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

/** Lists the first tenants by name behind a name. */
export function* tenantsBehind({
  after,
  limit,
}: {
  readonly after: string;
  readonly limit: number;
}): Script<readonly Tenant[]> {
  const rows = yield* rowsOfQuery(
    queries
      .selectFrom("tenants")
      .selectAll()
      .where("slug", ">", after)
      .orderBy("slug")
      .limit(limit),
  );
  return rows.map(tenantOf);
}

/** Finds a tenant by its id. */
export function* tenantById(tenantId: TenantId): Script<Tenant | undefined> {
  const row = yield* tenantRow(tenantId);
  return row && tenantOf(row);
}

/** How settings differ. */
export function settingDifferences(
  before: JsonObject,
  after: JsonObject,
): readonly AttributeDifference[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.flatMap((key) => {
    const [was, is] = [memberOf(before, key), memberOf(after, key)];
    return sameJson(was, is)
      ? []
      : [
          {
            path: `settings.${key}`,
            ...(was === undefined ? {} : { before: was }),
            ...(is === undefined ? {} : { after: is }),
          },
        ];
  });
}

/** Finds a tenant by its name. */
export function* tenantBySlug(slug: string): Script<Tenant | undefined> {
  const [named] = yield* rowsOfQuery(
    queries.selectFrom("tenant_slugs").select("tenant_id").where("slug", "=", slug),
  );
  const row = named && (yield* tenantRow(named.tenant_id));
  return row && tenantOf(row);
}

/** Reads the row of a tenant. */
export function* tenantRow(tenantId: TenantId): Script<Selectable<TenantsTable> | undefined> {
  const [row] = yield* rowsOfQuery(
    queries.selectFrom("tenants").selectAll().where("tenant_id", "=", tenantId),
  );
  return row;
}

/** What belongs to a tenant, in the order in which it can go. */
const tablesOfTenant = [
  "webhooks",
  "webhook_deliveries",
  "mails",
  "invitations",
  "domains",
  "login_groups",
  "login_identities",
  "declines",
  "locks",
  "grants",
  "memberships",
  "links",
  "group_grants",
  "mapped_groups",
  "group_mappings",
  "teams",
  "oidc_connections",
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
  "oauth_assertions",
  "oauth_clients",
  "credentials",
  "connections",
  "tenants",
] as const;

/** Those that are there only where many transactions write at once; the locked row comes last. */
const tablesOfManyWriters = ["resource_total_deltas", "tenant_turns", "tenant_facts"] as const;

/** Removes a tenant with all that belongs to it; the audit entry of the removal stays. */
export function* deleteTenant(
  tenantId: TenantId,
  circumstances: Circumstances,
  context: SqlContext,
): Script<Verdict<void>> {
  const { dialect } = context;
  yield lockTenantFacts(tenantId, "alone", dialect);
  const row = yield* tenantRow(tenantId);
  const numbers = yield* nextTenantNumbers(tenantId, 0);
  if (row === undefined || numbers === undefined) {
    return { kind: "undo", result: undefined };
  }
  yield* releaseNames(row, dialect);
  const tables = dialect.writers === "one" ? [] : tablesOfManyWriters;
  for (const table of [...tablesOfTenant, ...tables]) {
    yield* changesOf(statement(`DELETE FROM ${table} WHERE tenant_id = ?`, tenantId));
  }
  const target = { type: "tenant", id: tenantId, name: row.slug };
  const action = { action: "tenant.delete", target, differences: [] };
  const entry = adminAuditEntry(action, circumstances, context);
  // Every other entry of the tenant is gone and nobody numbers them any more, so this one is numbered at once.
  const number = { number: numbers.auditNumber };
  const place = dialect.writers === "one" ? number : { ...number, revision: 0, writtenAs: 0 };
  yield [insertAuditEntry(tenantId, entry, place)];
  return { kind: "keep", result: undefined };
}

/** Drops what leads to the tenant from the tables of the whole instance. */
function* releaseNames(
  { tenant_id, slug }: Selectable<TenantsTable>,
  { listTable }: SqlDialect,
): Script<void> {
  const credentials = yield* rowsOfQuery(
    queries.selectFrom("credentials").select("credential_id").where("tenant_id", "=", tenant_id),
  );
  const clients = yield* rowsOf<{ client_id: CredentialId }>(
    statement(`SELECT client_id FROM oauth_clients WHERE tenant_id = ?`, tenant_id),
  );
  const ids = [
    ...credentials.map(({ credential_id }) => credential_id),
    ...clients.map(({ client_id }) => client_id),
    ...(yield* streamsOfTenant(tenant_id)),
  ];
  yield* changesOf(
    statement(
      `DELETE FROM credential_ids
       WHERE credential_id IN (SELECT ids.value FROM ${listTable} AS ids)`,
      JSON.stringify(ids),
    ),
  );
  yield* dropAdminCredentialsOf(tenant_id);
  for (const table of ["account_tenants", "domain_claims"]) {
    yield* changesOf(statement(`DELETE FROM ${table} WHERE tenant_id = ?`, tenant_id));
  }
  yield* changesOf(statement(`DELETE FROM tenant_slugs WHERE slug = ?`, slug));
}

/** The tenant of a row. */
export function tenantOf(row: Selectable<TenantsTable>): Tenant {
  return {
    tenantId: row.tenant_id,
    slug: row.slug,
    name: row.name,
    settings: jsonColumn(row.settings),
    created: row.created_at,
  };
}
