/** Does what the admin API does to tenants. */
import type { PageQuery } from "../../admin-contract/operation.ts";
import {
  createTenant,
  deleteTenant,
  listTenants,
  readTenant,
  tenantJsonOf,
} from "../../admin-contract/tenants.ts";
import type { Tenant } from "../../domain/tenant.ts";
import { createTenant as makeTenant } from "../../provisioning/create-connection.ts";
import type { AdminCaller } from "./authenticate-admin.ts";
import { limitOf, pageOfRead, textPositionOf } from "./cursor.ts";
import type { AdminParts, ServedOperation } from "./served-operation.ts";
import { served, servedInTenant } from "./served-operation.ts";

/** The operations. */
export const servedTenants: readonly ServedOperation[] = [
  served(listTenants, async ({ query, caller }, parts) => ({
    body: pageOfRead(await visibleTenants(query, caller, parts), query, {
      list: "tenants",
      keyOf: ({ slug }) => slug,
      shown: tenantJsonOf,
    }),
  })),
  served(createTenant, async ({ body, circumstances, nowMs }, { store }) => {
    const wish = { slug: body.slug, name: body.name };
    return { body: tenantJsonOf(await makeTenant(store, wish, { ...circumstances, nowMs })) };
  }),
  servedInTenant(readTenant, async ({ tenant }) => ({ body: tenantJsonOf(tenant) })),
  servedInTenant(deleteTenant, async ({ tenant, circumstances }, { store }) => {
    await store.tenants.delete(tenant.tenantId, circumstances);
    return { body: undefined };
  }),
];

async function visibleTenants(
  query: PageQuery,
  { tenantId }: AdminCaller,
  { store }: AdminParts,
): Promise<readonly Tenant[]> {
  const after = textPositionOf("tenants", query) ?? "";
  if (tenantId === undefined) {
    return store.tenants.page({ after, limit: limitOf(query) + 1 });
  }
  const own = await store.tenants.byId(tenantId);
  return own === undefined || own.slug <= after ? [] : [own];
}
