/** Does what the admin API does to its own tokens; whoever is good for one tenant sees and makes those of that tenant alone. */
import type {
  AdminCredentialCreation,
  IssuedAdminCredentialJson,
} from "../../admin-contract/admin-credentials.ts";
import {
  adminCredentialJsonOf,
  createAdminCredential,
  listAdminCredentials,
  revokeAdminCredential,
  rotateAdminCredential,
} from "../../admin-contract/admin-credentials.ts";
import type { AdminCredential } from "../../domain/admin-credential.ts";
import { mayGive } from "../../domain/admin-credential.ts";
import type { TenantId } from "../../domain/tenant.ts";
import type { IssuedCredential } from "../../provisioning/issue-credential.ts";
import {
  issueAdminCredential,
  rotateAdminCredential as rotate,
} from "../../provisioning/issue-credential.ts";
import { hasEnded, lifetimeOf, rotationWishOf } from "./credentials.ts";
import { pageOfAll } from "./cursor.ts";
import { notFound, problem } from "./problem.ts";
import type { AdminCall, AdminParts, ServedOperation } from "./served-operation.ts";
import { served } from "./served-operation.ts";

type AnyCall = Pick<AdminCall<unknown, unknown>, "path" | "caller" | "nowMs">;

/** The operations. */
export const servedAdminCredentials: readonly ServedOperation[] = [
  served(listAdminCredentials, async (call, parts) => {
    const slugs = new Map<TenantId | undefined, string>(
      (await parts.store.tenants.list()).map(({ tenantId, slug }) => [tenantId, slug]),
    );
    return {
      body: pageOfAll(await visibleCredentials(call, parts), call.query, {
        list: "admin-credentials",
        keyOf: ({ created, credentialId }) => `${created} ${credentialId}`,
        shown: (credential) =>
          adminCredentialJsonOf(credential, slugs.get(credential.tenantId), call.nowMs),
      }),
    };
  }),
  served(createAdminCredential, async (call, parts) => {
    const { body, caller, circumstances, nowMs } = call;
    const wish = {
      tenantId: await wantedTenant(body, call, parts),
      name: body.name ?? "",
      lifetime: lifetimeOf(body.expires),
      creator: `admin:${caller.credentialId}`,
    };
    const { store, secretHash } = parts;
    const occasion = { ...circumstances, nowMs };
    return shownOnce(await issueAdminCredential(store, secretHash, wish, occasion), call, parts);
  }),
  served(rotateAdminCredential, async (call, parts) => {
    const { circumstances, nowMs } = call;
    const old = await credentialOf(call, parts);
    const wish = rotationWishOf(call, old);
    const occasion = { ...circumstances, nowMs };
    const issued = await rotate(parts.store, parts.secretHash, wish, occasion);
    return shownOnce(issued ?? hasEnded(old, nowMs), call, parts);
  }),
  served(revokeAdminCredential, async (call, parts) => {
    const { circumstances, nowMs } = call;
    const { credentialId } = await credentialOf(call, parts);
    const at = new Date(nowMs).toISOString();
    // One that was revoked before stays as it is: whoever repeats the request wanted no more.
    await parts.store.adminCredentials.revoke(credentialId, at, circumstances);
    return { body: await shown(await credentialOf(call, parts), call, parts) };
  }),
];

async function visibleCredentials(
  { caller }: AnyCall,
  { store }: AdminParts,
): Promise<readonly AdminCredential[]> {
  return (await store.adminCredentials.list()).filter((credential) => mayGive(caller, credential));
}

async function credentialOf(call: AnyCall, parts: AdminParts): Promise<AdminCredential> {
  const all = await visibleCredentials(call, parts);
  const credential = all.find(({ credentialId }) => credentialId === call.path["credential"]);
  if (credential === undefined) {
    throw notFound("credential");
  }
  return credential;
}

/** The tenant that a new token shall be good for, of those that the caller may see. */
async function wantedTenant(
  { tenant: slug }: AdminCredentialCreation,
  { caller }: AnyCall,
  { store }: AdminParts,
): Promise<TenantId | undefined> {
  if (slug === undefined) {
    return caller.tenantId;
  }
  if (slug === null) {
    if (!mayGive(caller, { tenantId: undefined })) {
      throw problem(403, "The bearer token is good for one tenant, and gives no more than that.");
    }
    return undefined;
  }
  const tenant = await store.tenants.bySlug(slug);
  if (tenant === undefined || !mayGive(caller, tenant)) {
    throw notFound("tenant");
  }
  return tenant.tenantId;
}

async function shown(credential: AdminCredential, { nowMs }: AnyCall, { store }: AdminParts) {
  const { tenantId } = credential;
  const tenant = tenantId === undefined ? undefined : await store.tenants.byId(tenantId);
  return adminCredentialJsonOf(credential, tenant?.slug, nowMs);
}

async function shownOnce(
  { token, credential }: IssuedCredential<AdminCredential>,
  call: AnyCall,
  parts: AdminParts,
): Promise<{ readonly body: IssuedAdminCredentialJson }> {
  return { body: { token, ...(await shown(credential, call, parts)) } };
}
