/** Makes tenants and connections, with a slug that is free (RFC 7644 §6). */
import { randomUUID } from "node:crypto";
import type { ClientProfileName } from "@rollcall/scim";
import type { Circumstances } from "../domain/audit-entry.ts";
import { checkedName } from "../domain/checked-name.ts";
import type { Connection } from "../domain/connection.ts";
import { refusal } from "../domain/refusal.ts";
import type { ConnectionId, Tenant, TenantId } from "../domain/tenant.ts";
import { freeSlugOf, slugProblemOf } from "../domain/tenant.ts";
import type { Store } from "../store/store.ts";

/** Who makes it, and when. */
export type Occasion = Circumstances & { readonly nowMs: number };

/** What a new tenant shall be called; without name by its slug. */
export interface TenantWish {
  readonly slug: string;
  readonly name: string | undefined;
}

/** Makes a tenant; refuses a bad slug and one that is taken. */
export async function createTenant(
  { tenants }: Store,
  wish: TenantWish,
  occasion: Occasion,
): Promise<Tenant> {
  const tenant = newTenant(wish, occasion.nowMs);
  if ((await tenants.create(tenant, occasion)) === "taken") {
    throw refusal(`there is a tenant ${wish.slug} already`);
  }
  return tenant;
}

/** A tenant that nothing knows of yet; refuses a bad slug. */
export function newTenant({ slug, name }: TenantWish, nowMs: number): Tenant {
  checkSlug(slug);
  return {
    tenantId: randomUUID() as string as TenantId,
    slug,
    name: checkedName(name ?? slug),
    settings: {},
    created: new Date(nowMs).toISOString(),
  };
}

/** What a new connection shall be; without slug it gets the profile's name, made unique. */
export interface ConnectionWish {
  readonly tenant: Tenant;
  readonly profile: ClientProfileName;
  readonly slug: string | undefined;
  readonly name: string | undefined;
  /** Whether nobody gets anything by it before it is activated. */
  readonly staged?: boolean;
}

/** Makes a connection of a tenant; refuses a bad slug and one that is taken. */
export async function createConnection(
  { connections }: Store,
  { tenant, profile, slug, name, staged = false }: ConnectionWish,
  occasion: Occasion,
): Promise<Connection> {
  if (slug !== undefined) {
    checkSlug(slug);
  }
  const taken = (await connections.list(tenant.tenantId)).map((connection) => connection.slug);
  const chosen = slug ?? freeSlugOf(profile, taken);
  const connection = newConnection({ tenant, profile, slug: chosen, name, staged }, occasion.nowMs);
  if ((await connections.create(connection, occasion)) === "taken") {
    throw refusal(`there is a connection ${tenant.slug}/${chosen} already`);
  }
  return connection;
}

/** A connection that nothing knows of yet. */
export function newConnection(
  { tenant, profile, slug, name, staged = false }: ConnectionWish & { readonly slug: string },
  nowMs: number,
): Connection {
  return {
    tenantId: tenant.tenantId,
    connectionId: randomUUID() as string as ConnectionId,
    slug,
    name: checkedName(name ?? slug),
    profile,
    settings: {},
    disabled: false,
    staged,
    created: new Date(nowMs).toISOString(),
  };
}

function checkSlug(slug: string): void {
  const problem = slugProblemOf(slug);
  if (problem !== undefined) {
    throw refusal(`"${slug}" cannot be a slug: ${problem}`);
  }
}
