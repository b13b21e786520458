/** Tenants in the admin API. */
import { z } from "zod";
import type { Tenant } from "../domain/tenant.ts";
import { nameSchema, slugSchema } from "./names.ts";
import type { Operation, Page, PageQuery } from "./operation.ts";
import { named, noBody, noContent, noQuery, pageOf, pageQuery, timeSchema } from "./operation.ts";

/** A tenant as the command line and the admin API show it. */
export interface TenantJson {
  readonly tenantId: string;
  readonly slug: string;
  readonly name: string;
  readonly created: string;
}

/** Shows a tenant. */
export function tenantJsonOf({ tenantId, slug, name, created }: Tenant): TenantJson {
  return { tenantId, slug, name, created };
}

const tenantSchema: z.ZodType<TenantJson> = named(
  "Tenant",
  z.object({ tenantId: z.string(), slug: z.string(), name: z.string(), created: timeSchema }),
);

/** What a new tenant shall be called. */
export interface TenantCreation {
  readonly slug: string;
  readonly name?: string | undefined;
}

const tenantCreationSchema: z.ZodType<TenantCreation> = named(
  "TenantCreation",
  z.strictObject({
    slug: slugSchema,
    name: nameSchema.optional().describe("How people call it, the slug by default"),
  }),
);

/** Lists tenants. */
export const listTenants: Operation<PageQuery, undefined, Page<TenantJson>> = {
  operationId: "listTenants",
  method: "GET",
  path: "/tenants",
  noun: "tenants",
  summary: "List the tenants that the credential may see, by slug",
  scope: "tenant",
  query: pageQuery,
  body: noBody,
  statuses: [200],
  answer: pageOf("TenantPage", tenantSchema),
};

/** Makes a tenant. */
export const createTenant: Operation<object, TenantCreation, TenantJson> = {
  operationId: "createTenant",
  method: "POST",
  path: "/tenants",
  noun: "tenants",
  summary: "Make a tenant",
  scope: "instance",
  query: noQuery,
  body: tenantCreationSchema,
  statuses: [201],
  answer: tenantSchema,
  conflict: "There is a tenant of that slug",
};

/** Reads a tenant. */
export const readTenant: Operation<object, undefined, TenantJson> = {
  operationId: "readTenant",
  method: "GET",
  path: "/tenants/{tenant}",
  noun: "tenants",
  summary: "Read a tenant",
  scope: "tenant",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: tenantSchema,
};

/** Deletes a tenant. */
export const deleteTenant: Operation<object, undefined, undefined> = {
  operationId: "deleteTenant",
  method: "DELETE",
  path: "/tenants/{tenant}",
  noun: "tenants",
  summary: "Delete a tenant for ever, with its connections, tokens, users and groups",
  scope: "instance",
  query: noQuery,
  body: noBody,
  statuses: [204],
  answer: noContent,
};
