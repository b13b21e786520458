/** Finds what an operator names: a tenant by its slug, a connection by TENANT/CONNECTION. */
import type { Connection } from "../domain/connection.ts";
import { refusal } from "../domain/refusal.ts";
import type { Tenant } from "../domain/tenant.ts";
import type { Store } from "../store/store.ts";

/** A connection with its tenant. */
export interface NamedConnection {
  readonly tenant: Tenant;
  readonly connection: Connection;
  /** TENANT/CONNECTION. */
  readonly name: string;
}

/** Finds a tenant, or says which there are. */
export async function findTenant({ tenants }: Store, slug: string): Promise<Tenant> {
  const tenant = await tenants.bySlug(slug);
  if (tenant === undefined) {
    throw refusal(`there is no tenant ${slug}; there are: ${listOf(await tenants.list())}`);
  }
  return tenant;
}

/** Finds a connection, or says which there are. */
export async function findConnection(store: Store, name: string): Promise<NamedConnection> {
  const [tenantSlug = "", slug, more] = name.split("/");
  if (slug === undefined || more !== undefined) {
    throw refusal(
      `"${name}" names no connection: write TENANT/CONNECTION, such as default/default`,
    );
  }
  const tenant = await findTenant(store, tenantSlug);
  const connection = await store.connections.bySlug(tenant.tenantId, slug);
  if (connection === undefined) {
    const others = listOf(await store.connections.list(tenant.tenantId));
    throw refusal(`tenant ${tenantSlug} has no connection ${slug}; it has: ${others}`);
  }
  return { tenant, connection, name };
}

function listOf(named: readonly { readonly slug: string }[]): string {
  return named.length === 0 ? "none" : named.map(({ slug }) => slug).join(", ");
}
