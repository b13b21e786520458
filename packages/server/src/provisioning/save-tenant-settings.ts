/** Changes settings of a tenant, so that of two who change them at the same time neither loses what the other has set. */
import type { JsonObject } from "@rollcall/scim";
import type { Circumstances } from "../domain/audit-entry.ts";
import { refusal } from "../domain/refusal.ts";
import type { Tenant } from "../domain/tenant.ts";
import type { Store } from "../store/store.ts";

/** How often a change is made anew on what somebody else has set meanwhile. */
const attemptsMax = 8;

/**
 * Changes them; `change` says what they shall be, and throws to leave them. Undefined when the tenant is gone. Refuses
 * settings by which a tenant that has an owner would have none.
 */
export async function saveTenantSettings(
  { tenants, accounts }: Pick<Store, "tenants" | "accounts">,
  tenant: Tenant,
  change: (current: Tenant) => JsonObject,
  circumstances: Circumstances,
): Promise<Tenant | undefined> {
  const { tenantId, slug } = tenant;
  let current: Tenant | undefined = tenant;
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const settings = change(current);
    const expected = current.settings;
    const outcome = await tenants.saveSettings(tenantId, settings, circumstances, expected);
    if (outcome === "saved") {
      return { ...current, settings };
    }
    if (typeof outcome !== "string") {
      const owner = await accounts.byId(outcome.accountId);
      throw refusal(
        `tenant ${slug} would have no owner any more: ${owner?.email ?? outcome.accountId} is one, and would not be with these settings`,
        "last-owner",
      );
    }
    current = outcome === "gone" ? undefined : await tenants.byId(tenantId);
    if (current === undefined) {
      return undefined;
    }
  }
  throw refusal(`the settings of tenant ${slug} change all the time: try again`);
}
