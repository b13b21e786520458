/** Changes several settings of a tenant at once, whatever order they are given in. */
import type { JsonObject, JsonValue } from "@rollcall/scim";
import { memberOf } from "@rollcall/scim";
import type { Tenant } from "./tenant.ts";
import type { InstancePolicy, TenantSettings } from "./tenant-settings.ts";
import {
  changeTenantSetting,
  parseTenantSettings,
  settingKeys,
  tenantSettingsOf,
} from "./tenant-settings.ts";

/** What a tenant has set itself. */
type OwnSettings = ReturnType<typeof parseTenantSettings>;

/** Changes what a tenant has set itself; null goes back to the default. Refuses what does not fit, alone or together. */
export function changeTenantSettings(own: OwnSettings, changes: JsonObject): OwnSettings {
  const changed = Object.keys(changes);
  // Old values must not stand in the way of new ones that they are about to make room for.
  const kept: OwnSettings = Object.fromEntries(
    Object.entries(own).filter(([key]) => !changed.includes(key)),
  );
  const known = settingKeys.map(({ key }) => String(key)).filter((key) => changed.includes(key));
  const unknown = changed.filter((key) => !known.includes(key));
  return [...known, ...unknown].reduce<OwnSettings>(
    (settings, key) => changeTenantSetting(settings, key, memberOf(changes, key) ?? null),
    kept,
  );
}

/** What a tenant has set itself, as the store keeps it. */
export function ownSettingsOf({ settings }: Pick<Tenant, "settings">): OwnSettings {
  return parseTenantSettings(JSON.stringify(settings));
}

/** Settings as the store keeps them: without those that are not set. */
export function storedSettingsOf(own: OwnSettings): JsonObject {
  const set: readonly (readonly [string, JsonValue | undefined])[] = Object.entries(own);
  return Object.fromEntries(
    set.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

/** All settings a tenant works with; one that stands for no limit is null. */
export function shownSettingsOf(own: OwnSettings, instance: InstancePolicy): JsonObject {
  const settings: TenantSettings = tenantSettingsOf(own, instance);
  const shown: readonly (readonly [string, JsonValue | undefined])[] = Object.entries(settings);
  return Object.fromEntries(shown.map(([key, value]) => [key, value ?? null]));
}
