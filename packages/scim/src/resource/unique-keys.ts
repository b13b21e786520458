/** The values that no two live resources may share (RFC 7643 §7 uniqueness). */
import type { JsonObject } from "../json.ts";
import { memberOf } from "../json.ts";
import { comparableOf } from "../schema/data-type.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import { coreAttributesOf } from "../schema/resource-type.ts";
import { attributeNamed } from "../schema/schema.ts";
import type { UniqueKeyValue } from "./resource-change.ts";

/** The keys of a resource under the rules that are on: rules without setting, and those whose setting is true. */
export function uniqueKeysOf(
  resourceType: ResourceType,
  attributes: JsonObject,
  settings: Readonly<Record<string, unknown>>,
): readonly UniqueKeyValue[] {
  const known = coreAttributesOf(resourceType);
  return resourceType.uniqueKeys
    .filter(({ setting }) => setting === undefined || settingIsOn(settings, setting))
    .flatMap(({ path }) => {
      const attribute = attributeNamed(known, path);
      const value = attribute === undefined ? undefined : memberOf(attributes, attribute.name);
      if (attribute === undefined || typeof value !== "string") {
        return [];
      }
      const key = String(comparableOf(attribute, value));
      return key === "" ? [] : [{ path: attribute.name, key }];
    });
}

function settingIsOn(settings: Readonly<Record<string, unknown>>, setting: string): boolean {
  return Object.hasOwn(settings, setting) && settings[setting] === true;
}
