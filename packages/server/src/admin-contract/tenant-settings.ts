/** Settings of a tenant in the admin API. */
import type { JsonObject } from "@rollcall/scim";
import { z } from "zod";
import {
  ownSettingsOf,
  shownSettingsOf,
  storedSettingsOf,
} from "../domain/change-tenant-settings.ts";
import type { Tenant } from "../domain/tenant.ts";
import type { InstancePolicy, TenantSettings } from "../domain/tenant-settings.ts";
import { attachPolicies, settingKeys } from "../domain/tenant-settings.ts";
import type { PreviewTokenQuery } from "./mappings.ts";
import { tokenQuery } from "./mappings.ts";
import type { Operation } from "./operation.ts";
import { named, noBody, noQuery, shaped } from "./operation.ts";

/** The settings of a tenant as the command line and the admin API show them. */
export interface TenantSettingsJson {
  /** All that the tenant works with. */
  readonly settings: JsonObject;
  /** Those that it has set itself. */
  readonly changedSettings: JsonObject;
}

/** Shows the settings of a tenant. */
export function tenantSettingsJsonOf(tenant: Tenant, instance: InstancePolicy): TenantSettingsJson {
  const own = ownSettingsOf(tenant);
  return { settings: shownSettingsOf(own, instance), changedSettings: storedSettingsOf(own) };
}

/** The form of each setting in JSON; `domain/tenant-settings.ts` says what fits and what fits together. */
const forms: Readonly<Record<keyof TenantSettings, z.ZodType>> = {
  accounts: z.boolean(),
  attachPolicy: z.enum(attachPolicies),
  roles: z.array(z.string()),
  defaultRole: z.string(),
  roleMapping: z.record(z.string(), z.string()),
  teamRoles: z.array(z.string()),
  defaultTeam: z.string(),
  defaultTeamRole: z.string(),
  groupTeams: z.boolean(),
  groupTeamName: z.string(),
  groupTeamPrefix: z.string(),
  groupTeamRole: z.string(),
  auditRetentionDays: z.int(),
  mailRetentionDays: z.int(),
};

function settingMembers(): Readonly<Record<string, z.ZodType>> {
  return Object.fromEntries(
    settingKeys.map(({ key, sentence }) => [
      key,
      forms[key].nullable().optional().describe(sentence),
    ]),
  );
}

const settingsSchema: z.ZodType<JsonObject> = named(
  "TenantSettingValues",
  shaped(z.object(settingMembers())),
);
const answerSchema: z.ZodType<TenantSettingsJson> = named(
  "TenantSettings",
  z.object({
    settings: settingsSchema.describe("All that the tenant works with"),
    changedSettings: settingsSchema.describe("Those that it has set itself"),
  }),
);
/** Settings as they are changed. */
export const settingsChangeSchema: z.ZodType<JsonObject> = named(
  "TenantSettingsChange",
  shaped(z.strictObject(settingMembers())),
);

/** Reads settings. */
export const readTenantSettings: Operation<object, undefined, TenantSettingsJson> = {
  operationId: "readTenantSettings",
  method: "GET",
  path: "/tenants/{tenant}/settings",
  noun: "tenants",
  summary: "Read the settings of a tenant",
  scope: "tenant",
  query: noQuery,
  body: noBody,
  statuses: [200],
  answer: answerSchema,
  versionOf: "the settings",
};

/** Changes settings. */
export const changeTenantSettings: Operation<PreviewTokenQuery, JsonObject, TenantSettingsJson> = {
  operationId: "changeTenantSettings",
  method: "PATCH",
  path: "/tenants/{tenant}/settings",
  noun: "tenants",
  summary: "Change settings of a tenant; null goes back to the default",
  scope: "tenant",
  query: tokenQuery,
  body: settingsChangeSchema,
  statuses: [200],
  answer: answerSchema,
  conflict:
    "The tenant would have no owner, or the change does something else than the preview (urn:rollcall:problem:facts-moved); nothing is changed",
  versionOf: "the settings",
};
