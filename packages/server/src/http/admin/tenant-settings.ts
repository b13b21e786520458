/** Reads and changes the settings of a tenant; their version tells whether somebody else has changed them (RFC 9110 §13.1.1). */
import type { JsonObject } from "@rollcall/scim";
import { previewTenantSettings } from "../../admin-contract/connection-rollout.ts";
import type { TenantSettingsJson } from "../../admin-contract/tenant-settings.ts";
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
import type { Tenant } from "../../domain/tenant.ts";
import type { SettingsParts, SettingsWish } from "../../provisioning/save-tenant-settings.ts";
import {
  previewTenantSettings as findPreview,
  saveTenantSettings,
} from "../../provisioning/save-tenant-settings.ts";
import { checkIfMatch, entityTag, versionOf } from "./if-match.ts";
import { checkedPart, notFound } from "./problem.ts";
import { timeLimit } from "./rollout.ts";
import type { AdminCall, AdminParts, Answered, ServedOperation } from "./served-operation.ts";
import { servedInTenant } from "./served-operation.ts";

/** The operations. */
export const servedTenantSettings: readonly ServedOperation[] = [
  servedInTenant(readTenantSettings, async ({ tenant }, parts) => answered(tenant, parts)),
  servedInTenant(changeTenantSettings, async (call, parts) => {
    const wish = { ...wishOf(call), token: call.query.previewToken };
    const saved = await saveTenantSettings(partsOf(call, parts), wish);
    if (saved === undefined) {
      throw notFound("tenant");
    }
    return answered(saved, parts);
  }),
  servedInTenant(previewTenantSettings, async (call, parts) => {
    const preview = await findPreview(partsOf(call, parts), wishOf(call));
    if (preview === undefined) {
      throw notFound("tenant");
    }
    return { body: preview };
  }),
];

type SettingsCall = AdminCall<unknown, JsonObject> & { readonly tenant: Tenant };

function wishOf({ tenant, body, ifMatch }: SettingsCall): SettingsWish {
  return {
    tenant,
    change: (current) => {
      checkIfMatch(ifMatch, versionOf(current.settings), "the settings");
      return checkedPart(Object.keys(body).join(", "), () =>
        storedSettingsOf(changed(ownSettingsOf(current), body)),
      );
    },
  };
}

function partsOf({ circumstances }: SettingsCall, { store, registry }: AdminParts): SettingsParts {
  return { store, registry, circumstances, isOver: timeLimit() };
}

function answered(tenant: Tenant, { instancePolicy }: AdminParts): Answered<TenantSettingsJson> {
  return {
    body: tenantSettingsJsonOf(tenant, instancePolicy),
    headers: entityTag(versionOf(tenant.settings)),
  };
}
