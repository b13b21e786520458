/** The comparison form: what filters and sorting read instead of the resource itself (RFC 7644 §3.4.2.2–3). */
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonArray, isJsonObject } from "../json.ts";
import type { Attribute } from "../schema/attribute.ts";
import { comparableOf } from "../schema/data-type.ts";
import type { ResourceType } from "../schema/resource-type.ts";
import { coreAttributesOf } from "../schema/resource-type.ts";
import { attributeNamed } from "../schema/schema.ts";

/**
 * Puts every simple value of a representation into its comparison form (`comparableOf`), names canonical, unknown
 * attributes and attributes that are never returned left out. Accepts the whole representation or `attributes` alone.
 * Elements of a multi-valued attribute that have a value but no `primary` get `primary: false` (RFC 7643 §2.4).
 */
export function comparisonFormOf(
  resourceType: ResourceType,
  representation: JsonObject,
): JsonObject {
  const form = formOfObject(coreAttributesOf(resourceType), representation);
  for (const [key, value] of Object.entries(representation)) {
    const uri = key.includes(":") ? key.toLowerCase() : "";
    const extension = resourceType.extensions.find(({ schema }) => schema.id.toLowerCase() === uri);
    if (extension !== undefined && isJsonObject(value)) {
      const extensionForm = formOfObject(extension.schema.attributes, value);
      if (Object.keys(extensionForm).length > 0) {
        form[extension.schema.id] = extensionForm;
      }
    }
  }
  return form;
}

/** The same for one value of one attribute: an element of a multi-valued attribute, or a singular value. */
export function comparisonFormOfValue(attribute: Attribute, value: JsonValue): JsonValue {
  if (isJsonArray(value)) {
    return value.map((element) => comparisonFormOfValue(attribute, element)).filter(isAssigned);
  }
  if (attribute.type !== "complex") {
    return value === null || isJsonObject(value) ? null : comparableOf(attribute, value);
  }
  if (!isJsonObject(value)) {
    return null;
  }
  const form = formOfObject(attribute.subAttributes, value);
  if (attribute.multiValued && !Object.hasOwn(form, "primary") && hasPrimary(attribute)) {
    // An element that is empty stays empty, so that `pr` does not find it.
    return Object.values(form).some((member) => member !== "") ? { ...form, primary: false } : form;
  }
  return form;
}

/** Reads what has a definition; a JSON object under construction, safe since names begin with a letter. */
function formOfObject(
  attributes: readonly Attribute[],
  object: JsonObject,
): Record<string, JsonValue> {
  const form: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(object)) {
    const attribute = attributeNamed(attributes, key);
    if (attribute !== undefined && attribute.returned !== "never") {
      const valueForm = comparisonFormOfValue(attribute, value);
      if (isAssigned(valueForm)) {
        form[attribute.name] = valueForm;
      }
    }
  }
  return form;
}

function hasPrimary(attribute: Attribute): boolean {
  return attributeNamed(attribute.subAttributes, "primary")?.type === "boolean";
}

/** RFC 7643 §2.5: null and an empty array are no value; an object without any is none. */
function isAssigned(value: JsonValue): boolean {
  if (isJsonArray(value)) {
    return value.length > 0;
  }
  return isJsonObject(value) ? Object.keys(value).length > 0 : value !== null;
}
