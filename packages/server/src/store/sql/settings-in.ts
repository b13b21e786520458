/** The settings of a tenant as writers and readers work with them, parsed once for each text. */
import type { TenantSettings } from "../../domain/tenant-settings.ts";
import {
  defaultInstancePolicy,
  parseTenantSettings,
  tenantSettingsOf,
} from "../../domain/tenant-settings.ts";
import type { PopulationFacts } from "./population-facts.ts";
import type { SqlContext } from "./sql-context.ts";

/** The settings that a tenant works with; texts are few, and most are empty. */
export function settingsIn(
  { tenantSettings }: Pick<PopulationFacts, "tenantSettings">,
  { instancePolicy = defaultInstancePolicy }: SqlContext,
): TenantSettings {
  const known = settingsOfText.get(tenantSettings);
  if (known !== undefined && known.policy === instancePolicy) {
    return known.settings;
  }
  const settings = tenantSettingsOf(parseTenantSettings(tenantSettings), instancePolicy);
  if (settingsOfText.size >= settingsRememberedMax) {
    settingsOfText.clear();
  }
  settingsOfText.set(tenantSettings, { policy: instancePolicy, settings });
  return settings;
}

const settingsRememberedMax = 1000;
const settingsOfText = new Map<string, { policy: object; settings: TenantSettings }>();
