/** Reads and changes the settings of a tenant. */
import {
  changeTenantSettings,
  readTenantSettings,
  tenantSettingsJsonOf,
} from "../../admin-contract/tenant-settings.ts";
import {
  changeTenantSettings as changed,
  ownSettingsOf,
  storedSettingsOf,
} from "../../domain/change-tenant-settings.ts";
import { checkedPart, notFound } from "./problem.ts";
import type { ServedOperation } from "./served-operation.ts";
import { servedInTenant } from "./served-operation.ts";

/** The operations. */
export const servedTenantSettings: readonly ServedOperation[] = [
  servedInTenant(readTenantSettings, async ({ tenant }, { instancePolicy }) => ({
    body: tenantSettingsJsonOf(tenant, instancePolicy),
  })),
  servedInTenant(changeTenantSettings, async (call, { store, instancePolicy }) => {
    const { tenant, body, circumstances } = call;
    const own = checkedPart(Object.keys(body).join(", "), () =>
      changed(ownSettingsOf(tenant), body),
    );
    const settings = storedSettingsOf(own);
    if (!(await store.tenants.saveSettings(tenant.tenantId, settings, circumstances))) {
      throw notFound("tenant");
    }
    return { body: tenantSettingsJsonOf({ ...tenant, settings }, instancePolicy) };
  }),
];
